"""Clusters of two editions are laid side by side, and their differences are named."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from survey_engine.datasets.cluster_changes import (
    COLUMN_TYPES,
    build_changes_page,
    compare_clusters,
    read_clusters,
    tabulate_changes,
)
from survey_engine.datasets.scores import summarise_clusters
from survey_engine.datasets.table_suppression import Grouping
from survey_engine.settings import GroupSizes
from tests.datasets.made_responses import make_responses


def make(loadings, *, seed=1, reverse=()) -> pl.DataFrame:
    """Summarise 2,000 responses to items with these loadings on one factor, rounded to five points."""
    chance = np.random.default_rng(seed)
    factor = chance.normal(size=2000)
    items = {}
    for name, loading in loadings.items():
        score = loading * factor + np.sqrt(1 - loading**2) * chance.normal(size=2000)
        answers = np.clip(np.round(3 + 1.2 * score), 1, 5).astype(int)
        items[name] = (6 - answers if name in reverse else answers).tolist()
    return summarise_clusters(make_responses(items, reverse=reverse), Grouping(sizes=GroupSizes()))


USUAL = {"a": 0.8, "b": 0.7, "c": 0.6, "d": 0.7}


def test_a_cluster_of_the_same_loadings_holds():
    (change,) = compare_clusters(make(USUAL), make(USUAL, seed=2))
    assert change.verdict == "holds" and change.congruence == pytest.approx(1, abs=0.01)


def test_a_cluster_of_which_an_item_went_another_way_differs():
    (change,) = compare_clusters(make(USUAL), make({**USUAL, "a": 0.1, "b": -0.3}))
    assert change.verdict == "differs"


def test_the_congruence_of_a_worked_example():
    """Σxy = .8·.6 + .6·.8 + .5·.5 = 1.21; Σx² = Σy² = .64 + .36 + .25 = 1.25."""
    before, now = (
        pl.DataFrame(
            [("c", 1, item, False, 90, 0.7, 0.7, loading) for item, loading in zip("abc", several, strict=True)],
            dict(COLUMN_TYPES),
            orient="row",
        )
        for several in ([0.8, 0.6, 0.5], [0.6, 0.8, 0.5])
    )
    (change,) = compare_clusters(before, now)
    assert change.congruence == pytest.approx(1.21 / 1.25) and change.verdict == "holds"


def test_added_removed_and_turned_items_are_named():
    before, now = make(USUAL, reverse=["b"]), make({"a": 0.8, "b": 0.7, "c": 0.6, "e": 0.5})
    table = tabulate_changes(compare_clusters(before, now))
    assert dict(table.select("item", "change").iter_rows()) == {"a": "", "b": "turned", "c": "", "e": "added", "d": "removed"}
    (row,) = table.filter(pl.col("item") == "a").to_dicts()
    assert row["loading_difference"] == pytest.approx(row["loading"] - row["loading_before"])
    (row,) = table.filter(pl.col("item") == "d").to_dicts()
    assert row["loading"] is None and row["loading_before"] is not None and row["loading_difference"] is None


def test_a_row_has_the_figures_of_both_editions_and_their_differences():
    figures = ((90, 0.7, 0.8, 0.6), (60, 0.75, 0.7, 0.65))
    before, now = (pl.DataFrame([("c", 1, "a", False, *each)], dict(COLUMN_TYPES), orient="row") for each in figures)
    (row,) = tabulate_changes(compare_clusters(before, now)).to_dicts()
    assert row == {
        **{"cluster": "c", "set": 1, "item": "a", "change": "", "congruence": None},
        **{"n_before": 90, "n": 60},
        **{"alpha_before": 0.7, "alpha": 0.75, "alpha_difference": pytest.approx(0.05)},
        **{"omega_before": 0.8, "omega": 0.7, "omega_difference": pytest.approx(-0.1)},
        **{"loading_before": 0.6, "loading": 0.65, "loading_difference": pytest.approx(0.05)},
        "verdict": "too few items in common, or figures that are withheld",
    }


def test_an_item_whose_loading_moved_is_named_although_the_cluster_holds():
    (change,) = compare_clusters(make(USUAL), make({**USUAL, "c": 0.3}))
    assert change.verdict == "holds" and change.describe_item("c") == "loads less" and change.describe_item("a") == ""


def test_clusters_of_one_edition_only_are_named():
    before, now = make(USUAL), make(USUAL).with_columns(cluster=pl.lit("other"))
    assert [(change.cluster, change.verdict) for change in compare_clusters(before, now)] == [
        ("other", "only in this edition"),
        ("theme", "only in the earlier edition"),
    ]


def test_figures_that_are_withheld_are_compared_with_nothing():
    few = make(USUAL).with_columns(
        pl.lit(None, pl.Int64).alias("n"), *(pl.lit(None, pl.Float64).alias(name) for name in ("alpha", "omega", "loading"))
    )
    (change,) = compare_clusters(few, make(USUAL))
    assert change.congruence is None and "withheld" in change.verdict


def test_the_page_says_in_words_what_its_pictures_show(tmp_path):
    build_changes_page(compare_clusters(make(USUAL), make(USUAL, seed=2)), "Made", "scores-2025").write(tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text()
    assert page.count("<svg") == 4 and 'aria-label="a: 0.' in page and "scores-2025" in page


def test_another_file_is_refused(tmp_path):
    (tmp_path / "x.csv").write_text("a,b\n1,2\n")
    with pytest.raises(ValueError, match=r"not a clusters\.csv"):
        read_clusters(tmp_path / "x.csv")
