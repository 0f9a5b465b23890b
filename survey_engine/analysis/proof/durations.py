"""Number of answers and expected time of questions, in whole milliseconds, so that sums are exact."""

from __future__ import annotations

from functools import lru_cache

from survey_engine.language.question_types import QUESTION_TYPES
from survey_engine.model.questionnaire import Question


def count_items(question: Question) -> int:
    """Return the largest number of items of a question at one institution. Conditions are ignored."""
    institutions = {who for item in question.items for who in item.institutions or ()}
    common = sum(1 for item in question.items if item.institutions is None)
    own = (sum(1 for item in question.items if item.institutions and who in item.institutions) for who in institutions)
    return common + max(own, default=0)


def count_answers(question: Question, asked: int) -> int:
    """Return the number of answers of a question with `asked` visible items; a panel's address counts as one."""
    return asked or int(QUESTION_TYPES[question.type].apart)


@lru_cache(maxsize=16384)
def measure_item(question: Question) -> int:
    """Return the milliseconds of one item, its share of the question's time; 0 if the question has no items."""
    return round(question.seconds * 1000 / count_items(question)) if question.items else 0


def measure_text(question: Question) -> int:
    """Return the milliseconds of a question without items: information, or a panel's address."""
    return 0 if question.items else round(question.seconds * 1000)
