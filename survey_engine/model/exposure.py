"""Exposure: the condition under which a question or a page has something to show, derived from all that stands on it.

A question shows something when its own condition holds, one of its statements is asked and one of its options is offered;
information and a panel have neither, and show their text. A page shows something when one of its questions does.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from survey_engine.model.conditions import all_of, any_of
from survey_engine.model.questionnaire import Condition, Item, Page, Question, ResponseOption


@lru_cache(maxsize=16384)
def find_exposure(question: Question, institution: str | None = None) -> Condition | None:
    """When a question is shown: None where it always is, NEVER where it has nothing for this institution.

    Args: institution: whose statements and options count; all of them when left out.
    """
    return all_of([question.when, _find_any(question.items, institution), find_offer(question, institution)])


def find_offer(question: Question, institution: str | None = None) -> Condition | None:
    """When one of its options is offered; as `find_exposure`."""
    return _find_any(question.options, institution)


def _find_any(listed: Sequence[Item | ResponseOption], institution: str | None) -> Condition | None:
    """When at least one of these is shown; None, which is always, when there are none to choose from."""
    here = [one.when for one in listed if institution is None or one.is_at(institution)]
    return any_of(here) if listed else None


def find_page_exposure(page: Page, institution: str | None = None) -> Condition | None:
    """When a page shows a question, apart from the conditions of its section and its own; as `find_exposure`."""
    return any_of(find_exposure(question, institution) for question in page.questions)
