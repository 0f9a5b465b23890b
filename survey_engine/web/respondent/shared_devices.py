"""Limits what a device that several people share shows: after a pause, and after "Stop and close"."""

from __future__ import annotations

from functools import partial

from flask import Response, after_this_request, request

from survey_engine.engine.decisions import Response as StoredResponse
from survey_engine.fieldwork.limited_view import join_entries, limit_response, reveal_page
from survey_engine.fieldwork.participation import SaveResult
from survey_engine.fieldwork.signing import LIMITED, Ticket
from survey_engine.model.questionnaire import Questionnaire
from survey_engine.web.respondent.site import COOKIE, Site

LEFT = "left_"
"""Prefix of the cookie of a device that has forgotten a response; the code of the questionnaire follows."""
NEW_TICKET = "Ticket"
"""Header of the reply to a background save: the page's form goes on with this ticket."""


def forget_device(site: Site, reply: Response, questionnaire: Questionnaire) -> None:
    """Delete the cookie that resumes the response. Pages that are still open then go on in a limited view."""
    reply.delete_cookie(COOKIE + questionnaire.code)
    seconds, secure = site.signatures.resume_seconds, site.settings.secure_cookies
    reply.set_cookie(LEFT + questionnaire.code, "1", max_age=seconds, httponly=True, secure=secure, samesite="Lax")


def is_paused(site: Site, response: StoredResponse, age: float) -> bool:
    """Whether the device was idle for too long.

    Args: age: the seconds since the device began or resumed the response.
    """
    limit = 60 * (site.settings.personal_idle_minutes if response.pseudonym else site.settings.idle_minutes)
    return 0 < limit <= min(age, site.participation.measure_pause(response))


def limit_after_pause(site: Site, questionnaire: Questionnaire, response: StoredResponse, age: float) -> StoredResponse:
    """Hide the stored answers from this device if it was idle for too long.

    Args: age: of the device's cookie in seconds.
    """
    if not is_paused(site, response, age):
        return response
    response = limit_response(questionnaire, response)
    after_this_request(partial(site.set_device_cookie, response=response))
    return response


def limit_posted(site: Site, saved: SaveResult) -> SaveResult:
    """Limit the view of the reply to a posted page. Its ticket may be older than a pause or "Stop and close".

    A device without any cookie of the questionnaire may be in a frame, so that only a pause limits it.
    """
    questionnaire, response = saved.questionnaire, saved.response
    signed = request.cookies.get(COOKIE + questionnaire.code, "")
    is_own = signed.startswith(f"{questionnaire.code}.{response.id}.")
    if is_own and LIMITED not in signed and not is_paused(site, response, float("inf")):  # unverified: it shows no more
        return saved
    found = site.read_dated_cookie(questionnaire)
    if found and is_own:
        response = response._replace(entry=join_entries(response.entry, found[0].entry))
        response = limit_after_pause(site, questionnaire, response, found[1])
    elif signed or LEFT + questionnaire.code in request.cookies or is_paused(site, response, float("inf")):
        response = limit_response(questionnaire, response)
    return saved._replace(response=response)


def renew_ticket(site: Site, saved: SaveResult, ticket: Ticket, reply: Response) -> Response:
    """Give the form of a background save a ticket in the limited view. Its own page shows its answers already."""
    if saved.post and saved.post.wish == "keep" and not saved.post.language and saved.response.entry != ticket.entry:
        entry = reveal_page(saved.questionnaire, saved.response.entry, ticket.slug)
        reply.headers[NEW_TICKET] = site.signatures.sign_ticket(ticket._replace(entry=entry))
    return reply
