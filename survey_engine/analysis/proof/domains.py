"""Values of a variable that conditions distinguish; all other values behave like one of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from survey_engine.model.conditions import OPERATORS, And, Answered, Compare, Constant, Count, Name, Not, Or, Tree
from survey_engine.model.questionnaire import Code, Variable

MAX_VALUES = 500
"""Maximum width of a range that is compared value by value."""
ANY_TEXT = "x"
"""Represents any text; conditions only distinguish answered from empty texts."""
ANY_DATE = "2000-01-01"


def iter_comparisons(tree: Tree) -> Iterator[Compare]:
    """Yield every comparison in a condition."""
    match tree:
        case Compare():
            yield tree
        case Not(part):
            yield from iter_comparisons(part)
        case And(parts) | Or(parts):
            for part in parts:
                yield from iter_comparisons(part)
        case Answered():
            return


@dataclass(slots=True)
class Distinctions:
    """The constants and variables with which conditions compare each variable."""

    constants: dict[str, set[int]] = field(default_factory=dict)
    whole: set[str] = field(default_factory=set)
    """Variables that need all their values: compared with a variable, or by an operator that does not split ranges."""

    def list_values(self, variable: Variable) -> tuple[Code, ...]:
        """Return values of the variable, without empty, such that every other value behaves like one of them.

        >>> age = Variable("age", "number", low=0, high=99)
        >>> Distinctions({"age": {18}}).list_values(age), Distinctions().list_values(age)
        ((0, 17, 18, 19, 99), (0, 99))
        """
        if variable.options:
            return variable.codes
        if variable.kind != "number":
            return (ANY_DATE if variable.kind == "date" else ANY_TEXT,)
        low, high = variable.low or 0, variable.high or 0
        if variable.code in self.whole and not self.is_too_wide(variable):
            return tuple(range(low, high + 1))
        near = {constant + step for constant in self.constants.get(variable.code, ()) for step in (-1, 0, 1)}
        return tuple(sorted({low, high} | {value for value in near if low <= value <= high}))

    def is_too_wide(self, variable: Variable) -> bool:
        """Whether the variable needs all its values and has more than MAX_VALUES."""
        return (
            variable.code in self.whole
            and not variable.options
            and variable.kind == "number"
            and (variable.high or 0) - (variable.low or 0) >= MAX_VALUES
        )


def find_distinctions(trees: Iterable[Tree]) -> Distinctions:
    found = Distinctions()
    for tree in trees:
        for comparison in iter_comparisons(tree):
            _add_comparison(comparison, found)
    return found


def _add_comparison(comparison: Compare, found: Distinctions) -> None:
    operands = (comparison.left, comparison.right)
    named = [operand.code for operand in operands if isinstance(operand, Name | Count)]
    if len(named) == 2 or not OPERATORS[comparison.operator].splits_at_constants:
        found.whole.update(named)
    for operand in operands:
        if isinstance(operand, Constant):
            values = operand.value if isinstance(operand.value, tuple) else (operand.value,)
            for name in named:
                found.constants.setdefault(name, set()).update(value for value in values if isinstance(value, int))
