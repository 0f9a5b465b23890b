"""Views of a launch: login, launch, start page, start. They work in a frame without cookies."""

from __future__ import annotations

import re
from importlib import import_module
from typing import NamedTuple

import structlog
from flask import Flask, g, jsonify, make_response, redirect, request, url_for
from flask import Response as Reply

from survey_engine.engine.response_state import Response
from survey_engine.engine.routing import Respondent
from survey_engine.fieldwork.contact_keys import LostContactKeyError
from survey_engine.fieldwork.group_totals import ALL_PERSONS, name_group
from survey_engine.fieldwork.hidden_answers import hides_answers
from survey_engine.fieldwork.invitations.links import decrypt_seat
from survey_engine.fieldwork.lms.launches import BegunLaunch, Launch, LaunchError, LoginRequest, hash_secret, make_nonce
from survey_engine.fieldwork.lms.roster_match import match_seat
from survey_engine.fieldwork.signing import (
    LAUNCH_MARK,
    ClassLink,
    hash_launched_person,
    make_lms_pseudonym,
    make_pseudonym,
    name_launched_seat,
)
from survey_engine.model.questionnaire import Institution, Questionnaire
from survey_engine.rendering.page_plan import Wording
from survey_engine.storage.answers import find_response
from survey_engine.storage.group_totals import find_total
from survey_engine.storage.identity import Seat, find_seat_by_number
from survey_engine.storage.lms import bind_seat, find_registration, find_seat_holder
from survey_engine.web.lms.card_placement import render_placement
from survey_engine.web.lms.services import LmsServices, allow_forms, current_services, find_origin, lms
from survey_engine.web.respondent.answer_pages import check_limit
from survey_engine.web.respondent.embedding import allow_embedding
from survey_engine.web.respondent.entry import check_institution, open_response, render_finished
from survey_engine.web.respondent.errors import RespondentError, guess_language, render_contact, render_error_page
from survey_engine.web.respondent.forms import PostedForm, read_form, read_start_form
from survey_engine.web.respondent.origins import has_proven_origin
from survey_engine.web.respondent.page_responses import DocumentContext, render_document
from survey_engine.web.respondent.rate_limits import find_network
from survey_engine.web.respondent.site import Site, current_site
from survey_engine.web.respondent.start_page import Entrance, choose_language, render_start

SECRET, _COOKIE_SECONDS = "survey_lti", 900
CARD = "lms"
"""The kind of the signed value in forms of a launched start page."""
_PERSON_SIZE = 64


class LaunchedStudent(NamedTuple):
    """A launched student."""

    pseudonym: str
    seat: int = 0
    """The number of the person's seat on the roster; 0 without a seat."""
    reports: bool = False
    """Whether completion is reported to the environment."""
    mark: str = ""
    """Beginning of the hash of the person to whom the seat is bound; empty without a seat."""


def connect(app: Flask, site: Site) -> None:
    """Add the views to the application."""
    app.extensions["survey_engine_lms"] = LmsServices(site)
    import_module("survey_engine.web.lms.registration_pages")  # adds its views
    app.register_blueprint(lms)
    app.register_error_handler(LaunchError, render_refusal)


def render_refusal(error: LaunchError) -> Reply:
    """Render an error page that says what a student or teacher can do. The log has the reason, without personal data."""
    structlog.get_logger().warning("launch_refused", kind=error.kind, reason=error.reason)
    return render_error_page(f"lms_{error.kind}", detail=error.detail or error.reason)


@lms.get("/keys")
def show_keys() -> Reply:
    """Return our public keys as a JSON Web Key Set (RFC 7517)."""
    return jsonify(keys=current_services().tool_keys.list_public())


@lms.get("/login")
def begin_login_by_address() -> Reply:
    """Begin a launch for an environment that sends the request as an address (GET)."""
    return answer_login(PostedForm(request.query_string))


@lms.post("/login")
def begin_login() -> Reply:
    """Begin a launch."""
    return answer_login(read_form())


def answer_login(form: PostedForm) -> Reply:
    """Redirect the browser to the learning environment with a state; in a frame, render the page that does so."""
    asked = LoginRequest(*(form.get(name) for name in LoginRequest._fields))
    site, services = current_site(), current_services()
    login = services.launches.begin(asked, site.get_cookie(SECRET))
    if request.headers.get("Sec-Fetch-Dest") == "document":
        return keep_secret(site, make_response(redirect(login.address, 302)), login)
    return keep_secret(site, render_login(site, asked, login), login)


@lms.get("/kept")
def show_kept() -> Reply:
    """Reply 204 if the browser has stored the secret, for the script of the page between course and launch."""
    return Reply(status=204 if current_site().get_cookie(SECRET) else 200)


def keep_secret(site: Site, reply: Reply, login: BegunLaunch) -> Reply:
    secure = site.settings.secure_cookies
    reply.set_cookie(
        site.name_cookie(SECRET),
        login.secret,
        max_age=_COOKIE_SECONDS,
        httponly=True,
        secure=secure,
        samesite="None" if secure else "Lax",
        partitioned=secure,
    )
    return reply


def render_login(site: Site, asked: LoginRequest, login: BegunLaunch) -> Reply:
    """Render the page for a frame: its script continues the launch, or the person opens a new tab."""
    state = current_services().launches.read_state(login.state)
    language = guess_language(site)
    translate = site.find_texts(language).translate
    main = site.templates.get_template("lms/login.html").render(
        _=translate,
        script=site.assets.url("lti.js"),
        action=url_for(".begin_login"),
        kept=url_for(".show_kept"),
        fields=[(name, value) for name, value in asked._asdict().items() if value],
        address=login.address,
        target=state.target,
        origin=find_origin(login.registration.auth_url),
        key=login.nonce,
        secret=login.secret if state.target else "",
    )
    reply = render_document(site, DocumentContext(language), translate("Open the questionnaire"), main)
    allow_embedding(reply, *site.questionnaires.values())
    allow_forms(reply, find_origin(login.registration.auth_url))  # browsers also check the redirects after a form
    return reply


@lms.post("/launch")
def launch() -> Reply:
    """Accept a launch if the browser stored the secret; otherwise ask the learning environment for the secret."""
    form, site = read_form(), current_site()
    state, token, secret = form.get("state"), form.get("id_token"), site.get_cookie(SECRET)
    services = current_services()
    found = services.launches.read_state(state)
    if found.target and hash_secret(secret) != found.secret_hash:
        return render_verification(site, services, state, token)
    return open_launch(services.launches.accept(state, token, secret))


def render_verification(site: Site, services: LmsServices, state: str, token: str) -> Reply:
    found = services.launches.read_state(state)
    registration = find_registration(site.identity, found.registration)
    if registration is None:
        raise LaunchError("unknown", "registration was removed")
    language = guess_language(site)
    translate = site.find_texts(language).translate
    main = site.templates.get_template("lms/verify.html").render(
        _=translate,
        script=site.assets.url("lti.js"),
        action=url_for(".verify"),
        target=found.target,
        origin=find_origin(registration.auth_url),
        key=make_nonce(state),
        state=state,
        token=token,
    )
    reply = render_document(site, DocumentContext(language), translate("Open the questionnaire"), main)
    allow_embedding(reply, *site.questionnaires.values())
    return reply


@lms.post("/verify")
def verify() -> Reply:
    """Accept a launch with the secret that the learning environment stored. Only a page of this site may post it."""
    if not has_proven_origin():
        raise LaunchError("browser", "origin is not proven")
    form = read_form()
    return open_launch(current_services().launches.accept(form.get("state"), form.get("id_token"), form.get("secret")))


def open_launch(found: Launch) -> Reply:
    """Render the page of an accepted launch: for a teacher, a student, or a person with an unknown role."""
    site = current_site()
    if found.placement is not None:
        return render_placement(site, current_services(), found, found.placement)
    questionnaire, institution = find_card(site, found)
    if found.is_teacher:
        return render_teacher(site, questionnaire, institution, found)
    if not found.subject:
        if not institution.has_open_link:
            raise RespondentError("personal")
        return render_start(questionnaire, institution, None)
    person = identify_student(site, questionnaire, institution, found)
    page = render_card(site, questionnaire, institution, person, find_launch_language(site, questionnaire, found))
    current_services().completions.remember(found, questionnaire.code, person.seat)  # only after the page has accepted the seat
    return page


def identify_student(site: Site, questionnaire: Questionnaire, institution: Institution, found: Launch) -> LaunchedStudent:
    """Return the person of a launch, with the seat on the roster unless the person has begun without one by an earlier launch.

    Raises:
        ClosedError: the questionnaire is closed to this person.
        LaunchError: the seat is bound to another person of this or another environment, who launched it first.
    """
    registration, deployment, key = found.registration, found.deployment, site.settings.pseudonym_key
    parts = registration.issuer, registration.client_id, deployment.deployment, found.subject
    unlisted = LaunchedStudent(make_lms_pseudonym(key, questionnaire.code, *parts), reports=found.is_reported)
    seat = None
    if found.person and not find_response(site.answers, questionnaire.code, unlisted.pseudonym):
        seat = match_seat(site.identity, key, questionnaire.code, deployment, found.person)
    if seat is None:
        check_open(site, questionnaire, institution, unlisted)
        return unlisted
    pseudonym = make_pseudonym(key, questionnaire.code, seat.id)
    holder = hash_launched_person(key, pseudonym, registration.issuer, registration.client_id, found.subject)
    person = LaunchedStudent(pseudonym, seat.id, found.is_reported, holder[:LAUNCH_MARK])
    check_open(site, questionnaire, institution, person)  # before the seat is bound
    if not bind_seat(site.identity, name_launched_seat(key, pseudonym), questionnaire.code, holder):
        raise LaunchError("taken", "seat belongs to another person")
    return person


def check_open(site: Site, questionnaire: Questionnaire, institution: Institution, person: LaunchedStudent) -> None:
    """Raise ClosedError after the last day, or after the grace period if the person has begun by a launch."""
    site.participation.check_open_for(questionnaire.code, institution, lambda: has_begun(site, questionnaire, person))


def has_begun(site: Site, questionnaire: Questionnaire, person: LaunchedStudent) -> bool:
    return find_begun(site, questionnaire, person, read_seat(site, person)) is not None


def find_begun(
    site: Site, questionnaire: Questionnaire, person: LaunchedStudent, seat: Seat | None
) -> tuple[Questionnaire, Response] | None:
    """Return the response that a person (with this seat or none) has begun by a launch, and its version."""
    if seat:
        return site.participation.find_launched(seat, person.mark)
    started = find_response(site.answers, questionnaire.code, person.pseudonym)
    return site.participation.resume(questionnaire.code, started) if started else None


def find_launch_language(site: Site, questionnaire: Questionnaire, found: Launch) -> str:
    """Return the institution's first plain variant in the environment's language; empty if there is none."""
    wanted = re.split("[-_@]", found.locale)[0].casefold()
    offered = site.offered(questionnaire, found.deployment.institution)
    return next((one.code for one in offered if one.spoken == wanted and "@" not in one.locale), "")


def find_card(site: Site, found: Launch) -> tuple[Questionnaire, Institution]:
    """Return the card's questionnaire and the institution of its deployment.

    Raises:
        LaunchError, RespondentError: the card has no such questionnaire, or it is open to nobody in this role.
    """
    name = found.deployment.institution
    if found.questionnaire:
        named = site.participation.registry.find_current(found.questionnaire)
        offered = [named] if named and name in named.institutions else []
    else:
        offered = [one for one in site.questionnaires.values() if name in one.institutions]
    if len(offered) != 1:
        raise RespondentError("lms_card")
    questionnaire = g.questionnaire = offered[0]
    is_student = bool(found.subject) and not found.is_teacher
    return questionnaire, check_institution(site, questionnaire, name, launched=True, has_begun=lambda: is_student)


def render_card(
    site: Site, questionnaire: Questionnaire, institution: Institution, person: LaunchedStudent, language: str = ""
) -> Reply:
    """Render the start page of a person, or the proof of completion.

    Args: language: the environment's, for a person who has neither begun nor chosen a language.
    """
    seat, service = read_seat(site, person), site.participation
    if not seat and not institution.has_open_link:  # without seat or open link, the background is unknown
        raise RespondentError("personal")
    written = f"{person.pseudonym} {person.seat} {int(person.reports)} {person.mark or '-'}"
    encrypted = service.contact_keys.encrypt(written, _PERSON_SIZE)
    token = site.signatures.sign_login(CARD, questionnaire.code, institution.code, encrypted)
    place = f"{questionnaire.code}/{institution.code}"
    begun = find_begun(site, questionnaire, person, seat)
    entrance = Entrance("card", token, f"/lti/start/{place}", f"/lti/card/{place}", begun, person.reports, language)
    return render_start(questionnaire, institution, seat, entrance=entrance)


def read_seat(site: Site, person: LaunchedStudent) -> Seat | None:
    """Return the seat of a person on the roster; None for a person without one.

    Raises:
        RespondentError: the link of the seat was withdrawn, or the seat was erased.
    """
    if not person.seat:
        return None
    stored = find_seat_by_number(site.identity, person.seat)
    if stored is None or stored.withdrawn:
        raise RespondentError("withdrawn")
    return decrypt_seat(site.participation.contact_keys, stored)


@lms.post("/card/<code>/<name>")
def show_card(code: str, name: str) -> Reply:
    """Render the start page in another language."""
    return render_card(*read_card(code, name))


@lms.post("/start/<code>/<name>")
def start_response(code: str, name: str) -> Reply:
    """Start or resume the response of a person."""
    posted = read_start_form()
    site, questionnaire, institution, person = read_card(code, name)
    check_limit(site, "link", person.seat or person.pseudonym)
    language = choose_language(site, questionnaire, institution).code
    posted = posted._replace(channel="lms", switch=read_form().get("lang") == language)
    if seat := read_seat(site, person):
        version, response = site.participation.begin_from_seat(questionnaire, seat, language, posted, login=person.mark)
        if response.completed and hides_answers(response.link_mark):
            return render_finished(site, version, response)
    else:
        starter = Respondent(institution.code, language, institution.open_link)
        version, response = site.participation.begin(questionnaire, starter, person.pseudonym, form=posted)
    if site.metrics:
        site.metrics.starts.labels(code).inc()
    return open_response(site, version, response, language)


def read_card(code: str, name: str) -> tuple[Site, Questionnaire, Institution, LaunchedStudent]:
    """Return the site, questionnaire, institution and person that the form of a start page names."""
    form, site = read_form(), current_site()
    encrypted = site.signatures.read_login(CARD, code, name, form.get("card"))
    try:
        person = site.participation.contact_keys.decrypt(encrypted or "").split(" ")
    except LostContactKeyError:
        person = []
    questionnaire = g.questionnaire = site.participation.registry.find_current(code)
    if questionnaire is None or len(person) != len(LaunchedStudent._fields):
        check_limit(site, "miss", find_network(request.remote_addr or ""), "guessing")
        raise RespondentError("lms_expired")
    pseudonym, seat, reports, mark = person
    if mark != "-" and not find_seat_holder(site.identity, name_launched_seat(site.settings.pseudonym_key, pseudonym)).startswith(
        mark
    ):
        raise RespondentError("lms_expired")  # the seat was released
    found = LaunchedStudent(pseudonym, int(seat), reports == "1", mark.strip("-"))
    institution = check_institution(site, questionnaire, name, has_begun=lambda: has_begun(site, questionnaire, found))
    return site, questionnaire, institution, found


def render_teacher(site: Site, questionnaire: Questionnaire, institution: Institution, found: Launch) -> Reply:
    """Explain the card to a teacher, with a link to the class page if the institution has one. The page shows no response."""
    language = choose_language(site, questionnaire, institution)
    title = Wording(questionnaire, language, institution).line(questionnaire.title)
    link = ClassLink(questionnaire.code, institution.code, *ALL_PERSONS)
    has_page = find_total(site.identity, name_group(site.settings.pseudonym_key, *link)) is not None
    main = site.templates.get_template("lms/teacher.html").render(
        _=site.find_texts(language).translate,
        title=title,
        reports=found.deployment.reports,
        class_page=url_for("class_pages.show_class", token=site.signatures.sign_class_link(link)) if has_page else "",
        contact=render_contact(questionnaire, language),
    )
    return render_document(site, DocumentContext(language, questionnaire, institution), title, main)
