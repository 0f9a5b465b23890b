"""The mistakes in a list, grouped by column and value, each with the lines on which it stands."""

from __future__ import annotations

import csv
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from survey_engine.rendering.spreadsheet_cells import guard

SHOWN, SHOWN_LINES = 30, 5
"""Different mistakes that are written out, and lines of each."""
KINDS = 1_000
"""After so many different mistakes the list is read no further."""


@dataclass(slots=True)
class Mistake:
    """One mistake, on every line that has it."""

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
    """Collects mistakes; the text of each is made once."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str], Mistake] = {}
        self.stopped = False
        """Whether there were too many to read on."""

    def add(self, line: int, column: str, value: str, text: str | Callable[[], str]) -> None:
        mistake = self._found.get((column, value))
        if mistake is None:
            mistake = self._found[column, value] = Mistake(column, value, text if isinstance(text, str) else text())
            self.stopped = len(self._found) >= KINDS
        mistake.lines.append(line)

    def __bool__(self) -> bool:
        return bool(self._found)

    @property
    def count(self) -> int:
        return sum(len(mistake.lines) for mistake in self._found.values())

    def list_grouped(self) -> list[Mistake]:
        """The most frequent first."""
        return sorted(self._found.values(), key=lambda mistake: (-len(mistake.lines), mistake.lines[0]))

    def iter_lines(self) -> Iterator[tuple[int, Mistake]]:
        """Every line with each of its mistakes, from the top."""
        return iter(sorted(((line, m) for m in self._found.values() for line in m.lines), key=lambda pair: pair[0]))


class RosterError(Exception):
    """The list cannot be used; carries every mistake with its line."""

    def __init__(self, path: Path, mistakes: Mistakes | str, line: int = 0) -> None:
        """Args: mistakes: one text stands for a mistake of the whole list, or of this line."""
        if isinstance(mistakes, str):
            text, mistakes = mistakes, Mistakes()
            mistakes.add(line, "", "", text)
        self.path, self.mistakes = path, mistakes
        grouped = mistakes.list_grouped()
        lines = [f"{path}:{mistake.lines[0]}: {mistake}".replace(":0: ", ": ") for mistake in grouped[:SHOWN]]
        if len(grouped) > SHOWN:
            lines.append(f"… and {len(grouped) - SHOWN} different mistakes more")
        if mistakes.stopped:
            lines.append("There are so many different mistakes that the rest of the list was not read.")
        super().__init__("\n".join(lines))

    @property
    def is_long(self) -> bool:
        """Whether the message leaves lines out."""
        grouped = self.mistakes.list_grouped()
        return len(grouped) > SHOWN or any(len(mistake.lines) > SHOWN_LINES for mistake in grouped)

    def write(self, path: Path) -> None:
        """Every mistake on every line, as CSV that a spreadsheet opens."""
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            path.chmod(0o600)
            writer = csv.writer(file)
            writer.writerow(["line", "column", "value", "mistake"])
            for line, mistake in self.mistakes.iter_lines():
                writer.writerow([line, guard(mistake.column), guard(mistake.value), guard(mistake.text)])
