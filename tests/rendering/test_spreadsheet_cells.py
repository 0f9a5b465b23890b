"""Cells that a spreadsheet never computes."""

from __future__ import annotations

import csv
import string
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_engine.datasets.formats.csv import write_csv
from survey_engine.rendering.spreadsheet_cells import guard

SIGNS = ("=", "+", "-", "@", "\uff1d")
SIGNS_ALONE = "".join(SIGNS) + string.whitespace + "\"'"


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r"])
def test_a_formula_becomes_text(sign):
    assert guard(f"{sign}1") == f"'{sign}1"


@pytest.mark.parametrize("text", ["", "fine", "'quoted", "1=1", "good - but busy", "me@school.nl", "path == 'bol'", "2-3"])
def test_any_other_cell_stays_as_it_is(text):
    assert guard(text) == text


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", ":", " "])
@given(text=st.text(st.sampled_from(",;|: \t\r\n\"'=+-@\uff1da1"), max_size=12))
def test_no_cell_begins_with_a_formula_however_the_file_is_cut(tmp_path_factory, delimiter, text):
    """Also line by line, in a reader that ignores quotes; a sign alone is no formula."""
    path = tmp_path_factory.mktemp("csv") / "texts.csv"
    write_csv(path, ["variable", "text"], [["improve", guard(text)]], for_excel=True)
    written = path.read_text("utf-8-sig")
    with path.open(encoding="utf-8-sig", newline="") as file:
        cells = {cell for row in csv.reader(file, delimiter=delimiter) for cell in row}
    cells |= {cell for line in written.splitlines() for cell in line.split(delimiter)}
    cells |= {cell.strip().strip('"').strip() for cell in cells}
    assert [cell for cell in cells if cell.startswith(SIGNS) and cell.strip(SIGNS_ALONE)] == []


@pytest.mark.parametrize("text", [" " * 100_000, " -" * 50_000, '"' * 100_000 + "=", "-" * 100_000, ";=" * 50_000])
def test_guarding_takes_linear_time(text):
    started = time.process_time()
    guard(text)
    assert time.process_time() - started < 1
