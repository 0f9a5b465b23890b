"""Sets of hashes that take 12 to 24 bytes for each, and a set of Python 70: lists have a million rows, and several hashes of each."""

from __future__ import annotations

from array import array


class HashSet:
    """A set of numbers of 64 bits, such as those of `hash`: a table with open addressing, of which at most two thirds are filled.

    >>> known = HashSet()
    >>> known.add(7), known.add(7), 7 in known, 8 in known
    (True, False, True, False)
    """

    def __init__(self, size: int = 1 << 12) -> None:
        """Args: size: number of places at first, a power of two from 4."""
        self._places = array("q", bytes(8 * size))
        """Numbers, each at the place of its last bits or the next free one; 0 is free."""
        self._room = size * 2 // 3
        self._has_zero = False

    def add(self, number: int) -> bool:
        """Add a number; return whether it is new."""
        if not number:
            is_new, self._has_zero = not self._has_zero, True
            return is_new
        at = self._find_place(number)
        if self._places[at]:
            return False
        self._places[at] = number
        self._room -= 1
        if not self._room:
            self._grow()
        return True

    def __contains__(self, number: int) -> bool:
        return bool(self._places[self._find_place(number)]) if number else self._has_zero

    def _find_place(self, number: int) -> int:
        """Return the place of a number, or the free one at which it would be."""
        places, last = self._places, len(self._places) - 1
        at = number & last
        while places[at] not in (0, number):
            at = (at + 1) & last
        return at

    def _grow(self) -> None:
        filled, self._places = self._places, array("q", bytes(16 * len(self._places)))
        for number in filter(None, filled):
            self._places[self._find_place(number)] = number
        self._room = len(self._places) * 2 // 3 - len(filled) * 2 // 3
