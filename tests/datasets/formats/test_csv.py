"""CSV files round-trip in other programs, and a spreadsheet runs nothing in them."""

from __future__ import annotations

import csv

from hypothesis import given
from hypothesis import strategies as st

from survey_engine.datasets.csv_files import write_csv
from tests.datasets.filling import read_csv


@given(cells=st.lists(st.tuples(st.text(st.characters(codec="utf-8")), st.text(st.characters(codec="utf-8"))), max_size=5))
def test_every_text_is_read_back_as_it_was_written(tmp_path_factory, cells):
    path = tmp_path_factory.mktemp("csv") / "texts.csv"
    write_csv(path, ["one", "two"], cells)
    with path.open(encoding="utf-8", newline="") as file:
        assert [tuple(row) for row in csv.reader(file)] == [("one", "two"), *cells]


def test_files_for_excel_have_a_byte_order_mark_and_responses_have_none(store, tmp_path):
    files = store.export(tmp_path / "out").files
    assert files["responses.csv"].startswith(b"respondent,")
    assert files["open_answers.csv"].startswith(b"\xef\xbb\xbfinstitution;")


def test_only_texts_are_guarded_so_that_missing_values_stay_numbers(store, tmp_path):
    store.start(programme="=HYPERLINK(1)")
    store.export(tmp_path / "out")
    (row,) = read_csv(tmp_path / "out" / "responses.csv")
    assert (row["programme"], row["hours"]) == ("'=HYPERLINK(1)", "-4")
