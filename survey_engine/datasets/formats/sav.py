"""SPSS system file with variable and value labels, missing values, levels of measurement and widths.

ReadStat writes the file. The times in its header are replaced by the day of the last response.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from textwrap import wrap
from typing import Any

import pyreadstat

from survey_engine.datasets.frames import Table
from survey_engine.datasets.labels import choose_label
from survey_engine.datasets.numeric_frame import DateUnits, NumericFrame, collect_numeric
from survey_engine.datasets.short_names import cut_text
from survey_engine.datasets.table_columns import TableColumn
from survey_engine.datasets.watching import Watch

_RESERVED = frozenset({"all", "and", "by", "eq", "ge", "gt", "le", "lt", "ne", "not", "or", "to", "with"})
"""Reserved words, which cannot be names of variables (IBM SPSS Statistics Command Syntax Reference, variable names)."""
_NAME_BYTES, _LABEL_BYTES, _VALUE_LABEL_BYTES, _NOTE_BYTES = 64, 255, 120, 80
_EPOCH = date(1582, 10, 14)
_TIMES = 92
"""Offset of the header's creation date (9 bytes) and time (8 bytes)."""
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def write(folder: Path, table: Table, watch: Watch) -> None:
    write_system_file(folder / "responses.sav", table, compress=False)


def write_system_file(path: Path, table: Table, *, compress: bool) -> None:
    """Write one file.

    Args: compress: write a .zsav file: half the size, twice the time.
    """
    numeric = collect_numeric(table, limit=_NAME_BYTES, reserved=_RESERVED, dates=DateUnits(_EPOCH, unit=86_400))
    columns = numeric.names
    pyreadstat.write_sav(
        numeric.frame,
        path,
        file_label=cut_text(table.title, 64),
        column_labels={name: column.format_label(_LABEL_BYTES) for name, column in columns.items()},
        compress=compress,
        row_compress=not compress,
        note=list(_iter_notes(table, columns)),
        variable_value_labels=_cut_labels(numeric),
        missing_ranges={name: list_missing_ranges(column) for name, column in columns.items() if column.entry.missing},
        variable_display_width={name: _choose_width(column) for name, column in columns.items()},
        variable_measure={name: column.entry.level for name, column in columns.items()},
        variable_format={name: _choose_format(column) for name, column in columns.items() if column.storage != "text"},
    )
    _set_times(path, table.moment)


def list_missing_ranges(column: TableColumn) -> list[Any]:
    """Return the missing codes of a column as one range and one value, the most that an SPSS variable can have.

    They are exactly the codes of the codebook. A range over all codes would include −6, −7 and −9, which can be valid numbers.
    """
    *others, last = sorted(column.entry.missing.values(), reverse=True)
    if "does_not_apply" not in column.entry.missing:
        return [{"lo": last, "hi": max((last, *others))}]
    return [{"lo": min(others), "hi": max(others)}, last]


def _cut_labels(numeric: NumericFrame) -> dict[str, dict[Any, str]]:
    return {
        name: {value: cut_text(label, _VALUE_LABEL_BYTES) for value, label in labels.items()}
        for name, labels in numeric.value_labels.items()
    }


def _choose_width(column: TableColumn) -> int:
    return 20 if column.storage == "text" else 10 if "date" in column.storage else 8


def _choose_format(column: TableColumn) -> str:
    if "date" in column.storage:
        return "SDATE10"
    return "F8.2" if column.storage == "decimal" else "F8.0"


def _iter_notes(table: Table, columns: Mapping[str, TableColumn]) -> Iterator[str]:
    """Iterate over notes on each variable: universe, and units and ranges that differ between versions, in lines of the allowed length.

    The format limits bytes, and a character can take 3 bytes.
    """
    for name, column in columns.items():
        facts = [choose_label(column.entry.sentences, (column.spoken, "en"))]
        facts += [f"earlier unit: {unit}" for unit in column.entry.earlier_units]
        facts += [f"range in {known}" for known in column.entry.version_ranges]
        for fact in filter(None, facts):
            lines = wrap(f"{name}: {fact}", _NOTE_BYTES // 2, subsequent_indent="  ")
            yield from (cut_text(line, _NOTE_BYTES) for line in lines)


def _set_times(path: Path, day: date) -> None:
    with path.open("r+b") as file:
        file.seek(_TIMES)
        file.write(f"{day.day:02} {_MONTHS[day.month - 1]} {day.year % 100:02}00:00:00".encode("ascii"))
