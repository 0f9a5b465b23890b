"""The cases that sums exclude: the stand-in of a sum must be a possible sum of its parts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from survey_engine.analysis.tried_values import find_interval
from survey_engine.model.conditions import Tree
from survey_engine.model.derived import Derived
from survey_engine.model.questionnaire import Variable


def is_possible_sum(
    derived: Derived, case: Mapping[str, Any], *, variables: Mapping[str, Variable], trees: Mapping[str, Sequence[Tree]]
) -> bool:
    """Whether a sum and its parts can have the values of a case. Each value represents an interval of values (`find_interval`)."""
    given = [name for name in derived.parts if isinstance(case.get(name), int)]
    if derived.code not in case or not given:
        return derived.code not in case and not given
    low, high = find_interval(variables[derived.code], case[derived.code], trees.get(derived.code, ()))
    parts = [find_interval(variables[name], case[name], trees.get(name, ())) for name in given]
    return sum(start for start, _ in parts) <= high and sum(end for _, end in parts) >= low
