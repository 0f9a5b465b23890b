"""A benchmark is one table for all institutions, from which none can compute the figures of few persons or of one other."""

from __future__ import annotations

from collections import Counter

import polars as pl
import pytest

from survey_engine.datasets.benchmark import FewInstitutionsError, measure_benchmark, measure_shares
from survey_engine.datasets.codebook import CodebookEntry
from survey_engine.datasets.codes import CodeEntry
from survey_engine.datasets.frequencies import Frequency
from survey_engine.datasets.scores import measure_satisfaction
from survey_engine.datasets.table_suppression import Grouping
from tests.datasets.made_responses import MISSING, make_responses

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
    good = {"a": [3, 5] * 15, "b": [3, 5] * 10, "c": [3, 5] * 10, "d": [5, 5, 3, 3] * 10}
    (row,) = measure_benchmark(make(SIZES, good=good), PUBLIC).to_dicts()
    assert (row["n"], row["mean"], row["share_4_5"], row["withheld"]) == (110, 4, 0.5, False)


def count_codes(data):
    """Return the counts of a public codebook; None for those that are withheld."""
    codes = tuple(CodeEntry(code, {}) for code in range(1, 6))
    entry = CodebookEntry("good", "number", {}, "main", codes=codes, missing=MISSING)
    found = Frequency(entry, Counter(data.frame["good"]), PUBLIC.find_least())
    return {str(code): found.count(code) for code in range(1, 6)}


@pytest.mark.parametrize("few", [[1, 2, 5], [1, 2, 5] + [-3] * 27])
def test_the_codebook_minus_the_benchmark_is_no_institution(few):
    """An institution of three, or with three answers, is counted in both. The codebook and the scores count all responses."""
    usual = [1] * 5 + [2] * 6 + [4] * 9 + [5] * 10
    data = make({**dict.fromkeys("abcd", 30), "e": len(few)}, good={**dict.fromkeys("abcd", usual), "e": few})
    counts, shares = count_codes(data), list_shares(data)
    for (_, code), (n, share) in shares.items():
        assert n == 123 and (share is None or round(share * n) == counts[code])
    tables = (measure_benchmark(data, PUBLIC), measure_satisfaction(data, PUBLIC))
    assert [(row["n"], row["share_4_5"]) for table in tables for row in table.to_dicts()] == [(123, 77 / 123)] * 2


def test_what_the_codebook_withholds_the_benchmark_withholds_too():
    """Institution a has most answers 5: without it, they are the fewest, but the codebook hides the few answers 1 with answers 2."""
    good = {"a": [5] * 60 + [2] * 5, **dict.fromkeys("bcd", [1] * 4 + [2] * 15 + [5] * 8)}
    data = make({code: len(answers) for code, answers in good.items()}, good=good)
    counts = count_codes(data)
    assert [code for code, count in counts.items() if count is None] == ["1", "2"]
    withheld = {code for (_, code), (_, share) in list_shares(data).items() if share is None}
    assert {"1", "2"} <= withheld


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


FEW_ONES = {code: [1] + [2] * 19 + [4] * 20 + [5] * 20 for code in "abcd"}


def test_satisfaction_reveals_no_share_that_is_withheld():
    """Of 4 answers 1 and 76 answers 2, the mean, its margin and the shares would tell each number."""
    data = make(dict.fromkeys("abcd", 60), good=FEW_ONES)
    (row,) = measure_benchmark(data, PUBLIC).to_dicts()
    assert [code for (_, code), (_, share) in list_shares(data).items() if share is None] == ["1", "2"]
    assert (row["mean"], row["margin_of_mean"], row["mean_at_least_3_3"], row["withheld"]) == (None, None, None, True)
    assert (row["share_1_2"], row["share_4_5"], row["share_3"], row["n"]) == (80 / 240, 160 / 240, 0, 240)


def test_groups_reveal_no_share_that_the_total_withholds():
    """Nor the other way round: answers 1 are few in one group alone, and both groups together have enough."""
    answers = {code: FEW_ONES[code] + [1] * 19 + [2] + [4] * 20 + [5] * 20 for code in "abcd"}
    data = make(dict.fromkeys("abcd", 120), good=answers)
    path = ["x" if at % 120 < 60 else "y" for at in range(480)]
    data = make_responses({"good": data.frame["good"].to_list()}, institution=data.frame["institution"].to_list(), path=path)
    assert None not in {share for _, share in list_shares(data).values()}
    found = measure_benchmark(data, Grouping(["path"], public=True)).to_dicts()
    assert [(row["path"], row["mean"], row["share_4_5"]) for row in found] == [("x", None, 2 / 3), ("y", None, 2 / 3)]


def test_few_answers_that_do_not_apply_are_withheld():
    good = {code: [4] * 25 + [5] * 25 + [-8] * 3 + [-3] * 7 for code in "abcd"}
    (row,) = measure_benchmark(make(dict.fromkeys("abcd", 60), good=good), PUBLIC).to_dicts()
    assert row["share_not_applicable"] is None and row["mean"] == 4.5


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
