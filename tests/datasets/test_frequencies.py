"""The codebook counts what the table of responses has."""

from __future__ import annotations

import statistics
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_engine.datasets.codebook import CodebookEntry
from survey_engine.datasets.codes import CodeEntry
from survey_engine.datasets.frequencies import Frequency
from survey_engine.datasets.pictures import BINS, WIDTH, draw_histogram, draw_shares

MISSING = {"not_asked": -1, "skipped": -3}


def count(cells, **wanted):
    return Frequency(CodebookEntry("x", "number", {}, "main", missing=MISSING, **wanted), Counter(cells))


@given(st.lists(st.integers(0, 60), min_size=2, max_size=50))
def test_statistics_are_those_of_an_independent_implementation(numbers):
    spread = count([*numbers, -1, -3, -3]).spread
    assert spread.mean == pytest.approx(statistics.mean(numbers))
    assert spread.deviation == pytest.approx(statistics.stdev(numbers))
    assert spread.median == statistics.median(numbers)
    assert (spread.least, spread.most) == (min(numbers), max(numbers))


def test_shares_are_of_valid_answers():
    found = count([1, 1, 1, 2, -1, -3])
    assert (found.valid, found.share(1), found.share(2), found.share(3)) == (4, 0.75, 0.25, 0)
    assert found.share(-3) is None
    assert found.list_missing() == [("not_asked", 1), ("skipped", 1)]


def test_a_column_without_valid_answers_has_no_shares_and_no_spread():
    found = count([-1, -3])
    assert (found.valid, found.share(1), found.spread) == (0, None, None)
    assert draw_histogram(found) == []


def test_codes_without_an_order_have_no_mean():
    codes = (CodeEntry("a", {}), CodeEntry("b", {}))
    assert Frequency(CodebookEntry("x", "code", {}, "main", codes=codes), Counter(["a", "b"])).spread is None


@given(st.lists(st.integers(1, 5), min_size=1))
def test_a_bar_of_shares_is_as_wide_as_the_picture(cells):
    bars = draw_shares(count(cells), dict.fromkeys(range(1, 6), ""))
    assert sum(bar.width for bar in bars) == pytest.approx(WIDTH, abs=0.3)
    assert len(bars) == len(set(cells))


@given(st.lists(st.integers(-30, 10_000), min_size=1))
def test_a_histogram_counts_every_number_once(cells):
    bars = draw_histogram(count([cell for cell in cells if cell not in MISSING.values()] or [0]))
    assert len(bars) <= BINS
    assert max(bar.x + bar.width for bar in bars) <= WIDTH
    assert sum(int(bar.title.rpartition(": ")[2]) for bar in bars) == (len([c for c in cells if c not in MISSING.values()]) or 1)


def test_the_codebook_counts_what_the_table_has(filled, tmp_path):
    exported = filled.export(tmp_path / "out")
    for row in exported.codebook:
        if row["file"] == "responses" and row["count"]:
            cells = [cells[row["variable"]] for cells in exported.rows]
            assert int(row["count"]) == cells.count(row["code"]), row["variable"]
    assert sum(1 for row in exported.codebook if row["count"] not in ("", "0")) > 15


def test_the_page_draws_answers_and_nothing_without_responses(filled, tmp_path):
    page = filled.export(tmp_path / "out").files["codebook.html"].decode()
    assert "<title>Agree: 100%</title>" in page
    assert "1 valid · mean 12.00 · sd 0.00 · median 12 · 12 to 12" in page
    with filled.database.write() as connection:
        connection.exec_driver_sql("DELETE FROM page")
        connection.exec_driver_sql("DELETE FROM response")
    assert "<svg" not in filled.export(tmp_path / "none").files["codebook.html"].decode()
