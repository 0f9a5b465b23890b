"""How respondents come in and leave: the list, open links, personal links with a start page, proof of completion."""

from __future__ import annotations

import io
from dataclasses import replace

import segno
from flask import Blueprint, Response, g, make_response, redirect, request, url_for

from survey_engine.analysis.checks.minutes import MINUTES, names_minutes
from survey_engine.engine.assignment import assign_modules
from survey_engine.engine.decisions import Response as StoredResponse
from survey_engine.engine.decisions import sum_remaining_seconds
from survey_engine.engine.routing import Respondent, route
from survey_engine.fieldwork.invitations.links import find_by_link, open_seat
from survey_engine.fieldwork.signing import Visit
from survey_engine.model.questionnaire import Institution, Language, Questionnaire
from survey_engine.rendering.interface_texts import N_
from survey_engine.rendering.page_plan import Wording
from survey_engine.storage.answers import load_response
from survey_engine.storage.identity import Seat
from survey_engine.web.respondent.answer_pages import check_limit, go_to, load_visitor, open_questionnaire
from survey_engine.web.respondent.embedding import draw_in_place, draw_receipt, is_framed
from survey_engine.web.respondent.errors import Trouble, guess_language
from survey_engine.web.respondent.forms import read_form
from survey_engine.web.respondent.page_responses import Frame, draw_document, is_fragment
from survey_engine.web.respondent.rate_limits import name_network
from survey_engine.web.respondent.site import COOKIE, Site, current_site

enter = Blueprint("enter", __name__)


@enter.get("/")
def index() -> Response:
    """Every open questionnaire with its institutions."""
    site = current_site()
    language = guess_language(site)
    entries = [entry for questionnaire in site.questionnaires.values() if (entry := _list_links(site, questionnaire))[1]]
    say = site.find_texts(language).say
    main = site.templates.get_template("respondent/index.html").render(_=say, entries=entries)
    return draw_document(site, Frame(language), say("Questionnaires"), main)


def _list_links(site: Site, questionnaire: Questionnaire) -> tuple[str, list[tuple[str, str, str]]]:
    """A questionnaire's title, and for each institution where it is open its name, open link and QR code."""
    wording = Wording(questionnaire, questionnaire.languages[questionnaire.source_language], None)
    return wording.line(questionnaire.title), [
        (
            institution.name,
            url_for(".start", code=questionnaire.code, name=institution.code),
            url_for(".qr", code=questionnaire.code, name=institution.code),
        )
        for institution in questionnaire.institutions.values()
        if site.participation.is_open(questionnaire.code, institution)
    ]


@enter.get("/q/<code>/<name>")
def start(code: str, name: str) -> Response:
    """The start page of an open link."""
    site, questionnaire, institution = open_institution(code, name)
    return draw_start(site, questionnaire, institution, None)


@enter.post("/q/<code>/<name>")
def begin(code: str, name: str) -> Response:
    site, questionnaire, institution = open_institution(code, name)
    check_start(site, questionnaire, institution)
    return begin_response(site, questionnaire, institution, None)


def check_start(site: Site, questionnaire: Questionnaire, institution: Institution) -> None:
    """Refuse a flood of starts from one address, and slow a flood from many, so that honest starts beside it come through."""
    where = questionnaire.code, institution.code
    place = *where, name_network(request.remote_addr or "")
    visit = site.read_visit(questionnaire)
    known = visit and not site.limits.take("device", visit.response) and not site.limits.take("devices", place)
    if not known and site.limits.take("open_link", place) and not has_turn(site, place):
        raise Trouble("crowd")
    if site.limits.take("institution", where):
        site.limits.slow_down()


def has_turn(site: Site, place: tuple[str, str, str]) -> bool:
    """Whether this start was refused before and its page was read, which a flood does not do; each page lets in once."""
    questionnaire, institution, _ = place
    turn = site.signatures.read_turn(questionnaire, institution, read_form().get("turn"))
    return turn is not None and not site.limits.take("waiting", place) and site.turns.use(turn)


@enter.get("/q/<code>/<name>/qr.svg")
def qr(code: str, name: str) -> Response:
    """The open link as a QR code, for a poster or a screen in class."""
    site, questionnaire, institution = open_institution(code, name)
    link = f"{site.settings.base_url}{url_for('.start', code=questionnaire.code, name=institution.code)}"
    picture = io.BytesIO()
    segno.make(link, error="m").save(picture, kind="svg", scale=8, border=4)
    return Response(picture.getvalue(), content_type="image/svg+xml")


@enter.get("/l/<token>")
def personal(token: str) -> Response:
    """The start page of a personal link; it changes nothing, because mail scanners follow links."""
    site, questionnaire, institution, seat = find_invited(token)
    return draw_start(site, questionnaire, institution, seat)


@enter.post("/l/<token>")
def begin_personal(token: str) -> Response:
    site, questionnaire, institution, seat = find_invited(token)
    check_limit(site, "link", seat.id)
    return begin_response(site, questionnaire, institution, seat)


@enter.get("/done/<code>")
def done(code: str) -> Response:
    """The proof of completion, shown again whenever its respondent comes back."""
    site, questionnaire = open_questionnaire(code)
    questionnaire, response = load_visitor(site, questionnaire)
    if not response.completed:
        return make_response(redirect(url_for("respond.resume", code=code), 303))
    return draw_receipt(site, questionnaire, response)


@enter.post("/done/<code>")
def leave(code: str) -> Response:
    """Forget the response on this device; many pupils may share it."""
    _, questionnaire = open_questionnaire(code)
    response = make_response(redirect(url_for(".index"), 303))
    if COOKIE + questionnaire.code in request.cookies:  # a form from elsewhere comes without it, and cannot drop it
        response.delete_cookie(COOKIE + questionnaire.code)
    return response


def open_institution(code: str, name: str) -> tuple[Site, Questionnaire, Institution]:
    site, questionnaire = open_questionnaire(code)
    if code not in site.questionnaires:
        raise Trouble("closed")
    return site, questionnaire, enter_institution(site, questionnaire, name)


def enter_institution(site: Site, questionnaire: Questionnaire, name: str) -> Institution:
    institution = questionnaire.institutions.get(name)
    if institution is None:
        raise Trouble("unknown")
    g.institution = institution
    site.participation.check_open(questionnaire.code, institution)
    return institution


def find_invited(token: str) -> tuple[Site, Questionnaire, Institution, Seat]:
    site = current_site()
    seat = find_by_link(site.identity, token)
    if seat is None:
        check_limit(site, "miss", name_network(request.remote_addr or ""), "guessing")
        raise Trouble("unknown")
    questionnaire = g.questionnaire = site.participation.find_version_of_seat(seat)
    if questionnaire is None:
        raise Trouble("unknown")
    institution = enter_institution(site, questionnaire, seat.institution)
    if seat.withdrawn:
        raise Trouble("withdrawn")
    return site, questionnaire, institution, open_seat(site.participation.contact_keys, seat)


def choose_language(site: Site, questionnaire: Questionnaire, institution: Institution, seat: Seat | None) -> Language:
    """What was asked for, what the seat prefers, what the browser prefers, or the institution's first."""
    offered = {language.code: language for language in site.offered(questionnaire, institution.code)}
    asked = request.args.get("lang") or request.form.get("lang") or (seat.language if seat else None)
    guessed = guess_language(site).code
    first = next(iter(offered.values()))
    return offered.get(asked or "") or offered.get(guessed) or first


def draw_start(site: Site, questionnaire: Questionnaire, institution: Institution, seat: Seat | None) -> Response:
    language = choose_language(site, questionnaire, institution, seat)
    interface = site.find_texts(language)
    wording = Wording(questionnaire, language, institution)
    visit = site.read_visit(questionnaire)
    stored = load_response(site.answers, visit.response) if visit and not seat else None
    resumable = bool(
        visit
        and stored
        and stored.respondent.institution == institution.code
        and not site.participation.is_withdrawn(stored._replace(entry=visit.entry))
    )
    languages = site.offered(questionnaire, institution.code)
    background = seat.background if seat else institution.open_link
    minutes = max(1, round(estimate_seconds(questionnaire, Respondent(institution.code, language.code, background)) / 60))
    wording.fixed[MINUTES] = str(minutes)
    introduction = wording.paragraphs(questionnaire.introduction)
    main = site.templates.get_template("respondent/start.html").render(
        _=interface.say,
        title=wording.line(questionnaire.title),
        introduction=introduction,
        contact=wording.paragraphs(questionnaire.contact),
        language=language,
        languages=languages,
        minutes=""
        if names_minutes(introduction)
        else interface.count("About %(number)s minute", "About %(number)s minutes", minutes),
        tongues=interface.say(N_("In %(number)s languages; you can switch at any time"), number=len(languages)),
        resumable=resumable,
        resume=url_for("respond.resume", code=questionnaire.code),
    )
    return draw_document(site, Frame(language, questionnaire, institution), wording.line(questionnaire.title), main)


def begin_response(site: Site, questionnaire: Questionnaire, institution: Institution, seat: Seat | None) -> Response:
    """Start a response, or go on with the one that this seat started."""
    language = choose_language(site, questionnaire, institution, None).code
    if seat:  # a language in the address was chosen on the start page, perhaps after an earlier visit
        switch = request.args.get("lang") == language
        questionnaire, response = site.participation.begin_from_seat(questionnaire, seat, language, switch=switch)
    else:
        questionnaire, response = site.participation.begin(
            questionnaire, Respondent(institution.code, language, institution.open_link)
        )
    if site.metrics:
        site.metrics.starts.labels(questionnaire.code).inc()
    slug = site.participation.find_next_page(questionnaire, response)
    if is_fragment() or is_framed():
        whole = response.respondent.language != language  # what stands around the start page does not fit
        return remember(site, questionnaire, response, draw_in_place(site, questionnaire, response, slug, whole=whole))
    return remember(site, questionnaire, response, go_to(questionnaire, slug))


def remember(site: Site, questionnaire: Questionnaire, response: StoredResponse, reply: Response) -> Response:
    """Let this device resume the response: only a start does, so that no other website can put its own response here."""
    visit = Visit(response.id, response.respondent.language, response.entry)
    reply.set_cookie(
        COOKIE + questionnaire.code,
        site.signatures.write_visit(questionnaire.code, visit),
        max_age=site.signatures.resume_seconds,
        httponly=True,
        secure=site.settings.secure_cookies,
        samesite="Lax",
    )
    return reply


def estimate_seconds(questionnaire: Questionnaire, respondent: Respondent) -> int:
    """Expected seconds from first page to last for somebody who starts now, with the modules that a first starter gets."""
    institution = questionnaire.institutions[respondent.institution]
    assigned = assign_modules(questionnaire, institution, respondent.known(), {}, seed="")
    starter = replace(respondent, modules=tuple(one.module for one in assigned))
    fresh = StoredResponse(0, questionnaire.code, questionnaire.version, starter)
    return sum_remaining_seconds(fresh, route(questionnaire, starter, {}), 0)
