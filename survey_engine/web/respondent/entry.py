"""Views where respondents start and finish: list of questionnaires, open and personal links, proof of completion."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, g, make_response, redirect, request, url_for
from flask import Response as Reply

from survey_engine.engine.response_state import Response
from survey_engine.engine.routing import Respondent
from survey_engine.fieldwork.hidden_answers import hide_answers
from survey_engine.fieldwork.invitations.links import decrypt_seat, find_by_link
from survey_engine.fieldwork.mailed_links import find_by_mailed_link
from survey_engine.fieldwork.participation_errors import WithdrawnError
from survey_engine.fieldwork.start_form import add_channel
from survey_engine.model.questionnaire import Institution, Language, Questionnaire
from survey_engine.rendering.page_plan import Wording
from survey_engine.rendering.qr_codes import draw_svg
from survey_engine.storage.identity import Seat
from survey_engine.storage.private_keys import has_responses
from survey_engine.web.respondent.answer_pages import check_limit, load_device_response, open_questionnaire
from survey_engine.web.respondent.embedding import is_framed, is_framed_elsewhere, render_completion, render_in_place
from survey_engine.web.respondent.errors import RespondentError, guess_language
from survey_engine.web.respondent.forms import read_channel, read_form, read_start_form
from survey_engine.web.respondent.late_posts import take_notice
from survey_engine.web.respondent.page_responses import DocumentContext, is_fragment, make_redirect, render_document
from survey_engine.web.respondent.rate_limits import find_network, find_site_network
from survey_engine.web.respondent.shared_devices import forget_device
from survey_engine.web.respondent.site import COOKIE, Site, current_site
from survey_engine.web.respondent.start_page import choose_language, find_started, render_start
from survey_engine.web.respondent.stopping import STOPPED, read_stop, render_closed

entry = Blueprint("entry", __name__)


@entry.get("/")
def show_index() -> Reply:
    """Render the list of open questionnaires with their institutions; without an index in the settings, a page without the list."""
    site = current_site()
    language = guess_language(site)
    if not site.settings.index:
        return render_welcome(site, language)
    entries = [(title, links) for title, links in (_list_links(site, one) for one in site.questionnaires.values()) if links]
    translate = site.find_texts(language).translate
    main = site.templates.get_template("respondent/index.html").render(_=translate, entries=entries)
    return render_document(site, DocumentContext(language), translate("Questionnaires"), main)


def render_welcome(site: Site, language: Language) -> Reply:
    translate = site.find_texts(language).translate
    title = translate("Open your own link")
    text = translate("You find it in your invitation, or your school gives it to you.")
    main = site.templates.get_template("respondent/message.html").render(_=translate, title=title, text=text)
    return render_document(site, DocumentContext(language), title, main)


def _list_links(site: Site, questionnaire: Questionnaire) -> tuple[str, list[tuple[str, str, str]]]:
    """Return (title, list of (name, open link, address of the QR code)) for the institutions where the questionnaire is open."""
    wording = Wording(questionnaire, questionnaire.languages[questionnaire.source_language], None)
    return wording.line(questionnaire.title), [
        (
            institution.name,
            url_for(".show_start", code=questionnaire.code, name=institution.code),
            url_for(".show_qr_code", code=questionnaire.code, name=institution.code),
        )
        for institution in questionnaire.institutions.values()
        if institution.has_start_page and site.participation.is_open(questionnaire.code, institution)
    ]


@entry.get("/q/<code>/<name>")
def show_start(code: str, name: str) -> Reply:
    """Render the start page of an open link; for an institution without one, redirect to its login."""
    _, questionnaire, institution = find_start_page(code, name)
    if not institution.has_open_link:
        lang, via = request.args.get("lang"), read_channel() or None
        return make_response(redirect(url_for("login.show_login", code=code, name=name, lang=lang, via=via), 303))
    return render_start(questionnaire, institution, None)


@entry.post("/q/<code>/<name>")
def start_response(code: str, name: str) -> Reply:
    site, questionnaire, institution = find_institution(code, name)
    limit_starts(site, questionnaire, institution)
    return begin_or_resume(site, questionnaire, institution, None)


def limit_starts(site: Site, questionnaire: Questionnaire, institution: Institution) -> None:
    """Limit the starts by an open link: reject a flood from one address, delay a flood from many addresses.

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
    """Whether the form has an unused token from a "wait" page. A flooding script does not read pages, so it has no token."""
    questionnaire, institution, _ = source
    token = site.signatures.read_retry_token(questionnaire, institution, read_form().get("turn"))
    return token is not None and not site.limits.take("waiting", source) and site.used_retry_tokens.use(token)


@entry.get("/q/<code>/<name>/qr.svg")
def show_qr_code(code: str, name: str) -> Reply:
    """Return the QR code (SVG) of an institution's address, for a poster or a screen in class."""
    site, questionnaire, institution = find_start_page(code, name)
    return draw_code(site, url_for(".show_start", code=questionnaire.code, name=institution.code))


def draw_code(site: Site, path: str) -> Reply:
    """Return the QR code of a page of this site."""
    return Reply(draw_svg(add_channel(site.settings.base_url + path, "qr")), content_type="image/svg+xml")


@entry.get("/l/<token>")
def show_personal_start(token: str) -> Reply:
    """Render the start page of a personal link. It stores nothing, because mail scanners follow links."""
    _, questionnaire, institution, seat = find_linked_seat(token)
    return render_start(questionnaire, institution, seat)


@entry.post("/l/<token>")
def start_personal_response(token: str) -> Reply:
    site, questionnaire, institution, seat = find_linked_seat(token)
    check_limit(site, "link", seat.id)
    return begin_or_resume(site, questionnaire, institution, seat)


@entry.get("/done/<code>")
def show_completion(code: str) -> Reply:
    """Render the proof of completion of this device's response, or redirect to its next page."""
    site, questionnaire = open_questionnaire(code)
    questionnaire, response = load_device_response(site, questionnaire)
    if not response.completed:
        return make_response(redirect(url_for("answer_pages.resume_response", code=code), 303))
    return render_completion(site, questionnaire, response, unstored=take_notice(site, questionnaire, response))


@entry.post("/done/<code>")
def forget_response(code: str) -> Reply:
    """Delete the cookie of the response, for a device that several students share."""
    site, questionnaire = open_questionnaire(code)
    response = make_response(redirect(url_for("stopping.show_stopped", code=code), 303))
    # browsers send a form of another website without the cookie, so that website cannot delete the cookie
    if site.name_cookie(COOKIE + questionnaire.code) in request.cookies:
        forget_device(site, response, questionnaire)
    return response


def find_institution(code: str, name: str) -> tuple[Site, Questionnaire, Institution]:
    """Return an institution with an open link."""
    site, questionnaire, institution = find_start_page(code, name)
    if not institution.has_open_link:
        raise RespondentError("personal")
    return site, questionnaire, institution


def find_start_page(code: str, name: str) -> tuple[Site, Questionnaire, Institution]:
    """Return an institution with an open link or a login."""
    site, questionnaire = open_questionnaire(code)
    if code not in site.participation.registry.served:
        raise RespondentError("closed")
    institution = check_institution(site, questionnaire, name)
    if not institution.has_start_page:
        raise RespondentError("personal")
    return site, questionnaire, institution


def check_institution(
    site: Site, questionnaire: Questionnaire, name: str, *, launched: bool = False, has_begun: Callable[[], bool] = lambda: False
) -> Institution:
    """Return an institution where the questionnaire is open.

    Args:
        launched: a learning environment sent the request.
        has_begun: whether the person has begun a response, which may be continued in the grace period.
    """
    institution = questionnaire.institutions.get(name)
    if institution is None:
        raise RespondentError("unknown")
    g.institution = institution
    if not launched and is_framed_elsewhere(institution):
        raise RespondentError("sandboxed")
    site.participation.check_open_for(questionnaire.code, institution, has_begun)
    return institution


def find_linked_seat(token: str) -> tuple[Site, Questionnaire, Institution, Seat]:
    site = current_site()
    seat = find_by_link(site.identity, token) or find_by_mailed_link(site.identity, site.settings.pseudonym_key, token)
    if seat is None:
        check_limit(site, "miss", find_network(request.remote_addr or ""), "guessing")
        raise RespondentError("unknown")
    questionnaire = g.questionnaire = site.participation.find_version_of_seat(seat)
    if questionnaire is None:
        raise RespondentError("unknown")
    institution = check_institution(site, questionnaire, seat.institution, has_begun=lambda: site.participation.has_begun(seat))
    if seat.withdrawn:
        raise RespondentError("withdrawn")
    return site, questionnaire, institution, decrypt_seat(site.participation.contact_keys, seat)


def render_finished(site: Site, questionnaire: Questionnaire, response: Response) -> Reply:
    """Render that the response is complete, without its proof: the person only gave a name and a birth date."""
    language = questionnaire.languages[response.respondent.language]
    institution = questionnaire.institutions[response.respondent.institution]
    translate = site.find_texts(language).translate
    title = translate("You have already finished")
    text = translate("This questionnaire was filled in and sent with this name. You have nothing more to do. Thank you!")
    main = site.templates.get_template("respondent/message.html").render(_=translate, title=title, text=text)
    reply = render_document(site, DocumentContext(language, questionnaire, institution), title, main)
    if is_fragment():
        reply.headers["HX-Retarget"], reply.headers["HX-Reswap"] = "body", "innerHTML"
    return reply


def begin_or_resume(site: Site, questionnaire: Questionnaire, institution: Institution, seat: Seat | None) -> Reply:
    """Start a response, or resume the response of this seat. `seat` is None for an open link."""
    form = read_start_form()  # before Flask consumes the body
    language = choose_language(site, questionnaire, institution).code
    if seat:  # the language in the address was chosen on the start page, possibly after an earlier visit
        form = form._replace(switch=request.args.get("lang") == language)
        questionnaire, response = site.participation.begin_from_seat(questionnaire, seat, language, form)
    else:
        starter = Respondent(institution.code, language, institution.open_link)
        questionnaire, response = site.participation.begin(questionnaire, starter, form=form)
    if site.metrics:
        site.metrics.starts.labels(questionnaire.code).inc()
    return open_response(site, questionnaire, response, language)


def open_response(site: Site, questionnaire: Questionnaire, response: Response, language: str) -> Reply:
    """Set the device's cookie, and return or redirect to the next page; `language` is that of the document that gets the reply.

    An earlier stop can no longer be undone and no longer shows its private key: Back may lead the next person to that page.
    """
    slug = site.participation.find_next_page(questionnaire, response)
    whole = response.respondent.language != language
    in_place = is_fragment() or is_framed()
    reply = render_in_place(site, questionnaire, response, slug, whole=whole) if in_place else make_redirect(questionnaire, slug)
    if site.get_cookie(STOPPED):
        site.delete_cookie(reply, STOPPED)
    return site.set_device_cookie(reply, response)


@entry.get("/q/<code>/<name>/go-on")
def show_start_again(code: str, name: str) -> Reply:
    """Redirect to the start page: for a GET of the address to which an unknown private key was posted."""
    return make_response(redirect(url_for(".show_start", code=code, name=name, lang=request.args.get("lang")), 303))


@entry.post("/q/<code>/<name>/go-on")
def go_on(code: str, name: str) -> Reply:
    """Open a response by its private key; without a key, resume this device's response and hide its earlier answers."""
    site, questionnaire = open_questionnaire(code)
    form = read_form()  # before Flask consumes the body
    is_without = form.get("wish") == "without"
    if not is_without and (reply := open_by_private_key(site, questionnaire, name, form.get("key"))):
        return reply
    site, questionnaire, institution = find_institution(code, name)
    language = choose_language(site, questionnaire, institution).code
    if is_without:
        response = find_started(site, questionnaire, institution)
        if response is None:
            raise RespondentError("no_visit")
        version = site.participation.registry.find_version(response)
        return open_response(site, version, hide_answers(version, response), language)
    return render_start(questionnaire, institution, None, fault=True)


@entry.post("/stopped/<code>")
def undo_stop(code: str) -> Reply:
    """Resume the response within a minute after "Stop and close"; later, render a page that shows nothing of it."""
    site, questionnaire = open_questionnaire(code)
    stop = read_stop(site, code, read_form().get(STOPPED) or site.get_cookie(STOPPED) or "")
    if stop is None:
        return render_closed(site, questionnaire)
    version, response, _ = stop
    return open_response(site, version, response, response.respondent.language)


def open_by_private_key(site: Site, questionnaire: Questionnaire, name: str, key: str) -> Reply | None:
    """Open a response of this institution by its private key, even if nobody can start there any more; None for an unknown key."""
    try:
        found = find_by_typed_key(site, questionnaire, name, key)
    except WithdrawnError:
        return None
    if found is None:
        return None
    version, response = found
    return open_response(site, version, response, choose_language(site, version, version.institutions[name]).code)


def find_by_typed_key(
    site: Site, questionnaire: Questionnaire, name: str, key: str, *, reads: bool = False
) -> tuple[Questionnaire, Response] | None:
    """Return the response with this private key at this institution, and its version; None for an unknown key. Rate limits apply.

    Args: reads: see `Participation.resume`.

    Raises:
        RespondentError: the institution does not exist (it would otherwise get rate limits of its own), or a limit is exceeded.
        WithdrawnError: the link of the key was withdrawn or replaced.
    """
    if name not in questionnaire.institutions and not has_responses(site.answers, questionnaire.code, name):
        raise RespondentError("unknown")
    check_limit(site, "key", (questionnaire.code, name, find_site_network(request.remote_addr or "")))
    check_limit(site, "keys", (questionnaire.code, name))
    found = site.participation.find_by_private_key(questionnaire.code, name, key, reads=reads)
    if found is None:
        return None
    g.institution = questionnaire.institutions.get(name, found[0].institutions[name])
    if is_framed_elsewhere(g.institution):
        raise RespondentError("sandboxed")
    return found
