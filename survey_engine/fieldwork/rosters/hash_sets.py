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
        places, last = self._places, len(self._places) - 1
        at = number & last
        while known := places[at]:
            if known == number:
                return False
            at = (at + 1) & last
        places[at] = number
        self._room -= 1
        if not self._room:
            self._grow()
        return True

    def __contains__(self, number: int) -> bool:
        if not number:
            return self._has_zero
        places, last = self._places, len(self._places) - 1
        at = number & last
        while known := places[at]:
            if known == number:
                return True
            at = (at + 1) & last
        return False

    def _grow(self) -> None:
        filled, self._places = self._places, array("q", bytes(16 * len(self._places)))
        places, last = self._places, len(self._places) - 1
        for number in filter(None, filled):
            at = number & last
            while places[at]:
                at = (at + 1) & last
            places[at] = number
        self._room = len(places) * 2 // 3 - len(filled) * 2 // 3
