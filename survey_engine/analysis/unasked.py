"""Comparisons such as `job != 'yes'` that are also true for respondents who were not asked the question."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

from survey_engine.analysis.reachability import Reachability
from survey_engine.analysis.tried_values import TooManyCasesError
from survey_engine.model.conditions import Compare, Constant, Count, Name, Tree, compile_test
from survey_engine.model.questionnaire import Condition


def find_true_if_empty(tree: Tree, reach: Reachability) -> str:
    """Return the variable of a comparison that is true without an answer; empty for any other condition."""
    match tree:
        case Compare(_, Name(code) | Count(code), Constant()) | Compare("not in", Constant(), Name(code)):
            return code if code in reach.guards and compile_test(tree)({}) else ""
    return ""


def passes_unasked(name: str, conditions: Iterable[Condition], reach: Reachability) -> bool:
    """Whether a respondent who is not asked the question can meet all conditions; False if there are too many cases."""
    needed = list(conditions)
    with suppress(TooManyCasesError):
        return any(
            name not in case
            and all(condition.test(case) for condition in needed)
            and not any(all(condition.test(case) for condition in asking) for asking in reach.drawn_guards[name])
            for case in reach.iter_cases(needed)
        )
    return False
