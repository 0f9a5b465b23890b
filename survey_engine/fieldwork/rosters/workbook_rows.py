"""Workbooks (.xlsx, .xlsb, .xls, .ods) as rows: parsed once in a limited process, into a temporary file without a name.

The system removes the file when this process ends, however it ends.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from io import BufferedReader, TextIOWrapper
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

from survey_engine.fieldwork.rosters.checked_students import NO_ROOM
from survey_engine.fieldwork.rosters.mistakes import RosterError, format_ranges
from survey_engine.fieldwork.rosters.row_source import FileFromStart
from survey_engine.fieldwork.rosters.workbook_cells import simplify
from survey_engine.fieldwork.rosters.workbook_parser import MAX_CELL_CHARACTERS, MOST_BYTES, parse
from survey_engine.model.messages import join_names, suggest_name

MEMORY, SECONDS = 4 << 30, 600
"""Limits of the process that parses a workbook: address space in bytes, and seconds of CPU."""
_WORKBOOKS = (b"PK", b"\xd0\xcf\x11\xe0")
"""First bytes of zipped and of older workbooks."""
_REMEDY = "Open it in a spreadsheet program, copy the rows into a new workbook, and save that as .xlsx or as “CSV UTF-8”"


@dataclass(frozen=True, slots=True)
class WorkbookRows:
    """The rows of one sheet, from the headings on. Has the attributes that readers of `CsvText` use."""

    path: Path
    rows: IO[bytes]
    """The rows as CSV, each after its number."""
    summary: dict[str, Any]
    delimiter: str = ","
    encoding: str = "utf-8-sig"
    skipped: int = 0
    strange: str = ""
    notes: list[str] = field(default_factory=list)
    left_out: Collection[int] = frozenset()
    """Numbers of the rows that are not read."""

    def iter_rows(self, is_row: Callable[[list[str]], bool] = lambda cells: False) -> Iterator[tuple[int, list[str]]]:
        """Iterate over the rows that are not empty, each with its number in the sheet. `is_row` is not needed here."""
        with TextIOWrapper(BufferedReader(FileFromStart(self.rows)), "utf-8", newline="") as file:
            for number, *cells in csv.reader(file):
                if int(number) not in self.left_out:
                    yield int(number), cells

    def leave_out_hidden(self) -> WorkbookRows:
        """The rows without those that are hidden."""
        hidden = self.hidden_rows
        notes = [*self.notes, f"Hidden rows that are left out: {format_ranges(hidden)}."] if hidden else self.notes
        return replace(self, left_out=frozenset(hidden), notes=notes)

    @property
    def hidden_rows(self) -> list[int]:
        """The hidden rows with cells, ascending; known for .xlsx alone."""
        hidden: list[int] = self.summary.get("hidden_rows", [])
        return hidden

    @property
    def is_scanned(self) -> bool:
        """Whether hidden rows and other marks can be found; true for .xlsx alone."""
        return bool(self.summary["scanned"])

    @property
    def other_sheets(self) -> dict[str, list[str]]:
        """Name → headings of the sheets that are not read."""
        seen: dict[str, list[str]] = self.summary["seen"]
        return {name: headings for name, headings in seen.items() if name != self.summary["sheet"]}

    @property
    def like_persons(self) -> dict[str, int]:
        """Name → number of rows like those of persons, of sheets that are not read."""
        counts: dict[str, int] = self.summary["like_persons"]
        return counts

    def get_marks(self, kind: str) -> list[list[Any]]:
        """Cells of a kind, as [row, column, text]: `formulas`, `bare`, `errors`, `struck`, `coloured`, `comments`; or ranges: `merged`."""
        marks: list[list[Any]] = self.summary.get(kind, [])
        return marks


def is_workbook(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4).startswith(_WORKBOOKS)


def open_workbook(path: Path, headings: Collection[str], needed: Collection[str], sheet: str = "") -> WorkbookRows:
    """Parse the sheet with the known headings.

    Args:
        headings: names of known columns.
        needed: names of which one must be among the headings; none for any sheet.
        sheet: the name of the sheet; empty for the one with most known headings.

    Raises:
        RosterError: when the workbook has no usable sheet, is damaged, or exceeds the limits.
    """
    request = {
        "headings": list(map(simplify, headings)),
        "needed": list(map(simplify, needed)),
        "sheet": sheet,
        "memory": MEMORY,
        "seconds": SECONDS,
    }
    try:
        rows, summary = _parse(path, request)
    except OSError as error:
        raise RosterError(path, _describe({"problem": "disk", "reason": error.strerror})) from None
    if "problem" in summary:
        raise RosterError(path, _describe(summary))
    return WorkbookRows(path, rows, summary, notes=_list_notes(summary))


def _parse(path: Path, request: dict[str, Any]) -> tuple[IO[bytes], dict[str, Any]]:
    """Parse a workbook; return its rows and a summary. Raises OSError when there is no room for the rows."""
    with ExitStack() as stack:
        rows = stack.enter_context(TemporaryFile())
        context = get_context("spawn")
        receiver, sender = context.Pipe(duplex=False)
        process = context.Process(target=parse, args=(sender, path.absolute(), request), daemon=True)
        process.start()
        sender.close()
        stack.callback(receiver.close)  # ends a process that still sends rows
        try:
            while isinstance(message := receiver.recv(), bytes):
                rows.write(message)
        except EOFError:  # the system ended the process, or the parser failed in another way than it knows
            process.join()
            message = {"problem": "limit" if (process.exitcode or 0) < 0 else "damaged", "reason": "it cannot be read"}
        rows.flush()
        stack.pop_all()
        receiver.close()
    return rows, message


def _list_notes(summary: dict[str, Any]) -> list[str]:
    notes = []
    if summary["others"] or summary["hidden"]:
        hidden = ", which is hidden" if summary["hidden"] else ""
        notes.append(f"Read from the sheet '{summary['sheet']}'{hidden}. Not read: {join_names(summary['others']) or 'none'}.")
    if summary["header"] > 1:
        notes.append(f"The headings are in row {summary['header']}; the rows above it are not read.")
    if summary.get("text_boxes"):
        notes.append("The sheet has text boxes, which are not read: see whether they say who is to be left out.")
    return notes


def _describe(summary: dict[str, Any]) -> str:
    sheets = summary.get("sheets", [])
    match summary["problem"]:
        case "password":
            wrong = "this workbook has a password. Remove it (in Excel: File, Info, Protect Workbook), and save it"
        case "bomb":
            size = f"{summary['parts']} parts of {summary['megabytes']} MB together"
            wrong = f"this workbook unpacks to {size}; at most {MOST_BYTES >> 20} MB are read. {_REMEDY}"
        case "entities":
            wrong = f"'{summary['part']}' in this workbook declares XML entities, which no spreadsheet program writes. {_REMEDY}"
        case "no-sheet":
            wrong = (
                f"there is no sheet '{summary['named']}'{suggest_name(summary['named'], sheets)}. It has: {join_names(sheets)}"
            )
        case "many-sheets":
            wrong = (
                f"these sheets have the same headings: {join_names(sheets)}. Put all rows on one sheet; or, if one of them has all "
                f"persons, name it: --sheet '{sheets[0]}'"
            )
        case "no-headings":
            shown = "; ".join(f"'{name}' has {', '.join(filter(None, cells)) or 'nothing'}" for name, cells in sheets.items())
            wrong = f"no sheet has the headings of this list in its first rows. {shown or 'All sheets are empty'}"
        case "long-cell":
            wrong = f"a cell in row {summary['row']} has more than {MAX_CELL_CHARACTERS} characters. Shorten it"
        case "disk":
            wrong = NO_ROOM.format(summary["reason"])
        case "limit":
            wrong = f"reading this workbook takes more than {MEMORY >> 30} GB of memory or {SECONDS} s. {_REMEDY}"
        case _:
            wrong = f"this workbook is damaged: {summary['reason']}. {_REMEDY}"
    return f"{wrong}."
