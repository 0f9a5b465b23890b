"""The values of a variable that conditions distinguish. Every other value has the same outcomes as one of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import product
from math import prod

from survey_engine.analysis.derived_bounds import ANY_DATE
from survey_engine.model.conditions import (
    OPERATORS,
    And,
    Answered,
    Compare,
    Constant,
    Count,
    Name,
    Not,
    Operand,
    Or,
    Tree,
    list_names,
)
from survey_engine.model.derived import TODAY, Derived
from survey_engine.model.questionnaire import Code, Variable

MAX_VALUES = 500
"""Maximum width of a range for operators that require all its values."""
_ANY_TEXT = "x"
"""Represents any text: conditions only test whether a text is answered."""


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
    """What conditions compare each variable with: constants, other variables, sums and dates."""

    constants: dict[str, set[int]] = field(default_factory=dict)
    whole: set[str] = field(default_factory=set)
    """Variables that need all their values, because an operator does not split ranges at constants."""
    exact: dict[str, set[int]] = field(default_factory=dict)
    """Part of a sum → the values for which the sum can equal a constant, or differ from it by one."""
    peers: dict[str, frozenset[str]] = field(default_factory=dict)
    """Variable → itself and all variables that it is compared with, directly or through others."""

    dates: dict[str, set[str]] = field(default_factory=dict)
    """Date variable or TODAY → its first day; if conditions compare years, its bounds and the days around each number of years."""

    def list_values(self, variable: Variable) -> tuple[Code, ...]:
        """Return values that represent all values of the variable, except empty.

        >>> age = Variable("age", "number", low=0, high=99)
        >>> Distinctions({"age": {18}}).list_values(age), Distinctions().list_values(age)
        ((0, 17, 18, 19, 99), (0, 99))

        If k variables are compared with each other, they have at most k different values between two constants, of which
        only the order matters. So the first k values after each constant represent all others. Each variable counts
        twice, because a page may repeat its question.
        """
        if variable.options:
            return variable.codes
        if variable.kind != "number":
            return tuple(sorted(self.dates.get(variable.code, {ANY_DATE}))) if variable.kind == "date" else (_ANY_TEXT,)
        low, high = variable.low or 0, variable.high or 0
        if variable.code in self.whole and not self.is_too_wide(variable):
            return tuple(range(low, high + 1))
        peers = self.peers.get(variable.code, frozenset({variable.code}))
        after = 2 * len(peers) if len(peers) > 1 else 1
        constants = {constant for name in peers for constant in self.constants.get(name, ())}
        near = {constant + step for constant in constants for step in range(-1, after + 1)}
        near |= self.exact.get(variable.code, set())
        return tuple(sorted({low, high} | {value for value in near if low <= value <= high}))

    def is_too_wide(self, variable: Variable) -> bool:
        """Whether the variable needs all its values and has more than MAX_VALUES."""
        return (
            variable.code in self.whole
            and not variable.options
            and variable.kind == "number"
            and (variable.high or 0) - (variable.low or 0) >= MAX_VALUES
        )


def find_distinctions(
    trees: Iterable[Tree], variables: Mapping[str, Variable], bounds: Mapping[str, tuple[str, str]] | None = None
) -> Distinctions:
    """Find what conditions distinguish; `bounds`: date variable or TODAY → (first day, last day)."""
    trees = list(trees)
    found = Distinctions(dates={name: {low} for name, (low, _) in (bounds or {}).items() if name != TODAY})
    for tree in trees:
        for comparison in iter_comparisons(tree):
            _add_comparison(comparison, found)
            _add_dates(comparison, found, bounds or {})
    for name in found.peers:
        if name in variables:
            found.constants.setdefault(name, set()).update(_iter_limits(variables[name]))
    _narrow_sums([each for tree in trees for each in iter_comparisons(tree)], found, variables)
    return found


def _narrow_sums(comparisons: Iterable[Compare], found: Distinctions, variables: Mapping[str, Variable]) -> None:
    """For sums and means with too wide parts, replace the full range of each part by the values that matter.

    Constants split the range of each part into intervals. If answers within certain intervals have a certain sum, so have
    answers of which all but one are at an end of their interval. This requires that each part is in one sum only, and is
    compared with constants only.
    """
    sums: dict[Derived, set[int]] = {}
    stepped: set[str] = set()
    for comparison in comparisons:
        for side, other in ((comparison.left, comparison.right), (comparison.right, comparison.left)):
            if isinstance(side, Derived) and side.kind in ("sum", "mean"):
                sums.setdefault(side, set()).update(_list_constants(other))
            if not OPERATORS[comparison.operator].splits_at_constants:
                stepped.update(list_names(side))
    uses = Counter(name for derived in sums for name in derived.parts)
    for derived, constants in sums.items():
        parts = {name: variables[name] for name in derived.parts if name in variables}
        alone = all(uses[name] == 1 and name not in found.peers and name not in stepped for name in parts)
        if alone and any(map(found.is_too_wide, parts.values())):
            free = Distinctions(found.constants)
            ends = {name: [value for value in free.list_values(part) if isinstance(value, int)] for name, part in parts.items()}
            if prod(len(values) + 1 for values in ends.values()) <= MAX_VALUES:
                found.whole -= parts.keys()
                found.exact.update({name: _list_completing(derived, name, ends, constants) for name in parts})


def _list_completing(derived: Derived, name: str, ends: Mapping[str, list[int]], constants: Iterable[int]) -> set[int]:
    """Return the values of a part with which the sum is within 1 of a constant, while other parts are empty or at an interval's end."""
    found: set[int] = set()
    for others in product(*([None, *values] for other, values in ends.items() if other != name)):
        given = [value for value in others if value is not None]
        times = len(given) + 1 if derived.kind == "mean" else 1
        found.update(constant * times + step - sum(given) for constant in constants for step in (-1, 0, 1))
    return found


def _add_dates(comparison: Compare, found: Distinctions, bounds: Mapping[str, tuple[str, str]]) -> None:
    """Add the days at a compared number of years from the bounds of the other date, and the days next to them."""
    for operand in (comparison.left, comparison.right):
        if not isinstance(operand, Derived) or operand.kind != "years" or not bounds.keys() >= set(operand.parts):
            continue
        constants = [each for side in (comparison.left, comparison.right) for each in _list_constants(side)]
        for name, other, sign in zip(operand.parts, operand.parts[::-1], (-1, 1), strict=True):
            low, high = bounds[name]
            near = (shift_years(day, sign * (number + more)) for day in bounds[other] for number in constants for more in (0, 1))
            days = {date.fromordinal(day.toordinal() + step).isoformat() for day in near for step in (0, -sign)}
            found.dates.setdefault(name, set()).update({low, high}, (day for day in days if low <= day <= high))


def shift_years(day: str, years: int) -> date:
    """Shift a day by whole years; 29 February becomes 28 February in years without it."""
    year = min(max(int(day[:4]) + years, date.min.year + 1), date.max.year - 1)
    try:
        return date.fromisoformat(day).replace(year=year)
    except ValueError:
        return date(year, 2, 28)


def _list_constants(operand: Operand) -> list[int]:
    values = operand.value if isinstance(operand, Constant) else ()
    return [value for value in (values if isinstance(values, tuple) else (values,)) if isinstance(value, int)]


def _iter_limits(variable: Variable) -> Iterable[int]:
    """Return the numbers that limit a variable: its codes, counts or bounds."""
    if variable.kind == "codes":
        return range(len(variable.options) + 1)
    codes = (code for code in variable.codes if isinstance(code, int))
    return codes if variable.options else (variable.low or 0, variable.high or 0)


def _add_comparison(comparison: Compare, found: Distinctions) -> None:
    operands = (comparison.left, comparison.right)
    named = [operand.code for operand in operands if isinstance(operand, Name | Count)]
    for operand in operands:
        if isinstance(operand, Derived):
            found.whole.update(operand.names)
    if not OPERATORS[comparison.operator].splits_at_constants:
        found.whole.update(named)
    if len(named) == 2:
        joined = frozenset(named).union(*(found.peers.get(name, ()) for name in named))
        found.peers.update(dict.fromkeys(joined, joined))
    for operand in operands:
        if isinstance(operand, Constant):
            values = operand.value if isinstance(operand.value, tuple) else (operand.value,)
            for name in named:
                found.constants.setdefault(name, set()).update(value for value in values if isinstance(value, int))
