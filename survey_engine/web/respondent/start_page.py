"""The start page of a questionnaire: promise, duration, languages, and the buttons for a person who has begun."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

from flask import Response as Reply
from flask import request, url_for

from survey_engine.analysis.checks.minutes import MINUTES, names_minutes
from survey_engine.engine.assignment import assign, split_names
from survey_engine.engine.progress import count_done, sum_remaining_seconds
from survey_engine.engine.response_state import Response
from survey_engine.engine.routing import Respondent, route
from survey_engine.fieldwork.participation_errors import ParticipationError
from survey_engine.model.questionnaire import Institution, Language, Questionnaire
from survey_engine.rendering.interface_texts import N_, InterfaceTexts
from survey_engine.rendering.page_plan import Wording
from survey_engine.storage.identity import Seat
from survey_engine.web.respondent.embedding import is_framed, render_completion
from survey_engine.web.respondent.errors import guess_language
from survey_engine.web.respondent.forms import read_channel, read_form
from survey_engine.web.respondent.page_responses import DocumentContext, render_document
from survey_engine.web.respondent.site import Site, current_site


def choose_language(site: Site, questionnaire: Questionnaire, institution: Institution, known: str | None = None) -> Language:
    """Return the language of the request, else the known one, else the browser's, else the institution's first one.

    Args: known: the variant of the response, seat or learning environment.
    """
    offered = {language.code: language for language in site.offered(questionnaire, institution.code)}
    requested = request.args.get("lang") or request.form.get("lang") or known
    guessed = guess_language(site).code
    first = next(iter(offered.values()))
    return offered.get(requested or "") or offered.get(guessed) or first


def find_started(site: Site, questionnaire: Questionnaire, institution: Institution) -> Response | None:
    """Return the response that was begun on this device by this institution's open link, if it is open; else None."""
    cookie = site.read_cookie(questionnaire)
    try:
        found = site.participation.resume(questionnaire.code, cookie.response, cookie.link_mark)[1] if cookie else None
    except ParticipationError:
        return None
    is_here = found and found.respondent.institution == institution.code
    return found if found and is_here and not found.completed and found.pseudonym is None else None


class Entrance(NamedTuple):
    """How a person without a personal link reached the start page: by a login or a launch."""

    field: str
    """The name of the form field with the token."""
    token: str
    """The token that identifies the person in the forms of the page."""
    action: str
    """The address that starts the response."""
    show: str = ""
    """The address that renders the page in another language, for a launch by a learning environment; empty for a login by name."""
    begun: tuple[Questionnaire, Response] | None = None
    """The response that this person has begun; None after a login by name, and after a launch if the response began by link or login."""
    reports: bool = False
    """Whether completion is reported to the learning environment."""
    language: str = ""
    """The variant for a person who has neither begun nor chosen a language; empty for the browser's language."""


def render_start(
    questionnaire: Questionnaire,
    institution: Institution,
    seat: Seat | None,
    *,
    fault: bool = False,
    entrance: Entrance | None = None,
) -> Reply:
    """Render the start page or, after completion, the proof of completion of this person.

    Args:
        fault: whether an unknown private key was posted.
        entrance: None for a link.
    """
    site = current_site()
    begun = entrance.begun if entrance else site.participation.find_begun(seat) if seat else None
    if begun and begun[1].completed:
        return render_completion(site, *begun)
    launched = entrance.language if entrance and not begun else ""
    known = begun[1].respondent.language if begun else (seat and seat.language) or launched
    language = choose_language(site, questionnaire, institution, known)
    is_open_link = not seat and not entrance
    resumable = is_open_link and find_started(site, questionnaire, institution) is not None
    interface = site.find_texts(language)
    wording = Wording(questionnaire, language, institution)
    languages = site.offered(questionnaire, institution.code)
    background = seat.background if seat else institution.open_link
    minutes = max(1, round(estimate_seconds(questionnaire, Respondent(institution.code, language.code, background)) / 60))
    wording.fixed[MINUTES] = str(minutes)
    place: dict[str, Any] = {"code": questionnaire.code, "name": institution.code}
    start = url_for("entry.show_start", **place) if is_open_link else ""  # pages must not contain the token of a personal link
    switch = f"?lang={language.code}" if request.args.get("lang") == language.code else ""
    promise, end, more = wording.paragraphs(questionnaire.introduction).partition("</p>")
    main = site.templates.get_template("respondent/start.html").render(
        _=interface.translate,
        title=wording.line(questionnaire.title),
        promise="" if begun else promise + end,
        more="" if begun else more,
        contact=wording.paragraphs(questionnaire.contact),
        language=language,
        languages=languages,
        minutes=describe_minutes(interface, begun, promise, minutes),
        language_note=interface.translate(N_("In %(number)s languages; you can switch at any time"), number=len(languages)),
        begun=bool(begun),
        start=start,
        action=entrance.action if entrance else start and start + switch,
        entrance=entrance,
        hides=bool(entrance and seat and not begun),
        log_in=url_for("login.show_login", **place) if institution.login and is_open_link else "",
        lang=language.code if launched or not entrance else request.form.get("lang"),
        via=read_channel(read_form()),
        resume=url_for("entry.go_on", **place) if is_open_link else "",
        resumable=resumable,
        asks_key=resumable or fault or "key" in request.args,
        fault=fault,
        framed=is_framed(),
    )
    context = DocumentContext(language, questionnaire, institution)
    return render_document(site, context, wording.line(questionnaire.title), main, 422 if fault else 200)


def describe_minutes(interface: InterfaceTexts, begun: tuple[Questionnaire, Response] | None, promise: str, minutes: int) -> str:
    """Return the remaining minutes in words; before the start, the total minutes, unless the introduction already names them."""
    if begun:
        return interface.minutes_left(estimate_seconds_left(*begun))
    if names_minutes(promise):
        return ""
    return interface.translate_plural("About %(number)s minute", "About %(number)s minutes", minutes)


def estimate_seconds_left(questionnaire: Questionnaire, response: Response) -> int:
    """Return the expected seconds from the first open page to the end."""
    path = route(questionnaire, response.respondent, response.answers())
    return sum_remaining_seconds(questionnaire, response, path, count_done(path, response))


def estimate_seconds(questionnaire: Questionnaire, respondent: Respondent) -> int:
    """Return the expected seconds for the whole questionnaire, with the modules of the first respondent of an institution."""
    institution = questionnaire.institutions[respondent.institution]
    assigned = assign(questionnaire, institution, respondent.known(), {}, seed="")
    modules, arms = split_names(one.name for one in assigned)
    first = replace(respondent, modules=modules, arms=arms)
    empty = Response(0, questionnaire.code, questionnaire.version, first)
    return sum_remaining_seconds(questionnaire, empty, route(questionnaire, first, {}), 0)
