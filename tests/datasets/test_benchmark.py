"""A benchmark is about all other institutions together, and about enough of them."""

from __future__ import annotations

import pytest

from survey_engine.datasets.benchmark import FewInstitutionsError, list_institutions, measure_benchmark, measure_shares
from survey_engine.datasets.table_suppression import Grouping
from tests.datasets.made_responses import make_responses

PUBLIC = Grouping(public=True)


def make(sizes, **items):
    """Make responses of institutions of these sizes, with one answer per institution."""
    institutions = [code for code, size in sizes.items() for _ in range(size)]
    answers = {name: [given[code] for code in institutions] for name, given in items.items()}
    return make_responses(answers, institution=institutions)


SIZES = {"a": 30, "b": 10, "c": 10, "d": 20}


def test_a_benchmark_leaves_out_the_institution_itself():
    data = make(SIZES, good={"a": 1, "b": 3, "c": 4, "d": 5})
    (row,) = measure_benchmark(data, "a", PUBLIC).to_dicts()
    assert (row["n"], row["mean"], row["share_4_5"]) == (40, (30 + 40 + 100) / 40, 30 / 40)
    assert list_institutions(data) == ["a", "b", "c", "d"]


def test_a_share_of_few_answers_is_withheld_with_one_that_reveals_it():
    data = make(SIZES, good={"a": 1, "b": 3, "c": 5, "d": 5})
    shares = {row["code"]: (row["n"], row["share"], row["withheld"]) for row in measure_shares(data, "a", PUBLIC).to_dicts()}
    assert shares == {
        **dict.fromkeys("124", (40, 0.0, False)),
        "3": (40, None, True),
        "5": (40, None, True),
    }


def test_two_other_institutions_are_too_few():
    with pytest.raises(FewInstitutionsError, match="Beside a there are 2 institutions"):
        measure_benchmark(make({"a": 30, "b": 30, "c": 30}, good=dict.fromkeys("abc", 4)), "a", PUBLIC)


def test_a_question_that_one_other_institution_asks_is_left_out():
    data = make(SIZES, good=dict.fromkeys("abcd", 4), local={"a": -1, "b": -1, "c": -1, "d": 5})
    assert measure_benchmark(data, "a", PUBLIC)["item"].to_list() == ["good"]
    assert set(measure_shares(data, "a", PUBLIC)["column"]) == {"good"}


def test_a_group_of_few_institutions_is_left_out():
    data = make(SIZES, good=dict.fromkeys("abcd", 4))
    paths = ["x" if code == "d" or number % 2 else "y" for number, code in enumerate(data.frame["institution"])]
    found = measure_benchmark(
        make_responses({"good": data.frame["good"].to_list()}, institution=data.frame["institution"].to_list(), path=paths),
        "a",
        Grouping(["path"], public=True),
    )
    assert found["path"].to_list() == ["x"]


def test_too_few_responses_have_no_benchmark():
    data = make({"a": 30, "b": 6, "c": 6, "d": 7}, good=dict.fromkeys("abcd", 4))
    (row,) = measure_benchmark(data, "a", PUBLIC).to_dicts()
    assert (row["n"], row["mean"], row["withheld"]) == (None, None, True)
    assert measure_shares(data, "a", PUBLIC)["share"].null_count() == 5
