"""The table for statistics programs: small integers hold every number."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_engine.datasets import FORMATS
from survey_engine.datasets.frames import store_table
from survey_engine.datasets.numeric_frame import DateUnits, collect_numeric
from tests.datasets.measure_formats import describe, generate, measure

DESCRIPTION = describe(8)
COLUMN = "p1_s1"
PLACE = [column.name for column in DESCRIPTION.columns].index(COLUMN)


@pytest.mark.parametrize(
    ("numbers", "size"),
    [
        ([], pl.Int32),
        ([1, None, 127], pl.Int8),
        ([-128], pl.Int8),
        ([-129], pl.Int16),
        ([128], pl.Int16),
        ([-32_768, 32_767], pl.Int16),
        ([32_768], pl.Int32),
        ([2**31 - 1, -(2**31)], pl.Int32),
    ],
)
def test_a_column_has_the_smallest_integers_that_hold_its_numbers(tmp_path, numbers, size):
    assert collect(tmp_path, numbers).schema[COLUMN] == size


@given(numbers=st.lists(st.none() | st.integers(-(2**31), 2**31 - 1), min_size=1, max_size=9))
def test_every_number_stays_what_it_was(tmp_path_factory, numbers):
    assert collect(tmp_path_factory.mktemp("table"), numbers)[COLUMN].to_list() == numbers


@pytest.mark.parametrize("name", FORMATS)
def test_the_bench_writes_every_format(name):
    assert all(figure > 0 for figure in measure(name, 3, 8))


def collect(folder, numbers):
    """The frame of a table with these numbers in one column, in batches of two rows."""
    rows = list(generate(DESCRIPTION, len(numbers)))
    for row, number in zip(rows, numbers, strict=True):
        row[PLACE] = number
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("survey_engine.datasets.frames.ROWS_PER_FRAME", 2)
        with store_table(folder, DESCRIPTION, rows) as table:
            return collect_numeric(table, limit=64, reserved=(), dates=DateUnits(date(1970, 1, 1))).frame
