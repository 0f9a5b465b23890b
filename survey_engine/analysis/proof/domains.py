"""Which values of a variable have to be told apart: those between which some condition sees a difference."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from survey_engine.model.conditions import OPERATORS, And, Answered, Compare, Constant, Count, Name, Not, Or, Tree
from survey_engine.model.questionnaire import Code, Variable

MOST_VALUES = 500
"""A range wider than this cannot be compared value by value."""
WRITTEN = "x"
"""Stands for any text; a text counts as answered or empty only."""
ANY_DATE = "2000-01-01"


def list_comparisons(tree: Tree) -> Iterator[Compare]:
    """Every comparison in a condition."""
    match tree:
        case Compare():
            yield tree
        case Not(part):
            yield from list_comparisons(part)
        case And(parts) | Or(parts):
            for part in parts:
                yield from list_comparisons(part)
        case Answered():
            return


@dataclass(slots=True)
class Distinctions:
    """What the conditions of a questionnaire compare each variable with."""

    constants: dict[str, set[int]] = field(default_factory=dict)
    whole: set[str] = field(default_factory=set)
    """Variables of which every value counts: compared with another variable, or by an operator that splits no range."""

    def list_values(self, variable: Variable) -> tuple[Code, ...]:
        """Values of the variable, never empty, such that every other value behaves like one of them.

        >>> age = Variable("age", "number", low=0, high=99)
        >>> Distinctions({"age": {18}}).list_values(age), Distinctions().list_values(age)
        ((0, 17, 18, 19, 99), (0, 99))
        """
        if variable.options:
            return variable.codes
        if variable.kind != "number":
            return (ANY_DATE if variable.kind == "date" else WRITTEN,)
        low, high = variable.low or 0, variable.high or 0
        if variable.code in self.whole and not self.is_too_wide(variable):
            return tuple(range(low, high + 1))
        near = {constant + step for constant in self.constants.get(variable.code, ()) for step in (-1, 0, 1)}
        return tuple(sorted({low, high} | {value for value in near if low <= value <= high}))

    def is_too_wide(self, variable: Variable) -> bool:
        """Whether every value of it counts and they are too many for that."""
        return (
            variable.code in self.whole
            and not variable.options
            and variable.kind == "number"
            and (variable.high or 0) - (variable.low or 0) >= MOST_VALUES
        )


def find_distinctions(trees: Iterable[Tree]) -> Distinctions:
    found = Distinctions()
    for tree in trees:
        for comparison in list_comparisons(tree):
            _note(comparison, found)
    return found


def _note(comparison: Compare, found: Distinctions) -> None:
    operands = (comparison.left, comparison.right)
    named = [operand.code for operand in operands if isinstance(operand, Name | Count)]
    if len(named) == 2 or not OPERATORS[comparison.operator].splits_at_constants:
        found.whole.update(named)
    for operand in operands:
        if isinstance(operand, Constant):
            values = operand.value if isinstance(operand.value, tuple) else (operand.value,)
            for name in named:
                found.constants.setdefault(name, set()).update(value for value in values if isinstance(value, int))
