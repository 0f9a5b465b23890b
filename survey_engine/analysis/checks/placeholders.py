"""Answers shown in texts that some readers were never asked for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from survey_engine.analysis.reachability import Guard, Reachability, find_reachability
from survey_engine.analysis.tried_values import TooManyCasesError
from survey_engine.model.messages import Problem
from survey_engine.model.questionnaire import Questionnaire


def check_shown_answers(questionnaire: Questionnaire) -> Iterator[Problem]:
    reach = find_reachability(questionnaire)
    for asked in reach.asked_questions:
        for text in asked.question.list_texts():
            for name in sorted(text.names):
                derived = questionnaire.derived.get(name)
                parts = derived.names if derived else {name}
                unasked = [part for part in sorted(parts) if part in reach.guards and _may_be_unasked(part, asked.guard, reach)]
                if len(unasked) == len(parts):
                    yield Problem("shown-unasked", text.place, {"code": text.code, "name": name})


def _may_be_unasked(name: str, guard: Guard, reach: Reachability) -> bool:
    """Whether somebody who meets the conditions is not asked the question; False if that is unknown."""
    asking = reach.guards[name]
    conditions = [*guard, *(condition for each in asking for condition in each)]
    with suppress(TooManyCasesError):
        return any(
            all(condition.test(case) for condition in guard)
            and not any(all(condition.test(case) for condition in each) for each in asking)
            for case in reach.iter_cases(conditions)
        )
    return False
