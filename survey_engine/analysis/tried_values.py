"""The values of a variable that a search tries: one of each set of values that conditions distinguish."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import combinations
from typing import Any

from survey_engine.model.conditions import OPERATORS, And, Compare, Constant, Not, Or, Tree, list_names
from survey_engine.model.derived import Derived
from survey_engine.model.questionnaire import Variable

_MAX_LISTED_NUMBERS = 12
"""Of larger ranges, only the bounds, and the constants in conditions with their neighbours, are tried."""
_MAX_COMBINED_OPTIONS = 8
"""Maximum number of options of a multiple-choice question that conditions use; all their combinations are tried."""


class TooManyCasesError(Exception):
    """An exhaustive search is impossible: the conditions have too many cases. The solver (`analysis.proof`) may still decide."""


def iter_subtrees(tree: Tree) -> Iterator[Tree]:
    """Yield the tree and all its subtrees."""
    yield tree
    for part in list_operands(tree):
        yield from iter_subtrees(part)


def list_operands(tree: Tree) -> tuple[Tree, ...]:
    return (tree.part,) if isinstance(tree, Not) else tree.parts if isinstance(tree, And | Or) else ()


def list_values(variable: Variable, trees: Iterable[Tree]) -> list[Any]:
    """Return None (no answer), and one value of each set of values that these conditions distinguish.

    Raises:
        TooManyCasesError: if an operator requires every value and there are too many.
    """
    compared = [c for tree in trees for c in iter_subtrees(tree) if isinstance(c, Compare) and variable.code in _list_names(c)]
    if variable.kind == "date" and compared:
        raise TooManyCasesError
    computed = any(isinstance(side, Derived) for comparison in compared for side in (comparison.left, comparison.right))
    constants = {value for comparison in compared for value in _iter_constants(comparison)}
    everything = computed or any(len(_list_names(c)) > 1 or not OPERATORS[c.operator].splits_at_constants for c in compared)
    if variable.kind == "codes":
        return [None, *_iter_choices(variable, {*constants, *variable.codes} if everything else constants)]
    if variable.kind == "number" and not variable.options:
        return [None, *_list_numbers(variable, constants, everything=everything)]
    if variable.options:
        if variable.kind == "number" or everything:
            return [None, *variable.codes]
        other = next((code for code in variable.codes if code not in constants), None)
        return [None, *(code for code in variable.codes if code in constants or code == other)]
    return [None, "…"]


def list_constants(trees: Iterable[Tree]) -> set[str | int]:
    """Return the constants of all comparisons in these trees."""
    compared = (part for tree in trees for part in iter_subtrees(tree) if isinstance(part, Compare))
    return {value for comparison in compared for value in _iter_constants(comparison)}


def _list_names(comparison: Compare) -> set[str]:
    return {name for operand in (comparison.left, comparison.right) for name in list_names(operand)}


def _iter_constants(comparison: Compare) -> Iterator[str | int]:
    for operand in (comparison.left, comparison.right):
        if isinstance(operand, Constant):
            yield from operand.value if isinstance(operand.value, tuple) else (operand.value,)


def _list_numbers(variable: Variable, constants: set[str | int], *, everything: bool) -> list[int]:
    low, high = variable.low or 0, variable.high or 0
    if high - low < _MAX_LISTED_NUMBERS:
        return list(range(low, high + 1))
    if everything:
        raise TooManyCasesError
    near = {number + step for number in constants if isinstance(number, int) for step in (-1, 0, 1)}
    return sorted({low, high, *(number for number in near if low <= number <= high)})


def find_interval(variable: Variable, value: int, trees: Iterable[Tree]) -> tuple[int, int]:
    """Return the bounds of the interval that a value of `list_values` represents."""
    low, high = variable.low or 0, variable.high or 0
    if variable.options or high - low < _MAX_LISTED_NUMBERS:
        return value, value
    compared = [c for tree in trees for c in iter_subtrees(tree) if isinstance(c, Compare) and variable.code in _list_names(c)]
    constants = {number for comparison in compared for number in _iter_constants(comparison) if isinstance(number, int)}
    if value in constants:
        return value, value
    below, above = [c for c in constants if c < value], [c for c in constants if c > value]
    return max([low, *(c + 1 for c in below)]), min([high, *(c - 1 for c in above)])


def _iter_choices(variable: Variable, constants: set[str | int]) -> Iterator[list[Any]]:
    """Yield all combinations of options that conditions use, each with none, some or all of the other options."""
    alone = {option.code for option in variable.options if option.exclusive}
    yield from ([code] for code in variable.codes if code in alone)
    named = [code for code in variable.codes if code in constants and code not in alone]
    others = [code for code in variable.codes if code not in constants and code not in alone]
    if len(named) > _MAX_COMBINED_OPTIONS:
        raise TooManyCasesError
    counts = [number for number in constants if isinstance(number, int)]
    most = min(len(others), max([0, *counts, variable.at_least]) + 1)
    for size in range(len(named) + 1):
        for chosen in combinations(named, size):
            for more in range(most + 1):
                if (chosen or more) and variable.at_least <= size + more <= (variable.at_most or size + more):
                    yield [*chosen, *others[:more]]
