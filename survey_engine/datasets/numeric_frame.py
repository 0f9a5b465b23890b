"""The table of responses for statistics programs: text codes as numbers, dates as days, each variable with its value labels."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl
from polars import selectors

from survey_engine.datasets.frames import Table
from survey_engine.datasets.short_names import make_names
from survey_engine.datasets.table_columns import CellError, TableColumn
from survey_engine.model.questionnaire import Code


@dataclass(frozen=True, slots=True)
class NumericFrame:
    """The whole table in memory. A number takes as few bytes as its column needs: one for the codes of most questions."""

    frame: pl.DataFrame
    names: Mapping[str, TableColumn]
    """Variable → its column, in the order of the table."""
    value_labels: Mapping[str, Mapping[Code, str]]
    """Variable → number → label."""


@dataclass(frozen=True, slots=True)
class DateUnits:
    """How a format writes dates in columns with missing codes."""

    epoch: date
    """Day 0."""
    unit: int = 1
    """Units of a day."""
    offset: int = 0
    """Number added to missing codes, so that they differ from all dates."""


def collect_numeric(table: Table, *, limit: int, reserved: Collection[str], dates: DateUnits) -> NumericFrame:
    """Read the table. Codes become the numbers of the codebook. Dates in columns with missing codes become numbers of days.

    Args:
        limit: the maximum length of a variable's name.
        dates: units of dates with missing codes.

    Raises:
        CellError: a cell in a column of dates is not a date.
    """
    names = make_names((column.name for column in table.columns), limit, reserved)
    labels: dict[str, Mapping[Code, str]] = {}
    expressions: list[pl.Expr] = []
    for column in table.columns:
        known = column.map_code_labels()
        if column.storage == "code":
            numbers = _number_all(table, column)
            cell = pl.col(column.name).replace_strict(
                {None: None, **{str(code): number for code, number in numbers.items()}}, return_dtype=pl.Int32
            )
            known = {number: known.get(code, str(code)) for code, number in numbers.items()}
        elif column.storage == "coded date":
            cell = _number_days(column, dates)
        else:
            cell = pl.col(column.name)
        expressions.append(cell.alias(names[column.name]))
        if known:
            labels[names[column.name]] = known
    frame = _collect_small(table, expressions)
    _check_dates(table, frame, names)
    return NumericFrame(frame, {names[column.name]: column for column in table.columns}, labels)


def _collect_small(table: Table, expressions: Sequence[pl.Expr]) -> pl.DataFrame:
    """Collect the rows, batch by batch. Integers get the smallest type that holds all values of their column."""
    largest: dict[str, int] = {}
    for frame in (batch.select(expressions).select(selectors.integer()) for batch in table.iter_frames()):
        for name, low, high in zip(frame.columns, frame.min().row(0), frame.max().row(0), strict=True):
            largest[name] = max(largest.get(name, 0), high or 0, ~(low or 0))
    casts = [pl.col(name).cast(_choose_integer(number)) for name, number in largest.items()]
    none = pl.DataFrame(schema=table.schema).select(expressions).with_columns(casts)
    return pl.concat([none, *(batch.select(expressions).with_columns(casts) for batch in table.iter_frames())])


def _choose_integer(largest: int) -> type[pl.DataType]:
    sizes = {7: pl.Int8, 15: pl.Int16, 31: pl.Int32, 63: pl.Int64}
    return next(size for bits, size in sizes.items() if largest.bit_length() <= bits)


def _check_dates(table: Table, frame: pl.DataFrame, names: Mapping[str, str]) -> None:
    for column in table.columns:
        if column.storage == "coded date":
            empty = table.scan().select(pl.col(column.name).null_count()).collect().item()
            if frame[names[column.name]].null_count() != empty:
                raise CellError(column.name)


def _number_all(table: Table, column: TableColumn) -> dict[Code, int]:
    """Return the number of each code, also of stored codes that no known version offers."""
    numbers = column.number_codes()
    known = {str(code) for code in numbers}
    cells = table.scan().select(pl.col(column.name).unique()).collect().to_series().drop_nulls()
    free = max((*numbers.values(), 0)) + 1
    unknown = sorted(set(cells) - known)
    return {**numbers, **{code: number for number, code in enumerate(unknown, free)}}


def _number_days(column: TableColumn, dates: DateUnits) -> pl.Expr:
    """Return the units since the epoch, or the missing code, as a number."""
    cell = pl.col(column.name)
    days = cell.str.to_date("%Y-%m-%d", strict=False).cast(pl.Int64) - (dates.epoch - date(1970, 1, 1)).days
    return pl.coalesce(cell.cast(pl.Int64, strict=False) + dates.offset, days * dates.unit)
