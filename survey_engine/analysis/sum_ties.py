"""The cases that sums exclude: a stand-in of a sum is within the bounds of the parts that have a value."""

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
    """Whether the value of a sum and those of its parts can occur together; each value stands for those beside it."""
    given = [name for name in derived.parts if isinstance(case.get(name), int)]
    if derived.code not in case or not given:
        return derived.code not in case and not given
    low, high = find_interval(variables[derived.code], case[derived.code], trees.get(derived.code, ()))
    parts = [find_interval(variables[name], case[name], trees.get(name, ())) for name in given]
    return sum(start for start, _ in parts) <= high and sum(end for _, end in parts) >= low
