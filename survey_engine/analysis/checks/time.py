"""The budget of minutes, which neither the typical nor the longest path may exceed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from survey_engine.analysis.duration import Minutes
from survey_engine.model.messages import Problem
from survey_engine.model.questionnaire import Questionnaire


def check_time(questionnaire: Questionnaire, estimated: Mapping[str, Minutes]) -> Iterator[Problem]:
    """Compare estimated minutes per language variant with the budget."""
    budget = questionnaire.budget_minutes
    if budget is None:
        return
    for language, minutes in estimated.items():
        said = {"typical": f"{minutes.typical:.1f}", "longest": f"{minutes.longest:.1f}", "budget": f"{budget:g}"}
        if minutes.typical > budget:
            yield Problem("over-budget", questionnaire.place, {"language": language, **said})
        elif minutes.longest > budget:
            yield Problem("may-exceed-budget", questionnaire.place, {"language": language, **said})
