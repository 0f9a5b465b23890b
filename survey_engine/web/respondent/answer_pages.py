"""Views that render and save question pages. `fieldwork.participation` decides what a posted page changes."""

from __future__ import annotations

from collections.abc import Hashable
from functools import partial
from time import perf_counter

from flask import Blueprint, g, jsonify, make_response, redirect, request, url_for
from flask import Response as Reply

from survey_engine.engine.decisions import Decision, PagePost
from survey_engine.engine.progress import is_reachable
from survey_engine.engine.response_state import Response
from survey_engine.engine.routing import route
from survey_engine.fieldwork.participation import SaveResult
from survey_engine.fieldwork.signing import Ticket, UnknownTicketError
from survey_engine.language.question_types.yes_no import NO
from survey_engine.model.questionnaire import Page, Questionnaire
from survey_engine.web.respondent.embedding import render_in_place
from survey_engine.web.respondent.errors import RespondentError
from survey_engine.web.respondent.forms import Fields, PostedForm, read_fields, read_form
from survey_engine.web.respondent.late_posts import has_lost_answers, redirect_late, reply_completed, take_notice
from survey_engine.web.respondent.origins import has_proven_origin
from survey_engine.web.respondent.page_responses import UNKNOWN_VERSION, PageRenderer, make_redirect
from survey_engine.web.respondent.shared_devices import hide_after_pause, hide_in_reply, renew_ticket
from survey_engine.web.respondent.site import Site, current_site
from survey_engine.web.respondent.stopping import ADDRESS_UNSENT, INVALID, STOPPED, reply_stopped

answer_pages = Blueprint("answer_pages", __name__)
_CHANGED_ELSEWHERE = "changed"
"""The body of a 409 reply to a background save after another window saved the page. Next then shows the answers of both."""

_PROMPTS = "?unanswered"
"""Query in the address of a page that marks its unanswered items. It is for browsers without a script: a redirect to this address, unlike
a reply to a post, does not make Back ask whether to post again."""


@answer_pages.get("/a/<code>")
def resume_response(code: str) -> Reply:
    """Redirect to the first unanswered page of this device's response, or to the proof of completion."""
    site, questionnaire = open_questionnaire(code)
    questionnaire, response = load_device_response(site, questionnaire)
    return make_redirect(questionnaire, site.participation.find_next_page(questionnaire, response))


@answer_pages.get("/a/<code>/<slug>")
def show_page(code: str, slug: str) -> Reply:
    site, questionnaire = open_questionnaire(code)
    questionnaire, response = load_device_response(site, questionnaire)
    return render_stored(site, questionnaire, response, slug, prompts=request.query_string == _PROMPTS[1:].encode())


@answer_pages.post("/a/<code>/<slug>")
def save_page(code: str, slug: str) -> Reply:
    began = perf_counter()
    site, questionnaire = open_questionnaire(code)
    form = read_form()
    if form.get("wish") == "retype":
        return restore_form(site, questionnaire, slug, form)
    ticket, age = read_ticket(site, slug, form)
    check_limit(site, "response", (ticket.response, ticket.link_mark))
    reload = form.get("wish") == "stored"  # the respondent discards this form in favour of the stored answers
    read = partial(read_page_post, ticket, form)
    saved = hide_in_reply(site, site.participation.save(code, ticket, read, reload=reload), age, is_proven=has_proven_origin())
    questionnaire, response, decision, post, outdated = saved
    g.institution = questionnaire.institutions[response.respondent.institution]
    if site.metrics and decision:
        site.metrics.count_save(code, decision.outcome, perf_counter() - began)
    if not has_proven_origin() and not site.can_resume(questionnaire, response):
        return reply_without_page(saved)
    if decision is None or post is None:
        if response.completed:
            return reply_completed(site, saved, slug, discards=reload)
        return render_outdated(site, saved, slug) if outdated else render_stored(site, questionnaire, response, slug)
    is_elsewhere = decision.outcome == "elsewhere"
    reply = reply_not_saved(site, saved, slug, decision.slug) if is_elsewhere else make_reply(site, saved, decision, post)
    return renew_ticket(site, saved, ticket, age, reply)


def restore_form(site: Site, questionnaire: Questionnaire, slug: str, form: PostedForm) -> Reply:
    """Render the page with values from an expired form, for this device's response. Nothing is stored."""
    questionnaire, response = load_device_response(site, questionnaire)
    placed = questionnaire.placed_pages.get(slug)
    typed = read_page_post(Ticket(response.id, slug, UNKNOWN_VERSION, "", ""), form, placed[1] if placed else None)
    typed_late = SaveResult(questionnaire, response, None, typed)
    return (reply_completed if response.completed else render_outdated)(site, typed_late, slug)


def render_stored(site: Site, questionnaire: Questionnaire, response: Response, slug: str, *, prompts: bool = False) -> Reply:
    """Render a page with its stored answers. If the respondent cannot open the page, redirect to the next one.

    Args: prompts: whether to mark unanswered items.
    """
    path = route(questionnaire, response.respondent, response.answers())
    position = path.find(slug)
    if response.completed or position is None or not is_reachable(path, position, response):
        return redirect_to_page(site, questionnaire, response, site.participation.find_next_page(questionnaire, response))
    institution = questionnaire.institutions[response.respondent.institution]
    site.participation.check_open(questionnaire.code, institution, under_way=True)
    unstored = request.method == "GET" and take_notice(site, questionnaire, response)
    return PageRenderer(site, questionnaire, response, path).render(slug, prompts=prompts, unstored=unstored)


def check_limit(site: Site, name: str, key: Hashable, kind: str = "too_fast") -> None:
    """Count one event against a rate limit.

    Args:
        site: the site.
        name: key of LIMITS.
        key: identifies the source of the event.
        kind: key of ERROR_PAGES.

    Raises:
        RespondentError: the limit is exceeded.
    """
    if wait := site.limits.take(name, key):
        raise RespondentError(kind, wait)


def open_questionnaire(code: str) -> tuple[Site, Questionnaire]:
    """Return the site and a questionnaire; `g.questionnaire` lets an error page use its languages.

    Raises:
        RespondentError: no questionnaire has this code.
    """
    site = current_site()
    questionnaire = site.participation.registry.find(code)
    if questionnaire is None:
        raise RespondentError("unknown")
    g.questionnaire = questionnaire
    return site, questionnaire


def load_device_response(site: Site, questionnaire: Questionnaire) -> tuple[Questionnaire, Response]:
    """Return this device's response and the version of the questionnaire that it started with.

    Raises:
        RespondentError: the device has no response, or its rate limit is exceeded.
    """
    found = site.read_dated_cookie(questionnaire)
    if found is None:
        raise RespondentError("no_visit")
    cookie, age = found
    check_limit(site, "response", (cookie.response, cookie.link_mark))
    questionnaire, response = site.participation.resume(questionnaire.code, cookie.response, cookie.link_mark)
    return questionnaire, hide_after_pause(site, questionnaire, response, age)


def read_ticket(site: Site, slug: str, form: PostedForm) -> tuple[Ticket, int | None]:
    """Return the ticket of a page's form and its age, as `read_dated_ticket` does."""
    try:
        ticket, age = site.signatures.read_dated_ticket(form.get("ticket", ""))
    except UnknownTicketError:
        raise RespondentError("expired") from None
    if ticket.slug != slug:
        raise RespondentError("expired")
    return ticket, age


def read_page_post(ticket: Ticket, form: PostedForm, page: Page | None) -> PagePost:
    """Return a posted form as a PagePost, with the fields of `page`; without fields if `page` is None."""
    number, wish, language = form.get("number", "1"), form.get("wish", "next"), form.get("language") or None
    fields = read_fields(page, form) if page else Fields({})
    if undone := form.get("undo"):  # save and render the page again, as after a change of language
        fields, language = fields.without(undone), form.get("lang")
    return PagePost(
        form=fields,
        writer=ticket.writer,
        based_on=ticket.based_on,
        number=int(number) if number.isdecimal() and len(number) < 10 else 1,
        wish="keep" if language else wish if wish in ("back", "keep", "stop") else "next",  # type: ignore[arg-type]
        language=language,
        prompted="prompted" in form,
        warned=frozenset(form.get("warned", "").split()),
        # The writers of tickets, without the times.
        follows=frozenset(each.partition("-")[0] for each in form.get("follows", "").split()),
        changed=frozenset(form.get("changed").split()) if "changed" in form else None,
        form_version=ticket.form_version,
        shown=frozenset(form.getlist("shown")),
        measures=form.get("paradata"),
        undecided="conflict" in form and wish != "own",
    )


def make_reply(site: Site, saved: SaveResult, decision: Decision, post: PagePost) -> Reply:
    """Return the reply to a posted page on the path, after its answers were committed."""
    questionnaire, response = saved.questionnaire, saved.response
    if post.wish == "keep":
        return set_language(site, saved, decision, post) if post.language else reply_to_script(site, saved, decision)
    renderer = PageRenderer(site, questionnaire, response, decision.path)
    if decision.outcome in ("again", "stale"):
        return reply_again(site, renderer, decision, post)
    if post.wish == "stop":
        unsent = has_unsent_address(site, saved, decision)
        return reply_stopped(site, questionnaire, response, ADDRESS_UNSENT if unsent else INVALID if decision.errors else STOPPED)
    if renderer.fragment and decision.outcome == "next" and decision.slug and decision.save:
        return renderer.render(decision.slug, left=decision.save.seconds_left)
    return redirect_to_page(site, questionnaire, response, decision.slug if decision.outcome != "complete" else None)


def reply_again(site: Site, renderer: PageRenderer, decision: Decision, post: PagePost) -> Reply:
    """Return the same page again. If only answers are missing, redirect a browser without a script to the page."""
    slug = decision.slug or ""
    if has_refused(decision):
        return renderer.render_refusal(slug)
    is_redirected = decision.missing and not (renderer.fragment or post.warned) and renderer.can_prompt(slug)
    if is_redirected and site.can_resume(renderer.questionnaire, renderer.response):
        return make_redirect(renderer.questionnaire, slug, _PROMPTS)
    return renderer.render_again(decision, post)


def has_refused(decision: Decision) -> bool:
    """Whether the respondent said no to a required consent."""
    answers = decision.save.answers if decision.save else {}
    return any(fault.message == "consent" and answers.get(code) == NO for code, fault in decision.errors.items())


def reply_to_script(site: Site, saved: SaveResult, decision: Decision) -> Reply:
    """Return the reply to a background save: 204 (saved), 409 (another window saved the page) or 422 (JSON: variable → error).

    Only Next stores a panel address: for a background save with an address, the reply is 422 without errors.
    """
    if decision.outcome == "stale":
        return Reply(_CHANGED_ELSEWHERE, status=409, mimetype="text/plain")
    if not decision.errors and not has_unsent_address(site, saved, decision):
        return Reply(status=204)
    interface = site.find_texts(saved.questionnaire.languages[saved.response.respondent.language])
    response = jsonify({code: interface.describe_error(fault).unescape() for code, fault in decision.errors.items()})
    response.status_code = 422
    return response


def has_unsent_address(site: Site, saved: SaveResult, decision: Decision) -> bool:
    """Whether the page has a typed panel address that was not stored."""
    return decision.unsent is not None and not site.participation.panels.waits(saved.response, *decision.unsent)


def render_outdated(site: Site, saved: SaveResult, slug: str) -> Reply:
    """Render the current version of a page with the values of a form of an older version. Nothing was stored."""
    questionnaire, response, _, post, _ = saved
    path = route(questionnaire, response.respondent, response.answers())
    position = path.find(slug)
    if position is None or not is_reachable(path, position, response) or post is None:
        return reply_not_saved(site, saved, slug, site.participation.find_next_page(questionnaire, response))
    if post.wish == "keep" and not post.language:
        return Reply(_CHANGED_ELSEWHERE, status=409, mimetype="text/plain")
    institution = questionnaire.institutions[response.respondent.institution]
    site.participation.check_open(questionnaire.code, institution, under_way=True)
    return PageRenderer(site, questionnaire, response, path).render_outdated(slug, post)


def set_language(site: Site, saved: SaveResult, decision: Decision, post: PagePost) -> Reply:
    """Render the page in another language with the posted values, or redirect if that language skips the page."""
    questionnaire, response = saved.questionnaire, saved.response
    path = route(questionnaire, response.respondent, response.answers())
    position = path.find(decision.slug or "")
    if position is None or not is_reachable(path, position, response):
        slug = site.participation.find_next_page(questionnaire, response)
        return redirect_to_page(site, questionnaire, response, slug, whole=True)
    return PageRenderer(site, questionnaire, response, path).render_again(decision, post)


def reply_not_saved(site: Site, saved: SaveResult, slug: str, following: str | None) -> Reply:
    """Redirect from a page whose post stored nothing to another one, which says so; a background save gets status 409."""
    if saved.post and saved.post.wish == "keep" and not saved.post.language:
        return Reply(status=409)
    has_lost = has_lost_answers(saved, slug)
    if site.can_resume(saved.questionnaire, saved.response):
        return redirect_late(site, saved, following, has_lost=has_lost)
    return render_in_place(site, saved.questionnaire, saved.response, following, unstored=has_lost)


def redirect_to_page(
    site: Site, questionnaire: Questionnaire, response: Response, slug: str | None, *, whole: bool = False
) -> Reply:
    """Redirect to a page of this response, or render it in this reply if the device's cookie does not belong to the response."""
    if site.can_resume(questionnaire, response):
        return make_redirect(questionnaire, slug)
    return render_in_place(site, questionnaire, response, slug, whole=whole)


def reply_without_page(saved: SaveResult) -> Reply:
    """Return only the result of a save, for a request without proof of its origin.

    Another website may have posted a ticket of a response that its owner started. If the respondent got a page of that response, the
    owner could read everything that is entered afterwards.
    """
    post, decision = saved.post, saved.decision
    if post and post.wish == "keep" and not post.language:
        if decision is None or decision.outcome in ("stale", "elsewhere"):
            return Reply(status=409)
        return Reply(status=422 if decision.errors else 204)
    return make_response(redirect(url_for("answer_pages.resume_response", code=saved.questionnaire.code), 303))
