"""Texts that show an answer to respondents who were not asked for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from survey_engine.analysis.institution_limits import ASSIGNED
from survey_engine.analysis.reachability import Case, Guard, Reachability, find_reachability, is_never_empty
from survey_engine.analysis.tried_values import TooManyCasesError
from survey_engine.model.messages import Problem
from survey_engine.model.questionnaire import Questionnaire


def check_shown_answers(questionnaire: Questionnaire) -> Iterator[Problem]:
    reach = find_reachability(questionnaire)
    for asked in reach.asked_questions:
        for text in asked.question.iter_texts():
            for name in sorted(text.names):
                derived = questionnaire.derived.get(name)
                parts = derived.names if derived else {name}
                unasked = [part for part in sorted(parts) if part in reach.guards and _may_be_unasked(part, asked.guard, reach)]
                if len(unasked) == len(parts):
                    yield Problem("shown-unasked", text.place, {"code": text.code, "name": name})


def _may_be_unasked(name: str, guard: Guard, reach: Reachability) -> bool:
    """Whether a respondent who meets the conditions may not be asked the question. With too many cases, try one without any answer."""
    asking = reach.guards[name]
    conditions = [*guard, *(condition for each in asking for condition in each)]

    def is_unasked(case: Case) -> bool:
        asked = any(all(condition.test(case) for condition in each) for each in asking)
        return not asked and all(condition.test(case) for condition in guard)

    with suppress(TooManyCasesError):
        return any(is_unasked(case) for case in reach.iter_cases(conditions))
    may_be_empty = all(not is_never_empty(each) and each != ASSIGNED for condition in conditions for each in condition.names)
    return may_be_empty and is_unasked({})
