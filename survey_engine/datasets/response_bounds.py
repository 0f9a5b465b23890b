"""Lower bounds of withheld numbers of a table of response, as far as they reveal no small number. Needs the extra `data`.

A bound is a multiple of `least`, or the number of persons but `least` - 1. It is shown if each withheld number smaller than `least`
still can have `least` values: a rectangle of withheld numbers moves so far, and all shown numbers and bounds stay the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple, TypeAlias

import numpy as np

WAITING, COMPLETED, INVITED = 0, 2, 3
"""Columns of a table of states: persons who have not started, are under way, have completed, and all."""
MOST_TRIED = 200
"""Rectangles that are tried for one number."""


Place: TypeAlias = tuple[int, int]
"""Row and column."""


class Rectangle(NamedTuple):
    """Four withheld numbers that move together; the first by one, the others by one in either direction."""

    corners: tuple[tuple[int, int, int], ...]
    """Row, column and direction (1 or -1) of each."""


class ResponseBounds:
    """Bounds of the numbers of persons who started and completed."""

    def __init__(self, table: np.ndarray, hidden: np.ndarray, least: int) -> None:
        """Args: table: rows of groups, the last one their total; columns as above · hidden: whether each number is withheld."""
        self._table: list[list[int]] = table.tolist()
        self._hidden: list[list[bool]] = hidden.tolist()
        self._below = [[row for row, hides in enumerate(self._hidden) if hides[column]] for column in range(INVITED + 1)]
        self._least = least
        self._shown: set[Place] = set()
        """Rows with a bound: of persons who started (WAITING) or COMPLETED."""

    def find(self) -> dict[Place, int]:
        """Row and column, WAITING for persons who started → bound."""
        rows = sorted(range(len(self._table)), key=lambda row: (-self._table[row][INVITED], row))
        wanted = [(row, column) for column in (WAITING, COMPLETED) for row in rows if self._find_bound(row, column)]
        witnesses = {place: self._find_rectangle(place) for place in self._iter_small()}
        if None in witnesses.values():
            return {}
        depending: dict[int, set[Place]] = defaultdict(set)
        for place, found in witnesses.items():
            _add(depending, place, found)
        for bound in wanted:
            self._shown.add(bound)
            lost = [place for place in depending[bound[0]] if not self._is_wide(witnesses[place])]
            renewed = {place: self._find_rectangle(place) for place in lost}
            if None in renewed.values():
                self._shown.remove(bound)
                continue
            for place, found in renewed.items():
                witnesses[place] = found
                _add(depending, place, found)
        return {place: self._find_bound(*place) for place in self._shown}

    def _iter_small(self) -> Iterator[Place]:
        for row, (numbers, hides) in enumerate(zip(self._table, self._hidden, strict=True)):
            for column, (number, hide) in enumerate(zip(numbers, hides, strict=True)):
                if hide and 0 < number < self._least:
                    yield row, column

    def _find_bound(self, row: int, column: int, moved: Sequence[int] | None = None) -> int:
        """The bound of a withheld number of a row; 0 if there is none. Args: moved: other numbers of the row."""
        if self._hidden[row][INVITED] or not self._hidden[row][column]:
            return 0
        numbers = moved or self._table[row]
        persons = numbers[INVITED]
        number, cap = persons - numbers[WAITING] if column == WAITING else numbers[column], persons - self._least + 1
        return 0 if number < self._least or cap < self._least else cap if number >= cap else number - number % self._least

    def _find_rectangle(self, place: Place) -> Rectangle | None:
        """A rectangle that moves enough, among the first `MOST_TRIED`."""
        return next(filter(self._is_wide, islice(self._iter_rectangles(place), MOST_TRIED)), None)

    def _iter_rectangles(self, place: Place) -> Iterator[Rectangle]:
        """Iterate over the rectangles of withheld numbers with this one; numbers of a total move in the same direction."""
        row, column = place
        total = len(self._table) - 1
        columns = [at for at, hides in enumerate(self._hidden[row]) if hides and at != column]
        for other in self._below[column]:
            if other == row:
                continue
            down = 1 if total in (row, other) else -1
            for at in columns:
                if self._hidden[other][at]:
                    across = 1 if INVITED in (column, at) else -1
                    yield Rectangle(((row, column, 1), (other, column, down), (row, at, across), (other, at, down * across)))

    def _is_wide(self, found: Rectangle | None) -> bool:
        """Whether enough moves of a rectangle leave all that is shown as it is."""
        steps = range(-self._least, self._least + 1)
        return found is not None and sum(self._is_same(found, step) for step in steps) >= self._least

    def _is_same(self, found: Rectangle, step: int) -> bool:
        moved: dict[int, list[int]] = {}
        for row, column, direction in found.corners:
            numbers = moved.setdefault(row, [*self._table[row]])
            numbers[column] += step * direction
            if numbers[column] < 0:
                return False
        return all(
            self._find_bound(row, column, numbers) == self._find_bound(row, column)
            for row, numbers in moved.items()
            for column in (WAITING, COMPLETED)
            if (row, column) in self._shown
        )


def _add(depending: dict[int, set[Place]], place: Place, found: Rectangle | None) -> None:
    """Note the rows that the witness of a place uses."""
    for row, _, _ in found.corners if found else ():
        depending[row].add(place)
