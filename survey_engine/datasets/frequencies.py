"""Frequencies of the table of responses, counted while it is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from math import sqrt

from survey_engine.datasets.codebook import CodebookEntry
from survey_engine.datasets.disclosure import ChosenCounts, choose_counts, is_small
from survey_engine.datasets.plan import Cell
from survey_engine.datasets.released_groups import OUTSIDE_CODES
from survey_engine.datasets.table_columns import TableDescription
from survey_engine.model.missing_values import OUTSIDE_REASONS
from survey_engine.model.questionnaire import Code
from survey_engine.settings import GroupSizes

BATCH = 500
"""Number of rows that are counted at once."""
_VALID = "valid"
"""Stands for all valid answers of a column without codes."""
_UNASKED = ("not_asked", "not_assigned")
UNANSWERED = ("skipped", "broken_off", "withdrawn")
"""Reasons for which a response was not asked: they tell nothing about persons."""


@dataclass(frozen=True, slots=True)
class Spread:
    """Statistics of numbers."""

    mean: float
    deviation: float
    """Standard deviation of the sample (n - 1); 0 for one number."""
    least: int | None
    """The lowest number; None if too few responses have it."""
    median: float
    most: int | None


@dataclass(frozen=True)
class Frequency:
    """The counts of one column, and which of them may be shown.

    If fewer than `least_group` responses were asked a column, none of its counts is shown.
    """

    entry: CodebookEntry
    counts: Mapping[Cell, int]
    least_group: int = 1
    hides_asked: bool = False
    """Whether the number asked is withheld, because it would reveal a withheld count of another column."""

    @cached_property
    def valid(self) -> int | None:
        """Number of answers that are neither missing nor empty; None if this number would reveal a small one."""
        is_shown = not (self.is_withheld or self.hides_asked or self._chosen.hides_valid)
        return sum(self._answered.values()) if is_shown else None

    @cached_property
    def is_withheld(self) -> bool:
        """Whether all counts are withheld: fewer than `least_group` responses were asked, or answered without skipping."""
        unasked, unanswered = (sum(map(self.counts.__getitem__, self._list_codes(why))) for why in (_UNASKED, UNANSWERED))
        return any(is_small(sum(self.counts.values()) - count, self.least_group) for count in (unasked, unanswered))

    @cached_property
    def withheld(self) -> frozenset[Cell]:
        """The cells whose counts are withheld."""
        if self.is_withheld:
            return frozenset(self.counts)
        return frozenset(self._chosen.withheld | (self._choose_asked() if self.hides_asked else set()))

    def _choose_asked(self) -> set[Cell]:
        """Choose the cells that hide the number asked: unasked responses, and the smallest other cells until these reach `least_group`."""
        chosen: set[Cell] = {*self._list_codes(_UNASKED)}
        unanswered, together = self._list_codes(UNANSWERED), 0
        for cell, count in sorted({**self._answered, **self._missing}.items(), key=lambda entry: (entry[1], str(entry[0]))):
            if cell not in chosen and cell not in unanswered and together < self.least_group:
                chosen.add(cell)
                together += count
        return chosen

    @cached_property
    def _chosen(self) -> ChosenCounts:
        return choose_counts(self._answered, self._missing, self._list_codes(UNANSWERED), self.least_group)

    @cached_property
    def _answered(self) -> dict[Cell, int]:
        """The counts of valid answers. In a column without codes, all valid answers are one cell."""
        valid = dict(self.list_valid())
        return valid if self.entry.codes else {_VALID: sum(valid.values())}

    @cached_property
    def _missing(self) -> dict[Cell, int]:
        """The counts of missing and empty values."""
        return {cell: count for cell, count in self.counts.items() if cell in {*self.entry.missing.values(), ""}}

    def _list_codes(self, reasons: Collection[str]) -> list[Cell]:
        """List the occurring missing codes that have these reasons."""
        return [code for reason, code in self.entry.missing.items() if reason in reasons and code in self.counts]

    def list_valid(self) -> list[tuple[Cell, int]]:
        """Return (value, number of responses) of each occurring value that is not missing."""
        missing = {*self.entry.missing.values(), ""}
        return [(cell, count) for cell, count in self.counts.items() if cell not in missing]

    def count_answers(self) -> dict[str, int]:
        """Return code → number of answers, for the comparison of releases. Answers outside the scale have one count together."""
        outside = sum(
            self.counts.get(code, 0) for reason, code in self.entry.missing.items() if reason in OUTSIDE_REASONS.values()
        )
        return {**{str(code): count for code, count in self.list_valid()}, OUTSIDE_CODES: outside}

    def list_missing(self) -> list[tuple[str, int | None]]:
        """List the missing values that occur: (reason, count). The count is None if it is withheld."""
        reasons = ((reason, code) for reason, code in self.entry.missing.items() if self.counts.get(code))
        return [(reason, self.count(code)) for reason, code in reasons]

    def count(self, code: Cell) -> int | None:
        """Return the count of a code; None if it is withheld."""
        return None if self.is_withheld or code in self.withheld else self.counts.get(code, 0)

    def share(self, code: Code) -> float | None:
        """Return the share of a code in the valid answers; None for a missing code, a withheld count, or if no answer is valid."""
        count = self.count(code)
        if not self.valid or count is None or code in self.entry.missing.values():
            return None
        return count / self.valid

    @property
    def spread(self) -> Spread | None:
        """Statistics of a column whose codes are numbers with an order, unless they would reveal a small number."""
        valid = self.list_valid()
        numbers = sorted((cell, count) for cell, count in valid if isinstance(cell, int))
        is_shown = self.valid and self.withheld.isdisjoint(cell for cell, _ in valid)
        if self.entry.level == "nominal" or not numbers or len(numbers) < len(valid) or not is_shown:
            return None
        n = sum(count for _, count in numbers)
        mean = sum(number * count for number, count in numbers) / n
        squares = sum((number - mean) ** 2 * count for number, count in numbers)
        middle = (_find_rank(numbers, (n - 1) // 2) + _find_rank(numbers, n // 2)) / 2
        least, most = (None if is_small(count, self.least_group) else number for number, count in (numbers[0], numbers[-1]))
        return Spread(mean, sqrt(squares / (n - 1)) if n > 1 else 0.0, least, middle, most)


def _find_rank(numbers: Iterable[tuple[int, int]], rank: int) -> int:
    """Return the number at a rank, counted from 0."""
    for number, count in numbers:
        if rank < count:
            return number
        rank -= count
    raise IndexError(rank)


class Frequencies:
    """Counts of all columns with codes or numbers. In columns of dates with missing codes, all days count as one. Texts are not counted."""

    def __init__(self, description: TableDescription) -> None:
        self._columns = [
            (index, column)
            for index, column in enumerate(description.columns)
            if column.storage in ("integer", "code", "coded date")
        ]
        self._counts: dict[str, Counter[Cell]] = {column.name: Counter() for _, column in self._columns}

    def count(self, rows: Iterable[Sequence[Cell]]) -> Iterator[Sequence[Cell]]:
        """Count the rows and yield them unchanged."""
        remaining = iter(rows)
        while batch := list(islice(remaining, BATCH)):
            for index, column in self._columns:
                cells: Iterable[Cell] = (row[index] for row in batch)
                if column.storage == "coded date":
                    cells = (_VALID if isinstance(cell, str) and cell else cell for cell in cells)
                self._counts[column.name].update(cells)
            yield from batch

    def summarise(self, entries: Iterable[CodebookEntry], sizes: GroupSizes) -> dict[str, Frequency]:
        """Return column → frequency, without columns that have no cells.

        The number asked is withheld if a column with withheld counts decides who is asked: the number would be a sum of these counts.
        """
        found: dict[str, Frequency] = {}
        withheld: set[str] = set()
        for entry in entries:
            counts = self._counts.get(entry.name) if entry.file == "responses" else None
            if counts:
                least = sizes.find_least(sensitive=bool(entry.about.sensitive))
                found[entry.name] = Frequency(entry, counts, least, hides_asked=not withheld.isdisjoint(entry.filters))
                withheld |= {entry.name} if found[entry.name].withheld else set()
        return found
