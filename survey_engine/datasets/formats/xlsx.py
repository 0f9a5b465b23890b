"""Excel workbook: responses as codes, and the codebook on a sheet of its own. Texts are stored as texts, never as formulas."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import xlsxwriter

from survey_engine.datasets.frames import Table
from survey_engine.datasets.watching import Watch
from survey_engine.model.missing_values import MEANINGS, choose_missing

ROWS = 1_048_575
"""Maximum number of rows of a sheet below its header; more responses continue on further sheets."""
_CELL = 32_767
"""Maximum number of characters in a cell."""


def write(folder: Path, table: Table, watch: Watch) -> None:
    path = folder / "responses.xlsx"
    with xlsxwriter.Workbook(path, {"constant_memory": True, "default_date_format": "yyyy-mm-dd"}) as workbook:
        workbook.set_properties({"title": table.title, "created": datetime.combine(table.moment, time(), UTC)})
        rows = watch(table.iter_rows(), table.height, path.name)
        _write_responses(workbook, [column.name for column in table.columns], rows)
        _write_sheet(workbook, "codebook", list(_iter_codebook(table)))
        missing = choose_missing(table.layout.questionnaires).numbers()
        _write_sheet(workbook, "missing values", [("code", "meaning"), *((number, MEANINGS[r]) for r, number in missing.items())])


def _write_responses(workbook: Any, names: Sequence[str], rows: Any) -> None:
    sheet, row = None, ROWS
    for cells in rows:
        if row == ROWS:
            sheet, row = _add_sheet(workbook, names, len(workbook.worksheets())), 0
        row += 1
        _write_row(sheet, row, cells)
    if sheet is None:
        _add_sheet(workbook, names, 0)


def _add_sheet(workbook: Any, names: Sequence[str], number: int) -> Any:
    sheet = workbook.add_worksheet(f"responses {number + 1}" if number else "responses")
    sheet.freeze_panes(1, 1)
    _write_row(sheet, 0, names)
    return sheet


def _write_sheet(workbook: Any, name: str, rows: Sequence[Sequence[Any]]) -> None:
    sheet = workbook.add_worksheet(name)
    sheet.freeze_panes(1, 0)
    for number, cells in enumerate(rows):
        _write_row(sheet, number, cells)


def _write_row(sheet: Any, row: int, cells: Sequence[Any]) -> None:
    for column, cell in enumerate(cells):
        if isinstance(cell, str):
            if cell:
                sheet.write_string(row, column, cell[:_CELL])
        elif isinstance(cell, date):
            sheet.write_datetime(row, column, cell)
        elif cell is not None:
            sheet.write_number(row, column, cell)


def _iter_codebook(table: Table) -> Iterator[tuple[Any, ...]]:
    """Iterate over the codebook: a row per code of a variable, and one row for a variable without codes."""
    yield ("variable", "level", "label", "code", "code label", "universe", "unit")
    for column in table.columns:
        entry = column.entry
        for code, label in column.map_code_labels().items() or [("", "")]:
            yield (column.name, entry.level, column.label, code, label, " OR ".join(entry.universe), column.unit)
