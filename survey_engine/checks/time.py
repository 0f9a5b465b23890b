"""Nobody needs more minutes than the questionnaire's budget."""

from __future__ import annotations

from collections.abc import Iterator

from survey_engine.duration import Minutes, estimate_minutes
from survey_engine.model import Questionnaire
from survey_engine.problems import Problem


def check_time(questionnaire: Questionnaire) -> Iterator[Problem]:
    budget = questionnaire.budget_minutes
    if budget is not None:
        for language, minutes in estimate_minutes(questionnaire).items():
            yield from _compare(questionnaire, language, minutes, budget)


def _compare(questionnaire: Questionnaire, language: str, minutes: Minutes, budget: float) -> Iterator[Problem]:
    facts = {
        "language": language,
        "budget": f"{budget:g}",
        "typical": f"{minutes.typical:.1f}",
        "longest": f"{minutes.longest:.1f}",
    }
    if minutes.typical > budget:
        yield Problem("over-budget", questionnaire.place, facts)
    elif minutes.longest > budget:
        yield Problem("may-exceed-budget", questionnaire.place, facts)
