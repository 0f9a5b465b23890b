"""Sets of hashes that take 8 bytes for each, and a set of Python 70: lists have a million rows, and several hashes of each."""

from __future__ import annotations

from array import array
from bisect import bisect_left


class HashSet:
    """A set of numbers of 64 bits, such as those of `hash`. Most are in sorted arrays, each of more than twice the next one's size.

    >>> known = HashSet()
    >>> known.add(7), known.add(7), 7 in known, 8 in known
    (True, False, True, False)
    """

    def __init__(self, most_recent: int = 1 << 15) -> None:
        """Args: most_recent: number of hashes from which they are sorted."""
        self._most_recent = most_recent
        self._recent = set[int]()
        self._sorted: list[array[int]] = []

    def add(self, number: int) -> bool:
        """Add a number; return whether it is new."""
        if number in self:
            return False
        self._recent.add(number)
        if len(self._recent) == self._most_recent:
            self._sort()
        return True

    def __contains__(self, number: int) -> bool:
        if number in self._recent:
            return True
        for numbers in self._sorted:
            at = bisect_left(numbers, number)
            if at < len(numbers) and numbers[at] == number:
                return True
        return False

    def _sort(self) -> None:
        merged = array("q", self._recent)
        while self._sorted and len(self._sorted[-1]) <= 2 * len(merged):
            merged.extend(self._sorted.pop())
        self._sorted.append(array("q", sorted(merged)))
        self._recent.clear()
