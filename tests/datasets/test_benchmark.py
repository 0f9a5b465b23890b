"""A benchmark is one table for all institutions, from which none can compute the figures of few persons or of one other."""

from __future__ import annotations

import polars as pl
import pytest

from survey_engine.datasets.benchmark import FewInstitutionsError, list_counted, measure_benchmark, measure_shares
from survey_engine.datasets.table_suppression import Grouping
from tests.datasets.made_responses import make_responses

PUBLIC = Grouping(public=True)


def make(sizes, **items):
    """Make responses of institutions of these sizes, with one answer per institution, or a list of answers."""
    institutions = [code for code, size in sizes.items() for _ in range(size)]
    answers = {
        name: [
            each
            for code, size in sizes.items()
            for each in (given[code] if isinstance(given[code], list) else [given[code]] * size)
        ]
        for name, given in items.items()
    }
    return make_responses(answers, institution=institutions)


SIZES = {"a": 30, "b": 20, "c": 20, "d": 40}


def list_shares(data):
    return {(row["column"], row["code"]): (row["n"], row["share"]) for row in measure_shares(data, PUBLIC).to_dicts()}


def test_a_benchmark_has_all_institutions_together():
    (row,) = measure_benchmark(make(SIZES, good={"a": 1, "b": 3, "c": 4, "d": 5}), PUBLIC).to_dicts()
    assert (row["n"], row["mean"]) == (110, (30 + 60 + 80 + 200) / 110)


def test_an_institution_below_the_least_number_is_not_counted():
    """The others, who know their own answers, could compute those of its four persons together with the total."""
    data = make({**SIZES, "e": 4}, good={**dict.fromkeys("abcd", 4), "e": 1})
    assert list_shares(data)["good", "4"] == (110, 1)
    assert measure_benchmark(data, PUBLIC)["n"].to_list() == [110]
    assert [row for row in list_counted(data, PUBLIC).to_dicts() if not row["counted"]] == [
        {"institution": "e", "counted": False, "reason": "fewer than 20 responses"}
    ]


def test_an_institution_counts_for_the_questions_that_enough_answered():
    data = make({**SIZES, "e": 30}, good={**dict.fromkeys("abcd", 4), "e": [2] * 4 + [-3] * 26})
    assert measure_benchmark(data, PUBLIC)["n"].to_list() == [110]
    assert list_shares(data)["good", "2"] == (110, 0)


def test_three_institutions_are_too_few():
    with pytest.raises(FewInstitutionsError, match="3 institutions have"):
        measure_benchmark(make({"a": 30, "b": 30, "c": 30, "d": 19}, good=dict.fromkeys("abcd", 4)), PUBLIC)


def test_a_question_that_three_institutions_ask_is_left_out():
    data = make(SIZES, good=dict.fromkeys("abcd", 4), local={"a": -1, "b": 5, "c": 5, "d": 5})
    assert measure_benchmark(data, PUBLIC)["item"].to_list() == ["good"]
    assert {column for column, _ in list_shares(data)} == {"good"}


def test_a_code_of_one_institution_is_withheld():
    """Of an entry on a list that one institution has, the share of all is its own."""
    usual = {"a": [1] * 20 + [2] * 10, "b": [1] * 10 + [2] * 10, "c": [1] * 10 + [2] * 10, "d": [1] * 10 + [3] * 30}
    data = make({**SIZES, "e": 90}, good={**usual, "e": [1] * 30 + [2] * 60})
    shares = {code: share for (_, code), (_, share) in list_shares(data).items()}
    assert shares["3"] is None
    assert None in (shares["1"], shares["2"])
    assert shares["4"] == 0


def test_a_share_is_withheld_if_one_institution_can_compute_a_small_number():
    """Institution a has 40 of the 45 answers 2."""
    data = make(
        {"a": 60, "b": 60, "c": 60, "d": 60},
        good={"a": [2] * 40 + [5] * 20, "b": [2] * 2 + [5] * 58, "c": [2] * 2 + [5] * 58, "d": [2] + [5] * 59},
    )
    shares = {code: share for (_, code), (_, share) in list_shares(data).items()}
    assert shares == {"1": 0, "2": None, "3": 0, "4": 0, "5": None}


def test_a_group_of_few_institutions_is_withheld_with_one_that_reveals_it():
    data = make(dict.fromkeys("abcd", 60), good=dict.fromkeys("abcd", 4))
    number = pl.int_range(pl.len()).over("institution")
    path = pl.when((pl.col("institution") == "d") & (number < 20)).then(pl.lit("z")).when(number < 40).then(pl.lit("x"))
    frame = data.frame.with_columns(path.otherwise(pl.lit("y")).alias("path"))
    others = {"institution": frame["institution"].to_list(), "path": frame["path"].to_list()}
    found = measure_benchmark(make_responses({"good": frame["good"].to_list()}, **others), Grouping(["path"], public=True))
    assert dict(found.select("path", "withheld").iter_rows()) == {"x": False, "y": True, "z": True}


def test_versions_of_a_consent_have_no_shares():
    data = make(SIZES, good=dict.fromkeys("abcd", 4), may_ask__version=dict.fromkeys("abcd", 2))
    assert {column for column, _ in list_shares(data)} == {"good"}
