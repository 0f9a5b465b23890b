"""Decides the effect of a posted page; every POST uses `answer_page`. Pure.

A post is routed once, and a second time if one of its options is no longer offered.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass, field, replace
from typing import Literal, NamedTuple

from survey_engine.engine.asked_items import find_asked_codes, has_panel, is_panel, list_missing
from survey_engine.engine.follow_ups import list_unshown
from survey_engine.engine.paradata import merge_paradata
from survey_engine.engine.posted_page import PostedPage, read_page
from survey_engine.engine.progress import find_first_open, is_reachable, sum_remaining_seconds
from survey_engine.engine.response_state import LockState, Response, StoredPage
from survey_engine.engine.routing import Path, route
from survey_engine.language.question_types.question_type import Form, InputError
from survey_engine.language.question_types.yes_no import YES
from survey_engine.model.questionnaire import Page, Questionnaire, Values


class PagePost(NamedTuple):
    """One posted page: its form, its writer, what to do next (`wish`), and the page's save count when the form was rendered.

    The wish is a button, or `keep`: a background save that stays on the page.
    """

    form: Form
    writer: str
    based_on: int
    number: int = 1
    wish: Literal["next", "back", "keep", "stop"] = "next"
    language: str | None = None
    prompted: bool = False
    """Whether the page already warned about its unanswered items."""
    warned: frozenset[str] = frozenset()
    """The variables whose input errors were already shown: Back continues without correcting them."""
    follows: frozenset[str] = frozenset()
    """The earlier writers of this tab: a reload, or leaving and reopening the page, starts a new writer."""
    changed: frozenset[str] | None = None
    """The variables that the respondent changed since the form was rendered; None if unknown."""
    form_version: str = ""
    """The protocol and the questionnaire's version of the form, as `name_form` writes them; empty if the post has none."""
    keeps_stored: bool = False
    """Whether the form hid the stored answers, so that an empty field keeps its stored value."""
    shown: frozenset[str] | None = None
    """The follow-ups that the form showed; None if it showed all."""
    measures: str = ""
    """The measures of the page's script, as posted (`engine.paradata`)."""
    undecided: bool = False
    """Whether the form offered a choice between stored and posted answers, and the respondent chose neither."""


class Save(NamedTuple):
    """A page to store. It is not stored if another request saved this page since `based_on`, or any page since `expected_state`."""

    page: str
    answers: Values
    writer: str
    number: int
    based_on: int
    done: bool
    seconds_left: int
    expected_state: LockState | None = None
    """The state of the response on which the decision is based; None if a later save of another page does no harm."""
    changes: bool = True
    """Whether the page must be stored. False if nothing changed and one of two things holds: the post repeats the last save, or the
    page has a panel question.

    A stored repeat would outdate forms based on the first save. On a page with a panel question, the number of saves would reveal
    who typed an address, and how long it is.
    """
    paradata: str | None = None


@dataclass(slots=True)
class Decision:
    """The outcome of a posted page."""

    outcome: Literal["next", "again", "kept", "complete", "stale", "late", "elsewhere"]
    """The page to show, or why nothing is stored. Only the first four have a `save`.

    - `next`: the following page; after Back the previous one, after Stop this one.
    - `again`: the same page, with errors, warnings, missing answers or questions that the form did not show.
    - `kept`: a background save, or another language: the respondent stays on the page.
    - `complete`: the last page was answered.
    - `stale`: the same page, because another writer or a newer save has stored it; also until the respondent chooses between both.
    - `late`: a background save that arrives after a newer save of the same writer.
    - `elsewhere`: another page, because this one is off the path or after the first unanswered one.
    """
    slug: str | None
    """The page to show."""
    path: Path
    save: Save | None = None
    errors: dict[str, InputError] = field(default_factory=dict)
    """Variable → input error; its value is not stored. If the outcome is `again`, missing required consents are errors too."""
    missing: list[str] = field(default_factory=list)
    unseen: Set[str] = frozenset()
    """Codes of asked questions and items in follow-ups that the form did not show."""
    address: tuple[str, str] | None = None
    """Panel and e-mail address, stored apart from the answers; an empty address cancels an earlier one."""
    unsent: tuple[str, str] | None = None
    """Panel and e-mail address that this post does not store; only Next stores an address."""

    def changes_page(self) -> bool:
        return self.save is not None and self.save.changes


def answer_page(questionnaire: Questionnaire, response: Response, slug: str, post: PagePost) -> Decision:
    """Decide the effect of one posted page.

    A page off the path, or after the first unanswered one, changes nothing and redirects to the right page. A post
    based on an older save of this page never silently overwrites a newer one.
    """
    respondent = response.respondent
    answers = response.answers()
    if slug not in questionnaire.placed_pages:
        path = route(questionnaire, respondent, answers)
        return Decision("elsewhere", find_first_open(path, response), path)
    page = questionnaire.placed_pages[slug][1]
    stored = response.pages.get(page.code)
    unshown = list_unshown(page, respondent.institution, None if post.keeps_stored else post.shown)
    posted = PostedPage(page, post.form, stored.answers if stored else {}, unshown)
    saved_since = stored is not None and stored.saves != post.based_on
    saved_before_reload = stored is not None and stored.writer in post.follows
    if post.keeps_stored:
        posted.keep_stored()
    if stored and saved_before_reload and (post.changed is not None or (saved_since and not posted.contradicts_stored())):
        posted.keep_stored(post.changed)
        # Otherwise the post is a conflict: it is unknown whether it is newer than the stored page.
        post = post._replace(based_on=stored.saves)
    elif stored and stored.writer == post.writer and post.changed is not None:
        posted.keep_stored(post.changed)
    path = route(questionnaire, respondent, {**answers, page.code: posted.values})  # answers off the path do not count
    position = path.find(slug)
    if position is None or not is_reachable(path, position, response):
        return Decision("elsewhere", find_first_open(path, response), path)
    if stored and stored.writer == post.writer and post.number < stored.number:
        return Decision("late" if post.wish == "keep" else "stale", slug, path)
    if stored and (post.undecided or (stored.writer != post.writer and stored.saves != post.based_on)):
        return Decision("stale", slug, path)
    if stored and stored.writer == post.writer and stored.done and has_panel(page) and post.wish == "keep" and not post.language:
        return Decision("stale", slug, path)  # a background save from before Next; on a panel page its number does not show that
    if posted.reject_unoffered(path.known):
        path = route(questionnaire, respondent, {**answers, page.code: posted.values})
    return _decide(questionnaire, response, path, posted, post)


def _decide(questionnaire: Questionnaire, response: Response, path: Path, posted: PostedPage, post: PagePost) -> Decision:
    """Decide a valid post of a page on the path."""
    page, wish = posted.page, post.wish
    position = path.slugs.index(page.slug)
    asked = find_asked_codes(page, path, response.respondent.institution)
    validated = posted.validate(path.known, asked, frozenset() if wish == "keep" else post.warned)
    unseen = asked & list_unshown(page, response.respondent.institution, None if post.keeps_stored else post.shown)
    missing = list_missing(page, asked - unseen, validated.live)
    decision = Decision("kept", page.slug, path, errors=validated.errors)
    if wish in ("back", "stop") and validated.errors.keys() <= post.warned:
        decision.outcome, decision.slug = "next", path.steps[max(0, position - (wish == "back"))].page.slug
    elif wish in ("back", "stop"):
        decision.outcome = "again"
    elif wish == "next":
        needed = (item.code for _, item in path.steps[position].required if item.code in asked)
        unagreed = [code for code in needed if code not in unseen and validated.live.get(code) != YES]
        decision.errors = {**dict.fromkeys(unagreed, InputError("consent")), **validated.errors}
        decision.unseen = unseen
        _continue(decision, position, missing, post)
    refused = decision.outcome == "again" and decision.errors
    address = None if refused else _find_address(page, post.form, asked.difference(validated.errors))
    # Only Next stores an address; any save with an empty field cancels an earlier one.
    if address and (wish == "next" or not address[1]):
        decision.address = address
    else:
        decision.unsent = address
    done = wish == "next" and decision.outcome != "again"
    stored = response.pages.get(page.code)
    before = (stored.answers, stored.done or not done) if stored else ({}, not done)
    is_repeat = stored is not None and (stored.writer, stored.number) == (post.writer, post.number)
    decision.save = Save(
        page=page.code,
        answers=validated.answers,
        writer=post.writer,
        number=1 if all(map(is_panel, page.questions)) else post.number,
        based_on=post.based_on,
        done=done,
        seconds_left=sum_remaining_seconds(questionnaire, response, path, position + done),
        expected_state=response.lock_state(),
        changes=before != (validated.answers, True) or not (has_panel(page) or is_repeat),
        paradata=_merge_paradata(page, stored, post),
    )
    return decision


def _merge_paradata(page: Page, stored: StoredPage | None, post: PagePost) -> str | None:
    """Return None for a page with a panel question: the time on the page would reveal who typed an address."""
    if has_panel(page):
        return None
    new_visit = stored is None or stored.writer not in {post.writer, *post.follows}
    return merge_paradata(stored.paradata if stored else None, post.measures, new_visit=new_visit)


def _continue(decision: Decision, position: int, missing: list[str], post: PagePost) -> None:
    """Continue to the following page, unless errors, warnings or new follow-ups require this page again."""
    if decision.errors or decision.unseen or (missing and not post.prompted):
        decision.outcome, decision.missing = "again", [] if decision.errors or decision.unseen else missing
        return
    following = decision.path.steps[position + 1 : position + 2]
    decision.outcome = "next" if following else "complete"
    decision.slug = following[0].page.slug if following else None


def has_unstored_answers(questionnaire: Questionnaire, response: Response, slug: str, post: PagePost) -> bool:
    """Whether a page posted after completion has an answer, or an address for a panel, that is not stored. Empty fields do not count.

    If the form hides the stored answers, every answer counts as unstored, so the result does not reveal the stored ones.
    """
    placed = questionnaire.placed_pages.get(slug)
    if placed is None:
        return False
    page, stored = placed[1], None if post.keeps_stored else response.pages.get(placed[1].code)
    reading, before = read_page(page, post.form), stored.answers if stored else {}
    typed: Values = reading.values
    errors = reading.errors
    if stored:  # compare with the answers that this post would store
        number = max(post.number, stored.number)
        current = post._replace(wish="back", language=None, undecided=False, based_on=stored.saves, number=number)
        decision = answer_page(questionnaire, response, slug, current)
        if decision.save:
            typed, errors = decision.save.answers, decision.errors
    is_repeat = stored is not None and stored.writer == post.writer
    has_address = not is_repeat and any(is_panel(each) and post.form.get(each.code, "").strip() for each in page.questions)
    return has_address or bool(errors) or any(value is not None and before.get(name) != value for name, value in typed.items())


def apply_decision(response: Response, decision: Decision, language: str | None) -> Response:
    """Return the response as it is stored after a decision; the database is not read."""
    save = decision.save
    if language:
        respondent = replace(response.respondent, language=language)
        response = response._replace(respondent=respondent, languages=(*response.languages, language))
    if save is None or not save.changes:
        return response
    before = response.pages.get(save.page)
    stored = StoredPage(
        save.answers,
        before.saves + 1 if before else 1,
        save.writer,
        save.number,
        save.done or bool(before and before.done),
        save.seconds_left,
        save.paradata,
    )
    return response.with_page(save.page, stored)


def _find_address(page: Page, form: Form, asked: set[str]) -> tuple[str, str] | None:
    for question in page.questions:
        if is_panel(question) and question.code in asked:
            return question.code, form.get(question.code, "").strip()
    return None
