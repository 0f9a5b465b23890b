"""Limits what a device that several people share shows: after a pause, and after "Stop and close"."""

from __future__ import annotations

from functools import partial

from flask import Response as Reply
from flask import after_this_request, g, request

from survey_engine.engine.decisions import Response
from survey_engine.fieldwork.hidden_answers import hide_answers, hides_answers, join_link_marks, reveal_page
from survey_engine.fieldwork.participation import SaveResult
from survey_engine.fieldwork.signing import BY_LOGIN, HIDDEN_ANSWERS, LMS_PREFIX, Ticket
from survey_engine.model.questionnaire import Questionnaire
from survey_engine.web.respondent.site import COOKIE, Site

LEFT = "left_"
"""Prefix of the cookie of a device that has forgotten a response, with the time; the code of the questionnaire follows."""
BY_LINK = ".link"
"""Suffix of its value after a personal link, which the browser's history may still have."""
RENEWALS = 10
"""Cookies and tickets of a device in use are renewed so many times in a pause."""
NEW_TICKET = "Ticket"
"""Header of the reply to a background save: the page's form goes on with this ticket."""


def forget_device(site: Site, reply: Reply, questionnaire: Questionnaire) -> None:
    """Delete the cookie that resumes the response. Pages that are still open then hide earlier answers."""
    cookie = site.read_cookie(questionnaire)
    link = BY_LINK if cookie and cookie.link_mark.partition(HIDDEN_ANSWERS)[0] else ""
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


def find_limit(site: Site, questionnaire: Questionnaire, response: Response) -> float:
    """Return the seconds after which an idle device shows no earlier answers; 0 for no limit.

    A device may have logged in by name, which a classmate knows too, or may be a computer at school with a course open.
    """
    by_link = response.pseudonym and not response.pseudonym.startswith(LMS_PREFIX) and BY_LOGIN not in response.link_mark
    personal = by_link and not questionnaire.institutions[response.respondent.institution].login
    return 60 * (site.settings.personal_idle_minutes if personal else site.settings.idle_minutes)


def is_old(age: float, limit: float) -> bool:
    """Whether a save renews a cookie or ticket: not each save, as that would make every reply longer."""
    return 0 < limit <= RENEWALS * age


def hide_after_pause(site: Site, questionnaire: Questionnaire, response: Response, age: float) -> Response:
    """Hide the stored answers from this device if it was idle for too long. Other devices do not count: they may be of others.

    Args: age: of the device's cookie in seconds.
    """
    if not 0 < find_limit(site, questionnaire, response) <= age:
        return response
    response = hide_answers(questionnaire, response)
    after_this_request(partial(site.set_device_cookie, response=response))
    return response


def hide_in_reply(site: Site, saved: SaveResult, age: float | None, *, is_proven: bool) -> SaveResult:
    """Hide earlier answers in the reply to a posted page. Its ticket may be older than a pause or "Stop and close".

    A device without any cookie of the questionnaire may be in a frame, so that only a pause limits it.

    Args:
        age: of the ticket in seconds; None in tickets of older releases, for which any save of the response counts.
        is_proven: whether a page of this site sent the form.
    """
    questionnaire, response = saved.questionnaire, saved.response
    own, header = f"{questionnaire.code}.{response.id}.", request.environ.get("HTTP_COOKIE", "")
    idle, limit = site.participation.measure_pause(response) if age is None else age, find_limit(site, questionnaire, response)
    # an unverified cookie shows no more than none
    shows_all = not header or (
        f"{site.name_cookie(COOKIE + questionnaire.code)}={own}" in header and HIDDEN_ANSWERS not in header
    )
    if shows_all and (not limit or (not header and idle < limit)):
        return saved
    renamed = rename_cookie(site, questionnaire.code, response.id) if is_proven else ""
    signed = renamed or site.get_cookie(COOKIE + questionnaire.code)
    found = site.signatures.read_dated_cookie(questionnaire.code, signed) if signed.startswith(own) else None
    if found:
        response = response._replace(link_mark=join_link_marks(response.link_mark, found[0].link_mark))
        response = hide_after_pause(site, questionnaire, response, min(idle, found[1]))
        if is_proven and is_old(found[1], limit) and saved.decision and saved.decision.save:
            after_this_request(partial(site.set_device_cookie, response=response))
    elif signed or 0 < limit <= idle or read_left(site, questionnaire):
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
    if 0 < find_limit(site, questionnaire, response) <= now - shown:
        return True
    if found := site.read_dated_cookie(questionnaire):
        cookie, age = found
        return hides_answers(cookie.link_mark) if cookie.response == response.id else now - age >= shown
    left = read_left(site, questionnaire).removesuffix(BY_LINK)
    return left.isdecimal() and int(left) >= shown


def renew_ticket(site: Site, saved: SaveResult, ticket: Ticket, age: float | None, reply: Reply) -> Reply:
    """Give the form of a background save a ticket that is new and hides earlier answers, also on its own page unless it shows them."""
    if not saved.post or saved.post.wish != "keep" or saved.post.language or not (saved.decision and saved.decision.save):
        return reply
    old = age is None or is_old(age, find_limit(site, saved.questionnaire, saved.response))
    if old or saved.response.link_mark != ticket.link_mark:
        link_mark = saved.response.link_mark
        if not saved.post.keeps_stored:
            link_mark = reveal_page(saved.questionnaire, link_mark, ticket.slug)
        reply.headers[NEW_TICKET] = site.signatures.sign_ticket(ticket._replace(link_mark=link_mark))
    return reply
