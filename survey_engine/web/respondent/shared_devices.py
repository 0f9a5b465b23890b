"""Hides answers on devices that several persons share: after a pause, and after "Stop and close"."""

from __future__ import annotations

from functools import partial

from flask import Response as Reply
from flask import after_this_request, g, request

from survey_engine.engine.link_mark import may_hide_answers
from survey_engine.engine.response_state import Response
from survey_engine.fieldwork.hidden_answers import hide_also, hide_answers, hides_answers, reveal_page
from survey_engine.fieldwork.participation import SaveResult
from survey_engine.fieldwork.signing import LMS_PREFIX, Ticket
from survey_engine.model.questionnaire import Questionnaire
from survey_engine.web.respondent.site import COOKIE, Site

LEFT = "left_"
"""Prefix of the name of the cookie that a device gets, with the time, when it forgets a response; the questionnaire's code follows."""
_WITH_LINK = ".link"
"""Suffix of this cookie's value if the response has a personal link, which may still be in the browser's history."""
_RENEWALS = 10
"""How often cookies and tickets of a device in use are renewed in the length of a pause."""
_NEW_TICKET = "Ticket"
"""Header of the reply to a background save, with the ticket that the page's form uses from then on."""


def forget_device(site: Site, reply: Reply, questionnaire: Questionnaire) -> None:
    """Delete the cookie that resumes the response. Pages that are still open then hide earlier answers."""
    cookie = site.read_cookie(questionnaire)
    link = _WITH_LINK if cookie and (cookie.link_mark.link or cookie.link_mark.login) else ""
    site.delete_cookie(reply, COOKIE + questionnaire.code)
    now = f"{site.participation.now().timestamp():.0f}"
    site.set_cookie(reply, LEFT + questionnaire.code, now + link, site.signatures.resume_seconds)


def read_left(site: Site, questionnaire: Questionnaire) -> str:
    """Return the cookie of a device that has forgotten a response. The name in earlier releases works too: it can only hide answers."""
    name = LEFT + questionnaire.code
    return site.get_cookie(name) or request.cookies.get(name, "")


def has_left_link(site: Site, questionnaire: Questionnaire) -> bool:
    """Whether the device has forgotten a response with a personal link."""
    return read_left(site, questionnaire).endswith(_WITH_LINK)


def rename_cookie(site: Site, code: str, response: int) -> str:
    """Return the device's cookie that has the name of earlier releases; it is set again with the current name.

    Another host of the domain may have set a cookie with the old name, so `response` must come from a ticket in a form of this site.
    """
    name = COOKIE + code
    if site.name_cookie(name) == name or site.name_cookie(name) in request.cookies:
        return ""
    found = next((value for value in request.cookies.getlist(name) if value.startswith(f"{code}.{response}.")), "")
    return found if site.signatures.read_cookie(code, found) else ""


def find_limit(site: Site, questionnaire: Questionnaire, response: Response) -> float:
    """Return the seconds after which an idle device shows no earlier answers; 0 for no limit.

    A device has a limit if its user logged in by name, which classmates know too, or launched from a course that may be open at school.
    """
    by_link = response.pseudonym and not response.pseudonym.startswith(LMS_PREFIX) and not response.link_mark.login
    personal = by_link and not questionnaire.institutions[response.respondent.institution].login
    return 60 * (site.settings.personal_idle_minutes if personal else site.settings.idle_minutes)


def is_old(age: float, limit: float) -> bool:
    """Whether a save renews a cookie or ticket of this age. Renewing at each save would make every reply longer."""
    return 0 < limit <= _RENEWALS * age


def hide_after_pause(site: Site, questionnaire: Questionnaire, response: Response, age: float) -> Response:
    """Hide the stored answers from this device if it was idle for too long. Saves of other devices do not count: others may use these.

    Args: age: age of the device's cookie in seconds.
    """
    if not 0 < find_limit(site, questionnaire, response) <= age:
        return response
    response = hide_answers(questionnaire, response)
    after_this_request(partial(site.set_device_cookie, response=response))
    return response


def hide_in_reply(site: Site, saved: SaveResult, age: float | None, *, is_proven: bool) -> SaveResult:
    """Hide earlier answers in the reply to a posted page if its ticket is older than a pause or a "Stop and close".

    A page without any cookie of the questionnaire may be in a frame: then only a pause hides answers.

    Args:
        age: age of the ticket in seconds; None for tickets of older releases, for which any save of the response counts.
        is_proven: whether a page of this site sent the form.
    """
    questionnaire, response = saved.questionnaire, saved.response
    own, header = f"{questionnaire.code}.{response.id}.", request.environ.get("HTTP_COOKIE", "")
    idle, limit = site.participation.measure_pause(response) if age is None else age, find_limit(site, questionnaire, response)
    # with an unverified cookie, the reply shows no more than without a cookie
    shows_all = not header or (
        f"{site.name_cookie(COOKIE + questionnaire.code)}={own}" in header and not may_hide_answers(header)
    )
    if shows_all and (not limit or (not header and idle < limit)):
        return saved
    renamed = rename_cookie(site, questionnaire.code, response.id) if is_proven else ""
    signed = renamed or site.get_cookie(COOKIE + questionnaire.code)
    found = site.signatures.read_dated_cookie(questionnaire.code, signed) if signed.startswith(own) else None
    if found:
        response = response._replace(link_mark=hide_also(response.link_mark, found[0].link_mark.hidden))
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
    """Whether the respondent has left a proof of completion: by "Close on this device", a pause, or a later start on this device.

    Args: shown: the time at which the proof was rendered, in seconds since 1970.
    """
    now = site.participation.now().timestamp()
    if 0 < find_limit(site, questionnaire, response) <= now - shown:
        return True
    if found := site.read_dated_cookie(questionnaire):
        cookie, age = found
        return hides_answers(cookie.link_mark) if cookie.response == response.id else now - age >= shown
    left = read_left(site, questionnaire).removesuffix(_WITH_LINK)
    return left.isdecimal() and int(left) >= shown


def renew_ticket(site: Site, saved: SaveResult, ticket: Ticket, age: float | None, reply: Reply) -> Reply:
    """Send a new ticket in the reply to a background save. The ticket hides earlier answers; on its own page only if
    the form did not show them."""
    if not saved.post or saved.post.wish != "keep" or saved.post.language or not (saved.decision and saved.decision.save):
        return reply
    old = age is None or is_old(age, find_limit(site, saved.questionnaire, saved.response))
    if old or saved.response.link_mark != ticket.link_mark:
        link_mark = saved.response.link_mark
        if not saved.post.keeps_stored:
            link_mark = reveal_page(saved.questionnaire, link_mark, ticket.slug)
        reply.headers[_NEW_TICKET] = site.signatures.sign_ticket(ticket._replace(link_mark=link_mark))
    return reply
