"""Workbooks (.xlsx, .xlsb, .xls, .ods) as rows: parsed once in a limited process, into a temporary file that only this user reads."""

from __future__ import annotations

import csv
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from survey_engine.fieldwork.rosters.mistakes import RosterError
from survey_engine.fieldwork.rosters.workbook_parser import MOST_BYTES, parse, simplify
from survey_engine.model.messages import join_names, suggest_name

MEMORY, SECONDS = 4 << 30, 600
"""Limits of the process that parses a workbook: address space in bytes, and seconds of CPU."""
WORKBOOKS = (b"PK", b"\xd0\xcf\x11\xe0")
"""First bytes of zipped and of older workbooks."""
ROWS = "rows.csv"
_REMEDY = "Open it in a spreadsheet program, copy the rows into a new workbook, and save that as .xlsx or as “CSV UTF-8”"


@dataclass(frozen=True, slots=True)
class WorkbookRows:
    """The rows of one sheet, from the headings on. Has the attributes that readers of `CsvText` use."""

    path: Path
    folder: TemporaryDirectory[str]
    """Has the rows as CSV, each after its number; deleted with this object."""
    summary: dict[str, Any]
    delimiter: str = ","
    encoding: str = "utf-8-sig"
    skipped: int = 0
    strange: str = ""
    notes: list[str] = field(default_factory=list)

    def iter_rows(self, is_row: Callable[[list[str]], bool] = lambda cells: False) -> Iterator[tuple[int, list[str]]]:
        """Iterate over the rows that are not empty, each with its number in the sheet. `is_row` is not needed here."""
        with Path(self.folder.name, ROWS).open(encoding="utf-8", newline="") as file:
            for number, *cells in csv.reader(file):
                yield int(number), cells

    def get_marks(self, kind: str) -> list[list[Any]]:
        """Cells of a kind, as [row, column, text]: `formulas`, `bare`, `errors`; or ranges: `merged`."""
        marks: list[list[Any]] = self.summary.get(kind, [])
        return marks


def is_workbook(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4).startswith(WORKBOOKS)


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
    folder = TemporaryDirectory(prefix="roster-")  # mode 0700
    context = get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=parse, args=(sender, path.absolute(), Path(folder.name, ROWS), request), daemon=True)
    process.start()
    sender.close()
    try:
        summary = receiver.recv()
    except EOFError:  # the system ended the process, or the parser failed in another way than it knows
        process.join()
        summary = {"problem": "limit" if (process.exitcode or 0) < 0 else "damaged", "reason": "it cannot be read"}
    if "problem" in summary:
        raise RosterError(path, _describe(summary))
    return WorkbookRows(path, folder, summary, notes=_list_notes(summary))


def _list_notes(summary: dict[str, Any]) -> list[str]:
    notes = []
    if summary["others"] or summary["hidden"]:
        hidden = ", which is hidden" if summary["hidden"] else ""
        notes.append(f"Read from the sheet '{summary['sheet']}'{hidden}. Not read: {join_names(summary['others']) or 'none'}.")
    if summary["header"] > 1:
        notes.append(f"The headings are in row {summary['header']}; the rows above it are not read.")
    if not summary.get("scanned"):
        notes.append("Formulas and errors of this kind of workbook cannot be found. Save it as .xlsx if it may have some.")
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
            wrong = f"these sheets have the same headings: {join_names(sheets)}. Name the right one: --sheet '{sheets[0]}'"
        case "no-headings":
            shown = "; ".join(f"'{name}' has {', '.join(filter(None, cells)) or 'nothing'}" for name, cells in sheets.items())
            wrong = f"no sheet has the headings of this list in its first rows. {shown or 'All sheets are empty'}"
        case "disk":
            wrong = f"its rows cannot be written to the temporary folder: {summary['reason']}. Let TMPDIR name a folder with more room"
        case "limit":
            wrong = f"reading this workbook takes more than {MEMORY >> 30} GB of memory or {SECONDS} s. {_REMEDY}"
        case _:
            wrong = f"this workbook is damaged: {summary['reason']}. {_REMEDY}"
    return f"{wrong}."
