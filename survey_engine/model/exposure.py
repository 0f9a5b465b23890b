"""Exposure: the condition under which a question or page is visible, computed from its parts.

A question is visible if its own condition is true, one of its statements is asked, and one of its options is offered;
information and panel questions have no statements or options. A page is visible if one of its questions is.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from survey_engine.model.conditions import all_of, any_of
from survey_engine.model.questionnaire import Condition, Item, Page, Question, ResponseOption


@lru_cache(maxsize=16384)
def find_exposure(question: Question, institution: str | None = None) -> Condition | None:
    """Return the condition under which a question is visible: None means always, NEVER means never at this institution.

    Args:
        institution: only its statements and options count; default: those of all institutions.
    """
    return all_of([question.when, _find_any(question.items, institution), find_offer(question, institution)])


def find_offer(question: Question, institution: str | None = None) -> Condition | None:
    """Return the condition under which a question offers at least one option; None and NEVER as in `find_exposure`.

    Options outside the scale do not count: a question must offer more than "I do not know".
    """
    return _find_any(list_inside(question), institution)


def list_inside(question: Question) -> Sequence[ResponseOption]:
    """Return the options of a question that are on its scale; all options if none is."""
    return [option for option in question.options if not option.outside_scale] or question.options


def _find_any(listed: Sequence[Item | ResponseOption], institution: str | None) -> Condition | None:
    """Return the condition under which at least one statement or option is visible; None (always) if there are none."""
    here = [one.when for one in listed if institution is None or one.is_at(institution)]
    return any_of(here) if listed else None


def find_page_exposure(page: Page, institution: str | None = None) -> Condition | None:
    """Return the condition under which a page has a visible question. The conditions of the page and its section are not included."""
    return any_of(find_exposure(question, institution) for question in page.questions)
