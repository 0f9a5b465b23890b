"""Reads one sheet of a workbook and sends its rows as CSV, in a process with limits of memory and time.

It imports little of this package, so that the process starts fast.
"""

from __future__ import annotations

import csv
import os
import re
import resource
from array import array
from collections.abc import Sequence
from io import BufferedWriter, RawIOBase, TextIOWrapper
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
    load_workbook,
)

from survey_engine.fieldwork.rosters.other_sheets import count_like_persons
from survey_engine.fieldwork.rosters.workbook_cells import WorkbookCell, simplify, write
from survey_engine.fieldwork.rosters.workbook_marks import MOST_LISTED, find_marks

MOST_PARTS, MOST_BYTES = 5_000, 6 << 30
"""Largest number of parts of a workbook, and of bytes of all its parts when unpacked."""
MAX_CELL_CHARACTERS = 131_072
"""Most characters in a cell: the limit of Python's CSV reader, and four times that of a spreadsheet program."""
_SEARCHED = 20
"""Number of rows among which the headings are searched."""
_CHUNK = 1 << 20
_START = 4_096
_DOCTYPE = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)


class UnreadableError(Exception):
    """The workbook cannot be used: a code and its facts."""

    def __init__(self, code: str, **facts: object) -> None:
        super().__init__(code)
        self.code, self.facts = code, facts


class RowSink(RawIOBase):
    """Sends what is written to it, as messages of bytes."""

    def __init__(self, results: Connection) -> None:
        self._results = results

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._results.send(bytes(data))
        return len(data)


def parse(results: Connection, path: Path, request: dict[str, Any]) -> None:
    """Limit this process, send the rows, and a summary; or a summary with a problem and its facts."""
    os.environ.clear()  # the keys of the installation
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # messages of the parser's own crashes
    limit(request["memory"], request["seconds"])
    try:
        summary = convert_workbook(path, RowSink(results), request)
    except UnreadableError as error:
        summary = {"problem": error.code, **error.facts}
    except MemoryError:
        summary = {"problem": "limit"}
    results.send(summary)


def convert_workbook(path: Path, rows: RawIOBase, request: dict[str, Any]) -> dict[str, Any]:
    """Write the rows as CSV, each after its number in the sheet; return a summary.

    Args:
        request: `headings` (simplified names of known columns), `needed` (one of them must be among the headings; empty for any),
            `sheet` (name, or empty), `memory` (bytes), `seconds` (of CPU).

    Raises:
        UnreadableError: when there is no usable sheet.
    """
    zipped = check_parts(path)
    try:
        with load_workbook(path) as workbook:
            sheet, header, seen = choose_sheet(workbook, request)
            others = [name for name in seen if name != sheet.name]
            summary = write_csv_rows(rows, sheet, header)
            hidden = [about.name for about in workbook.sheets_metadata if about.visible != SheetVisibleEnum.Visible]
            merged = [[a[0] + 1, a[1], b[0] + 1, b[1]] for a, b in sheet.merged_cell_ranges or [] if b[0] >= header]
            summary |= {
                "sheet": sheet.name,
                "others": others,
                "seen": seen,
                "like_persons": count_like_persons(workbook, sheet, header, seen),
                "hidden": sheet.name in hidden,
                "merged": merged[:MOST_LISTED],
            }
    except PasswordError:
        raise UnreadableError("password") from None
    except CalamineError as error:
        raise UnreadableError("damaged", reason=str(error)[:200]) from None
    filled = summary.pop("filled")
    return summary | (find_marks(path, summary["sheet"], filled) if zipped else {"scanned": False})


def limit(memory: int, seconds: int) -> None:
    """Limit this process; beyond the limits the system ends it."""
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def check_parts(path: Path) -> bool:
    """Check the parts of a zipped workbook before anything is unpacked; return whether it is an .xlsx workbook.

    Raises:
        UnreadableError: at a zip bomb, or XML that declares entities.
    """
    with path.open("rb") as file:
        if file.read(2) != b"PK":
            return False
    try:
        with ZipFile(path) as archive:
            parts = archive.infolist()
            total = sum(part.file_size for part in parts)
            if len(parts) > MOST_PARTS or total > MOST_BYTES:
                raise UnreadableError("bomb", parts=len(parts), megabytes=total >> 20)
            for part in parts:
                if part.filename.endswith((".xml", ".rels", ".vml")):
                    with archive.open(part) as content:
                        start = content.read(_START)
                    if _DOCTYPE.search(start) or start[:2] in (b"\xff\xfe", b"\xfe\xff"):
                        raise UnreadableError("entities", part=part.filename[:80])
            return "xl/workbook.xml" in archive.namelist()
    except (BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise UnreadableError("damaged", reason=str(error)[:200]) from None


def choose_sheet(workbook: CalamineWorkbook, request: dict[str, Any]) -> tuple[CalamineSheet, int, dict[str, list[str]]]:
    """The sheet with most of the known headings, the index of its row of headings, and name → headings of all sheets with data.

    Raises:
        UnreadableError: when no sheet, or more than one, has the needed headings; or the named sheet does not exist.
    """
    named, known = request["sheet"], {*request["headings"]}
    if named and named not in workbook.sheet_names:
        raise UnreadableError("no-sheet", named=named, sheets=workbook.sheet_names)
    found: list[tuple[int, bool, CalamineSheet, int]] = []
    seen: dict[str, list[str]] = {}
    for about in workbook.sheets_metadata:
        if about.typ != SheetTypeEnum.WorkSheet:
            continue
        sheet = workbook.get_sheet_by_name(about.name)
        if sheet.start is None:
            continue
        rows = sheet.to_python(skip_empty_area=False, nrows=sheet.start[0] + _SEARCHED)
        header, count, cells = find_header(rows, known)
        seen[sheet.name] = cells
        if named and sheet.name != named:
            continue
        if {*map(simplify, cells)} & {*request["needed"]} or not request["needed"]:
            found.append((count, about.visible == SheetVisibleEnum.Visible, sheet, header))
    if not found:
        shown = {name: cells[:12] for name, cells in seen.items() if named in ("", name)}
        raise UnreadableError("no-headings", sheets=shown)
    best = max(found, key=lambda one: (one[0], one[1]))
    equal = [sheet.name for count, visible, sheet, _ in found if (count, visible) == best[:2]]
    if len(equal) > 1:
        raise UnreadableError("many-sheets", sheets=equal)
    return best[2], best[3], seen


def find_header(rows: Sequence[Sequence[WorkbookCell]], known: set[str]) -> tuple[int, int, list[str]]:
    """The index of the row with most known headings (the first row with cells if there is none), their number, and the cells."""
    texts = [[" ".join(write(cell).split()) for cell in row] for row in rows]
    counts = [len({*map(simplify, row)} & known) for row in texts]
    filled = next((at for at, row in enumerate(texts) if any(row)), 0)
    at = max(range(len(counts)), key=lambda at: (counts[at], -at)) if any(counts) else filled
    return at, counts[at] if counts else 0, texts[at] if texts else []


def write_csv_rows(rows: RawIOBase, sheet: CalamineSheet, header: int) -> dict[str, Any]:
    """Write the rows from the headings on; return their number, the place of the headings, and the numbers of rows below them."""
    filled, padding = array("L"), [""] * (sheet.start[1] if sheet.start else 0)
    with TextIOWrapper(BufferedWriter(rows, _CHUNK), "utf-8", errors="replace", newline="") as file:
        writer = csv.writer(file)
        for number, cells in enumerate(sheet.iter_rows(), 1):
            if number <= header:
                continue
            for at, cell in enumerate(cells):
                if cell.__class__ is not str:
                    cells[at] = write(cell)
            if any(cells):
                if any(isinstance(cell, str) and len(cell) > MAX_CELL_CHARACTERS for cell in cells):
                    raise UnreadableError("long-cell", row=number)
                writer.writerow([number, *padding, *cells])
                filled.append(number)
    return {"rows": len(filled), "header": header + 1, "last": filled[-1] if filled else 0, "filled": {*filled[1:]}}
