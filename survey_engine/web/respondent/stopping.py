"""The end of a visit: "Stop and close" saves the page, deletes the cookie on this device, and explains how to continue later.

A cookie that lasts one minute lets a reload or Back show the private key again. It is deleted when the respondent confirms that the
key is written down. So the next person sees no answers and no key.

Within that minute, one press undoes a stop by mistake. Later, the next person might press the button.
"""

from __future__ import annotations

from flask import Blueprint, make_response, redirect, request, url_for
from flask import Response as Reply

from survey_engine.engine.response_state import Response
from survey_engine.fieldwork.hidden_answers import hides_answers
from survey_engine.fieldwork.participation_errors import ParticipationError
from survey_engine.fieldwork.signing import LMS_PREFIX, DeviceCookie
from survey_engine.model.questionnaire import Questionnaire
from survey_engine.rendering.interface_texts import N_
from survey_engine.web.respondent.embedding import find_own_address, is_framed
from survey_engine.web.respondent.errors import guess_language
from survey_engine.web.respondent.page_responses import DocumentContext, is_fragment, render_document
from survey_engine.web.respondent.shared_devices import forget_device, has_left_link
from survey_engine.web.respondent.site import Site, current_site

stopping = Blueprint("stopping", __name__)
STOPPED = "stopped"
"""Name of the cookie for the page after "Stop and close", and first part of the text that it signs if all answers were stored."""
_STOPPED_SECONDS = 60
ADDRESS_UNSENT = "unsent"
"""As STOPPED, if a typed panel address was not stored."""
INVALID = "invalid"
"""As STOPPED, if an invalid answer was not stored."""


def reply_stopped(site: Site, questionnaire: Questionnaire, response: Response, kind: str) -> Reply:
    """Delete the device's cookie and redirect to the page that explains how to continue; without a cookie, return that page.

    Args: kind: STOPPED, UNSENT or INVALID.
    """
    signed = site.signatures.sign_cookie(
        f"{kind}/{questionnaire.code}",
        DeviceCookie(response.id, response.respondent.language, response.link_mark),
    )
    if not site.can_resume(questionnaire, response):
        return render_stopped(site, questionnaire, response, kind, signed)
    target = url_for("stopping.show_stopped", code=questionnaire.code)
    reply = Reply(status=204, headers={"HX-Redirect": target}) if is_fragment() else make_response(redirect(target, 303))
    forget_device(site, reply, questionnaire)
    site.set_cookie(reply, STOPPED, signed, _STOPPED_SECONDS, "Strict")
    return reply


@stopping.get("/stopped/<code>")
def show_stopped(code: str) -> Reply:
    """Render the private key and how to continue, within a minute after "Stop and close"; later, a page that shows nothing of the response.

    The parameter `left` has the code of an institution and means that the key is written down: redirect to its start page, and no longer
    show the key.
    """
    site = current_site()
    if left := request.args.get("left"):
        reply = make_response(redirect(url_for("entry.show_start", code=code, name=left), 303))
        site.delete_cookie(reply, STOPPED)
        return reply
    signed = site.get_cookie(STOPPED) or ""
    stop = read_stop(site, code, signed)
    return render_stopped(site, *stop) if stop else render_closed(site, site.participation.registry.find(code))


def read_stop(site: Site, code: str, signed: str) -> tuple[Questionnaire, Response, str] | None:
    """Return the response that was stopped within the last minute, its version and the kind of stop."""
    for kind in (STOPPED, ADDRESS_UNSENT, INVALID):
        found = site.signatures.read_dated_cookie(f"{kind}/{code}", signed)
        if found and found[1] <= _STOPPED_SECONDS:
            try:
                return *site.participation.resume(code, found[0].response, found[0].link_mark), kind
            except ParticipationError:  # erased or withdrawn meanwhile
                return None
    return None


def render_stopped(site: Site, questionnaire: Questionnaire, response: Response, kind: str, signed: str = "") -> Reply:
    """Explain how to continue later. Args: signed: value by which a device without cookies can undo the stop for a minute; else empty."""
    language = questionnaire.languages[response.respondent.language]
    institution = questionnaire.institutions[response.respondent.institution]
    translate = site.find_texts(language).translate
    start = url_for("entry.show_start", code=questionnaire.code, name=institution.code)
    title = translate(N_("Your choice is saved") if has_only_consents(questionnaire, response) else N_("Your answers are saved"))
    main = site.templates.get_template("respondent/stopped.html").render(
        _=translate,
        title=title,
        private_key="" if hides_answers(response.link_mark) else site.participation.private_keys.give(response),
        own=find_own_address(site, response),
        lang=language.code,
        kind=kind,
        by_key=not response.pseudonym,
        launched=bool(response.pseudonym and response.pseudonym.startswith(LMS_PREFIX)),
        start="" if response.pseudonym and not institution.login else start,
        signed=signed,
        undo=url_for("entry.undo_stop", code=questionnaire.code),
        leave=url_for("stopping.show_stopped", code=questionnaire.code, left=institution.code),
        framed=is_framed() or is_fragment(),
        address=site.settings.base_url + start,
    )
    reply = render_document(site, DocumentContext(language, questionnaire, institution), title, main)
    if is_fragment():
        reply.headers["HX-Retarget"], reply.headers["HX-Reswap"] = "body", "innerHTML"
    return reply


def has_only_consents(questionnaire: Questionnaire, response: Response) -> bool:
    """Whether the stored pages ask only for consents, as after a refusal."""
    stored = response.overview().stored
    pages = (page for _, page in questionnaire.placed_pages.values() if page.code in stored)
    return all(question.type == "consent" for page in pages for question in page.questions)


def render_closed(site: Site, questionnaire: Questionnaire | None) -> Reply:
    """Render a page that ends the visit and shows nothing of a response."""
    language = guess_language(site)
    translate = site.find_texts(language).translate
    forgotten = questionnaire is None or site.read_cookie(questionnaire) is None
    by_link = questionnaire is not None and has_left_link(site, questionnaire)
    main = site.templates.get_template("respondent/closed.html").render(_=translate, forgotten=forgotten, by_link=by_link)
    return render_document(site, DocumentContext(language, questionnaire), translate("Goodbye"), main)
