"""The table of responses as polars frames. It is written to disk in batches while responses are read; every format reads it there.

Needs the extra `data`; imported only for formats other than CSV.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any

import polars as pl

from survey_engine.datasets.plan import Cell
from survey_engine.datasets.table_columns import CellError, TableColumn, TableDescription

ROWS_PER_FRAME = 10_000
"""Rows per file on disk."""
EARLIEST = date(1980, 1, 1)
"""The date of a table without dates: the earliest date that a ZIP file can have."""


@dataclass(frozen=True)
class Table(TableDescription):
    """All responses on disk."""

    files: list[Path] = field(default_factory=list)

    @property
    def schema(self) -> dict[str, Any]:
        return {column.name: choose_type(column) for column in self.columns}

    def scan(self) -> pl.LazyFrame:
        return pl.scan_ipc(self.files) if self.files else pl.LazyFrame(schema=self.schema)

    @cached_property
    def height(self) -> int:
        return int(self.scan().select(pl.len()).collect().item())

    @cached_property
    def moment(self) -> date:
        """The last day on which a response was started or completed; EARLIEST if the table has no dates.

        File headers have this day instead of the current time, so that the bytes do not depend on the clock.
        """
        names = [self.layout.fixed[content] for content in ("started", "completed") if content in self.layout.fixed]
        days = self.scan().select(pl.col(names).max()).collect().row(0) if names else ()
        return max((day for day in days if day), default=EARLIEST)

    def iter_frames(self) -> Iterator[pl.DataFrame]:
        """Iterate over the batches."""
        yield from map(pl.read_ipc, self.files)

    def iter_rows(self) -> Iterator[tuple[Any, ...]]:
        """Iterate over rows of numbers, texts, dates and None."""
        for frame in self.iter_frames():
            yield from frame.iter_rows()


def choose_type(column: TableColumn) -> Any:
    if column.storage == "integer":
        return pl.Int64 if column.is_large else pl.Int32
    if column.storage == "decimal":
        return pl.Float64
    return pl.Date if column.storage == "date" else pl.String


@contextmanager
def store_table(folder: Path, description: TableDescription, rows: Iterable[Sequence[Cell]]) -> Iterator[Table]:
    """Write rows to files below `folder`. The files are deleted at the end of the `with` block."""
    with tempfile.TemporaryDirectory(dir=folder) as name:
        table = Table(description.layout, description.columns, description.language)
        remaining = iter(rows)
        while batch := list(islice(remaining, ROWS_PER_FRAME)):
            path = Path(name) / f"{len(table.files)}.arrow"
            make_frame(table.columns, batch).write_ipc(path)
            table.files.append(path)
        yield table


def make_frame(columns: Sequence[TableColumn], rows: Sequence[Sequence[Cell]]) -> pl.DataFrame:
    """Make a frame of the tabulator's rows. Empty cells become null, except in columns of texts.

    Raises:
        CellError: a cell does not fit the type of its column.
    """
    return pl.DataFrame([_make_series(column, cells) for column, cells in zip(columns, zip(*rows, strict=True), strict=True)])


def _make_series(column: TableColumn, cells: Sequence[Cell]) -> pl.Series:
    if column.storage == "date":
        return pl.Series(column.name, [date.fromisoformat(str(cell)) if cell else None for cell in cells], pl.Date)
    if column.storage in ("integer", "decimal"):
        numbers = cells if column.entry.missing else [cell if cell != "" else None for cell in cells]
        try:
            return pl.Series(column.name, numbers, choose_type(column))
        except (TypeError, OverflowError):
            raise CellError(column.name) from None
    texts = list(map(str, cells))
    return pl.Series(column.name, texts if column.storage == "text" else [text or None for text in texts], pl.String)
