"""Limits what a device that several people share shows: after a pause, and after "Stop and close"."""

from __future__ import annotations

from functools import partial

from flask import Response as Reply
from flask import after_this_request, g, request

from survey_engine.engine.decisions import Response
from survey_engine.fieldwork.hidden_answers import hide_answers, hides_answers, join_link_marks, reveal_page
from survey_engine.fieldwork.participation import SaveResult
from survey_engine.fieldwork.signing import HIDDEN, Ticket
from survey_engine.model.questionnaire import Questionnaire
from survey_engine.web.respondent.site import COOKIE, Site

LEFT = "left_"
"""Prefix of the cookie of a device that has forgotten a response, with the time; the code of the questionnaire follows."""
BY_LINK = ".link"
"""Suffix of its value after a personal link, which the browser's history may still have."""
NEW_TICKET = "Ticket"
"""Header of the reply to a background save: the page's form goes on with this ticket."""


def forget_device(site: Site, reply: Reply, questionnaire: Questionnaire) -> None:
    """Delete the cookie that resumes the response. Pages that are still open then hide earlier answers."""
    cookie = site.read_cookie(questionnaire)
    link = BY_LINK if cookie and cookie.link_mark.partition(HIDDEN)[0] else ""
    site.delete_cookie(reply, COOKIE + questionnaire.code)
    now = f"{site.participation.now().timestamp():.0f}"
    site.set_cookie(reply, LEFT + questionnaire.code, now + link, site.signatures.resume_seconds)


def read_left(site: Site, questionnaire: Questionnaire) -> str:
    """Return the cookie of a device that has forgotten a response, also with its name of earlier releases: it only hides answers."""
    name = LEFT + questionnaire.code
    return site.get_cookie(name) or request.cookies.get(name, "")


def has_left_link(site: Site, questionnaire: Questionnaire) -> bool:
    """Whether the device has forgotten a response to which a personal link leads."""
    return read_left(site, questionnaire).endswith(BY_LINK)


def rename_cookie(site: Site, code: str, response: int) -> str:
    """Return the device's cookie with its name of earlier releases, which is set anew with the current name.

    Another host of the domain may have set the old name. So the response must be that of a ticket in a form of this site.
    """
    name = COOKIE + code
    if site.name_cookie(name) == name or site.name_cookie(name) in request.cookies:
        return ""
    found = next((value for value in request.cookies.getlist(name) if value.startswith(f"{code}.{response}.")), "")
    return found if site.signatures.read_cookie(code, found) else ""


def is_paused(site: Site, questionnaire: Questionnaire, response: Response, age: float) -> bool:
    """Whether the device was idle for too long. A device may have logged in by name, which a classmate knows too.

    Args: age: the seconds since the device began or resumed the response.
    """
    personal = response.pseudonym and not questionnaire.institutions[response.respondent.institution].login
    limit = 60 * (site.settings.personal_idle_minutes if personal else site.settings.idle_minutes)
    return 0 < limit <= min(age, site.participation.measure_pause(response))


def hide_after_pause(site: Site, questionnaire: Questionnaire, response: Response, age: float) -> Response:
    """Hide the stored answers from this device if it was idle for too long.

    Args: age: of the device's cookie in seconds.
    """
    if not is_paused(site, questionnaire, response, age):
        return response
    response = hide_answers(questionnaire, response)
    after_this_request(partial(site.set_device_cookie, response=response))
    return response


def hide_in_reply(site: Site, saved: SaveResult, *, is_proven: bool) -> SaveResult:
    """Hide earlier answers in the reply to a posted page. Its ticket may be older than a pause or "Stop and close".

    A device without any cookie of the questionnaire may be in a frame, so that only a pause limits it.

    Args: is_proven: whether a page of this site sent the form.
    """
    questionnaire, response = saved.questionnaire, saved.response
    own, header = f"{questionnaire.code}.{response.id}.", request.environ.get("HTTP_COOKIE", "")
    paused = is_paused(site, questionnaire, response, float("inf"))
    # an unverified cookie shows no more than none
    shows_all = not header or (f"{site.name_cookie(COOKIE + questionnaire.code)}={own}" in header and HIDDEN not in header)
    if shows_all and not paused:
        return saved
    renamed = rename_cookie(site, questionnaire.code, response.id) if is_proven else ""
    signed = renamed or site.get_cookie(COOKIE + questionnaire.code)
    found = site.signatures.read_dated_cookie(questionnaire.code, signed) if signed.startswith(own) else None
    if found:
        response = response._replace(link_mark=join_link_marks(response.link_mark, found[0].link_mark))
        response = hide_after_pause(site, questionnaire, response, found[1])
    elif signed or paused or read_left(site, questionnaire):
        response = hide_answers(questionnaire, response)
    if renamed:
        g.renamed_cookie = response.id
        after_this_request(partial(site.set_device_cookie, response=response))
    return saved._replace(response=response)


def has_left_proof(site: Site, questionnaire: Questionnaire, response: Response, shown: int) -> bool:
    """Whether its owner has left a proof of completion: by "Close on this device", by a pause, or by a later start on this device.

    Args: shown: when the proof was rendered, in seconds since 1970.
    """
    now = site.participation.now().timestamp()
    if is_paused(site, questionnaire, response, now - shown):
        return True
    if found := site.read_dated_cookie(questionnaire):
        cookie, age = found
        return hides_answers(cookie.link_mark) if cookie.response == response.id else now - age >= shown
    left = read_left(site, questionnaire).removesuffix(BY_LINK)
    return left.isdecimal() and int(left) >= shown


def renew_ticket(site: Site, saved: SaveResult, ticket: Ticket, reply: Reply) -> Reply:
    """Give the form of a background save a ticket that hides earlier answers. Its own page shows its answers already."""
    if saved.post and saved.post.wish == "keep" and not saved.post.language and saved.response.link_mark != ticket.link_mark:
        link_mark = reveal_page(saved.questionnaire, saved.response.link_mark, ticket.slug)
        reply.headers[NEW_TICKET] = site.signatures.sign_ticket(ticket._replace(link_mark=link_mark))
    return reply
