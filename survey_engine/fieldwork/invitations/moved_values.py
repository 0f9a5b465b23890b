"""Finds values of known persons, such as background and labels together, that most persons exchanged: columns were moved apart."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Hashable
from dataclasses import dataclass, field

_FEWEST, SHARED = 5, 0.9
"""Smallest number of changed persons, and share of them with a value that another one lost, from which the values count as moved."""
_SHARED_OF_FEW = 0.97
"""The share for values that many persons have: groups that are made anew have about as many persons as before."""
TELLING = 0.5
"""Share of different values from which these tell persons apart."""
_RECODED = 1.2
"""Number of pairs of values before and now, for each value before, up to which values were written in another way."""


@dataclass(slots=True)
class MovedValues:
    """The values of the persons of one institution before and now. Only hashes of changed ones are kept."""

    count: int = 0
    """Number of persons."""
    positions: array[int] = field(default_factory=lambda: array("I"))
    """Of persons with another value."""
    before: array[int] = field(default_factory=lambda: array("I"))
    now: array[int] = field(default_factory=lambda: array("I"))

    def compare(self, position: int, before: Hashable, now: Hashable) -> None:
        self.count += 1
        if before != now:
            self.positions.append(position)
            self.before.append(hash(before) & 0xFFFFFFFF)
            self.now.append(hash(now) & 0xFFFFFFFF)

    def are_moved(self) -> bool:
        """Whether most persons have another value, and nearly all of these one that another person had."""
        changed = len(self.positions)
        if changed < _FEWEST or 2 * changed <= self.count:
            return False
        values = len({*self.before})
        share = SHARED if self.are_telling() else _SHARED_OF_FEW
        is_recoded = not self.are_telling() and len({*zip(self.before, self.now, strict=True)}) <= _RECODED * values
        return not is_recoded and (Counter(self.before) & Counter(self.now)).total() >= share * changed

    def are_telling(self) -> bool:
        """Whether the values tell persons apart."""
        return len({*self.before}) >= TELLING * len(self.positions)
