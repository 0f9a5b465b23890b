"""Translates conditions into formulas.

Comparisons are evaluated value by value with the engine's OPERATORS, so solver and engine cannot differ. A
condition that cannot be translated this way is reported.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any, TypeAlias

from survey_engine.analysis.proof.formulas import FALSE, TRUE, Formula, conjoin, count_between, disjoin, negate
from survey_engine.model.conditions import OPERATORS, And, Answered, Compare, Constant, Count, Name, Not, Operand, Or, Tree
from survey_engine.model.derived import Derived, count_years
from survey_engine.model.questionnaire import Code

MAX_TOTALS = 20_000
"""Limit of the sums of a derived value times the values of one more part."""


class UntranslatableError(Exception):
    """The condition cannot be translated; the message gives the reason."""


@dataclass(frozen=True, slots=True)
class Single:
    """The possible values of a variable: value → its formula; otherwise the variable is empty."""

    cases: Mapping[Code, Formula]
    too_wide: bool = False
    """Whether values were left out, so that comparisons that need all values are impossible."""

    @property
    def answered(self) -> Formula:
        return disjoin(self.cases.values())


@dataclass(frozen=True, slots=True)
class Several:
    """The possible answers of a multiple-choice variable: code → the formula of those who chose it."""

    chosen: Mapping[Code, Formula]
    always: bool = False
    """Whether the variable is never empty, even without codes; true for `assigned`."""

    @property
    def answered(self) -> Formula:
        return TRUE if self.always else disjoin(self.chosen.values())


Holding: TypeAlias = Single | Several
Knowledge: TypeAlias = Mapping[str, Holding]
"""Variable → its possible values at this point of the path. A missing variable is empty."""

EMPTY = Single({})


def translate_condition(tree: Tree, known: Knowledge) -> Formula:
    """Return the formula of a condition.

    Raises:
        UntranslatableError: if it cannot be translated.
    """
    match tree:
        case Answered(code):
            return known.get(code, EMPTY).answered
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
    """Return the formula that a derived value and a constant satisfy `holds`."""
    if derived.kind == "years":
        return _compare_years(derived, lambda years: holds(years, constant), known)
    if derived.kind == "mean":  # it is to the constant as the sum of the differences is to 0
        totals, constant = _list_totals(derived, known, constant), 0
    else:
        totals = _list_totals(derived, known)
    return disjoin(when for total, when in totals.items() if holds(total, constant))


def _list_totals(derived: Derived, known: Knowledge, less: int = 0) -> dict[int | None, Formula]:
    """Return the sum of the answers that count, each less a number, or their count → its formula; None without answers.

    It is made part by part, as the layers of a decision diagram.
    """
    found: dict[int | None, Formula] = {None: TRUE}
    for name in derived.parts:
        counted = _list_counted(derived, name, known)
        if len(found) * len(counted) > MAX_TOTALS:
            raise UntranslatableError(f"the {derived.kind} {derived.code} has too many values")
        unanswered = negate(disjoin(case for _, case in counted))
        longer = {total: [conjoin([when, unanswered])] for total, when in found.items()}
        for total, when in found.items():
            for value, case in counted:
                longer.setdefault((total or 0) + value - less, []).append(conjoin([when, case]))
        found = {total: disjoin(ways) for total, ways in longer.items()}
    return found


def _list_counted(derived: Derived, name: str, known: Knowledge) -> list[tuple[int, Formula]]:
    """Return the values of a part that count, each with its formula; any answer is 1 where they are counted."""
    held = known.get(name, EMPTY)
    if derived.kind == "count":
        cases = held.cases if isinstance(held, Single) else held.chosen
        return [(1, disjoin(case for value, case in cases.items() if derived.counts(value)))]
    if isinstance(held, Several) or held.too_wide:
        raise UntranslatableError(f"{name} has too many values for the {derived.kind} {derived.code}")
    return [(int(value), case) for value, case in held.cases.items() if derived.counts(value)]


def _compare_years(derived: Derived, holds: Callable[[int | None], bool], known: Knowledge) -> Formula:
    """Return the formula that the years between two dates satisfy `holds`, for each pair of dates."""
    first, second = (_list_cases(Name(name), known) for name in derived.parts)
    return disjoin(
        conjoin([then, disjoin(when for earlier, when in first if holds(_subtract(earlier, later)))]) for later, then in second
    )


def _subtract(earlier: str | None, later: str | None) -> int | None:
    return None if earlier is None or later is None else count_years(earlier, later)


def _compare_count(operand: Count, holds: Callable[[int], bool], known: Knowledge) -> Formula:
    """Return the formula that the number of answers satisfies `holds`; one formula per run of numbers, as the solver needs."""
    chosen = _list_chosen(operand, known)
    runs = groupby(range(len(chosen) + 1), key=holds)
    sizes = [list(run) for held, run in runs if held]
    return disjoin(count_between(chosen, run[0], run[-1]) for run in sizes)


def _list_chosen(operand: Count, known: Knowledge) -> list[Formula]:
    held = known.get(operand.code, EMPTY)
    if isinstance(held, Several):
        return list(held.chosen.values())
    if held.cases:
        raise UntranslatableError(f"{operand.code} has one answer but is counted")
    return []


def _pick(cases: list[tuple[bool, Formula]]) -> Formula:
    """Return the disjunction of the matching cases; true if all match, because one case always holds."""
    return TRUE if all(fits for fits, _ in cases) else disjoin(when for fits, when in cases if fits)


def _list_cases(operand: Operand, known: Knowledge) -> list[tuple[Any, Formula]]:
    """Return every possible value of the operand with its formula; None is empty."""
    match operand:
        case Constant(value):
            return [(value, TRUE)]
        case Name(code):
            held = known.get(code, EMPTY)
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
        held = known.get(name, EMPTY)
        if isinstance(held, Single) and held.too_wide:
            raise UntranslatableError(f"{name} has too many values to be compared by `{comparison.operator}`")
