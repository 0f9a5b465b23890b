"""Reads CSV files of spreadsheets row by row. Detects the delimiter."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TextIO

from survey_engine.fieldwork.rosters.encodings import find_encoding
from survey_engine.fieldwork.rosters.keys import INVISIBLE
from survey_engine.fieldwork.rosters.mistakes import RosterError
from survey_engine.fieldwork.signing import normalise_key
from survey_engine.rendering.spreadsheet_cells import unguard

_DELIMITERS = ",;\t|"
_SEPARATOR = re.compile(r'"?sep=(.)"?[,;\t]*', re.IGNORECASE)
"""A first line by which some programs tell Excel the delimiter."""
_BLANK = f'{_DELIMITERS} "\x1a'
"""Characters of rows without content: of other delimiters, and the end mark of DOS."""
_INVISIBLE = re.compile(f"[{INVISIBLE}]")
_SAMPLE = 12
"""Number of headings that a message shows."""
_HEADINGS, _CELL = 20, 30
"""Number of lines that are searched for headings, and characters of a heading that a message shows."""


@dataclass(frozen=True, slots=True)
class CsvText:
    """A CSV file with its encoding and delimiter."""

    path: Path
    encoding: str
    delimiter: str
    skipped: int
    """Number of lines above the header: 1 for a line `sep=;`."""
    stamp: tuple[int, int]
    """Size and modification time, to detect a change of the file between two reads."""
    strange: str = ""
    """Some non-ASCII characters, when the encoding is a guess."""

    def iter_rows(self, is_row: Callable[[list[str]], bool] = lambda cells: False) -> Iterator[tuple[int, list[str]]]:
        """Iterate over the rows that are not empty, each with the line on which it begins.

        Args:
            is_row: whether a single line is a row of this list. A row that contains several such lines has an unclosed quotation mark.

        Raises:
            RosterError: at an unclosed quotation mark, or when the file has changed since it was opened.
        """
        with self.path.open(encoding=self.encoding, newline="") as file:
            lines = _Lines(file, self.skipped)
            reader = csv.reader(lines, delimiter=self.delimiter, strict=True)
            while True:
                begins = lines.begin_row()
                try:
                    cells = next(reader)
                except StopIteration:
                    break
                except csv.Error:
                    raise self._report(begins, lines.held) from None
                if len(lines.held) > 1:
                    self._check_swallowed(begins, lines.held, is_row)
                if any(cell.strip().strip(_BLANK) for cell in cells):
                    has_formula = any('="' in line for line in lines.held)
                    yield begins, list(map(_read_formula, cells)) if has_formula else cells
        if _stamp(self.path) != self.stamp:
            raise RosterError(self.path, "this file was changed while it was read. Begin again.")

    def _check_swallowed(self, begins: int, held: list[str], is_row: Callable[[list[str]], bool]) -> None:
        rows = [at for at, line in enumerate(held) if is_row(line.replace('"', "").rstrip("\r\n").split(self.delimiter))]
        if len(rows) > 1:
            raise self._report(begins, held[: rows[0] + 1], f" It takes {len(held)} lines for one cell.")

    def _report(self, begins: int, held: list[str], more: str = "") -> RosterError:
        return RosterError(
            self.path,
            f'a quotation mark (") opens a cell here that is not closed as it should be.{more} Remove it, or write two ("") where '
            "one is meant.",
            begins + _find_opening(held, self.delimiter),
        )


def _read_formula(cell: str) -> str:
    """A cell without the formula by which some programs keep leading zeros in Excel: `="0012"`."""
    return cell[2:-1] if cell.startswith('="') and cell.endswith('"') and '"' not in cell[2:-1] else cell


class _Lines:
    """An iterator over the lines of a file that keeps the lines of the current row."""

    def __init__(self, file: TextIO, skipped: int) -> None:
        self._lines, self._number = islice(file, skipped, None), skipped
        self.held: list[str] = []

    def begin_row(self) -> int:
        """The number of the line on which the next row begins."""
        self.held = []
        return self._number + 1

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self._number += 1
        self.held.append(line)
        return line


def _find_opening(lines: list[str], delimiter: str) -> int:
    """The index of the line with the last quotation mark that opens a cell."""
    opening, inside, closed, before = 0, False, False, delimiter
    for offset, line in enumerate(lines):
        for sign in line:
            if inside:
                inside = sign != '"'
                closed = not inside
            elif sign == '"' and closed:  # a doubled quotation mark: the cell continues
                inside, closed = True, False
            elif sign == '"' and before == delimiter:
                opening, inside = offset, True
            elif closed and sign not in f"{delimiter}\r\n":
                return opening
            else:
                closed = False
            before = sign
    return opening


def open_csv(path: Path) -> CsvText:
    """Detect the encoding and delimiter of a file.

    Raises:
        RosterError: when the file is a workbook or no text.
    """
    encoding, strange = find_encoding(path)
    with path.open(encoding=encoding, newline="") as file:
        lines = list(islice(file, 20))
    declared = _SEPARATOR.fullmatch(lines[0].strip(" \r\n")) if lines else None
    skipped = 1 if declared else 0
    if declared and _count_cells(lines[skipped:], declared[1]) > 1:
        return CsvText(path, encoding, declared[1], skipped, _stamp(path), strange)
    delimiter = max(_DELIMITERS, key=lambda sign: _count_cells(lines[skipped:], sign))
    return CsvText(path, encoding, delimiter, skipped, _stamp(path), strange)


def check_headings(text: CsvText, header: list[str], needed: str) -> None:
    """Check the position of a required heading.

    Raises:
        RosterError: when it is in a later line, or when line 1 is a single quoted cell.
    """
    if needed in map(str.casefold, header):
        return
    if len(header) == 1 and needed in map(str.strip, re.split(f"[{_DELIMITERS}]", header[0].casefold())):
        wrong = (
            "this line is in quotation marks as a whole, and so is one cell. Save the list as “CSV UTF-8” from the original file"
        )
        raise RosterError(text.path, f"{wrong}, or remove the marks around all lines.", 1)
    if len(header) == 1 and needed in header[0].casefold():
        wrong = f"cells must be divided by commas, semicolons or tabs, and line 1 is one cell: {format_headings(header)}"
        raise RosterError(text.path, f"{wrong}. Save the list as “CSV UTF-8”.", 1)
    check_lines_above(text, header, lambda cells: needed in map(str.casefold, cells))


def check_lines_above(text: CsvText, header: list[str], are_headings: Callable[[list[str]], bool]) -> None:
    """Raise RosterError when the headings are in a later line than the first."""
    with text.path.open(encoding=text.encoding, newline="") as file:
        for number, line in enumerate(islice(file, _HEADINGS), 1):
            cells = [cell.strip().strip('"') for cell in re.split(f"[{_DELIMITERS}]", line)]
            if number > text.skipped + 1 and are_headings(cells):
                wrong = f"the headings must be in line 1, which has: {format_headings(header)}. They seem to be in line {number}"
                raise RosterError(text.path, f"{wrong}: remove the lines above it.", 1)


def clean_headings(cells: list[str]) -> list[str]:
    """Remove line breaks, invisible characters and repeated or surrounding spaces."""
    return [" ".join(strip_invisible(cell).split()) for cell in cells]


def strip_invisible(cell: str) -> str:
    """A cell without characters that cannot be seen."""
    return cell if cell.isascii() else _INVISIBLE.sub("", cell)


def find_heading(header: Sequence[str], name: str) -> int | None:
    """The position of a column. Case, spaces, composition of accents and the spreadsheet guard make no difference.

    >>> find_heading(["institution", "'-Student  number"], "-student number")
    1
    """
    plain = list(map(simplify_heading, header))
    return plain.index(simplify_heading(name)) if simplify_heading(name) in plain else None


def simplify_heading(heading: str) -> str:
    """Remove differences of case, spaces and composition, and the spreadsheet guard."""
    return normalise_key(" ".join(unguard(heading.strip()).split()))


def format_headings(header: list[str]) -> str:
    """The headings as text, shortened."""
    more = ", …" if len(header) > _SAMPLE else ""
    return ", ".join(cell if len(cell) <= _CELL else cell[:_CELL] + "…" for cell in header[:_SAMPLE]) + more


def _count_cells(lines: list[str], delimiter: str) -> int:
    """The number of cells in the header with this delimiter."""
    rows = csv.reader(lines, delimiter=delimiter)
    with suppress(csv.Error):
        return next((len(cells) for cells in rows if any(cell.strip() for cell in cells)), 0)
    return 0


def _stamp(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_size, status.st_mtime_ns
