"""Replies to pages posted too late: another device or window has completed the response, or has taken the page off the path.

The next page that the device opens, or the proof of completion, says once that answers were not stored.
"""

from __future__ import annotations

from functools import partial

from flask import Response as Reply
from flask import after_this_request

from survey_engine.engine.decisions import has_unstored_answers
from survey_engine.engine.response_state import Response
from survey_engine.fieldwork.hidden_answers import hide_others, mark_hidden
from survey_engine.fieldwork.participation import SaveResult
from survey_engine.fieldwork.signing import DeviceCookie
from survey_engine.model.questionnaire import Questionnaire
from survey_engine.web.respondent.embedding import render_completion
from survey_engine.web.respondent.page_responses import make_redirect
from survey_engine.web.respondent.site import Site

UNSTORED = "unstored"
"""Name of the cookie that makes the next page show the notice, and first part of the text that it signs."""
_UNSTORED_SECONDS = 60


def reply_completed(site: Site, saved: SaveResult, slug: str, *, discards: bool = False) -> Reply:
    """Redirect to the proof of completion, or render it for a device without a cookie; a background save gets status 409.

    Args: discards: whether the respondent chose to discard the posted answers.
    """
    questionnaire, response, post = saved.questionnaire, saved.response, saved.post
    if post and post.wish == "keep" and not post.language:
        return Reply(status=409)
    has_lost = not discards and has_lost_answers(saved, slug)
    if not site.can_resume(questionnaire, response):
        return render_completion(site, questionnaire, hide_others(questionnaire, response), unstored=has_lost)
    return redirect_late(site, saved, None, has_lost=has_lost)


def has_lost_answers(saved: SaveResult, slug: str) -> bool:
    """Whether the post of a page has answers that are not stored."""
    questionnaire, response, post = saved.questionnaire, saved.response, saved.post
    if post is None:
        return False
    return has_unstored_answers(questionnaire, response, slug, mark_hidden(questionnaire, response.link_mark, slug, post))


def redirect_late(site: Site, saved: SaveResult, slug: str | None, *, has_lost: bool) -> Reply:
    """Redirect to a page, or without `slug` to the proof of completion.

    Args: has_lost: whether the page shows the notice that answers were not stored.
    """
    questionnaire, response = saved.questionnaire, saved.response
    reply = make_redirect(questionnaire, slug)
    if has_lost:
        cookie = DeviceCookie(response.id, response.respondent.language, response.link_mark)
        signed = site.signatures.sign_cookie(f"{UNSTORED}/{questionnaire.code}", cookie)
        site.set_cookie(reply, UNSTORED, signed, _UNSTORED_SECONDS, "Strict")
    return reply


def take_notice(site: Site, questionnaire: Questionnaire, response: Response) -> bool:
    """Whether this device has just posted answers of this response that were not stored. Returns True once."""
    if not (signed := site.get_cookie(UNSTORED)):
        return False
    after_this_request(partial(_forget_notice, site))
    found = site.signatures.read_dated_cookie(f"{UNSTORED}/{questionnaire.code}", signed)
    return found is not None and found[0].response == response.id and found[1] <= _UNSTORED_SECONDS


def _forget_notice(site: Site, reply: Reply) -> Reply:
    site.delete_cookie(reply, UNSTORED)
    return reply
