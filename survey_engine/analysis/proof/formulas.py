"""Boolean formulas, simplified while they are built.

Equal formulas are the same object, so equal searches of several institutions are solved once.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from typing import Any, TypeAlias
from weakref import WeakValueDictionary

import z3

_FORMULAS_BY_OPERATOR: dict[str, Any] = {
    "true": lambda label, parts: z3.BoolVal(True),
    "false": lambda label, parts: z3.BoolVal(False),
    "variable": lambda label, parts: z3.Bool(label),
    "not": lambda label, parts: z3.Not(*parts),
    "and": lambda label, parts: z3.And(*parts),
    "or": lambda label, parts: z3.Or(*parts),
    "at least": lambda label, parts: z3.AtLeast(*parts, label),
    "at most": lambda label, parts: z3.AtMost(*parts, label),
}
"""Operator → function that builds its z3 formula. The label is a variable's name, or a number of parts."""


class Formula:
    """A node of a formula. Only the functions below create nodes: they return the same object for equal formulas."""

    __slots__ = ("__weakref__", "_solver_form", "label", "operator", "parts")

    def __init__(self, operator: str, label: str | int, parts: tuple[Formula, ...]) -> None:
        self.operator, self.label, self.parts = operator, label, parts
        self._solver_form: z3.BoolRef | None = None

    def __repr__(self) -> str:
        return str(self.label) if self.operator == "variable" else f"{self.operator}{list(self.parts) or ''}"

    @property
    def solver_form(self) -> z3.BoolRef:
        """The formula in z3."""
        if self._solver_form is None:
            made: set[Formula] = set()
            for part in _iter_parts_first(self, made):
                if part._solver_form is None:
                    forms = [each._solver_form for each in part.parts]
                    part._solver_form = _FORMULAS_BY_OPERATOR[part.operator](part.label, forms)
                made.add(part)
        return self._solver_form


_Key: TypeAlias = tuple[str, str | int, tuple[Formula, ...]]
_formulas: WeakValueDictionary[_Key, Formula] = WeakValueDictionary()


def _make(operator: str, label: str | int = "", parts: tuple[Formula, ...] = ()) -> Formula:
    found = _formulas.get((operator, label, parts))
    if found is None:
        found = _formulas[operator, label, parts] = Formula(operator, label, parts)
    return found


TRUE, FALSE = _make("true"), _make("false")


def make_variable(name: str) -> Formula:
    """Return the formula of the solver's variable with this name."""
    return _make("variable", name)


def _iter_parts_first(formula: Formula, done: Container[Formula]) -> Iterator[Formula]:
    """Yield the formula and its parts, parts first, except those in `done`; the caller adds each to `done`."""
    waiting = [formula]
    while waiting:
        missing = [part for part in waiting[-1].parts if part not in done]
        if missing:
            waiting += missing
            continue
        last = waiting.pop()
        if last not in done:
            yield last


def conjoin(parts: Iterable[Formula]) -> Formula:
    """Return the conjunction of the parts; true without parts.

    >>> a = make_variable("a")
    >>> conjoin([]), conjoin([a, TRUE, a]), conjoin([a, FALSE])
    (true, a, false)
    """
    kept = dict.fromkeys(part for part in parts if part is not TRUE)
    return FALSE if FALSE in kept else _join("and", kept, TRUE)


def disjoin(parts: Iterable[Formula]) -> Formula:
    """Return the disjunction of the parts; false without parts.

    >>> a = make_variable("a")
    >>> disjoin([]), disjoin([a, FALSE, a]), disjoin([a, TRUE])
    (false, a, true)
    """
    kept = dict.fromkeys(part for part in parts if part is not FALSE)
    return TRUE if TRUE in kept else _join("or", kept, FALSE)


def _join(operator: str, parts: dict[Formula, None], none: Formula) -> Formula:
    if len(parts) < 2:
        return next(iter(parts), none)
    return _make(operator, parts=tuple(parts))


def negate(part: Formula) -> Formula:
    """Return the negation.

    >>> negate(TRUE), negate(negate(make_variable("a")))
    (false, a)
    """
    if part is TRUE or part is FALSE:
        return FALSE if part is TRUE else TRUE
    return part.parts[0] if part.operator == "not" else _make("not", parts=(part,))


def implies(first: Formula, then: Formula) -> Formula:
    return disjoin([negate(first), then])


def at_most_one(parts: Iterable[Formula]) -> Formula:
    return count_between(parts, 0, 1)


def count_between(parts: Iterable[Formula], low: int, high: int) -> Formula:
    """Return the formula that at least `low` and at most `high` of the parts are true.

    >>> a, b = map(make_variable, "ab")
    >>> count_between([a, b], 0, 2), count_between([a, TRUE], 3, 4)
    (true, false)
    """
    listed = list(parts)
    certain = sum(1 for part in listed if part is TRUE)
    open_ = tuple(part for part in listed if part is not TRUE and part is not FALSE)
    low, high = low - certain, high - certain
    if high < 0 or low > len(open_):
        return FALSE
    bounds = [_make("at least", low, open_)] if low > 0 else []
    return conjoin([*bounds, _make("at most", high, open_)] if high < len(open_) else bounds)


class Valuation:
    """The values of the solver's variables, for a respondent that the solver found."""

    def __init__(self, true: Container[str]) -> None:
        self._true = true
        self._values: dict[Formula, bool] = {}

    def holds(self, formula: Formula) -> bool:
        """Whether the formula is true.

        >>> a, b = map(make_variable, "ab")
        >>> here = Valuation({"a"})
        >>> here.holds(conjoin([a, negate(b)])), here.holds(count_between([a, b], 2, 2))
        (True, False)
        """
        for part in _iter_parts_first(formula, self._values):
            self._values[part] = self._evaluate(part)
        return self._values[formula]

    def _evaluate(self, formula: Formula) -> bool:
        held = [self._values[part] for part in formula.parts]
        match formula.operator, formula.label:
            case "variable", label:
                return label in self._true
            case (("true" | "and"), _):
                return all(held)
            case (("false" | "or"), _):
                return any(held)
            case "not", _:
                return not held[0]
            case "at least", int(low):
                return sum(held) >= low
            case "at most", int(high):
                return sum(held) <= high
        raise ValueError(formula.operator)


def read_valuation(model: z3.ModelRef) -> Valuation:
    """Return the values of the solver's variables; a variable without a value is false."""
    return Valuation({each.name() for each in model.decls() if z3.is_true(model[each])})
