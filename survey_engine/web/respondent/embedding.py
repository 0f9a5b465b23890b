"""What is drawn in the reply to a form where a redirect would lose who it is: browsers keep no cookie in another site's frame.

A page carries its signed ticket in its form, so from the first page to the proof of completion nothing else is needed.
"""

from __future__ import annotations

from collections.abc import Mapping

from flask import Response, request, url_for

from survey_engine.engine.decisions import Response as StoredResponse
from survey_engine.engine.routing import route
from survey_engine.fieldwork.panel import has_panel
from survey_engine.fieldwork.signing import Ticket, make_writer, name_form
from survey_engine.model.questionnaire import Questionnaire
from survey_engine.rendering.page_plan import Wording
from survey_engine.storage.answers import load_response
from survey_engine.web.respondent.page_responses import Drawing, Frame, draw_document, is_fragment
from survey_engine.web.respondent.site import Site

DONE = "done"
"""Stands for a page in the ticket of the proof of completion."""


def is_framed() -> bool:
    """Whether the form stood in a frame, as browsers tell of all that they load there themselves."""
    return request.headers.get("Sec-Fetch-Dest") in ("iframe", "frame")


def allow_frames(response: Response, questionnaire: Questionnaire) -> None:
    """Let every site that may show the questionnaire show this page, of which nobody can tell whose respondent it is for."""
    sites = dict.fromkeys(site for institution in questionnaire.institutions.values() for site in institution.embed)
    if sites:
        policy = response.headers["Content-Security-Policy"]
        response.headers["Content-Security-Policy"] = policy.replace("ancestors 'none'", f"ancestors {' '.join(sites)}")


def draw_in_place(
    site: Site, questionnaire: Questionnaire, response: StoredResponse, slug: str | None, *, whole: bool = False
) -> Response:
    """A page of this response, or without `slug` its proof of completion.

    Args: whole: replace what stands around the page too.
    """
    if slug is None:
        stored = response if response.completed else load_response(site.answers, response.id)
        return draw_receipt(site, questionnaire, stored._replace(entry=response.entry) if stored else response)
    path = route(questionnaire, response.respondent, response.answers())
    return Drawing(site, questionnaire, response, path).draw(slug, whole=whole)


def draw_receipt(
    site: Site,
    questionnaire: Questionnaire,
    response: StoredResponse,
    *,
    private_key: str = "",
    panel: Mapping[str, object] = {},
) -> Response:
    """The proof of completion, which may be shown to others; a device that has a cookie may be told to forget it.

    Args:
        private_key: to be shown, once it was asked for.
        panel: what to show of panel addresses, once it was asked for.
    """
    language = questionnaire.languages[response.respondent.language]
    institution = questionnaire.institutions[response.respondent.institution]
    wording, say = Wording(questionnaire, language, institution), site.find_texts(language).say
    main = site.templates.get_template("respondent/done.html").render(
        _=say,
        thanks=wording.paragraphs(questionnaire.thanks),
        title=wording.line(questionnaire.title),
        institution=institution,
        receipt=site.participation.make_proof(response),
        code=questionnaire.code,
        ticket=site.signatures.write_ticket(
            Ticket(response.id, DONE, 0, make_writer(), name_form(questionnaire.version), response.entry)
        ),
        private_key=private_key,
        has_panel=any(has_panel(page) for _, page in questionnaire.placed_pages.values()),
        panel=panel,
        leave=url_for("enter.leave", code=questionnaire.code) if site.resumes(questionnaire, response) else "",
    )
    reply = draw_document(site, Frame(language, questionnaire, institution), say("Done. Thank you!"), main)
    if is_fragment():
        reply.headers["HX-Retarget"], reply.headers["HX-Reswap"] = "body", "innerHTML"
        reply.headers["HX-Push-Url"] = url_for("enter.done", code=questionnaire.code)
    return reply
