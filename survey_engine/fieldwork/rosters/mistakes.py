"""Mistakes in a list, grouped by column and value, with their lines."""

from __future__ import annotations

import csv
from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from survey_engine.rendering.spreadsheet_cells import guard

SHOWN, SHOWN_LINES = 30, 5
"""Largest number of different mistakes in a message, and of lines per mistake."""
_SHOWN_RANGES = 20
"""Largest number of ranges of lines in a message."""
WRITTEN = 10_000
"""Largest number of rows of a file of mistakes."""
_MOST_KINDS = 1_000
"""Number of different mistakes after which the rest of the list is not read."""


@dataclass(slots=True)
class Mistake:
    """One mistake with all its lines."""

    column: str
    value: str
    text: str
    lines: array[int] = field(default_factory=lambda: array("L"))

    def __str__(self) -> str:
        if len(self.lines) == 1:
            return self.text
        more = ", …" if len(self.lines) > SHOWN_LINES else ""
        return f"{self.text} ({len(self.lines)} rows: lines {', '.join(map(str, self.lines[:SHOWN_LINES]))}{more})"


class Mistakes:
    """Collects mistakes. The text of a mistake is computed once."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str], Mistake] = {}
        self.stopped = False
        """Whether the limit `_MOST_KINDS` is reached."""

    def add(self, line: int, column: str, value: str, text: str | Callable[[], str]) -> None:
        mistake = self._found.get((column, value))
        if mistake is None:
            mistake = self._found[column, value] = Mistake(column, value, text if isinstance(text, str) else text())
            self.stopped = len(self._found) >= _MOST_KINDS
        mistake.lines.append(line)

    def __bool__(self) -> bool:
        return bool(self._found)

    @property
    def count(self) -> int:
        return sum(len(mistake.lines) for mistake in self._found.values())

    def list_grouped(self) -> list[Mistake]:
        """The mistakes, the most frequent first."""
        return sorted(self._found.values(), key=lambda mistake: (-len(mistake.lines), mistake.lines[0]))

    def iter_lines(self) -> Iterator[tuple[int, Mistake]]:
        """Iterate over (line, mistake) in the order of lines."""
        return iter(sorted(((line, m) for m in self._found.values() for line in m.lines), key=lambda pair: pair[0]))


class RosterError(Exception):
    """The list cannot be used. Has all mistakes with their lines."""

    def __init__(self, path: Path, mistakes: Mistakes | str, line: int = 0) -> None:
        """Args: mistakes: all mistakes, or the text of one · line: the line of a single mistake; 0 for the whole list."""
        if isinstance(mistakes, str):
            text, mistakes = mistakes, Mistakes()
            mistakes.add(line, "", "", text)
        self.path, self.mistakes = path, mistakes
        grouped = mistakes.list_grouped()
        lines = [f"{path}:{mistake.lines[0]}: {mistake}".replace(":0: ", ": ") for mistake in grouped[:SHOWN]]
        if len(grouped) > SHOWN:
            lines.append(f"… and {len(grouped) - SHOWN} more different mistakes")
        if mistakes.stopped:
            lines.append("There are so many different mistakes that the rest of the list was not read.")
        super().__init__("\n".join(lines))

    @property
    def is_long(self) -> bool:
        """Whether the message leaves lines out."""
        grouped = self.mistakes.list_grouped()
        return len(grouped) > SHOWN or any(len(mistake.lines) > SHOWN_LINES for mistake in grouped)

    def write(self, path: Path) -> None:
        """Write the mistakes as CSV, one row per line and mistake, at most `WRITTEN`."""
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            path.chmod(0o600)
            writer = csv.writer(file)
            writer.writerow(["line", "column", "value", "mistake"])
            for line, mistake in islice(self.mistakes.iter_lines(), WRITTEN):
                writer.writerow([line, guard(mistake.column), guard(mistake.value), guard(mistake.text)])


def count_lines(lines: Sequence[int]) -> str:
    """Subject and verb of a sentence about rows."""
    shown = ", ".join(map(str, lines[:SHOWN_LINES])) + (", …" if len(lines) > SHOWN_LINES else "")
    return f"Line {shown} has" if len(lines) == 1 else f"Lines {shown} ({len(lines)} rows) have"


def format_ranges(numbers: Sequence[int]) -> str:
    """Ascending numbers as ranges.

    >>> format_ranges([2, 3, 4, 9])
    '2-4, 9'
    """
    starts = [number for at, number in enumerate(numbers) if not at or numbers[at - 1] != number - 1]
    ends = [number for at, number in enumerate(numbers) if at == len(numbers) - 1 or numbers[at + 1] != number + 1]
    shown = [f"{first}-{last}" if last > first else f"{first}" for first, last in zip(starts, ends, strict=True)]
    return ", ".join(shown[:_SHOWN_RANGES]) + ", …" * (len(shown) > _SHOWN_RANGES)


def describe_width(count: int, width: int) -> str:
    """Describe a row with another number of cells than the header."""
    counted = f"this row has {count} cells, the header has {width}."
    if count > width:
        return f"{counted} Put quotation marks around a cell that contains the separator, and a heading above each column."
    return (
        f"{counted} Fill in the missing cell. If the row is no person, such as a source or a total, remove it. If the last cells are "
        "empty and the spreadsheet left out their separators, move a column that is always filled in to the end."
    )
