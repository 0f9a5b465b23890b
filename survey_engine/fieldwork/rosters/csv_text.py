"""A CSV file as spreadsheets save it: its encoding and delimiter are found, its rows are read one at a time."""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TextIO

from survey_engine.fieldwork.rosters.mistakes import RosterError
from survey_engine.fieldwork.signing import normalise_key
from survey_engine.rendering.spreadsheet_cells import unguard

DELIMITERS = ",;\t"
NAMES = {"utf-8": "UTF-8", "utf-8-sig": "UTF-8", "utf-16": "UTF-16", "cp1252": "Windows-1252"}
_CHUNK = 1 << 20
_WORKBOOKS = (b"PK", b"\xd0\xcf\x11\xe0")
"""How .xlsx and .xls begin."""
_SAMPLE = 12
"""Strange characters that are shown of a list whose encoding is a guess, and headings."""
_HEADINGS, _CELL = 20, 30
"""Lines in which headings are looked for, and characters that are shown of one."""


@dataclass(frozen=True, slots=True)
class CsvText:
    """Where the rows are, and how to read them."""

    path: Path
    encoding: str
    delimiter: str
    skipped: int
    """Lines above the header: `sep=;`."""
    stamp: tuple[int, int]
    """Size and time of the last change, by which a change while it is read is noticed."""
    strange: str = ""
    """Characters beyond ASCII, where the encoding is a guess."""

    def iter_rows(self, is_row: Callable[[list[str]], bool] = lambda cells: False) -> Iterator[tuple[int, list[str]]]:
        """Every row that is not empty, with the line on which it begins.

        Args:
            is_row: whether a line by itself is a row of this list: several of them in one row were swallowed by a stray
                quotation mark.

        Raises:
            RosterError: at a quotation mark that does not belong there, or when the file was changed meanwhile.
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
                if any(map(str.strip, cells)):
                    yield begins, cells
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


class _Lines:
    """The lines of a file, which remembers those of the row at hand."""

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
    """In which of these lines the last quotation mark stands that opens a cell; counts from 0."""
    opening, inside, closed, before = 0, False, False, delimiter
    for offset, line in enumerate(lines):
        for sign in line:
            if inside:
                inside = sign != '"'
                closed = not inside
            elif sign == '"' and closed:  # written double: the cell goes on
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
    """Find out how a file is to be read.

    Raises:
        RosterError: when it is no text, or empty.
    """
    with path.open("rb") as file:
        start = file.read(4)
    if start.startswith(_WORKBOOKS):
        raise RosterError(path, "this is a workbook. Save it as “CSV UTF-8”.")
    encoding, strange = _find_encoding(path, start)
    with path.open(encoding=encoding, newline="") as file:
        lines = list(islice(file, 20))
    told = lines[0].strip().strip('"').lower() if lines else ""
    if told.startswith("sep=") and len(told) == 5:
        return CsvText(path, encoding, told[-1], 1, _stamp(path), strange)
    delimiter = max(DELIMITERS, key=lambda sign: _count_cells(lines, sign))
    return CsvText(path, encoding, delimiter, 0, _stamp(path), strange)


def check_headings(text: CsvText, header: list[str], needed: str) -> None:
    """Check that a heading that is needed can be found.

    Raises:
        RosterError: when it stands in a later line alone, below something else, or in a line that is one cell.
    """
    if needed in map(str.casefold, header):
        return
    if len(header) == 1 and needed in map(str.strip, re.split(f"[{DELIMITERS}]", header[0].casefold())):
        wrong = "this line stands in quotation marks as a whole, and so is one cell. Save the list as “CSV UTF-8” from the original file"
        raise RosterError(text.path, f"{wrong}, or remove the marks around all lines.", 1)
    with text.path.open(encoding=text.encoding, newline="") as file:
        for number, line in enumerate(islice(file, _HEADINGS), 1):
            cells = re.split(f"[{DELIMITERS}]", line.casefold())
            if needed in (cell.strip().strip('"') for cell in cells):
                wrong = f"the headings must be in line 1, which holds: {show_headings(header)}. They seem to be in line {number}"
                raise RosterError(text.path, f"{wrong}: remove the lines above it.", 1)


def clean_headings(cells: list[str]) -> list[str]:
    """Headings without line breaks and blanks around them."""
    return [" ".join(cell.split()) for cell in cells]


def find_heading(header: Sequence[str], name: str) -> int | None:
    """The position of a column, without regard to capitals, blanks, composition of accents and the guard of spreadsheets.

    >>> find_heading(["institution", "'-Student  number"], "-student number")
    1
    """
    plain = list(map(_simplify, header))
    return plain.index(_simplify(name)) if _simplify(name) in plain else None


def _simplify(heading: str) -> str:
    return normalise_key(" ".join(unguard(heading.strip()).split()))


def show_headings(header: list[str]) -> str:
    """What stands in the first line, shortened."""
    more = ", …" if len(header) > _SAMPLE else ""
    return ", ".join(cell if len(cell) <= _CELL else cell[:_CELL] + "…" for cell in header[:_SAMPLE]) + more


def _count_cells(lines: list[str], delimiter: str) -> int:
    """How many cells the header has if this is the delimiter."""
    rows = csv.reader(lines, delimiter=delimiter)
    with suppress(csv.Error):
        return next((len(cells) for cells in rows if any(cell.strip() for cell in cells)), 0)
    return 0


def _stamp(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_size, status.st_mtime_ns


def _find_encoding(path: Path, start: bytes) -> tuple[str, str]:
    """The encoding, and the characters beyond ASCII where it is a guess."""
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        _decode(path, "utf-16")
        return "utf-16", ""
    try:
        _decode(path, "utf-8-sig")
    except RosterError as error:
        with suppress(RosterError):
            return "cp1252", _decode(path, "cp1252")
        raise error from None
    return "utf-8-sig", ""


def _decode(path: Path, encoding: str) -> str:
    """Some characters beyond ASCII.

    Raises:
        RosterError: at the line that cannot be read.
    """
    decoder = codecs.getincrementaldecoder(encoding)()
    strange: dict[str, None] = {}
    line, chunk = 1, b"-"
    with path.open("rb") as file:
        while chunk:
            chunk = file.read(_CHUNK)
            try:
                text = decoder.decode(chunk, final=not chunk)
            except UnicodeError as error:
                line += chunk[: getattr(error, "start", 0)].count(b"\n")
                raise RosterError(path, "this is not UTF-8 text. Save it as “CSV UTF-8”.", line) from None
            if "\0" in text:
                line += text[: text.index("\0")].count("\n")
                raise RosterError(path, "this is not text. Save it as “CSV UTF-8”.", line)
            line += text.count("\n")
            if not text.isascii() and len(strange) < _SAMPLE:
                strange.update(dict.fromkeys(sign for sign in text if not sign.isascii()))
    return "".join(islice(strange, _SAMPLE))
