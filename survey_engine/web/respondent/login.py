"""Login by birth date and surname, which finds a person's seat, for institutions with `login: name`.

If no person or several persons match, the reply is the same and also asks for the first name. After the login, earlier answers remain
hidden.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from hashlib import sha256
from typing import NamedTuple

from flask import Blueprint, make_response, redirect, request, url_for
from flask import Response as Reply

from survey_engine.fieldwork.contact_keys import LostContactKeyError
from survey_engine.fieldwork.invitations.links import decrypt_seat
from survey_engine.fieldwork.names import (
    BIRTH_DATE,
    FIRST_NAME,
    MAX_NAME_CHARACTERS,
    SURNAME,
    fold_first_name,
    fold_surname,
    list_spellings,
    read_birth_date,
)
from survey_engine.model.questionnaire import Institution, Questionnaire
from survey_engine.rendering.interface_texts import N_
from survey_engine.storage.identity import EncryptedSeat, find_seat_by_number
from survey_engine.web.respondent.answer_pages import check_limit, open_questionnaire
from survey_engine.web.respondent.entry import (
    draw_code,
    find_start_page,
    has_retry_token,
    open_by_private_key,
    open_response,
    render_finished,
)
from survey_engine.web.respondent.errors import RespondentError, render_contact
from survey_engine.web.respondent.forms import PostedForm, read_channel, read_form, read_start_form
from survey_engine.web.respondent.page_responses import DocumentContext, is_fragment, render_document
from survey_engine.web.respondent.rate_limits import find_site_network
from survey_engine.web.respondent.site import Site
from survey_engine.web.respondent.start_page import Entrance, choose_language, render_start

login = Blueprint("login", __name__, url_prefix="/q/<code>/<name>/login")
_MOST_TRIES = 3
"""Number of failures after which the help page is shown."""
TRIES, _SEAT = "tries", "seat"
"""Form fields with a signed value → what the value counts or names."""
_NUMBER_SIZE = 20
"""Maximum number of digits of a seat's number."""
_TITLES = (N_("Log in"), N_("We also need your first name"), N_("We could not find you yet"))
"""Headings by the number of failures."""


class LoginContext(NamedTuple):
    """The institution at which a person logs in."""

    site: Site
    questionnaire: Questionnaire
    institution: Institution


@login.get("")
def show_login(code: str, name: str) -> Reply:
    """Render the form with birth date and surname."""
    return render_login(find_login(code, name), PostedForm(b""))


@login.get("/qr.svg")
def show_qr_code(code: str, name: str) -> Reply:
    """Return the QR code (SVG) of the form's address, for an institution whose own address is its open link."""
    site, questionnaire, institution = find_login(code, name)
    return draw_code(site, url_for(".show_login", code=questionnaire.code, name=institution.code))


@login.post("")
def look_up(code: str, name: str) -> Reply:
    """Render the start page of the only person with this birth date and name; otherwise ask again, also for the first name."""
    place, form = find_login(code, name), read_form()
    born, surname = read_birth_date(form.get(BIRTH_DATE)), read_surname(form)
    if born is None or not surname:
        faults = [field for field, value in ((BIRTH_DATE, born), (SURNAME, surname)) if not value]
        return render_login(place, form, faults=faults)
    if found := find_person(place, born, surname, fold_first_name(form.get(FIRST_NAME))):
        return render_person(place, found)
    tries = read_tries(place, form) + 1
    if tries < _MOST_TRIES:
        return render_login(place, form, tries)
    return make_response(redirect(url_for(".show_help", code=code, name=name, lang=read_language(place, form) or None), 303))


@login.get("/help")
def show_help(code: str, name: str) -> Reply:
    """Render what to try when a login fails."""
    site, questionnaire, institution = place = find_login(code, name)
    language = choose_language(site, questionnaire, institution)
    translate = site.find_texts(language).translate
    main = site.templates.get_template("respondent/login_help.html").render(
        _=translate,
        lang=read_language(place, PostedForm(b"")),
        code=code,
        institution=institution,
        contact=render_contact(questionnaire, language),
    )
    context = DocumentContext(language, questionnaire, institution)
    return render_document(site, context, translate("You cannot log in?"), main)


@login.get("/start")
def show_login_again(code: str, name: str) -> Reply:
    """Redirect to the form: for a GET of an address to which the form is posted."""
    target = url_for(".show_login", code=code, name=name)
    return Reply(status=204, headers={"HX-Redirect": target}) if is_fragment() else make_response(redirect(target, 303))


@login.post("/start")
def start_response(code: str, name: str) -> Reply:
    """Start the response of the person who logged in, or resume it and hide its earlier answers."""
    site, questionnaire, institution = find_login(code, name)
    form = read_form()
    number = read_seat(site, code, name, form)
    if number is None:
        return show_login_again(code, name)
    check_limit(site, "link", number)
    stored = find_seat_by_number(site.identity, number)
    version = stored and site.participation.find_version_of_seat(stored)
    if stored is None or stored.withdrawn or version is None:
        raise RespondentError("withdrawn")
    seat = decrypt_seat(site.participation.contact_keys, stored)
    language = choose_language(site, questionnaire, institution, seat.language).code
    posted = read_start_form()._replace(switch=form.get("lang") == language)
    version, response = site.participation.begin_from_seat(version, seat, language, posted, login="")
    if response.completed:
        return render_finished(site, version, response)
    if site.metrics:
        site.metrics.starts.labels(code).inc()
    return open_response(site, version, response, language)


@login.get("/key")
def show_key_again(code: str, name: str) -> Reply:
    """Redirect to the form: for a GET of the address to which an unknown private key was posted."""
    return show_login_again(code, name)


@login.post("/key")
def open_by_key(code: str, name: str) -> Reply:
    """Open a response by its private key, with its answers, even if nobody can start any more."""
    site, questionnaire = open_questionnaire(code)
    form = read_form()
    if reply := open_by_private_key(site, questionnaire, name, form.get("key")):
        return reply
    return render_login(find_login(code, name), form, faults=["key"])


def find_login(code: str, name: str) -> LoginContext:
    """Return an institution with a login by name."""
    place = LoginContext(*find_start_page(code, name))
    if not place.institution.login:
        raise RespondentError("unknown")
    return place


def read_surname(form: PostedForm) -> str:
    """Return the folded surname; empty if it has no letters or is too long."""
    written = form.get(SURNAME)
    return fold_surname(written) if len(written) <= MAX_NAME_CHARACTERS else ""


def find_person(place: LoginContext, born: date, surname: str, first_name: str) -> EncryptedSeat | None:
    """Return the seat of the only person with this birth date and name; None if nobody or several persons match. Rate limits apply.

    Args: surname, first_name: folded, also for the limits: otherwise each spelling of a surname would allow more tries.

    Raises:
        RespondentError: too many logins from this network, or too many wrong logins with this surname.
    """
    site, named = place.site, (place.questionnaire.code, place.institution.code)
    source = *named, find_site_network(request.remote_addr or "")
    tried = *named, sha256([surname, *list_spellings(surname)][-1].encode()).digest()[:8]
    burst = 1 if site.limits.measure_wait("login_miss", source) else 0
    # before the search, so that a hit does not differ from a miss
    if wait := site.limits.measure_wait("login_name", tried, burst):
        raise RespondentError("logins", wait)
    if (wait := site.limits.take("login", source)) and not has_retry_token(site, source):
        raise RespondentError("logins", wait)
    if site.limits.take("logins", named):
        site.limits.delay()
    seats = site.login.find(*named, born, surname, first_name)
    if len(seats) == 1:
        return seats[0]
    site.limits.take("login_miss", source)
    site.limits.take("login_name", tried)
    return None


def render_person(place: LoginContext, stored: EncryptedSeat) -> Reply:
    """Render the start page of a person, which is the same before the start, after it, and after completion."""
    site, version = place.site, place.site.participation.find_version_of_seat(stored)
    if version is None:
        raise RespondentError("unknown")
    # Encrypted, because the list of erasures has numbers of seats.
    number = site.participation.contact_keys.encrypt(str(stored.id), _NUMBER_SIZE)
    token = site.signatures.sign_login(_SEAT, stored.questionnaire, stored.institution, number)
    action = url_for(".start_response", code=stored.questionnaire, name=stored.institution)
    seat = decrypt_seat(site.participation.contact_keys, stored)
    return render_start(version, place.institution, seat, entrance=Entrance(_SEAT, token, action))


def read_seat(site: Site, code: str, name: str, form: PostedForm) -> int | None:
    """Return the number of the seat that the form's token names; None if the token is invalid."""
    encrypted = site.signatures.read_login(_SEAT, code, name, form.get(_SEAT))
    try:
        return int(site.participation.contact_keys.decrypt(encrypted)) if encrypted else None
    except LostContactKeyError:
        return None


def read_language(place: LoginContext, form: PostedForm) -> str:
    """Return the language that the respondent chose on the login pages; empty if none."""
    chosen = request.args.get("lang") or form.get("lang")
    return chosen if chosen in place.institution.languages else ""


def read_tries(place: LoginContext, form: PostedForm) -> int:
    """Return the number of failures before this form."""
    return int(place.site.signatures.read_login(TRIES, place.questionnaire.code, place.institution.code, form.get(TRIES)) or 0)


def render_login(place: LoginContext, form: PostedForm, tries: int | None = None, faults: Collection[str] = ()) -> Reply:
    """Render the form with the typed values; after a failure, it also asks for the first name.

    Args:
        tries: number of failures so far; None to read it from the form.
        faults: names of the fields to correct.
    """
    site, questionnaire, institution = place
    code, language = questionnaire.code, choose_language(site, questionnaire, institution)
    translate = site.find_texts(language).translate
    tries = read_tries(place, form) if tries is None else tries
    title = translate(_TITLES[min(tries, len(_TITLES) - 1)])
    main = site.templates.get_template("respondent/login.html").render(
        _=translate,
        title=title,
        language=language,
        languages=site.offered(questionnaire, institution.code),
        lang=read_language(place, form),
        via=read_channel(form),
        code=code,
        institution=institution,
        has_consent=questionnaire.has_consent,
        typed=form,
        turn=site.signatures.sign_retry_token(code, institution.code),
        tries=site.signatures.sign_login(TRIES, code, institution.code, tries) if tries else "",
        faults=faults,
    )
    context = DocumentContext(language, questionnaire, institution)
    return render_document(site, context, title, main, 422 if faults else 200)
