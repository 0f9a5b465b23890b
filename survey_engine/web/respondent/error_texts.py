"""Status and texts of the error pages for respondents, and what each page offers. A new page is an entry in ERROR_PAGES."""

from __future__ import annotations

from dataclasses import dataclass

from survey_engine.rendering.interface_texts import N_


@dataclass(frozen=True, slots=True)
class ErrorPage:
    """Status and texts of one error page; `link` is the label of its button."""

    status: int
    title: str
    text: str
    link: str = ""


ERROR_PAGES = {
    "unknown": ErrorPage(
        404,
        N_("We do not know this address"),
        N_("Check whether the whole link was copied. Or ask the person who gave it to you for a new one."),
        N_("To the start page"),
    ),
    "personal": ErrorPage(
        404,
        N_("Open your own link"),
        N_("You find it in your invitation, or your school gives it to you."),
    ),
    "withdrawn": ErrorPage(
        410,
        N_("This link is no longer in use"),
        N_("It was withdrawn. Ask your school for a new link. Answers that you gave before are kept."),
    ),
    "closed": ErrorPage(
        403,
        N_("This questionnaire is closed"),
        N_("You cannot fill it in now. What you filled in before is kept. Thank you for your interest."),
    ),
    "early": ErrorPage(
        403,
        N_("This questionnaire is not open yet"),
        N_("It opens on %(day)s. Open this link again then."),
    ),
    "no_visit": ErrorPage(
        403,
        N_("Please open your link again"),
        N_("This device does not know which answers are yours. Open the link from your invitation or your school again. "
           "If you have a private key, fill it in there. Your saved answers are kept."),
        N_("To the start page"),
    ),
    "expired": ErrorPage(
        400,
        N_("This page has expired"),
        N_("Go back, load the page again and send it once more. Your saved answers are kept."),
        N_("Go on"),
    ),
    "gone": ErrorPage(
        403,
        N_("We no longer have these answers"),
        N_("They were erased, or the site lost them. Do you want to fill in the questionnaire? "
           "Open your link again. If it no longer works, ask your school for a new one."),
    ),
    "typed": ErrorPage(
        400,
        N_("This page has expired"),
        N_("What you filled in is not saved yet. Press the button to see it again, and send it once more."),
        N_("Go on"),
    ),
    "foreign": ErrorPage(
        403,
        N_("This came from another website"),
        N_("For your safety we did not process this. Open the questionnaire from your own link."),
        N_("To the start page"),
    ),
    "sandboxed": ErrorPage(
        403,
        N_("This does not work inside this page"),
        N_("The website around it does not let the questionnaire work here. Open it in a window of its own, with this button "
           "or with this address: %(address)s"),
        N_("Open in a window of its own"),
    ),
    "method": ErrorPage(
        405,
        N_("That does not work here"),
        N_("This address cannot be used in that way. Go to the start page and begin there."),
        N_("To the start page"),
    ),
    "too_fast": ErrorPage(
        429,
        N_("One moment, please"),
        N_("The site is very busy. Everything you saved is safe. Wait a moment and try again."),
        N_("Try again"),
    ),
    "crowd": ErrorPage(
        429,
        N_("One moment, please"),
        N_("Many people around you are starting at the same time. Wait %(seconds)s seconds, then press the button."),
        N_("Try again"),
    ),
    "logins": ErrorPage(
        429,
        N_("One moment, please"),
        N_("Many people around you are logging in, or many names were wrong. Wait %(seconds)s seconds, then press the button."),
        N_("Try again"),
    ),
    "guessing": ErrorPage(
        429,
        N_("We do not know this address"),
        N_("Too many links from your network were wrong. Open the link from your invitation: it still works. "
           "Or try again in a few minutes."),
    ),
    "too_much": ErrorPage(413, N_("That is too much at once"), N_("Make your text shorter and send it again."), N_("Go on")),
    "lms_expired": ErrorPage(
        403,
        N_("Open this card again"),
        N_("This page of your learning environment has expired, or was used before. Go back to your course, load it again, "
           "and open the card. Your saved answers are kept."),
    ),
    "lms_browser": ErrorPage(
        403,
        N_("Your browser blocks this inside the course"),
        N_("Go back to your course, load it again, and open the card in a new tab. Your saved answers are kept."),
    ),
    "lms_unknown": ErrorPage(
        403,
        N_("Your learning environment is not connected yet"),
        N_("Tell your teacher that this card does not work yet. The administrator needs this: %(detail)s"),
    ),
    "lms_invalid": ErrorPage(
        403,
        N_("We could not check where this came from"),
        N_("Go back to your course and open the card again. Does it not work then? Tell your teacher, with this reason: %(detail)s"),
    ),
    "lms_key": ErrorPage(
        403,
        N_("We could not check where this came from"),
        N_("Wait a minute, go back to your course and open the card again. Does it not work then? Tell your teacher, with this "
           "reason: %(detail)s"),
    ),
    "lms_away": ErrorPage(
        503,
        N_("Your learning environment does not reply"),
        N_("Wait a minute, go back to your course, load it again, and open the card. Your saved answers are kept."),
    ),
    "lms_taken": ErrorPage(
        403,
        N_("This place on the list belongs to another account"),
        N_("Another account of your learning environment opened it first. Open the questionnaire by your own link. "
           "Or ask your school to release your place, or to give you a new link."),
    ),
    "lms_card": ErrorPage(
        404,
        N_("This card leads to no questionnaire"),
        N_("Tell your teacher that the card must be placed again."),
    ),
    "busy": ErrorPage(
        503,
        N_("We could not save this just now"),
        N_("Nothing is lost. Wait a moment and try again."),
        N_("Try again"),
    ),
    "unavailable": ErrorPage(
        503,
        N_("One moment, please"),
        N_("Nothing is lost. Wait a moment and try again."),
        N_("Try again"),
    ),
    "broken": ErrorPage(
        500,
        N_("Something went wrong on our side"),
        N_("Everything you saved is safe. Wait a moment, go back and try again."),
        N_("Try again"),
    ),
}  # fmt: skip
RETRYABLE = ("busy", "too_fast", "crowd", "logins")
"""Error pages that repeat the posted form, because the request may succeed later."""
UNSAVED = ("withdrawn", "closed", "early", "expired", "gone")
"""Error pages that show the posted answers so that the respondent can copy them, because they cannot be saved."""
KEYED = ("unknown", "personal", "closed")
"""Error pages of an open link on which a person who has begun can continue with the private key, unless the questionnaire is closed."""
LOSABLE = ("unknown", "personal", "withdrawn")
"""Error pages with a link to the page for lost links, if the installation sends mail."""
