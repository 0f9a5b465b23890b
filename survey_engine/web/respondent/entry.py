"""Views where respondents start and finish: list of questionnaires, open and personal links, proof of completion."""

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
from survey_engine.fieldwork.invitations.links import decrypt_seat, find_by_link
from survey_engine.fieldwork.signing import DeviceCookie
from survey_engine.model.questionnaire import Institution, Language, Questionnaire
from survey_engine.rendering.interface_texts import N_
from survey_engine.rendering.page_plan import Wording
from survey_engine.storage.answers import load_response
from survey_engine.storage.identity import Seat
from survey_engine.web.respondent.answer_pages import check_limit, load_device_response, make_redirect, open_questionnaire
from survey_engine.web.respondent.embedding import is_framed, render_completion, render_in_place
from survey_engine.web.respondent.errors import RespondentError, guess_language
from survey_engine.web.respondent.forms import read_form
from survey_engine.web.respondent.page_responses import DocumentContext, is_fragment, render_document
from survey_engine.web.respondent.rate_limits import find_network
from survey_engine.web.respondent.site import COOKIE, Site, current_site

entry = Blueprint("entry", __name__)


@entry.get("/")
def show_index() -> Response:
    """Render the list of open questionnaires with their institutions."""
    site = current_site()
    language = guess_language(site)
    entries = [(title, links) for title, links in (_list_links(site, one) for one in site.questionnaires.values()) if links]
    translate = site.find_texts(language).translate
    main = site.templates.get_template("respondent/index.html").render(_=translate, entries=entries)
    return render_document(site, DocumentContext(language), translate("Questionnaires"), main)


def _list_links(site: Site, questionnaire: Questionnaire) -> tuple[str, list[tuple[str, str, str]]]:
    """Return the title, and the name, open link and QR code address of each institution where the questionnaire is open."""
    wording = Wording(questionnaire, questionnaire.languages[questionnaire.source_language], None)
    return wording.line(questionnaire.title), [
        (
            institution.name,
            url_for(".show_start", code=questionnaire.code, name=institution.code),
            url_for(".show_qr_code", code=questionnaire.code, name=institution.code),
        )
        for institution in questionnaire.institutions.values()
        if site.participation.is_open(questionnaire.code, institution)
    ]


@entry.get("/q/<code>/<name>")
def show_start(code: str, name: str) -> Response:
    """Render the start page of an open link."""
    site, questionnaire, institution = find_institution(code, name)
    return render_start(site, questionnaire, institution, None)


@entry.post("/q/<code>/<name>")
def start_response(code: str, name: str) -> Response:
    site, questionnaire, institution = find_institution(code, name)
    limit_starts(site, questionnaire, institution)
    return begin_or_resume(site, questionnaire, institution, None)


def limit_starts(site: Site, questionnaire: Questionnaire, institution: Institution) -> None:
    """Limit the starts by an open link: reject a flood from one address, delay a flood from many.

    Raises:
        RespondentError: too many starts from this address.
    """
    link = questionnaire.code, institution.code
    source = *link, find_network(request.remote_addr or "")
    cookie = site.read_cookie(questionnaire)
    known = cookie and not site.limits.take("device", cookie.response) and not site.limits.take("devices", source)
    if not known and site.limits.take("open_link", source) and not has_retry_token(site, source):
        raise RespondentError("crowd")
    if site.limits.take("institution", link):
        site.limits.delay()


def has_retry_token(site: Site, source: tuple[str, str, str]) -> bool:
    """Whether the form has an unused token from a "wait" page. A flood does not read pages, so it has none."""
    questionnaire, institution, _ = source
    token = site.signatures.read_retry_token(questionnaire, institution, read_form().get("turn"))
    return token is not None and not site.limits.take("waiting", source) and site.used_retry_tokens.use(token)


@entry.get("/q/<code>/<name>/qr.svg")
def show_qr_code(code: str, name: str) -> Response:
    """Return the open link as a QR code in SVG, for a poster or a screen in class."""
    site, questionnaire, institution = find_institution(code, name)
    link = f"{site.settings.base_url}{url_for('.show_start', code=questionnaire.code, name=institution.code)}"
    picture = io.BytesIO()
    segno.make(link, error="m").save(picture, kind="svg", scale=8, border=4)
    return Response(picture.getvalue(), content_type="image/svg+xml")


@entry.get("/l/<token>")
def show_personal_start(token: str) -> Response:
    """Render the start page of a personal link. It stores nothing, because mail scanners follow links."""
    site, questionnaire, institution, seat = find_seat(token)
    return render_start(site, questionnaire, institution, seat)


@entry.post("/l/<token>")
def start_personal_response(token: str) -> Response:
    site, questionnaire, institution, seat = find_seat(token)
    check_limit(site, "link", seat.id)
    return begin_or_resume(site, questionnaire, institution, seat)


@entry.get("/done/<code>")
def show_completion(code: str) -> Response:
    """Render the proof of completion of this device's response, or redirect to its next page."""
    site, questionnaire = open_questionnaire(code)
    questionnaire, response = load_device_response(site, questionnaire)
    if not response.completed:
        return make_response(redirect(url_for("answer_pages.resume_response", code=code), 303))
    return render_completion(site, questionnaire, response)


@entry.post("/done/<code>")
def forget_response(code: str) -> Response:
    """Delete the cookie of the response, for a device that several pupils share."""
    _, questionnaire = open_questionnaire(code)
    response = make_response(redirect(url_for(".show_index"), 303))
    if COOKIE + questionnaire.code in request.cookies:  # a form of another website has no cookie, so it cannot delete one
        response.delete_cookie(COOKIE + questionnaire.code)
    return response


def find_institution(code: str, name: str) -> tuple[Site, Questionnaire, Institution]:
    site, questionnaire = open_questionnaire(code)
    if code not in site.questionnaires:
        raise RespondentError("closed")
    return site, questionnaire, check_institution(site, questionnaire, name)


def check_institution(site: Site, questionnaire: Questionnaire, name: str) -> Institution:
    institution = questionnaire.institutions.get(name)
    if institution is None:
        raise RespondentError("unknown")
    g.institution = institution
    site.participation.check_open(questionnaire.code, institution)
    return institution


def find_seat(token: str) -> tuple[Site, Questionnaire, Institution, Seat]:
    site = current_site()
    seat = find_by_link(site.identity, token)
    if seat is None:
        check_limit(site, "miss", find_network(request.remote_addr or ""), "guessing")
        raise RespondentError("unknown")
    questionnaire = g.questionnaire = site.participation.find_version_of_seat(seat)
    if questionnaire is None:
        raise RespondentError("unknown")
    institution = check_institution(site, questionnaire, seat.institution)
    if seat.withdrawn:
        raise RespondentError("withdrawn")
    return site, questionnaire, institution, decrypt_seat(site.participation.contact_keys, seat)


def choose_language(site: Site, questionnaire: Questionnaire, institution: Institution, seat: Seat | None) -> Language:
    """Return the language of the request, the seat or the browser, in this order, or the first one of the institution."""
    offered = {language.code: language for language in site.offered(questionnaire, institution.code)}
    requested = request.args.get("lang") or request.form.get("lang") or (seat.language if seat else None)
    guessed = guess_language(site).code
    first = next(iter(offered.values()))
    return offered.get(requested or "") or offered.get(guessed) or first


def render_start(site: Site, questionnaire: Questionnaire, institution: Institution, seat: Seat | None) -> Response:
    language = choose_language(site, questionnaire, institution, seat)
    interface = site.find_texts(language)
    wording = Wording(questionnaire, language, institution)
    cookie = site.read_cookie(questionnaire)
    stored = load_response(site.answers, cookie.response) if cookie and not seat else None
    resumable = bool(
        cookie
        and stored
        and stored.respondent.institution == institution.code
        and not site.participation.is_withdrawn(stored._replace(entry=cookie.entry))
    )
    languages = site.offered(questionnaire, institution.code)
    background = seat.background if seat else institution.open_link
    minutes = max(1, round(estimate_seconds(questionnaire, Respondent(institution.code, language.code, background)) / 60))
    wording.fixed[MINUTES] = str(minutes)
    promise, end, more = wording.paragraphs(questionnaire.introduction).partition("</p>")
    main = site.templates.get_template("respondent/start.html").render(
        _=interface.translate,
        title=wording.line(questionnaire.title),
        promise=promise + end,
        more=more,
        contact=wording.paragraphs(questionnaire.contact),
        language=language,
        languages=languages,
        minutes=""
        if names_minutes(promise)
        else interface.translate_plural("About %(number)s minute", "About %(number)s minutes", minutes),
        language_note=interface.translate(N_("In %(number)s languages; you can switch at any time"), number=len(languages)),
        resumable=resumable,
        resume=url_for("answer_pages.resume_response", code=questionnaire.code),
    )
    return render_document(site, DocumentContext(language, questionnaire, institution), wording.line(questionnaire.title), main)


def begin_or_resume(site: Site, questionnaire: Questionnaire, institution: Institution, seat: Seat | None) -> Response:
    """Start a response, or resume the response of this seat."""
    language = choose_language(site, questionnaire, institution, None).code
    if seat:  # a language in the address was chosen on the start page, possibly after an earlier visit
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
        whole = response.respondent.language != language  # the document around the start page has another language
        return set_device_cookie(site, questionnaire, response, render_in_place(site, questionnaire, response, slug, whole=whole))
    return set_device_cookie(site, questionnaire, response, make_redirect(questionnaire, slug))


def set_device_cookie(site: Site, questionnaire: Questionnaire, response: StoredResponse, reply: Response) -> Response:
    """Set the cookie that lets this device resume the response.

    Only a start sets it, so that no other website can make this device resume that website's response.
    """
    cookie = DeviceCookie(response.id, response.respondent.language, response.entry)
    reply.set_cookie(
        COOKIE + questionnaire.code,
        site.signatures.sign_cookie(questionnaire.code, cookie),
        max_age=site.signatures.resume_seconds,
        httponly=True,
        secure=site.settings.secure_cookies,
        samesite="Lax",
    )
    return reply


def estimate_seconds(questionnaire: Questionnaire, respondent: Respondent) -> int:
    """Return the expected seconds for the whole questionnaire, with the modules of the first respondent of an institution."""
    institution = questionnaire.institutions[respondent.institution]
    assigned = assign_modules(questionnaire, institution, respondent.known(), {}, seed="")
    first = replace(respondent, modules=tuple(one.module for one in assigned))
    empty = StoredResponse(0, questionnaire.code, questionnaire.version, first)
    return sum_remaining_seconds(empty, route(questionnaire, first, {}), 0)
