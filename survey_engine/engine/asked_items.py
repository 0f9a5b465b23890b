"""The questions and items that a page of a path asks. Those of a panel have no value among the answers."""

from __future__ import annotations

from functools import lru_cache

from survey_engine.engine.routing import Path, find_shape
from survey_engine.language.question_types import QUESTION_TYPES
from survey_engine.model.questionnaire import Page, Question, Values
from survey_engine.model.variables import is_asked


def find_asked_codes(page: Page, path: Path, institution: str) -> set[str]:
    """Return the codes of the questions and items that a page of the path asks."""
    codes: set[str] = set()
    for question in page.questions:
        if is_asked(question, path.known, institution):
            whole = find_shape(question)
            items = (item.code for item in question.items if is_asked(item, path.known, institution))
            codes.update(whole.codes if whole.plain else [question.code, *items])
    return codes


def list_missing(page: Page, asked: set[str], values: Values) -> list[str]:
    """Return the codes of asked items without an answer, of question types that warn about them."""
    return [
        item.code
        for question in page.questions
        if question.code in asked and QUESTION_TYPES[question.type].prompts
        for item in question.items
        if values.get(item.code) is None and item.code in asked
    ]


@lru_cache(maxsize=4096)
def has_panel(page: Page) -> bool:
    """Whether a page has a panel question. Its saves have no exact time, and their number does not depend on the address."""
    return any(map(is_panel, page.questions))


def is_panel(question: Question) -> bool:
    return QUESTION_TYPES[question.type].apart
