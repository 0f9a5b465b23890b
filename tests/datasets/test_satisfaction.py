"""The measures side by side, against worked examples."""

from __future__ import annotations

import statistics

import pytest

from survey_engine.datasets.satisfaction import SATISFACTION_MEASURES, Distribution


def make(*counts, n=None, population=None, outside=0):
    return Distribution(counts, n if n is not None else sum(counts), outside, population)


@pytest.mark.parametrize(
    ("counts", "mean", "share"),
    [((2, 8, 55, 30, 5), 3.28, 0.35), ((10, 15, 25, 35, 15), 3.30, 0.50), ((15, 10, 20, 25, 30), 3.45, 0.55)],
)
def test_equal_means_can_have_different_shares(counts, mean, share):
    found = make(*counts)
    assert (round(found.mean, 2), found.share_4_5) == (mean, pytest.approx(share))
    assert found.share_1_2 + found.share_3 + found.share_4_5 == pytest.approx(1)


@pytest.mark.parametrize(("counts", "reached"), [((0, 0, 70, 30, 0), True), ((0, 0, 71, 29, 0), False)])
def test_the_institutions_measure_is_about_the_mean_of_a_group(counts, reached):
    assert make(*counts).mean_at_least_3_3 is reached


@pytest.mark.parametrize(
    ("population", "response", "points"),
    [(10, 0.2, 65), (10, 0.6, 27), (50, 0.3, 21), (200, 0.44, 8), (500, 0.6, 4), (1000, 0.2, 6), (5000, 0.6, 1)],
)
def test_the_margin_of_a_share_is_that_of_published_tables(population, response, points):
    n = round(population * response)
    assert round(make(0, 0, n, 0, 0, population=population).margin_of_share * 100) == points


def test_nobody_is_left_to_err_about_when_all_answered():
    assert make(0, 1, 3, 4, 2, population=10).margin_of_share == 0
    assert make(0, 0, 0, 1, 0, population=1).margin_of_share == 0


def test_the_margin_of_a_mean_has_the_deviation_of_the_sample():
    answers = [2] * 3 + [3] * 5 + [5] * 4
    found = make(0, 3, 5, 0, 4)
    assert found.deviation == pytest.approx(statistics.stdev(answers))
    assert found.margin_of_mean == pytest.approx(1.96 * statistics.stdev(answers) / 12**0.5, rel=1e-4)


def test_does_not_apply_is_in_no_other_measure():
    found, without = make(1, 1, 1, 1, 4, outside=8), make(1, 1, 1, 1, 4)
    assert found.share_not_applicable == 0.5
    assert [getattr(found, name) for name in SATISFACTION_MEASURES if name != "share_not_applicable"] == [
        getattr(without, name) for name in SATISFACTION_MEASURES if name != "share_not_applicable"
    ]


def test_a_group_without_answers_has_no_measures():
    assert {name: getattr(make(0, 0, 0, 0, 0), name) for name in SATISFACTION_MEASURES} == dict.fromkeys(SATISFACTION_MEASURES)
