"""Views for a completed response: show the private key, change a panel address that is still waiting."""

from __future__ import annotations

from flask import Blueprint, request
from flask import Response as Reply

from survey_engine.engine.response_state import Response
from survey_engine.fieldwork.hidden_answers import hides_answers
from survey_engine.language.question_types import QUESTION_TYPES
from survey_engine.model.questionnaire import Question, Questionnaire
from survey_engine.web.respondent.answer_pages import check_limit, open_questionnaire, read_ticket
from survey_engine.web.respondent.embedding import COMPLETION_SLUG, render_completion
from survey_engine.web.respondent.errors import RespondentError
from survey_engine.web.respondent.forms import PostedForm, read_form
from survey_engine.web.respondent.page_responses import NO_ADDRESS_WAITS
from survey_engine.web.respondent.rate_limits import find_network
from survey_engine.web.respondent.shared_devices import has_left_proof
from survey_engine.web.respondent.site import Site

completion = Blueprint("completion", __name__)


@completion.post("/done/<code>/key")
def show_key(code: str) -> Reply:
    """Render the proof of completion with the private key."""
    site, questionnaire, response, _ = open_completed(code)
    return render_completion(site, questionnaire, response, private_key=site.participation.private_keys.give(response))


@completion.post("/done/<code>/address")
def change_address(code: str) -> Reply:
    """Render the proof of completion with the waiting panel addresses.

    A posted address replaces the waiting one; an empty one removes it.
    """
    site, questionnaire, response, form = open_completed(code)
    interface = site.find_texts(questionnaire.languages[response.respondent.language])
    invalid = {}
    for question in list_panel_questions(questionnaire):
        if question.code in form:
            address = form.get(question.code).strip()
            errors = QUESTION_TYPES[question.type].read(question, form).errors
            if errors:
                invalid[question.code] = address, interface.describe_error(errors[question.code])
            else:
                site.participation.panels.change(response, question.code, address)
    waiting = site.participation.panels.read_waiting(response)
    shown = {"waiting": waiting, "invalid": invalid, "no_address": interface.translate(NO_ADDRESS_WAITS)}
    reply = render_completion(site, questionnaire, response, panel=shown)
    reply.status_code = 422 if invalid else 200
    return reply


def open_completed(code: str) -> tuple[Site, Questionnaire, Response, PostedForm]:
    """Return the response of the form's ticket, which needs no cookie.

    Raises:
        RespondentError: the ticket is invalid, the response is not complete, or its respondent has left the page.
    """
    site, _ = open_questionnaire(code)
    form = read_form()
    ticket, _ = read_ticket(site, COMPLETION_SLUG, form)
    check_limit(site, "response", (ticket.response, ticket.link_mark))
    questionnaire, response = site.participation.resume(code, ticket.response, ticket.link_mark)
    if not response.completed or hides_answers(ticket.link_mark):
        raise RespondentError("expired")
    if has_left_proof(site, questionnaire, response, ticket.based_on):
        raise RespondentError("no_visit")
    return site, questionnaire, response, form


def limit_change(site: Site, name: str) -> None:
    """Limit the changes of waiting panel addresses: each change adds two lines to the list of erasures.

    Args:
        site: the site.
        name: the response's name in `panel_waiting`.

    Raises:
        RespondentError: too many changes for this response or from this network address.
    """
    check_limit(site, "change", name)
    check_limit(site, "changes", find_network(request.remote_addr or ""))


def list_panel_questions(questionnaire: Questionnaire) -> list[Question]:
    pages = (page for _, page in questionnaire.placed_pages.values())
    return [question for page in pages for question in page.questions if QUESTION_TYPES[question.type].apart]
