"""Conditions as formulas. What a comparison means is asked of the engine's own OPERATORS, value by value, so that
solver and engine cannot differ on it; what cannot be said this way is reported, never guessed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from survey_engine.analysis.proof.formulas import FALSE, TRUE, Formula, conjoin, count_between, disjoin, negate
from survey_engine.model.conditions import OPERATORS, And, Answered, Compare, Constant, Count, Name, Not, Operand, Or, Tree
from survey_engine.model.questionnaire import Code


class UntranslatableError(Exception):
    """The solver cannot say this condition; the message says why."""


@dataclass(frozen=True, slots=True)
class Single:
    """What a variable may hold: for each value, when it has it; empty otherwise."""

    cases: Mapping[Code, Formula]
    too_wide: bool = False
    """Whether its values were thinned out, so that nothing can be compared with it that needs them all."""

    @property
    def answered(self) -> Formula:
        return disjoin(self.cases.values())


@dataclass(frozen=True, slots=True)
class Several:
    """What a variable with several answers may hold: for each code, when it is among them."""

    chosen: Mapping[Code, Formula]
    always: bool = False
    """Whether it is never empty, not even with nothing in it: so `assigned`."""

    @property
    def answered(self) -> Formula:
        return TRUE if self.always else disjoin(self.chosen.values())


Holding: TypeAlias = Single | Several
Knowledge: TypeAlias = Mapping[str, Holding]
"""Variable → what it may hold at this point of the path. A variable that is not there is empty."""

EMPTY = Single({})


def translate_condition(tree: Tree, known: Knowledge) -> Formula:
    """When the condition holds.

    Raises:
        UntranslatableError: with the reason.
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
    second = _list_cases(comparison.right, known)
    return disjoin(
        conjoin([when, _pick([(apply(value, other), then) for other, then in second])])
        for value, when in _list_cases(comparison.left, known)
    )


def _pick(cases: list[tuple[bool, Formula]]) -> Formula:
    """One of the cases always holds, so when all of them fit there is nothing to say."""
    return TRUE if all(fits for fits, _ in cases) else disjoin(when for fits, when in cases if fits)


def _list_cases(operand: Operand, known: Knowledge) -> list[tuple[Any, Formula]]:
    """Every value that the operand can have, None for empty, with the formula that says when."""
    match operand:
        case Constant(value):
            return [(value, TRUE)]
        case Name(code):
            held = known.get(code, EMPTY)
            if isinstance(held, Several):
                raise UntranslatableError(f"{code} holds several answers and is compared as one")
            return [(None, negate(held.answered)), *held.cases.items()]
        case Count(code):
            counted = known.get(code, EMPTY)
            if isinstance(counted, Single):
                if counted.cases:
                    raise UntranslatableError(f"{code} holds one answer and is counted")
                return [(None, TRUE)]
            sizes = range(0 if counted.always else 1, len(counted.chosen) + 1)
            exact = [(size, count_between(counted.chosen.values(), size, size)) for size in sizes]
            return [(None, negate(counted.answered)), *exact]


def _refuse_wide(comparison: Compare, known: Knowledge) -> None:
    operands = (comparison.left, comparison.right)
    names = [operand.code for operand in operands if isinstance(operand, Name | Count)]
    if len(names) < 2 and OPERATORS[comparison.operator].splits_at_constants:
        return
    how = "with another variable" if len(names) == 2 else f"by `{comparison.operator}`"
    for name in names:
        held = known.get(name, EMPTY)
        if isinstance(held, Single) and held.too_wide:
            raise UntranslatableError(f"{name} has too many values to be compared {how}")
