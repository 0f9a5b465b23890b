"""`read` gives researchers a frame with labels and missing codes; the page of examples runs."""

from __future__ import annotations

import doctest

import polars as pl
import pytest

from survey_engine.datasets import read
from tests import ROOT
from tests.datasets.made_responses import make_responses


@pytest.fixture
def delivery(filled, tmp_path):
    filled.export(tmp_path / "delivery", formats=["parquet"])
    return tmp_path / "delivery"


def test_the_page_of_examples_runs(delivery, monkeypatch):
    monkeypatch.chdir(delivery.parent)
    page = str(ROOT / "survey_engine" / "datasets" / "EXAMPLES.md")
    done = doctest.testfile(page, module_relative=False, globs={})
    assert done.attempted > 10
    assert done.failed == 0


def test_valid_columns_have_nulls_for_all_missing_codes_and_nothing_else(delivery):
    data = read(delivery)
    for name, variable in data.variables.items():
        gone = data.frame[name].is_not_null() & data.valid(name)[name].is_null()
        codes = {str(code) for code in variable.missing.values()}
        assert {str(cell) for cell in data.frame[name].filter(gone)} <= codes
        assert not codes & {str(cell) for cell in data.valid(name)[name].drop_nulls()}


@pytest.mark.parametrize("text", [False, True])
def test_missing_values_are_counted_by_reason(text):
    answers = [4, -3, -3, -1]
    data = make_responses({"good": [str(answer) for answer in answers] if text else answers})
    assert data.why_missing("good").to_dicts() == [
        {"reason": "not_asked", "code": -1, "count": 1},
        {"reason": "not_assigned", "code": -2, "count": 0},
        {"reason": "skipped", "code": -3, "count": 2},
        {"reason": "does_not_apply", "code": -8, "count": 0},
    ]


def test_a_code_without_a_label_is_its_own_label(delivery, filled):
    data = read(delivery)
    changed = data.frame.with_columns(job=pl.lit("lost"))
    assert type(data)(changed, *list(vars(data).values())[1:]).labelled("job")["job"].unique().to_list() == ["lost"]


@pytest.mark.parametrize(("language", "label"), [("", "Agree"), ("en", "Agree"), ("easy", "Yes")])
def test_labels_are_in_the_wanted_language_or_that_of_the_delivery(delivery, language, label):
    assert label in read(delivery).labelled("good", language=language)["good"].to_list()


def test_a_folder_without_parquet_is_reported(tmp_path):
    with pytest.raises(FileNotFoundError, match="--format parquet"):
        read(tmp_path)


def test_a_file_of_another_program_is_reported(tmp_path):
    pl.DataFrame({"a": [1]}).write_parquet(tmp_path / "responses.parquet")
    with pytest.raises(ValueError, match="has no labels"):
        read(tmp_path)


def test_the_paradata_of_pages_are_read_beside_the_responses(store, tmp_path):
    id = store.start(path="bol")
    store.save(id, "start", job="some", paradata="1")
    store.save(id, "hours_page", hours=3, paradata="2 15 3 1")
    store.export(tmp_path / "delivery", formats=["parquet"])
    data = read(tmp_path / "delivery")
    number = data.frame["respondent"][0]
    assert data.paradata.rows() == [(number, "start", 1, None, None, None), (number, "hours_page", 2, 15, 3, 1)]
    (tmp_path / "delivery" / "paradata.csv").unlink()
    assert read(tmp_path / "delivery").paradata.rows() == []


def test_pages_whose_names_are_numbers_are_names_in_paradata(delivery):
    rows = "respondent,page,visits,seconds,changes,double_taps\n00012,2,1,,,\n"
    (delivery / "paradata.csv").write_text(rows)
    assert read(delivery).paradata.rows() == [("00012", "2", 1, None, None, None)]


@pytest.mark.parametrize(("language", "unit"), [("", "hours"), ("easy", "hrs")])
def test_a_number_has_its_unit_and_range(delivery, language, unit):
    data = read(delivery)
    assert (data.unit("hours", language), data.variables["hours"].range) == (unit, (1, 60))
    assert (data.unit("job", language), data.variables["job"].range) == ("", (None, None))


def test_a_delivery_of_an_older_release_says_nothing_of_units():
    data = make_responses({"good": [4]})
    assert (data.unit("good"), data.variables["good"].unit, data.variables["good"].range) == ("", None, None)
