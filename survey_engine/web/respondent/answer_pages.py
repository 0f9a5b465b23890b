"""The respondent's pages: draw one, take one in. What a submission means is decided in `answering`."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import replace
from time import perf_counter

from flask import Blueprint, Response, g, make_response, redirect, url_for

from survey_engine.engine.decisions import (
    Decision,
    StoredPage,
    Submission,
    answer_page,
    find_first_open,
    is_reachable,
)
from survey_engine.engine.decisions import Response as StoredResponse
from survey_engine.engine.routing import route
from survey_engine.fieldwork.signing import Ticket, UnknownTicketError, Visit
from survey_engine.model.questionnaire import Questionnaire
from survey_engine.rendering.page_cache import write_address
from survey_engine.storage.answers import LostRace, load_response, save_page, speak
from survey_engine.storage.identity import sign_up
from survey_engine.web.respondent.embedding import draw_in_place, has_cookie
from survey_engine.web.respondent.errors import Trouble
from survey_engine.web.respondent.forms import PostedForm, read_form
from survey_engine.web.respondent.page_responses import Drawing, is_fragment
from survey_engine.web.respondent.site import COOKIE, Site, current_site

respond = Blueprint("respond", __name__)
TRIES = 5


@respond.get("/answer/<code>")
def resume(code: str) -> Response:
    """Where this device's response goes on: its first page without an answer, or the proof of completion."""
    site, questionnaire = open_questionnaire(code)
    questionnaire, response = load_visitor(site, questionnaire)
    return go_to(questionnaire, find_slug(site, questionnaire, response))


@respond.get("/answer/<code>/<slug>")
def show(code: str, slug: str) -> Response:
    site, questionnaire = open_questionnaire(code)
    questionnaire, response = load_visitor(site, questionnaire)
    return draw_stored(site, questionnaire, response, slug)


def draw_stored(site: Site, questionnaire: Questionnaire, response: StoredResponse, slug: str) -> Response:
    """A page as it is stored; where it is not open, lead to the one that is."""
    path = route(questionnaire, response.respondent, response.answers())
    position = path.find(slug)
    if response.completed or position is None or not is_reachable(path, position, response):
        return lead(site, questionnaire, response, find_slug(site, questionnaire, response))
    check_open(site, questionnaire)
    return Drawing(site, questionnaire, response, path).draw(slug)


@respond.post("/answer/<code>/<slug>")
def submit(code: str, slug: str) -> Response:
    began = perf_counter()
    site, questionnaire = open_questionnaire(code)
    form = read_form()
    ticket = read_ticket(site, slug, form)
    check_limit(site, "response", ticket.response)
    language, wish = form.get("language") or None, form.get("wish", "")
    needed = site.list_needed(code, slug)
    for response, sure in find_response(site, ticket.response, needed, wish):
        if response is None or response.questionnaire != code:
            raise Trouble("expired")
        questionnaire = site.version_of(response)
        g.institution = questionnaire.institutions[response.respondent.institution]
        submission = read_submission(ticket, language, form)
        if response.completed:
            return refuse(site, questionnaire, response, submission, None)
        check_open(site, questionnaire)
        if wish == "stored":  # rather than what was typed here
            return draw_stored(site, questionnaire, response, slug)
        if language and all(offered.code != language for offered in site.offered(questionnaire, response.respondent.institution)):
            raise Trouble("expired")
        decision = answer_page(questionnaire, response, slug, submission)
        if not sure and (decision.save is None or decision.address):  # no save in the same store would tell
            continue
        try:
            after = store(site, response, decision, language)
        except LostRace:
            continue
        if decision.save and decision.outcome != "complete":
            site.recent.keep(after, needed)
        if site.metrics:
            site.metrics.saved(code, decision.outcome, perf_counter() - began)
        return reply(site, questionnaire, after, decision, submission)
    raise Trouble("busy")


def find_response(site: Site, id: int, needed: frozenset[str], wish: str) -> Iterator[tuple[StoredResponse | None, bool]]:
    """The response as this process remembers it, of which only a save makes sure; then as it is stored, for some tries."""
    recent = site.recent.take(id, needed)
    if recent and wish != "stored":
        yield recent, False
    for _ in range(TRIES):
        yield load_response(site.answers, id, needed), True


def check_limit(site: Site, name: str, key: Hashable, kind: str = "too_fast") -> None:
    """Raises Trouble when this happened too often."""
    if wait := site.limits.take(name, key):
        raise Trouble(kind, wait)


def check_open(site: Site, questionnaire: Questionnaire) -> None:
    """Raises Trouble outside the days on which the questionnaire may be filled in, by the version published last."""
    questionnaire = site.questionnaires[questionnaire.code]
    if (questionnaire.opens or questionnaire.closes) and not questionnaire.is_open(site.today()):
        raise Trouble("closed")


def open_questionnaire(code: str) -> tuple[Site, Questionnaire]:
    """The site and one of its questionnaires; remembers which, so that an error speaks its language."""
    site = current_site()
    questionnaire = site.questionnaires.get(code)
    if questionnaire is None:
        raise Trouble("unknown")
    g.questionnaire = questionnaire
    return site, questionnaire


def load_visitor(site: Site, questionnaire: Questionnaire) -> tuple[Questionnaire, StoredResponse]:
    """The response of this device, and the version of the questionnaire that it began with."""
    visit = site.read_visit(questionnaire)
    if visit:
        check_limit(site, "response", visit.response)
    response = load_response(site.answers, visit.response) if visit else None
    if response is None or response.questionnaire != questionnaire.code:
        raise Trouble("no_visit")
    return site.version_of(response), response


def read_ticket(site: Site, slug: str, form: PostedForm) -> Ticket:
    try:
        ticket = site.signatures.read_ticket(form.get("ticket", ""))
    except UnknownTicketError:
        raise Trouble("expired") from None
    if ticket.slug != slug:
        raise Trouble("expired")
    return ticket


def read_submission(ticket: Ticket, language: str | None, form: PostedForm) -> Submission:
    number, wish = form.get("number", "1"), form.get("wish", "next")
    return Submission(
        form=form,
        writer=ticket.writer,
        based_on=ticket.based_on,
        number=int(number) if number.isdecimal() and len(number) < 10 else 1,
        wish="keep" if language else wish if wish in ("back", "keep") else "next",  # type: ignore[arg-type]
        language=language,
        prompted="prompted" in form,
    )


def store(site: Site, response: StoredResponse, decision: Decision, language: str | None) -> StoredResponse:
    """The response as it is stored after one transaction.

    The panel address goes to the other store first, where repeating it changes nothing.
    """
    if decision.save is None:
        if language:
            speak(site.answers, response.id, language)
        return apply(response, decision, language)
    if decision.address:
        panel, address = decision.address
        sign_up(site.identity, f"{response.questionnaire}/{panel}", address)
    save_page(site.answers, response.id, decision.save, complete=decision.outcome == "complete", language=language)
    return apply(response, decision, language)


def reply(
    site: Site, questionnaire: Questionnaire, response: StoredResponse, decision: Decision, submission: Submission
) -> Response:
    """What goes back to the respondent once everything is stored."""
    if decision.outcome == "elsewhere":
        return refuse(site, questionnaire, response, submission, decision.slug)
    if submission.language:
        return remember(site, questionnaire, response, translate(site, questionnaire, response, decision, submission))
    if submission.wish == "keep":
        return Response(status=409 if decision.outcome == "stale" else 204)
    drawing = Drawing(site, questionnaire, response, decision.path)
    if decision.outcome in ("again", "stale"):
        return drawing.draw_again(decision, submission)
    if drawing.fragment and decision.outcome == "next" and decision.slug and decision.save:
        return drawing.draw(decision.slug, left=decision.save.seconds_left)
    return lead(site, questionnaire, response, decision.slug if decision.outcome != "complete" else None)


def translate(
    site: Site, questionnaire: Questionnaire, response: StoredResponse, decision: Decision, submission: Submission
) -> Response:
    """The page in another language, just as it was typed; or where to go on, if that language does not ask it."""
    path = route(questionnaire, response.respondent, response.answers())
    position = path.find(decision.slug or "")
    if position is None or not is_reachable(path, position, response):
        return go_to(questionnaire, find_slug(site, questionnaire, response))
    return Drawing(site, questionnaire, response, path).draw_again(decision, submission)


def refuse(
    site: Site, questionnaire: Questionnaire, response: StoredResponse, submission: Submission, slug: str | None
) -> Response:
    """Nothing was stored: lead to the right page, or say so to a script that saves in the background."""
    if submission.wish == "keep" and not submission.language:
        return Response(status=409)
    return lead(site, questionnaire, response, slug)


def lead(site: Site, questionnaire: Questionnaire, response: StoredResponse, slug: str | None) -> Response:
    """Go to a page of this very response, also when the device has begun another one in a second window."""
    if not has_cookie(questionnaire):
        return remember(site, questionnaire, response, draw_in_place(site, questionnaire, response, slug))
    visit = site.read_visit(questionnaire)
    reply = go_to(questionnaire, slug)
    same = visit is not None and (visit.response, visit.language) == (response.id, response.respondent.language)
    return reply if same else remember(site, questionnaire, response, reply)


def apply(response: StoredResponse, decision: Decision, language: str | None) -> StoredResponse:
    """The response once this is stored, without reading it again."""
    save = decision.save
    if language:
        response = response._replace(respondent=replace(response.respondent, language=language))
    if save is None:
        return response
    before = response.pages.get(save.page)
    stored = StoredPage(
        save.answers,
        before.version + 1 if before else 1,
        save.writer,
        save.number,
        save.done or bool(before and before.done),
        save.seconds_left,
    )
    return response.put(save.page, stored)


def find_slug(site: Site, questionnaire: Questionnaire, response: StoredResponse) -> str | None:
    """The page on which to go on; None when the response is complete."""
    if response.completed:
        return None
    check_open(site, questionnaire)
    slug = find_first_open(route(questionnaire, response.respondent, response.answers()), response)
    if slug is None:  # nothing is asked of this respondent
        raise Trouble("closed")
    return slug


def go_to(questionnaire: Questionnaire, slug: str | None) -> Response:
    """Lead to a page, or to the proof of completion."""
    target = write_address(questionnaire, slug) if slug else url_for("enter.done", code=questionnaire.code)
    if is_fragment():
        response = Response(status=204)
        response.headers["HX-Redirect"] = target
        return response
    return make_response(redirect(target, 303))


def remember(site: Site, questionnaire: Questionnaire, response: StoredResponse, reply: Response) -> Response:
    """Let this device resume the response."""
    visit = Visit(response.id, response.respondent.language)
    reply.set_cookie(
        COOKIE + questionnaire.code,
        site.signatures.write_visit(questionnaire.code, visit),
        max_age=site.signatures.resume_seconds,
        httponly=True,
        secure=site.settings.secure_cookies,
        samesite="Lax",
    )
    return reply
