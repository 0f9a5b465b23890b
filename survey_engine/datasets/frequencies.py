"""Frequencies of the table of responses, counted while it is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from math import sqrt

from survey_engine.datasets.codebook import CodebookEntry
from survey_engine.datasets.plan import Cell
from survey_engine.datasets.table_columns import TableDescription
from survey_engine.model.questionnaire import Code

BATCH = 500
"""Rows that are counted at once."""


@dataclass(frozen=True, slots=True)
class Spread:
    """Statistics of numbers."""

    mean: float
    deviation: float
    """Standard deviation of the sample (n - 1); 0 for one number."""
    least: int
    median: float
    most: int


@dataclass(frozen=True, slots=True)
class Frequency:
    """The counts of one column."""

    entry: CodebookEntry
    counts: Mapping[Cell, int]

    @property
    def valid(self) -> int:
        """Number of answers that are neither missing nor empty."""
        return sum(count for _, count in self.list_valid())

    def list_valid(self) -> list[tuple[Cell, int]]:
        missing = {*self.entry.missing.values(), ""}
        return [(cell, count) for cell, count in self.counts.items() if cell not in missing]

    def list_missing(self) -> list[tuple[str, int]]:
        """List reason and count of the missing values that occur."""
        reasons = ((reason, self.counts.get(code, 0)) for reason, code in self.entry.missing.items())
        return [(reason, count) for reason, count in reasons if count]

    def share(self, code: Code) -> float | None:
        """Return the share of a code in the valid answers; None for a missing code, or without valid answers."""
        if not self.valid or code in self.entry.missing.values():
            return None
        return self.counts.get(code, 0) / self.valid

    @property
    def spread(self) -> Spread | None:
        """Statistics of a column whose codes are numbers with an order."""
        numbers = sorted((cell, count) for cell, count in self.list_valid() if isinstance(cell, int))
        if self.entry.level == "nominal" or not numbers or len(numbers) < len(self.list_valid()):
            return None
        n = self.valid
        mean = sum(number * count for number, count in numbers) / n
        squares = sum((number - mean) ** 2 * count for number, count in numbers)
        middle = (_find_rank(numbers, (n - 1) // 2) + _find_rank(numbers, n // 2)) / 2
        return Spread(mean, sqrt(squares / (n - 1)) if n > 1 else 0.0, numbers[0][0], middle, numbers[-1][0])


def _find_rank(numbers: Iterable[tuple[int, int]], rank: int) -> int:
    """Return the number at a rank, counted from 0."""
    for number, count in numbers:
        if rank < count:
            return number
        rank -= count
    raise IndexError(rank)


class Frequencies:
    """Counts of all columns with codes or numbers; texts and dates are not counted, but their missing codes are."""

    def __init__(self, description: TableDescription) -> None:
        self._columns = [
            (index, column)
            for index, column in enumerate(description.columns)
            if column.storage in ("integer", "code", "coded date")
        ]
        self._counts: dict[str, Counter[Cell]] = {column.name: Counter() for _, column in self._columns}

    def count(self, rows: Iterable[Sequence[Cell]]) -> Iterator[Sequence[Cell]]:
        """Yield the same rows."""
        remaining = iter(rows)
        while batch := list(islice(remaining, BATCH)):
            for index, column in self._columns:
                cells: Iterable[Cell] = (row[index] for row in batch)
                if column.storage == "coded date":
                    cells = (cell for cell in cells if isinstance(cell, int))
                self._counts[column.name].update(cells)
            yield from batch

    def summarise(self, entries: Iterable[CodebookEntry]) -> dict[str, Frequency]:
        """Return column → frequency, without columns that have no cells."""
        counted = ((entry, self._counts.get(entry.name)) for entry in entries if entry.file == "responses")
        return {entry.name: Frequency(entry, counts) for entry, counts in counted if counts}
