"""Derived values: numbers computed from answers, such as a mean, which conditions and texts can use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal, TypeAlias

DerivedKind: TypeAlias = Literal["sum", "mean", "count", "years"]
NOT_APPLICABLE, NOT_KNOWN = "na", "dk"
"""The codes of the options outside a scale: "does not apply" and "don't know"."""
_WITHOUT_NUMBER = frozenset({NOT_APPLICABLE, NOT_KNOWN})
TODAY = "today"
"""The name `today` in `years`: the day on which the response started, in UTC."""


def count_years(earlier: str, later: str) -> int:
    """Return the whole years from `earlier` to `later` (YYYY-MM-DD); negative if `later` is before `earlier`.

    >>> count_years("2004-02-29", "2022-02-28"), count_years("2004-02-29", "2022-03-01"), count_years("2022-01-02", "2020-01-01")
    (17, 18, -2)
    """
    if later < earlier:
        return -count_years(later, earlier)
    return int(later[:4]) - int(earlier[:4]) - (later[5:] < earlier[5:])


@dataclass(frozen=True, slots=True)
class Derived:
    """A number computed from variables; empty if none of them has an answer. An answer outside the scale counts as no answer."""

    code: str
    kind: DerivedKind
    parts: tuple[str, ...]
    """The variables; for `years` two dates, of which one may be TODAY."""

    @property
    def names(self) -> frozenset[str]:
        """The variables that it uses, without TODAY."""
        return frozenset(self.parts) - {TODAY}

    def format_answered(self, most: int | None = None) -> str:
        """Format the condition under which the number has a value, with at most `most` parts.

        >>> Derived("age", "years", ("born", "today")).format_answered(), Derived("s", "sum", ("a", "b", "c")).format_answered(2)
        ('answered(born)', 'answered(a) or answered(b) or …')
        """
        parts = [f"answered({part})" for part in self.parts if part != TODAY]
        if self.kind == "years":
            return " and ".join(parts)
        return " or ".join(parts if most is None or len(parts) <= most else [*parts[:most], "…"])

    def compute(self, known: Mapping[str, Any]) -> int | Fraction | None:
        """Compute the number from known values; None if it is empty.

        >>> Derived("m", "mean", ("a", "b", "c")).compute({"a": 3, "b": 4, "c": "na"}), Derived("m", "sum", ("a",)).compute({})
        (Fraction(7, 2), None)
        >>> Derived("n", "count", ("a", "b", "c")).compute({"a": "x", "b": "dk", "c": ["dk"]})
        1
        """
        given = [value for name in self.parts if (value := known.get(name)) is not None and self.counts(value)]
        if self.kind == "years":
            return count_years(*given) if len(given) == len(self.parts) else None
        if self.kind == "count" or not given:
            return len(given) or None
        if self.kind == "sum":
            return int(sum(given))
        mean = Fraction(sum(given), len(given))
        return int(mean) if mean.denominator == 1 else mean  # a whole number equals one in conditions

    def counts(self, value: Any) -> bool:
        """Whether a value enters the computation: it is an answer, and not outside the scale."""
        if self.kind in ("sum", "mean"):
            return isinstance(value, int)
        return _WITHOUT_NUMBER.isdisjoint(value if isinstance(value, list) else (value,))
