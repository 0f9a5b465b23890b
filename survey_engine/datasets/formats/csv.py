"""The table of responses as comma-separated values, for programs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from survey_engine.datasets.columns import TableLayout
from survey_engine.datasets.csv_files import write_csv
from survey_engine.datasets.watching import Watch
from survey_engine.rendering.spreadsheet_cells import guard

if TYPE_CHECKING:
    from survey_engine.datasets.frames import Table


def write(folder: Path, table: Table, watch: Watch) -> None:
    write_responses(folder, table.layout, watch(table.iter_rows(), table.height, "responses.csv"))


def write_responses(folder: Path, layout: TableLayout, rows: Iterable[Sequence[Any]]) -> None:
    """Write the table of responses. Only background texts need `guard`: other cells are codes, numbers and dates."""
    names = layout.names
    texts = [names.index(variable.code) for variable in layout.background if variable.kind == "text"]
    write_csv(folder / "responses.csv", names, (_guard_some(row, texts) for row in rows))


def _guard_some(row: Sequence[Any], texts: Sequence[int]) -> Sequence[Any]:
    guarded = list(row)
    for index in texts:
        guarded[index] = guard(str(row[index]))
    return guarded
