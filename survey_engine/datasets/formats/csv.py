"""Comma-separated values (RFC 4180) in UTF-8 with a header; semicolons in files for Excel.

Excel splits on the separator of its locale, and people may split a column again: `guard` makes a text safe at every split.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

from survey_engine.datasets.columns import TableLayout
from survey_engine.datasets.plan import Cell
from survey_engine.rendering.spreadsheet_cells import guard


def write_csv(path: Path, names: Sequence[str], rows: Iterable[Sequence[Cell]], *, for_excel: bool = False) -> None:
    """Write one file.

    Args: for_excel: separate with semicolons and start with a byte order mark, so that a Dutch or German Excel shows columns.
        R would read the mark as part of the first name.
    """
    with path.open("w", encoding="utf-8-sig" if for_excel else "utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=";" if for_excel else ",")
        writer.writerow(names)
        writer.writerows(rows)


def write_responses(folder: Path, layout: TableLayout, rows: Iterable[Sequence[Cell]]) -> None:
    """Write the table of responses. Only texts of the background need escaping: other cells are codes, numbers and dates."""
    first = len(layout.fixed) + len(layout.modules)
    texts = [first + index for index, variable in enumerate(layout.background) if variable.kind == "text"]
    write_csv(folder / "responses.csv", layout.names, (_guard_some(row, texts) for row in rows))


def _guard_some(row: Sequence[Cell], texts: Sequence[int]) -> Sequence[Cell]:
    guarded = list(row)
    for index in texts:
        guarded[index] = guard(str(row[index]))
    return guarded
