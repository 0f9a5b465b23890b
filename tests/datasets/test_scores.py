"""Known truth goes in and comes out: scores, reliability, satisfaction."""

from __future__ import annotations

import itertools
import random
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_series_equal

from survey_engine.datasets.reading import read_frame
from survey_engine.datasets.satisfaction import SATISFACTION_MEASURES
from survey_engine.datasets.scores import (
    compute_alpha,
    compute_omega,
    compute_score,
    fit_one_factor,
    list_clusters,
    list_scales,
    measure_reliability,
    measure_satisfaction,
    read_weights,
    summarise_clusters,
)
from survey_engine.datasets.table_suppression import Grouping
from survey_engine.settings import GroupSizes
from tests.datasets.filling import MAIN, write_example
from tests.datasets.made_responses import make_responses

ALL = GroupSizes(least_group=1)


def correlate(loadings):
    matrix = np.outer(loadings, loadings)
    np.fill_diagonal(matrix, 1.0)
    return matrix


def find_score(items, share=0.5, reverse=()):
    data = make_responses(items, reverse=reverse)
    return compute_score(data, list_clusters(data)[0], share).to_list()


def test_a_score_is_the_mean_of_valid_answers():
    assert find_score({"a": [1, 5, -3], "b": [2, -8, -1], "c": [3, 4, -1]}) == [2.0, 4.5, None]


def test_a_score_needs_half_of_the_items_that_were_asked():
    """Of four items, the first response was asked one, the second two, the third three, the last none."""
    items = {"a": [4, 5, 2, -1], "b": [-1, -3, -3, -1], "c": [-2, -1, -8, -2], "d": [-1, -2, -2, -1]}
    assert find_score(items) == [4.0, 5.0, None, None]


def test_a_reversed_item_is_turned():
    assert find_score({"a": [1, 5], "b": [5, 2]}, reverse=["b"]) == [1.0, 4.5]


@pytest.mark.parametrize(("share", "score"), [(0.25, 4.0), (0.5, None), (1, None)])
def test_a_score_needs_a_share_of_valid_answers(share, score):
    assert find_score({"a": [4], "b": [-3], "c": [-3], "d": [-3]}, share) == [score]


def test_items_of_one_indicator_are_a_cluster():
    (cluster,) = list_clusters(make_responses({"a": [1], "b": [2]}, institution=["north"]))
    assert (cluster.code, cluster.items) == ("theme", ("a", "b"))


def test_alpha_of_a_worked_example():
    """Five persons, three items. Variances 2.5, 1.7 and 2.2 sum to 6.4; the sums 4, 6, 9, 12, 12 have variance 12.8."""
    answers = np.array([[1, 2, 1], [2, 1, 3], [3, 4, 2], [4, 3, 5], [5, 4, 3]])
    assert compute_alpha(np.cov(answers, rowvar=False)) == pytest.approx(3 / 2 * (1 - 6.4 / 12.8)) == pytest.approx(0.75)


@pytest.mark.parametrize("correlation", [0.2, 0.5, 0.8])
@pytest.mark.parametrize("k", [3, 5, 9])
def test_of_equal_items_alpha_and_omega_are_spearman_browns_formula(correlation, k):
    matrix = correlate([correlation**0.5] * k)
    expected = k * correlation / (1 + (k - 1) * correlation)
    assert compute_alpha(matrix) == pytest.approx(expected)
    assert compute_omega(fit_one_factor(matrix)) == pytest.approx(expected, abs=1e-6)


def test_the_loadings_of_a_known_factor_are_found():
    loadings = [0.9, 0.7, 0.5, 0.3]
    assert fit_one_factor(correlate(loadings)) == pytest.approx(loadings, abs=1e-4)
    assert compute_omega(np.array(loadings)) == pytest.approx(5.76 / (5.76 + 4 - 1.64))


def test_loadings_and_omega_are_those_of_another_implementation():
    """The iterated principal axes of statsmodels 0.15 (`Factor(method="pa")`); its maximum likelihood gives omega 0.7271 too."""
    correlation = np.array([[1, 0.52, 0.41, 0.30], [0.52, 1, 0.47, 0.36], [0.41, 0.47, 1, 0.28], [0.30, 0.36, 0.28, 1]])
    loadings = fit_one_factor(correlation)
    assert loadings == pytest.approx([0.66767969, 0.77783283, 0.60894370, 0.45780323], abs=1e-6)
    assert compute_omega(loadings) == pytest.approx(0.72710593, abs=1e-6)


def test_alpha_is_the_mean_of_all_split_half_reliabilities():
    """Cronbach (1951) proved it for Rulon's coefficient: 4 · covariance of the halves / variance of the sum."""
    items = np.random.default_rng(1).integers(1, 6, (200, 6)) + np.random.default_rng(2).integers(0, 4, (200, 1))
    splits = [set(half) for half in itertools.combinations(range(6), 3)]
    halves = [(items[:, list(one)].sum(axis=1), items[:, list({*range(6)} - one)].sum(axis=1)) for one in splits]
    rulon = [4 * np.cov(one, other)[0, 1] / np.var(one + other, ddof=1) for one, other in halves]
    assert compute_alpha(np.cov(items, rowvar=False)) == pytest.approx(np.mean(rulon))


def test_reliability_of_simulated_answers_is_that_of_their_model():
    """Items with loading √0.5, cut into five answers; the correlation that is left gives the expected alpha."""
    chance = random.Random(1)
    latent = [chance.gauss(0, 1) for _ in range(4000)]
    items = {
        name: [min(5, max(1, round(3 + 1.2 * (0.5**0.5 * one + 0.5**0.5 * chance.gauss(0, 1))))) for one in latent]
        for name in "abcd"
    }
    (found,) = measure_reliability(make_responses(items), list_clusters(make_responses(items))[0])
    assert found.n == 4000
    assert found.alpha == pytest.approx(0.8, abs=0.03)  # 4 · 0.5 / (1 + 3 · 0.5)
    assert found.omega == pytest.approx(found.alpha, abs=0.01)
    assert found.loadings == pytest.approx([0.7] * 4, abs=0.03)


def test_answers_without_variation_have_no_reliability():
    data = make_responses({"a": [3] * 9, "b": [1, 2, 3] * 3})
    (found,) = measure_reliability(data, list_clusters(data)[0])
    assert (found.n, found.alpha, found.omega) == (9, None, None)


ROUTED = {
    "all": [1, 2, 3, 4, 5, 1, 2, 4, 4, 5, 3, -3],
    "school": [2, 1, 4, 3, 4, *[-1] * 5, 2, 1],
    "work": [*[-1] * 5, 1, 3, 3, 5, 4, -1, -1],
    "module": [1, 3, 2, 5, 3, *[-2] * 5, -8, 2],
    "rare": [-1] * 12,
}
"""Five responses were asked the items of `test_alpha_of_a_worked_example`, five others `all` and `work`, two did not answer all."""


def test_reliability_is_of_each_set_of_items_that_were_asked_together():
    data = make_responses(ROUTED)
    first, second = measure_reliability(data, list_clusters(data)[0])
    assert (first.items, first.n, first.alpha) == (("all", "school", "module"), 5, pytest.approx(0.75))
    covariance = np.cov([ROUTED["all"][5:10], ROUTED["work"][5:10]])
    assert (second.items, second.n, second.alpha) == (("all", "work"), 5, pytest.approx(compute_alpha(covariance)))


def test_every_item_has_a_row_and_small_sets_no_figures():
    rows = summarise_clusters(make_responses(ROUTED))
    listed = [(row["set"], row["item"], row["n"], row["alpha"] is None) for row in rows.to_dicts()]
    assert listed[:4] == [(1, "all", 5, False), (1, "school", 5, False), (1, "module", 5, False), (2, "all", 5, False)]
    assert listed[5:] == [(None, "rare", None, True)]
    less = {name: answers[:9] for name, answers in ROUTED.items()}
    assert summarise_clusters(make_responses(less))["n"].to_list() == [None] * 5, "the others would tell the small set"


def test_satisfaction_is_measured_per_group_without_missing_answers():
    data = make_responses({"a": [5, 4, 3, 1, -8, -1]}, school=["x", "x", "x", "y", "y", "y"])
    rows = measure_satisfaction(data, Grouping(["school"], sizes=ALL)).to_dicts()
    assert [(row["school"], row["n"], row["mean"], row["share_4_5"]) for row in rows] == [
        ("x", 3, 4.0, 2 / 3),
        ("y", 1, 1.0, 0.0),
    ]
    assert rows[1]["share_not_applicable"] == 0.5


def test_weights_change_shares_and_the_effective_number():
    data = make_responses({"a": [5, 1]})
    plain, weighted = (measure_satisfaction(data, Grouping(sizes=ALL), w).to_dicts()[0] for w in (None, pl.Series([3.0, 1.0])))
    assert (plain["share_4_5"], weighted["share_4_5"]) == (0.5, 0.75)
    assert weighted["margin_of_share"] > plain["margin_of_share"]
    assert_series_equal(data.frame["a"], pl.Series("a", [5, 1]))


def make_schools(**wanted):
    """Make answers of three schools of 6, 3 and 7 responses."""
    return make_responses({"a": [4] * 16}, school=["x"] * 6 + ["y"] * 3 + ["z"] * 7, path=["p", "q"] * 8, **wanted)


def test_a_small_group_is_withheld_with_one_that_would_reveal_it():
    rows = measure_satisfaction(make_schools(), Grouping(["school"])).to_dicts()
    assert [(row["school"], row["n"], row["mean"] is None, row["withheld"]) for row in rows] == [
        ("x", None, True, True),
        ("y", None, True, True),
        ("z", 7, False, False),
    ]
    assert all(rows[1][measure] is None for measure in SATISFACTION_MEASURES)


def test_public_and_sensitive_measures_need_larger_groups():
    data = make_schools()
    sensitive = replace(data, variables={**data.variables, "a": replace(data.variables["a"], sensitive="health")})
    rows = [
        measure_satisfaction(each, Grouping(["school"], public=public)).to_dicts()
        for each, public in ((data, True), (sensitive, False))
    ]
    assert [row["withheld"] for found in rows for row in found] == [True] * 6


def test_groups_of_a_sensitive_column_need_as_many_as_sensitive_items():
    data = make_responses({"a": [3] * 18}, care=["yes"] * 9 + ["no"] * 9)
    marked = replace(data, variables={**data.variables, "care": replace(data.variables["care"], sensitive="family")})
    found = [measure_satisfaction(each, Grouping(["care"]))["withheld"].to_list() for each in (data, marked)]
    assert found == [[False, False], [True, True]]


def test_small_groups_are_generalised_before_any_is_withheld():
    rows = measure_satisfaction(make_schools(), Grouping(["school", "path"], ["path"], GroupSizes(least_group=3))).to_dicts()
    assert [(row["school"], row["path"], row["n"]) for row in rows] == [
        ("x", "p", 3),
        ("x", "q", 3),
        ("y", None, 3),
        ("z", "p", 3),
        ("z", "q", 4),
    ]


def test_a_cluster_that_few_answered_has_no_figures():
    data = make_responses({"a": [1, 2, 3, 5], "b": [1, 3, 3, 4]})
    few = Grouping(sizes=GroupSizes(least_group=4))
    assert summarise_clusters(data, few)["n"].to_list() == [4, 4]
    assert summarise_clusters(data).select("n", "alpha", "omega", "loading").null_count().row(0) == (2, 2, 2, 2)
    sensitive = replace(data, variables={**data.variables, "a": replace(data.variables["a"], sensitive=True)})
    assert summarise_clusters(sensitive, few)["n"].to_list() == [None, None], "twice as many"


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("respondent,weight\nr0,1.0\n", "1 responses have no weight"),
        ("respondent;weight\nr0;1,5\nr1;1\n", "line 2: '1,5' is not a number"),
        ("respondent,weight\nr0,1\nr1,1.500\n", "line 3: '1.500' may mean 1500"),
        ("person,weight\nr0,1\n", "needs the columns respondent and weight"),
    ],
)
def test_weights_that_cannot_be_read_are_reported(tmp_path, written, message):
    (tmp_path / "weights.csv").write_text(written)
    with pytest.raises(ValueError, match=message):
        read_weights(make_responses({"a": [3, 4]}), tmp_path / "weights.csv")


TRANSPORT = """\
  - page: journey
    questions:
      - choice: transport
        text: {en: How do you travel?, easy: How do you travel?}
        indicators: [travel]
        options: {1: {en: Foot, easy: Foot}, 2: {en: Bike, easy: Bike}, 3: {en: Bus, easy: Bus}, 4: {en: Tram, easy: Tram},
          5: {en: Car, easy: Car}}
"""


def test_options_with_numbers_as_codes_are_no_scale_of_five_points(store, tmp_path):
    store.questionnaire = write_example(
        tmp_path / "journeys", main=MAIN + TRANSPORT + TRANSPORT.replace("journey", "back").replace("transport", "way")
    )
    store.start()
    rows = store.export(tmp_path / "out", formats=["parquet"]).codebook
    data = read_frame(tmp_path / "out")
    assert {row["level"] for row in rows if row["variable"] == "transport"} == {"nominal"}
    assert list_scales(data) == []
    assert [cluster.code for cluster in list_clusters(data)] == ["quality"]


def test_what_an_older_release_calls_ordinal_is_no_scale_without_points():
    data = make_responses({"transport": [1, 5], "way": [2, 4]})
    older = {name: replace(each, on_scale=False) for name, each in data.variables.items()}
    assert (list_scales(data), list_scales(replace(data, variables=older))) == (["transport", "way"], [])
    assert list_clusters(replace(data, variables=older)) == []


def test_a_loading_above_one_is_named_as_an_improper_solution():
    """The correlation of `a` with both others is higher than one factor can have."""
    rng = np.random.default_rng(1)
    matrix = np.array([[1, 0.9, 0.9], [0.9, 1, 0.65], [0.9, 0.65, 1]])
    answers = np.digitize(rng.multivariate_normal([0, 0, 0], matrix, 500), [-1.2, -0.4, 0.4, 1.2]) + 1
    rows = summarise_clusters(make_responses({name: answers[:, place].tolist() for place, name in enumerate("abc")})).to_dicts()
    assert [(row["item"], row["loading"] > 1, bool(row["remark"])) for row in rows] == [
        ("a", True, True),
        ("b", False, False),
        ("c", False, False),
    ]
