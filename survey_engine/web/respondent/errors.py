"""Errors for respondents: each a kind page in their language that says what to do. A new one is a line in TROUBLES."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import structlog
from flask import Flask, Response, g, request
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException

from survey_engine.fieldwork.participation import (
    BusyError,
    ClosedError,
    EarlyError,
    NotOfferedError,
    ParticipationError,
    UnknownResponseError,
    WithdrawnError,
)
from survey_engine.language.question_types.question_type import FIELD_PREFIX
from survey_engine.model.questionnaire import Language, Questionnaire
from survey_engine.publication.registry import VersionUnavailableError
from survey_engine.rendering.interface_texts import N_
from survey_engine.rendering.page_plan import SLOT_OPEN, Wording
from survey_engine.web.respondent.embedding import allow_frames, is_framed
from survey_engine.web.respondent.forms import FORM_FIELDS, read_form
from survey_engine.web.respondent.page_responses import Frame, draw_document
from survey_engine.web.respondent.site import Site, current_site

RETRY_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Kind:
    status: int
    title: str
    text: str
    link: str = ""


TROUBLES = {
    "unknown": Kind(
        404,
        N_("We do not know this address"),
        N_("Check whether the whole link was copied. Or ask the person who gave it to you for a new one."),
        N_("To the start page"),
    ),
    "withdrawn": Kind(
        410,
        N_("This link is no longer in use"),
        N_("It was withdrawn. Ask your school for a new link. Answers that you gave before are kept."),
    ),
    "closed": Kind(
        403,
        N_("This questionnaire is closed"),
        N_("You cannot fill it in now. What you filled in before is kept. Thank you for your interest."),
    ),
    "early": Kind(
        403,
        N_("This questionnaire is not open yet"),
        N_("It opens on %(day)s. Open this link again then."),
    ),
    "no_visit": Kind(
        403,
        N_("Please open your link again"),
        N_("This device does not know which answers are yours. Open the link from your invitation or your school again. "
           "Your saved answers are kept."),
        N_("To the start page"),
    ),
    "expired": Kind(
        400,
        N_("This page has expired"),
        N_("Go back, load the page again and send it once more. Your saved answers are kept."),
        N_("Go on"),
    ),
    "typed": Kind(
        400,
        N_("This page has expired"),
        N_("What you filled in is not saved yet. Press the button to see it again, and send it once more."),
        N_("Go on"),
    ),
    "foreign": Kind(
        403,
        N_("This came from another website"),
        N_("For your safety we did not process this. Open the questionnaire from your own link."),
        N_("To the start page"),
    ),
    "sandboxed": Kind(
        403,
        N_("This does not work inside this page"),
        N_("The website around it does not let the questionnaire work here. Open it in a window of its own, with this button "
           "or with this address: %(address)s"),
        N_("Open in a window of its own"),
    ),
    "method": Kind(
        405,
        N_("That does not work here"),
        N_("This address cannot be used in that way. Go to the start page and begin there."),
        N_("To the start page"),
    ),
    "too_fast": Kind(
        429,
        N_("One moment, please"),
        N_("The site is very busy. Everything you saved is safe. Wait a moment and try again."),
        N_("Try again"),
    ),
    "crowd": Kind(
        429,
        N_("One moment, please"),
        N_("Many people around you are starting at the same time. Wait %(seconds)s seconds, then press the button."),
        N_("Try again"),
    ),
    "guessing": Kind(
        429,
        N_("We do not know this address"),
        N_("Too many links from your network were wrong. Open the link from your invitation: it still works. "
           "Or try again in a few minutes."),
    ),
    "too_much": Kind(413, N_("That is too much at once"), N_("Make your text shorter and send it again."), N_("Go on")),
    "busy": Kind(
        503,
        N_("We could not save this just now"),
        N_("Nothing is lost. Wait a moment and try again."),
        N_("Try again"),
    ),
    "broken": Kind(
        500,
        N_("Something went wrong on our side"),
        N_("Everything you saved is safe. Wait a moment, go back and try again."),
        N_("Try again"),
    ),
}  # fmt: skip
WAITING = ("busy", "too_fast", "crowd")
"""Kinds that a second try may mend: what was posted is kept on the page."""
_BY_ERROR: dict[type[ParticipationError], str] = {
    UnknownResponseError: "expired",
    WithdrawnError: "withdrawn",
    NotOfferedError: "expired",
    ClosedError: "closed",
    EarlyError: "early",
    BusyError: "busy",
}
_BY_STATUS = {404: "unknown", 405: "method", 413: "too_much", 400: "expired", 503: "busy"}


class Trouble(Exception):  # noqa: N818 - it is what respondents meet, not a failure of the program
    """Stops a request with one of the kind pages; `wait` is after how many seconds it may be tried again."""

    def __init__(self, kind: str, wait: int = RETRY_SECONDS) -> None:
        super().__init__(kind)
        self.kind, self.wait = kind, wait


def register(app: Flask) -> None:
    app.register_error_handler(Trouble, lambda trouble: draw_trouble(trouble.kind, wait=trouble.wait))
    app.register_error_handler(ParticipationError, _show_participation)
    app.register_error_handler(VersionUnavailableError, lambda _: draw_trouble("busy"))
    app.register_error_handler(HTTPException, _show_http)
    app.register_error_handler(SQLAlchemyError, _show_storage)
    app.register_error_handler(Exception, _show_broken)


def _show_participation(error: ParticipationError) -> Response:
    g.institution = error.institution or g.get("institution")
    return draw_trouble(_BY_ERROR[type(error)], day=error.opens if isinstance(error, EarlyError) else None)


def _show_http(error: HTTPException) -> Response:
    status = error.code or 500
    kind = _BY_STATUS.get(status, "expired" if status < 500 else "broken")
    response = draw_trouble(kind, status)
    if status == 405:
        allowed = dict(error.get_headers()).get("Allow")
        response.headers["Allow"] = allowed or "GET"
    return response


def _show_storage(error: SQLAlchemyError) -> Response:
    structlog.get_logger().error("storage_trouble", kind=type(error).__name__)
    return draw_trouble("busy")


def _show_broken(error: Exception) -> Response:
    """A fault of ours: its kind and place are logged, never what it was about."""
    trace, place = error.__traceback__, "?"
    while trace:
        place = f"{trace.tb_frame.f_code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno}"
        trace = trace.tb_next
    structlog.get_logger().error("broken", kind=type(error).__name__, place=place)
    return draw_trouble("broken")


def draw_trouble(kind: str, status: int | None = None, wait: int = RETRY_SECONDS, day: date | None = None) -> Response:
    """The page of an error; `day` stands in its text."""
    site, trouble = current_site(), TROUBLES[kind]
    if site.metrics:
        site.metrics.troubles.labels(kind).inc()
    again = list_again() if kind in WAITING or kind == "expired" else []  # before Flask reads the form, after which it is gone
    questionnaire = find_questionnaire(site)
    if kind == "crowd" and questionnaire:
        turn = site.signatures.write_turn(questionnaire.code, g.institution.code)
        again = [*(pair for pair in again if pair[0] != "turn"), ("turn", turn)]
    if kind == "expired":
        again = list_retyped(again) if questionnaire and site.read_visit(questionnaire) else []
        trouble = TROUBLES["typed"] if again else trouble
    language = guess_language(site)
    interface = site.find_texts(language)
    say, address = interface.say, site.settings.base_url + request.full_path.removesuffix("?")
    facts = {"seconds": wait, "address": address, "day": interface.long_date(day) if day else ""}
    link = "/"
    if kind in WAITING and request.url_rule:
        link = request.path
    elif kind in ("expired", "broken", "too_much") and questionnaire:
        link = f"/a/{questionnaire.code}"
    elif kind == "sandboxed":
        link = address
    main = site.templates.get_template("respondent/message.html").render(
        _=say,
        title=say(trouble.title),
        text=say(trouble.text, **facts),
        contact=write_contact(questionnaire, language) if questionnaire else "",
        link=link if trouble.link else "",
        link_text=say(trouble.link) if trouble.link else "",
        apart=kind == "sandboxed",
        again=again,
        action=request.full_path.removesuffix("?"),
    )
    frame = Frame(language, questionnaire, g.get("institution"))  # whose site may show it in a frame
    response = draw_document(site, frame, say(trouble.title), main, status or trouble.status)
    if questionnaire and frame.institution is None and is_framed():
        allow_frames(response, questionnaire)
    if response.status_code in (429, 503):
        response.headers["Retry-After"] = str(wait)
    return response


def write_contact(questionnaire: Questionnaire, language: Language) -> str:
    """Who helps, as HTML; nothing when the text names an institution or an answer that is not known here."""
    institution = g.get("institution")
    wording = Wording(questionnaire, language, institution)
    if institution is None and "{institution}" in wording.plain(questionnaire.contact):
        return ""
    contact = wording.paragraphs(questionnaire.contact)
    return "" if SLOT_OPEN in contact else contact


def list_again() -> list[tuple[str, str]]:
    """What was posted, to be posted again; nothing when it cannot be read."""
    try:
        return list(read_form().pairs()) if request.method == "POST" else []
    except HTTPException:
        return []


def list_retyped(pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """What was typed on a page that is too old, to be shown on a new one; nothing when nothing was typed."""
    typed = [(name, value) for name, value in pairs if name not in FORM_FIELDS and value]
    typed = [(name if name.startswith(FIELD_PREFIX) else FIELD_PREFIX + name, value) for name, value in typed]  # of release 1
    return [*typed, ("wish", "retype")] if typed else []


def find_questionnaire(site: Site) -> Questionnaire | None:
    """The questionnaire that the address is about, also where no page belongs to it."""
    named = (site.questionnaires[part] for part in request.path.split("/")[2:3] if part in site.questionnaires)
    found: Questionnaire | None = g.get("questionnaire") or next(named, None)
    return found


def guess_language(site: Site) -> Language:
    """The language to speak to someone whose choice is not known: asked for, the device's, or the questionnaire's first."""
    questionnaire = find_questionnaire(site)
    offered = dict(questionnaire.languages) if questionnaire else site.plain_languages
    asked = _read_asked_language()
    if asked in offered:
        return offered[asked]
    if questionnaire:
        visit = site.read_visit(questionnaire)
        if visit and visit.language in offered:
            return offered[visit.language]
    plain = {code: language for code, language in offered.items() if "@" not in language.locale}
    best = request.accept_languages.best_match(list(plain))
    return plain[best] if best else next(iter(offered.values()))


def _read_asked_language() -> str:
    try:
        return request.args.get("lang", "") or request.form.get("lang", "")
    except HTTPException:  # the form is too large to read, or broken
        return ""
