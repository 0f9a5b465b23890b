"""Translates conditions into formulas.

Comparisons are evaluated for each value with the engine's OPERATORS, so solver and engine cannot differ. A
condition that cannot be translated is reported.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, TypeAlias

from survey_engine.analysis.derived_bounds import bound_sum
from survey_engine.analysis.proof.formulas import FALSE, TRUE, Formula, conjoin, count_between, disjoin, negate
from survey_engine.model.conditions import OPERATORS, And, Answered, Compare, Constant, Count, Name, Not, Operand, Or, Tree
from survey_engine.model.derived import Derived, count_years
from survey_engine.model.questionnaire import Code

_MAX_TRANSLATIONS = 200_000
"""Maximum number of steps in the translation of one derived value; each step adds a value to a partial sum."""


class UntranslatableError(Exception):
    """The condition cannot be translated; the message gives the reason."""


@dataclass(frozen=True, slots=True)
class Single:
    """The possible values of a variable: value → its formula. If no formula is true, the variable is empty."""

    cases: Mapping[Code, Formula]
    too_wide: bool = False
    """Whether values are missing because the range is too wide: comparisons that need all values cannot be translated."""

    @property
    def answered(self) -> Formula:
        return disjoin(self.cases.values())


@dataclass(frozen=True, slots=True)
class Several:
    """The possible answers of a multiple-choice variable: code → the formula of respondents who chose it."""

    chosen: Mapping[Code, Formula]
    always: bool = False
    """Whether the variable counts as answered without any code; true for `assigned`."""

    @property
    def answered(self) -> Formula:
        return TRUE if self.always else disjoin(self.chosen.values())


Holding: TypeAlias = Single | Several
Knowledge: TypeAlias = Mapping[str, Holding]
"""Variable → its possible values at a point of the path. A missing variable is empty."""

_NO_VALUES = Single({})


def translate_condition(tree: Tree, known: Knowledge) -> Formula:
    """Return the formula of a condition.

    Raises:
        UntranslatableError: if it cannot be translated.
    """
    match tree:
        case Answered(code):
            return known.get(code, _NO_VALUES).answered
        case Not(part):
            return negate(translate_condition(part, known))
        case And(parts):
            return conjoin(translate_condition(part, known) for part in parts)
        case Or(parts):
            return disjoin(translate_condition(part, known) for part in parts)
        case Compare():
            return _compare(tree, known)


def _compare(comparison: Compare, known: Knowledge) -> Formula:
    right = known.get(comparison.right.code) if isinstance(comparison.right, Name) else None
    if comparison.operator in ("in", "not in") and isinstance(right, Several):
        held = disjoin(
            conjoin([when, right.chosen.get(value, FALSE)])
            for value, when in _list_cases(comparison.left, known)
            if value is not None
        )
        return held if comparison.operator == "in" else negate(held)
    _refuse_wide(comparison, known)
    apply = OPERATORS[comparison.operator].means
    if isinstance(comparison.left, Count) and isinstance(comparison.right, Constant):
        constant = comparison.right.value
        return _compare_count(comparison.left, lambda size: apply(size, constant), known)
    match comparison.left, comparison.right:
        case Derived() as derived, Constant(tuple() as constants):
            held = disjoin(_compare(Compare("==", derived, Constant(each)), known) for each in constants)
            return held if comparison.operator == "in" else negate(held)
        case Derived() as derived, Constant(int() as constant):
            return _compare_derived(derived, apply, constant, known)
        case Constant(int() as constant), Derived() as derived:
            return _compare_derived(derived, lambda value, other: apply(other, value), constant, known)
    second = _list_cases(comparison.right, known)
    return disjoin(
        conjoin([when, _pick([(apply(value, other), then) for other, then in second])])
        for value, when in _list_cases(comparison.left, known)
    )


def _compare_derived(derived: Derived, holds: Callable[[int | None, int], bool], constant: int, known: Knowledge) -> Formula:
    """Return the formula that the comparison `holds` is true for a derived value and a constant."""
    if derived.kind == "years":
        return _compare_years(derived, lambda years: holds(years, constant), known)
    # The mean is ≥ c if and only if the sum of (value - c) is ≥ 0.
    less, constant = (constant, 0) if derived.kind == "mean" else (0, constant)
    parts = [_list_counted(derived, name, known, less) for name in derived.parts]
    answered = disjoin(case for part in parts for _, case in part)
    certain = _find_certain(*bound_sum([value for value, _ in part] for part in parts if part), constant, holds)
    if certain is not None:
        return disjoin([answered] * certain + [negate(answered)] * holds(None, constant))
    wide = next((name for name in derived.parts if isinstance(held := known.get(name), Single) and held.too_wide), None)
    if wide and derived.kind != "count":
        raise UntranslatableError(f"{wide} has too many values for the {derived.kind} {derived.code}")
    return _Total(derived, parts, constant, holds).translate(0, None)


def _list_counted(derived: Derived, name: str, known: Knowledge, less: int) -> list[tuple[int, Formula]]:
    """Return (value minus `less`, formula) for the counting answers of a part; for the kind `count`, a single value 1."""
    held = known.get(name, _NO_VALUES)
    if derived.kind == "count":
        cases = held.cases if isinstance(held, Single) else held.chosen
        return [(1, disjoin(case for value, case in cases.items() if derived.counts(value)))]
    if isinstance(held, Several):
        raise UntranslatableError(f"{name} has several answers, which have no {derived.kind}")
    return [(int(value) - less, case) for value, case in held.cases.items() if derived.counts(value)]


def _find_certain(low: int, high: int, constant: int, holds: Callable[[int | None, int], bool]) -> bool | None:
    """Return the outcome of the comparison if it is equal for all numbers from `low` to `high`; otherwise None."""
    outcomes = {holds(number, constant) for number in (low, high, min(max(constant, low), high))}
    return outcomes.pop() if len(outcomes) == 1 else None


class _Total:
    """Compares the sum of the answers with a constant, as a decision diagram with one layer per part.

    A branch ends as soon as the remaining parts can no longer change the outcome.
    """

    def __init__(
        self,
        derived: Derived,
        parts: Sequence[Sequence[tuple[int, Formula]]],
        constant: int,
        holds: Callable[[int | None, int], bool],
    ) -> None:
        self._derived, self._parts, self._constant, self._holds = derived, parts, constant, holds
        self._steps = 0
        self._found: dict[tuple[int, int | None], Formula] = {}
        least = [min((value for value, _ in part), default=0) for part in parts]
        most = [max((value for value, _ in part), default=0) for part in parts]
        self._rest = [
            (sum(min(low, 0) for low in least[index:]), sum(max(high, 0) for high in most[index:]))
            for index in range(len(parts) + 1)
        ]
        """Index of a part → (lowest, highest) sum of that part and all later parts."""

    def translate(self, index: int, total: int | None) -> Formula:
        """Return the formula that the sum satisfies the comparison; `total` is the sum of the parts before `index`, None if all empty."""
        if (index, total) not in self._found:
            self._found[index, total] = self._translate(index, total)
        return self._found[index, total]

    def _translate(self, index: int, total: int | None) -> Formula:
        if total is not None:
            low, high = self._rest[index]
            certain = _find_certain(total + low, total + high, self._constant, self._holds)
            if certain is not None:
                return TRUE if certain else FALSE
        if index == len(self._parts):
            return TRUE if self._holds(total, self._constant) else FALSE
        counted = self._parts[index]
        self._steps += len(counted)
        if self._steps > _MAX_TRANSLATIONS:
            raise UntranslatableError(f"the {self._derived.kind} {self._derived.code} has too many values")
        ways: dict[Formula, list[Formula]] = {self.translate(index + 1, total): [negate(disjoin(case for _, case in counted))]}
        for value, case in counted:
            ways.setdefault(self.translate(index + 1, (total or 0) + value), []).append(case)
        if len(ways) == 1:  # the answer to this part does not matter
            return next(iter(ways))
        return disjoin(conjoin([then, disjoin(cases)]) for then, cases in ways.items())


def _compare_years(derived: Derived, holds: Callable[[int | None], bool], known: Knowledge) -> Formula:
    """Return the formula that the years between two dates satisfy `holds`; every pair of dates is tried."""
    first, second = (_list_cases(Name(name), known) for name in derived.parts)
    return disjoin(
        conjoin([then, disjoin(when for earlier, when in first if holds(_subtract(earlier, later)))]) for later, then in second
    )


def _subtract(earlier: str | None, later: str | None) -> int | None:
    return None if earlier is None or later is None else count_years(earlier, later)


def _compare_count(operand: Count, holds: Callable[[int], bool], known: Knowledge) -> Formula:
    """Return the formula that the number of answers satisfies `holds`, with one part per run of successive numbers."""
    chosen = _list_chosen(operand, known)
    runs = groupby(range(len(chosen) + 1), key=holds)
    sizes = [list(run) for held, run in runs if held]
    return disjoin(count_between(chosen, run[0], run[-1]) for run in sizes)


def _list_chosen(operand: Count, known: Knowledge) -> list[Formula]:
    held = known.get(operand.code, _NO_VALUES)
    if isinstance(held, Several):
        return list(held.chosen.values())
    if held.cases:
        raise UntranslatableError(f"{operand.code} has one answer but is counted")
    return []


def _pick(cases: list[tuple[bool, Formula]]) -> Formula:
    """Return the disjunction of the matching cases; TRUE if all match, because one of the cases is always true."""
    return TRUE if all(fits for fits, _ in cases) else disjoin(when for fits, when in cases if fits)


def _list_cases(operand: Operand, known: Knowledge) -> list[tuple[Any, Formula]]:
    """Return (value, formula) for every possible value of the operand; the value None means empty."""
    match operand:
        case Constant(value):
            return [(value, TRUE)]
        case Name(code):
            held = known.get(code, _NO_VALUES)
            if isinstance(held, Several):
                raise UntranslatableError(f"{code} has several answers but is compared as one")
            return [(None, negate(held.answered)), *held.cases.items()]
        case Derived(code):
            raise UntranslatableError(f"{code} is not compared with a number")
        case Count():
            chosen = _list_chosen(operand, known)
            return [(size, count_between(chosen, size, size)) for size in range(len(chosen) + 1)]


def _refuse_wide(comparison: Compare, known: Knowledge) -> None:
    operands = (comparison.left, comparison.right)
    if OPERATORS[comparison.operator].splits_at_constants:
        return
    for name in (operand.code for operand in operands if isinstance(operand, Name | Count)):
        held = known.get(name, _NO_VALUES)
        if isinstance(held, Single) and held.too_wide:
            raise UntranslatableError(f"{name} has too many values to be compared by `{comparison.operator}`")
