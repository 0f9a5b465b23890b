"""What a respondent can still do once everything is answered: get the private key, change a panel address that waits."""

from __future__ import annotations

from flask import Blueprint, Response

from survey_engine.engine.decisions import Response as StoredResponse
from survey_engine.language.question_types import QUESTION_TYPES
from survey_engine.model.questionnaire import Question, Questionnaire
from survey_engine.web.respondent.answer_pages import check_limit, open_questionnaire, read_ticket
from survey_engine.web.respondent.embedding import DONE, draw_receipt
from survey_engine.web.respondent.errors import Trouble
from survey_engine.web.respondent.forms import PostedForm, read_form
from survey_engine.web.respondent.page_responses import HANDED_OVER
from survey_engine.web.respondent.site import Site

completion = Blueprint("completion", __name__)


@completion.post("/done/<code>/key")
def show_key(code: str) -> Response:
    """The proof of completion with the private key."""
    site, questionnaire, response, _ = open_completed(code)
    return draw_receipt(site, questionnaire, response, private_key=site.participation.give_private_key(response))


@completion.post("/done/<code>/address")
def change_address(code: str) -> Response:
    """The proof with the panel addresses that wait; those that were posted are corrected, or taken back where they are empty."""
    site, questionnaire, response, form = open_completed(code)
    interface = site.find_texts(questionnaire.languages[response.respondent.language])
    faulty = {}
    for question in list_panels(questionnaire):
        if question.code in form:
            address = form.get(question.code).strip()
            faults = QUESTION_TYPES[question.type].read(question, form).errors
            if faults:
                faulty[question.code] = address, interface.fault(faults[question.code])
            else:
                site.participation.panels.change(response, question.code, address)
    waiting = site.participation.panels.read_waiting(response)
    shown = {"waiting": waiting, "faulty": faulty, "handed_over": interface.say(HANDED_OVER)}
    reply = draw_receipt(site, questionnaire, response, panel=shown)
    reply.status_code = 422 if faulty else 200
    return reply


def open_completed(code: str) -> tuple[Site, Questionnaire, StoredResponse, PostedForm]:
    """The response that the form's ticket names: where there is no cookie, nothing else tells."""
    site, _ = open_questionnaire(code)
    form = read_form()
    ticket = read_ticket(site, DONE, form)
    check_limit(site, "response", ticket.response)
    questionnaire, response = site.participation.resume(code, ticket.response, ticket.entry)
    if not response.completed:
        raise Trouble("expired")
    return site, questionnaire, response, form


def list_panels(questionnaire: Questionnaire) -> list[Question]:
    pages = (page for _, page in questionnaire.placed_pages.values())
    return [question for page in pages for question in page.questions if QUESTION_TYPES[question.type].apart]
