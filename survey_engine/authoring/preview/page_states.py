"""The states in which the preview shows a page: at the first visit, with open follow-ups, answered, and with each kind of message."""

from __future__ import annotations

from typing import Any

from werkzeug.datastructures import MultiDict

from survey_engine.engine.asked_items import list_missing
from survey_engine.engine.posted_page import read_page
from survey_engine.engine.response_state import StoredPage
from survey_engine.language.question_types import QUESTION_TYPES
from survey_engine.language.question_types.question_type import InputError
from survey_engine.model.questionnaire import NAMELY, Page, Question, Variable
from survey_engine.rendering.page_cache import PageCache
from survey_engine.rendering.page_plan import Wording
from survey_engine.rendering.page_template import PageState
from survey_engine.rendering.summaries import iter_labels, render_conflict, render_summary

PAGE_STATES = {
    "": "as it comes",
    "unfolded": "all follow-ups open",
    "answered": "answered",
    "missing": "Next without an answer",
    "errors": "invalid input",
    "conflict": "changed in another window",
}
"""State → its name in the preview."""
TEXT, WRONG, DAY = "…", "?", "2000-01-01"
"""Example answers; `WRONG` is invalid as a number, date and address."""


def set_state(state: PageState, name: str, pages: PageCache, wording: Wording, page: Page) -> None:
    """Set what a page shows in the state `name` of `PAGE_STATES`. `errors` changes nothing if no field can be invalid."""
    language = wording.questionnaire.languages[wording.language]
    texts = pages.find_texts(language)
    if name == "answered":
        state.values = invent_answers(page)
    elif name == "missing":
        asked = {code for question in page.questions for code in (question.code, *(item.code for item in question.items))}
        state.missing = frozenset(list_missing(page, asked, {}))
        state.plain["missing"] = texts.translate("Not answered yet.")
    elif name == "errors":
        errors = invent_errors(page)
        state.values = dict.fromkeys(errors, WRONG)
        state.errors = {code: texts.describe_error(error) for code, error in errors.items()}
    elif name == "conflict":
        state.values = invent_answers(page)
        state.plain["summary"] = render_conflict(pages, wording, page, StoredPage(invent_answers(page, 1)))
    if marked := state.errors or state.missing:
        listed = (each for each in iter_labels(page, wording, stems=True) if each[0] in marked)
        state.plain["summary"] = render_summary(pages, language, listed, state)


def invent_answers(page: Page, number: int = 0) -> dict[str, Any]:
    """Return variable → example answer, for everything that the page asks. The chosen options vary with `number`."""
    variables = ((question, each) for question in page.questions for each in QUESTION_TYPES[question.type].variables(question))
    asked = ((question, each) for question, each in variables if not each.code.endswith(NAMELY))  # examples never choose "other"
    return {variable.code: _choose(question, variable, at + number) for at, (question, variable) in enumerate(asked)}


def _choose(question: Question, variable: Variable, number: int) -> Any:
    codes = [option.code for option in variable.options if not (option.namely or option.outside_scale)] or variable.codes
    if codes:
        chosen = [codes[(number + more) % len(codes)] for more in range(variable.at_least or 1)]
        return chosen if variable.kind == "codes" else chosen[0]
    return {"number": variable.low or 0, "date": question.earliest or DAY}.get(variable.kind, TEXT)


def invent_errors(page: Page) -> dict[str, InputError]:
    """Return variable → error, for a page with `WRONG` in every field."""
    names = [name for question in page.questions for name in QUESTION_TYPES[question.type].fields(question)]
    errors = read_page(page, MultiDict(dict.fromkeys(names, WRONG))).errors
    # Respondents can choose only options that exist.
    return {name: error for name, error in errors.items() if error.message != "option"}
