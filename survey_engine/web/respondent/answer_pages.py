"""The respondent's pages over HTTP: draw one, take one in. What a posted page means is decided in `fieldwork.participation`."""

from __future__ import annotations

from collections.abc import Hashable
from functools import partial
from time import perf_counter

from flask import Blueprint, Response, g, jsonify, make_response, redirect, url_for

from survey_engine.engine.decisions import Decision, PagePost, is_reachable
from survey_engine.engine.decisions import Response as StoredResponse
from survey_engine.engine.routing import route
from survey_engine.fieldwork.participation import Saved, UnknownResponseError
from survey_engine.fieldwork.signing import Ticket, UnknownTicketError
from survey_engine.model.questionnaire import Page, Questionnaire
from survey_engine.rendering.page_cache import write_address
from survey_engine.web.respondent.embedding import draw_in_place
from survey_engine.web.respondent.errors import Trouble
from survey_engine.web.respondent.forms import Fields, PostedForm, read_fields, read_form
from survey_engine.web.respondent.origins import is_vouched
from survey_engine.web.respondent.page_responses import UNKNOWN, Drawing, is_fragment
from survey_engine.web.respondent.site import Site, current_site

respond = Blueprint("respond", __name__)
CHANGED = "changed"
"""What a background save is answered with where a press of Next would show what was stored meanwhile beside what was typed."""


@respond.get("/a/<code>")
def resume(code: str) -> Response:
    """Where this device's response goes on: its first page without an answer, or the proof of completion."""
    site, questionnaire = open_questionnaire(code)
    questionnaire, response = load_visitor(site, questionnaire)
    return go_to(questionnaire, site.participation.find_next_page(questionnaire, response))


@respond.get("/a/<code>/<slug>")
def show(code: str, slug: str) -> Response:
    site, questionnaire = open_questionnaire(code)
    questionnaire, response = load_visitor(site, questionnaire)
    return draw_stored(site, questionnaire, response, slug)


@respond.post("/a/<code>/<slug>")
def submit(code: str, slug: str) -> Response:
    began = perf_counter()
    site, questionnaire = open_questionnaire(code)
    form = read_form()
    if form.get("wish") == "retype":
        return retype(site, questionnaire, slug, form)
    ticket = read_ticket(site, slug, form)
    check_limit(site, "response", ticket.response)
    reload = form.get("wish") == "stored"  # rather than what was typed here
    read = partial(read_submission, ticket, form)
    saved = site.participation.save(code, ticket, read, reload=reload)
    questionnaire, response, decision, submission, outdated = saved
    g.institution = questionnaire.institutions[response.respondent.institution]
    if site.metrics and decision:
        site.metrics.saved(code, decision.outcome, perf_counter() - began)
    if not is_vouched() and not site.resumes(questionnaire, response):
        return acknowledge(saved)
    if decision is None or submission is None:
        if reload and not response.completed:
            return draw_stored(site, questionnaire, response, slug)
        return draw_outdated(site, saved, slug) if outdated else refuse(site, saved, None)
    return reply(site, saved, decision, submission)


def retype(site: Site, questionnaire: Questionnaire, slug: str, form: PostedForm) -> Response:
    """A page with what was typed on one that was too old to be taken in: for this device's response, and not stored."""
    questionnaire, response = load_visitor(site, questionnaire)
    placed = questionnaire.placed_pages.get(slug)
    typed = read_submission(Ticket(response.id, slug, UNKNOWN, "", ""), form, placed[1] if placed else None)
    return draw_outdated(site, Saved(questionnaire, response, None, typed), slug)


def draw_stored(site: Site, questionnaire: Questionnaire, response: StoredResponse, slug: str) -> Response:
    """A page as it is stored; where it is not open, lead to the one that is."""
    path = route(questionnaire, response.respondent, response.answers())
    position = path.find(slug)
    if response.completed or position is None or not is_reachable(path, position, response):
        return lead(site, questionnaire, response, site.participation.find_next_page(questionnaire, response))
    institution = questionnaire.institutions[response.respondent.institution]
    site.participation.check_open(questionnaire.code, institution, under_way=True)
    return Drawing(site, questionnaire, response, path).draw(slug)


def check_limit(site: Site, name: str, key: Hashable, kind: str = "too_fast") -> None:
    """Raises Trouble when this happened too often."""
    if wait := site.limits.take(name, key):
        raise Trouble(kind, wait)


def open_questionnaire(code: str) -> tuple[Site, Questionnaire]:
    """The site and one of its questionnaires; remembers which, so that an error speaks its language."""
    site = current_site()
    questionnaire = site.participation.registry.find(code)
    if questionnaire is None:
        raise Trouble("unknown")
    g.questionnaire = questionnaire
    return site, questionnaire


def load_visitor(site: Site, questionnaire: Questionnaire) -> tuple[Questionnaire, StoredResponse]:
    """The response of this device, and the version of the questionnaire that it began with."""
    visit = site.read_visit(questionnaire)
    if visit is None:
        raise Trouble("no_visit")
    check_limit(site, "response", visit.response)
    try:
        return site.participation.resume(questionnaire.code, visit.response, visit.entry)
    except UnknownResponseError:
        raise Trouble("no_visit") from None


def read_ticket(site: Site, slug: str, form: PostedForm) -> Ticket:
    try:
        ticket = site.signatures.read_ticket(form.get("ticket", ""))
    except UnknownTicketError:
        raise Trouble("expired") from None
    if ticket.slug != slug:
        raise Trouble("expired")
    return ticket


def read_submission(ticket: Ticket, form: PostedForm, page: Page | None) -> PagePost:
    """Args: page: whose fields are read; None reads none."""
    number, wish, language = form.get("number", "1"), form.get("wish", "next"), form.get("language") or None
    return PagePost(
        form=read_fields(page, form) if page else Fields({}),
        writer=ticket.writer,
        based_on=ticket.based_on,
        number=int(number) if number.isdecimal() and len(number) < 10 else 1,
        wish="keep" if language else wish if wish in ("back", "keep") else "next",  # type: ignore[arg-type]
        language=language,
        prompted="prompted" in form,
        warned=frozenset(form.get("warned", "").split()),
        follows=form.get("follows"),
        drawn_from=ticket.form,
    )


def reply(site: Site, saved: Saved, decision: Decision, submission: PagePost) -> Response:
    """What goes back to the respondent once everything is stored."""
    questionnaire, response = saved.questionnaire, saved.response
    if decision.outcome == "elsewhere":
        return refuse(site, saved, decision.slug)
    if submission.wish == "keep" and not submission.language:
        return answer_script(site, saved, decision)
    if submission.language:
        return translate(site, questionnaire, response, decision, submission)
    drawing = Drawing(site, questionnaire, response, decision.path)
    if decision.outcome in ("again", "stale"):
        return drawing.draw_again(decision, submission)
    if drawing.fragment and decision.outcome == "next" and decision.slug and decision.save:
        return drawing.draw(decision.slug, left=decision.save.seconds_left)
    return lead(site, questionnaire, response, decision.slug if decision.outcome != "complete" else None)


def answer_script(site: Site, saved: Saved, decision: Decision) -> Response:
    """What the page's script hears of a background save: 204 saved, 409 stored otherwise meanwhile, 422 variable → what is wrong.

    A panel address that only Next will store is not saved either: 422, with nothing wrong.
    """
    if decision.outcome == "stale":
        return Response(CHANGED, status=409, mimetype="text/plain")
    if not decision.errors and not (decision.unsent and not site.participation.panels.waits(saved.response, *decision.unsent)):
        return Response(status=204)
    interface = site.find_texts(saved.questionnaire.languages[saved.response.respondent.language])
    said = {code: interface.fault(fault).unescape() for code, fault in decision.errors.items()}
    response = jsonify(said)
    response.status_code = 422
    return response


def draw_outdated(site: Site, saved: Saved, slug: str) -> Response:
    """The page of today with what was typed on an older one; nothing of that was stored."""
    questionnaire, response, _, submission, _ = saved
    path = route(questionnaire, response.respondent, response.answers())
    position = path.find(slug)
    if response.completed or position is None or not is_reachable(path, position, response) or submission is None:
        return refuse(site, saved, None if response.completed else site.participation.find_next_page(questionnaire, response))
    if submission.wish == "keep" and not submission.language:
        return Response(CHANGED, status=409, mimetype="text/plain")
    site.participation.check_open(questionnaire.code)
    return Drawing(site, questionnaire, response, path).draw_outdated(slug, submission)


def translate(
    site: Site, questionnaire: Questionnaire, response: StoredResponse, decision: Decision, submission: PagePost
) -> Response:
    """The page in another language, just as it was typed; or where to go on, if that language does not ask it."""
    path = route(questionnaire, response.respondent, response.answers())
    position = path.find(decision.slug or "")
    if position is None or not is_reachable(path, position, response):
        slug = site.participation.find_next_page(questionnaire, response)
        return lead(site, questionnaire, response, slug, whole=True)
    return Drawing(site, questionnaire, response, path).draw_again(decision, submission)


def refuse(site: Site, saved: Saved, slug: str | None) -> Response:
    """Nothing was stored: lead to the right page, or say so to a script that saves in the background."""
    if saved.submission and saved.submission.wish == "keep" and not saved.submission.language:
        return Response(status=409)
    return lead(site, saved.questionnaire, saved.response, slug)


def lead(
    site: Site, questionnaire: Questionnaire, response: StoredResponse, slug: str | None, *, whole: bool = False
) -> Response:
    """Go to a page of this very response; a device that would find another one there, or none, gets it in this reply."""
    if site.resumes(questionnaire, response):
        return go_to(questionnaire, slug)
    return draw_in_place(site, questionnaire, response, slug, whole=whole)


def acknowledge(saved: Saved) -> Response:
    """What a request gets that no browser vouches for: whether it was saved, and nothing that is the response's.

    Another website may have sent a ticket of its own; a page drawn with it would let that site's owner read what is typed next.
    """
    submission, decision = saved.submission, saved.decision
    if submission and submission.wish == "keep" and not submission.language:
        if decision is None or decision.outcome in ("stale", "elsewhere"):
            return Response(status=409)
        return Response(status=422 if decision.errors else 204)
    return make_response(redirect(url_for("respond.resume", code=saved.questionnaire.code), 303))


def go_to(questionnaire: Questionnaire, slug: str | None) -> Response:
    """Lead to a page, or to the proof of completion."""
    target = write_address(questionnaire, slug) if slug else url_for("enter.done", code=questionnaire.code)
    if is_fragment():
        response = Response(status=204)
        response.headers["HX-Redirect"] = target
        return response
    return make_response(redirect(target, 303))
