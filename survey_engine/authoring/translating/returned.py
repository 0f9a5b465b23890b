"""Reads a translator's workbook. Sizes are limited, because the file can have any content."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unicodedata import normalize

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from survey_engine.authoring.translating.workbooks import ABOUT, COLUMN_WIDTHS, TEXTS
from survey_engine.fieldwork.rosters.workbook_marks import find_marks
from survey_engine.model.messages import join_names

LARGEST_FILE = 10_000_000
LARGEST_UNPACKED = 60_000_000
MOST_PARTS = 200
MOST_RETURNED_ROWS = 5_000
_MOST_COLUMNS = 40
_SAVE = "Save it as .xlsx in a spreadsheet program, or ask the translator for the file that xlsx-out made."
_READ = ("code", "source", "translation", "handed out")
_UNREADABLE = (
    *(zipfile.BadZipFile, zlib.error, InvalidFileException),
    *(OSError, EOFError, SyntaxError, LookupError, ArithmeticError, ValueError, TypeError, AttributeError, RuntimeError),
)
"""Exceptions that openpyxl and the zip reader raise for damaged files."""


class UnreadableWorkbookError(Exception):
    """The file is not a workbook of this program. The message ends with the remedy."""

    def __init__(self, path: Path, detail: str, remedy: str = "Ask the translator for the file that xlsx-out made.") -> None:
        super().__init__(f"{path}: {detail}. {remedy}")


@dataclass(frozen=True, slots=True)
class ReturnedRow:
    number: int
    """Number of the row in the sheet, from 1."""
    code: str
    source: str
    translation: str
    handed_out: str
    """The translation at export."""
    problem: str = ""
    """Reason why the cell contains no text: a formula, a date, an error value."""
    comment: str = ""
    """The comment on the cell with the translation."""
    unchanged: str = ""
    """The content of the column `unchanged`, in which the translator confirms a stale translation; it can be any text."""


@dataclass(frozen=True, slots=True)
class ReturnedWorkbook:
    path: Path
    domain: str
    variant: str
    rows: tuple[ReturnedRow, ...]


def read_returned_workbook(path: Path) -> ReturnedWorkbook:
    """Read a translator's workbook.

    Raises:
        UnreadableWorkbookError: if the file is not such a workbook, or is too large.
    """
    check_package(path)
    try:
        workbook = load_workbook(path, read_only=True, data_only=False, keep_links=False)
        try:
            for name in (ABOUT, TEXTS):
                _require_sheet(path, name, workbook.sheetnames)
            about = _read_about(workbook)
            rows = tuple(_read_rows(path, workbook[TEXTS], find_marks(path, TEXTS, range(1, MOST_RETURNED_ROWS + 2))))
        finally:
            workbook.close()
    except _UNREADABLE:
        raise UnreadableWorkbookError(path, "this is not a workbook from xlsx-out, or it is damaged") from None
    if not about.get("domain") or not about.get("variant"):
        raise UnreadableWorkbookError(path, f"its sheet '{ABOUT}' does not name what it translates")
    return ReturnedWorkbook(path, about["domain"], about["variant"], rows)


def _require_sheet(path: Path, name: str, names: Sequence[str]) -> None:
    """Raise an error if the workbook lacks this sheet."""
    if name not in names:
        wrong = f"this is not a workbook from xlsx-out: it lacks the sheet '{name}' (it has {join_names(names)})"
        raise UnreadableWorkbookError(path, wrong, f"If the sheet was renamed, name it '{name}' again.")


def check_package(path: Path) -> None:
    """Reject archives that unpack to too many bytes, and XML that declares entities, before they are parsed."""
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise UnreadableWorkbookError(path, f"it is larger than {LARGEST_FILE // 1_000_000} MB")
        with zipfile.ZipFile(path) as package:
            parts = package.infolist()
            if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > LARGEST_UNPACKED:
                raise UnreadableWorkbookError(path, f"it unpacks to more than {LARGEST_UNPACKED // 1_000_000} MB")
            for part in parts:
                _check_part(path, package, part)
    except _UNREADABLE:
        raise UnreadableWorkbookError(path, "this is not an .xlsx file, or it is damaged", _SAVE) from None


def _check_part(path: Path, package: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """Check one part. The zip reader returns at most the declared number of bytes, so the sum of declared sizes is reliable."""
    if part.filename.endswith((".xml", ".rels", ".vml")):
        content = package.read(part)
        # DOCTYPE declares entities; a NUL byte means UTF-16 or UTF-32, which would hide it
        if b"<!DOCTYPE" in content or b"<!ENTITY" in content or b"\0" in content:
            raise UnreadableWorkbookError(path, f"its part {part.filename} declares entities, which workbooks never need")


def _read_about(workbook: Any) -> dict[str, str]:
    cells = workbook[ABOUT].iter_rows(max_row=10, max_col=2, values_only=True)
    return {str(name): str(value) for name, value in cells if name and value}


def _read_rows(path: Path, sheet: Any, marks: Mapping[str, Any]) -> Iterator[ReturnedRow]:
    """Yield the rows. Args: marks: as `find_marks` returns."""
    rows = sheet.iter_rows(max_row=MOST_RETURNED_ROWS + 1, max_col=_MOST_COLUMNS)
    names = [str(cell.value or "").strip().lower() for cell in next(rows, ())]
    lacking = [name for name in _READ if name not in names]
    if lacking:
        raise UnreadableWorkbookError(
            path,
            f"the sheet '{TEXTS}' lacks the column '{lacking[0]}' (it has {', '.join(COLUMN_WIDTHS)})",
            "Make a new workbook with xlsx-out, and copy the translations into it.",
        )
    places = [names.index(name) for name in _READ]
    # Workbooks from earlier releases lack this column.
    marked = names.index("unchanged") if "unchanged" in names else _MOST_COLUMNS
    struck = {(row, column) for row, column, _ in marks["struck"]}
    comments = {(row, column): text for row, column, text in marks["comments"]}
    for number, cells in enumerate(rows, 2):
        if number > MOST_RETURNED_ROWS:
            raise UnreadableWorkbookError(path, f"it has more than {MOST_RETURNED_ROWS} rows")
        code, source, translation, before = (cells[place] if place < len(cells) else None for place in places)
        wording, problem = _read_wording(translation)
        place = number, names.index("translation")
        if place in struck:
            problem = problem or "a part of the cell is in strike-through, and may have to be removed"
        texts = _read_text(code), _read_text(source), wording, _read_text(before)
        unchanged = _read_text(cells[marked]) if marked < len(cells) else ""
        row = ReturnedRow(number, *texts, problem, comments.get(place, ""), unchanged)
        if row.code or row.translation or row.problem:
            yield row


def _read_text(cell: Any) -> str:
    """Return the text of a cell with uniform line ends. `_x000D_` is a carriage return in .xlsx."""
    if cell is None or cell.value is None:
        return ""
    return str(cell.value).replace("_x000D_", "").replace("\r", "").strip()


def _read_wording(cell: Any) -> tuple[str, str]:
    """Return (translation, problem of its cell or an empty string)."""
    if cell is None or cell.value is None:
        return "", ""
    if cell.data_type == "f":
        return str(cell.value), "the cell contains a formula"
    if cell.data_type == "e":
        return str(cell.value), f"the cell contains the error {cell.value}"
    if cell.data_type in ("d", "b"):
        return str(cell.value), "the spreadsheet converted it to a date or truth value"
    if isinstance(cell.value, float):
        return (
            (str(int(cell.value)), "")
            if cell.value.is_integer()
            else (str(cell.value), "the spreadsheet converted it to a number")
        )
    return normalize("NFC", _read_text(cell)), ""
