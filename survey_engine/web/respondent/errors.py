"""Renders error pages for respondents, in their language, with the next step."""

from __future__ import annotations

from datetime import date
from secrets import token_hex

import structlog
from flask import Flask, g, request, url_for
from flask import Response as Reply
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException

from survey_engine.engine.posted_page import read_page
from survey_engine.fieldwork.hidden_answers import hide_also, hides_page
from survey_engine.fieldwork.participation_errors import (
    BusyError,
    ClosedError,
    EarlyError,
    NotOfferedError,
    ParticipationError,
    UnknownResponseError,
    WithdrawnError,
)
from survey_engine.fieldwork.signing import UnknownTicketError
from survey_engine.language.question_types.question_type import FIELD_PREFIX
from survey_engine.model.questionnaire import Language, Questionnaire, Values
from survey_engine.publication.registry import VersionUnavailableError
from survey_engine.rendering.page_plan import SLOT_OPEN, Wording
from survey_engine.rendering.summaries import iter_labels, list_shown_answers
from survey_engine.storage.addresses import has_addresses
from survey_engine.storage.store_failures import find_store_failure
from survey_engine.web.respondent.embedding import allow_any_frame, allow_embedding, is_framed
from survey_engine.web.respondent.error_texts import ERROR_PAGES, KEYED, LOSABLE, RETRYABLE, UNSAVED
from survey_engine.web.respondent.forms import FORM_FIELDS, read_fields, read_form
from survey_engine.web.respondent.page_responses import DocumentContext, render_document
from survey_engine.web.respondent.shared_devices import hide_after_pause
from survey_engine.web.respondent.site import Site, current_site

_RETRY_SECONDS = 5
_SERVED_ALWAYS = ("assets", "health", "metrics_page")
"""Blueprints without answers."""
_KIND_BY_ERROR: dict[type[ParticipationError], str] = {
    UnknownResponseError: "gone",
    WithdrawnError: "withdrawn",
    NotOfferedError: "expired",
    ClosedError: "closed",
    EarlyError: "early",
    BusyError: "busy",
}
_KIND_BY_STATUS = {404: "unknown", 405: "method", 413: "too_much", 400: "expired", 503: "busy"}


class RespondentError(Exception):
    """Ends a request with an error page.

    Args:
        kind: key of ERROR_PAGES.
        wait: seconds until the respondent may retry.
        detail: information for an administrator, which the text of the page includes.
    """

    def __init__(self, kind: str, wait: int = _RETRY_SECONDS, detail: str = "") -> None:
        super().__init__(kind)
        self.kind, self.wait, self.detail = kind, wait, detail


def refuse_while_restoring() -> None:
    """Refuse pages until a restore has repeated the erasures: until then, erased answers exist again, and withdrawn links work.

    Raises:
        RespondentError: a restore is running, or was interrupted.
    """
    if request.blueprint not in _SERVED_ALWAYS and current_site().is_restoring:
        raise RespondentError("busy")


def register_error_handlers(app: Flask) -> None:
    app.register_error_handler(RespondentError, lambda error: render_error_page(error.kind, wait=error.wait, detail=error.detail))
    app.register_error_handler(ParticipationError, _render_participation_error)
    app.register_error_handler(VersionUnavailableError, lambda _: render_error_page("busy"))
    app.register_error_handler(HTTPException, _render_http_error)
    app.register_error_handler(SQLAlchemyError, _render_storage_error)
    app.register_error_handler(OSError, _render_storage_error)  # the list of erasures cannot be written
    app.register_error_handler(Exception, _render_internal_error)


def _render_participation_error(error: ParticipationError) -> Reply:
    g.institution = error.institution or g.get("institution")
    return render_error_page(_KIND_BY_ERROR[type(error)], day=error.opens if isinstance(error, EarlyError) else None)


def _render_http_error(error: HTTPException) -> Reply:
    status = error.code or 500
    kind = _KIND_BY_STATUS.get(status, "expired" if status < 500 else "broken")
    response = render_error_page(kind, status)
    if status == 405:
        allowed = dict(error.get_headers()).get("Allow")
        response.headers["Allow"] = allowed or "GET"
    return response


def _render_storage_error(error: SQLAlchemyError | OSError) -> Reply:
    """Log the store, the kind of failure and a number that the reply shows too, but not the message, which may contain answers."""
    failure, number = find_store_failure(error), token_hex(8)
    structlog.get_logger().error(
        "store_failure", store=failure.store, kind=failure.kind, error=type(error).__name__, request=number
    )
    if metrics := current_site().metrics:
        metrics.store_failures.labels(failure.store, failure.kind).inc()
    reply = render_error_page("busy")
    reply.headers["X-Request-Id"] = number
    return reply


def _render_internal_error(error: Exception) -> Reply:
    """Log the type and code line of an unexpected exception, but not its message, which may contain answers."""
    trace, place = error.__traceback__, "?"
    while trace:
        place = f"{trace.tb_frame.f_code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno}"
        trace = trace.tb_next
    structlog.get_logger().error("unhandled_error", kind=type(error).__name__, place=place)
    return render_error_page("broken")


def render_error_page(
    kind: str, status: int | None = None, wait: int = _RETRY_SECONDS, day: date | None = None, detail: str = ""
) -> Reply:
    """Render an error page.

    Args:
        kind: key of ERROR_PAGES.
        status: replaces the status of the page.
        wait: seconds until the respondent may retry.
        day: the opening date in the text of "early".
        detail: as in RespondentError.
    """
    site, page = current_site(), ERROR_PAGES[kind]
    if site.metrics:
        site.metrics.errors.labels(kind).inc()
    again = list_posted_fields() if kind in RETRYABLE or kind == "expired" else []  # must run before Flask consumes the body
    questionnaire = find_requested_questionnaire(site)
    if kind == "crowd" and questionnaire:
        token = site.signatures.sign_retry_token(questionnaire.code, g.institution.code)
        again = [*(pair for pair in again if pair[0] != "turn"), ("turn", token)]
    if kind == "expired":
        again = list_restored_fields(again) if questionnaire and site.read_cookie(questionnaire) else []
        page = ERROR_PAGES["typed"] if again else page
    if kind == "busy" and request.method == "GET":
        page = ERROR_PAGES["unavailable"]  # there was nothing to save
    language = guess_language(site)
    stored = find_stored_answers(site, questionnaire) if questionnaire and kind in UNSAVED and not again else None
    typed = list_typed_answers(questionnaire, language, stored) if questionnaire and kind in UNSAVED and not again else []
    interface = site.find_texts(language)
    translate, address = interface.translate, site.settings.base_url + request.full_path.removesuffix("?")
    facts = {"seconds": wait, "address": address, "day": interface.long_date(day) if day else "", "detail": detail}
    main = site.templates.get_template("respondent/message.html").render(
        _=translate,
        title=translate(page.title),
        text=translate(page.text, **facts),
        contact=render_contact(questionnaire, language) if questionnaire else "",
        link=_choose_link(kind, questionnaire, address) if page.link else "",
        link_text=translate(page.link) if page.link else "",
        new_window=kind == "sandboxed",
        again=again,
        typed=typed,
        compared=stored is not None,
        resume=find_resume_address(site, questionnaire) if questionnaire and kind in KEYED else "",
        lang=language.code,
        lost=url_for("lost_links.show_form", lang=language.code) if kind in LOSABLE and offers_mail(site) else "",
        fault=request.endpoint == "entry.go_on" and bool(read_form().get("key")),
        action=request.full_path.removesuffix("?"),
    )
    context = DocumentContext(language, questionnaire, g.get("institution"))
    response = render_document(site, context, translate(page.title), main, status or page.status)
    if kind == "sandboxed":
        allow_any_frame(response)
    elif kind.startswith("lms_"):
        allow_embedding(response, *site.questionnaires.values())
    elif questionnaire and context.institution is None and is_framed():
        allow_embedding(response, questionnaire)
    if response.status_code in (429, 503):
        response.headers["Retry-After"] = str(wait)
    return response


def _choose_link(kind: str, questionnaire: Questionnaire | None, address: str) -> str:
    """Return the address of the page's button; `address` is the address of the request."""
    if kind in RETRYABLE and request.url_rule:
        return request.path
    if kind in ("expired", "broken", "too_much") and questionnaire:
        return f"/a/{questionnaire.code}"
    return address if kind == "sandboxed" else "/"


def offers_mail(site: Site) -> bool:
    """Whether the site mails lost links: it can send mail, and has addresses."""
    try:
        return bool(site.settings.smtp_url) and has_addresses(site.identity)
    except SQLAlchemyError:  # an error page must work without a store
        return False


def find_resume_address(site: Site, questionnaire: Questionnaire) -> str:
    """Return the address to which an error page of an open link posts the private key; empty elsewhere and for a closed questionnaire."""
    if request.endpoint not in ("entry.show_start", "entry.go_on"):
        return ""
    named = request.view_args or {}
    institution = questionnaire.institutions.get(named["name"])
    try:
        site.participation.check_open(questionnaire.code, institution, under_way=True)
    except ParticipationError:
        return ""
    return url_for("entry.go_on", **named)


def render_contact(questionnaire: Questionnaire, language: Language) -> str:
    """Return the contact as HTML; empty if its text has a placeholder for an institution or answer, which is unknown here."""
    institution = g.get("institution")
    wording = Wording(questionnaire, language, institution)
    if institution is None and "{institution}" in wording.plain(questionnaire.contact):
        return ""
    contact = wording.paragraphs(questionnaire.contact)
    return "" if SLOT_OPEN in contact else contact


def list_posted_fields() -> list[tuple[str, str]]:
    """Return the posted fields, to be posted again; empty if the form is unreadable."""
    try:
        return list(read_form().iter_pairs()) if request.method == "POST" else []
    except HTTPException:
        return []


def list_typed_answers(questionnaire: Questionnaire, language: Language, stored: Values | None) -> list[tuple[str, str]]:
    """List (label, answer) of each answered variable of a posted page; empty if the form is unreadable.

    Args: stored: the result of `find_stored_answers`. Posted answers that equal the stored ones are left out.
    """
    placed = questionnaire.placed_pages.get((request.view_args or {}).get("slug", ""))
    try:
        posted = read_fields(placed[1], read_form()) if placed and request.method == "POST" else None
    except HTTPException:
        return []
    if placed is None or posted is None:
        return []
    wording = Wording(questionnaire, language, g.get("institution"))
    reading = read_page(placed[1], posted)
    saved = {code for code, value in (stored or {}).items() if code not in reading.errors and reading.values.get(code) == value}
    values = ((code, posted.getlist(code)) for code, _ in iter_labels(placed[1], wording) if code not in saved)
    return list_shown_answers(
        placed[1], wording, {code: found[0] if len(found) == 1 else found for code, found in values if any(found)}
    )


def find_stored_answers(site: Site, questionnaire: Questionnaire) -> Values | None:
    """Return the stored answers of the posted page; None if this device may not see them, or if they cannot be read."""
    try:
        ticket, _ = site.signatures.read_dated_ticket(read_form().get("ticket", ""))
        found = site.read_dated_cookie(questionnaire)
        if found is None or found[0].response != ticket.response:
            return None
        link_mark = hide_also(found[0].link_mark, ticket.link_mark.hidden)
        version, response = site.participation.resume(questionnaire.code, ticket.response, link_mark, reads=True)
        response = hide_after_pause(site, version, response, found[1])
    except UnknownResponseError:
        return {}
    except (HTTPException, UnknownTicketError, ParticipationError, VersionUnavailableError, SQLAlchemyError):
        return None
    placed = version.placed_pages.get(ticket.slug)
    if placed is None or hides_page(version, response.link_mark, ticket.slug):
        return None
    stored = response.pages.get(placed[1].code)
    return stored.answers if stored else {}


def list_restored_fields(pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the answers in an expired form, to be shown on a new page; empty if the form has no answers."""
    typed = [(name, value) for name, value in pairs if name not in FORM_FIELDS and value]
    # Forms of release 1 have field names without a prefix.
    typed = [(name if name.startswith(FIELD_PREFIX) else FIELD_PREFIX + name, value) for name, value in typed]
    return [*typed, ("wish", "retype")] if typed else []


def find_requested_questionnaire(site: Site) -> Questionnaire | None:
    """Return the questionnaire of the request, even if no route matches its path."""
    named: Questionnaire | None = g.get("questionnaire")
    return named or site.participation.registry.find_compiled("".join(request.path.split("/")[2:3]))


def guess_language(site: Site) -> Language:
    """Return the language of the request, else of the device's response, else of the browser, else the first language offered."""
    questionnaire = find_requested_questionnaire(site)
    offered = dict(questionnaire.languages) if questionnaire else site.plain_languages
    requested = _read_requested_language()
    if requested in offered:
        return offered[requested]
    if questionnaire:
        cookie = site.read_cookie(questionnaire)
        if cookie and cookie.language in offered:
            return offered[cookie.language]
    plain = {code: language for code, language in offered.items() if "@" not in language.locale}
    best = request.accept_languages.best_match(list(plain))
    return plain[best] if best else next(iter(offered.values()))


def _read_requested_language() -> str:
    try:
        return request.args.get("lang", "") or request.form.get("lang", "")
    except HTTPException:  # the form is too large or incomplete
        return ""
