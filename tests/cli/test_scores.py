"""`survey-engine scores`, on a delivery."""

from __future__ import annotations

import pytest

from tests.command import Desk
from tests.databases import open_sqlite
from tests.datasets.filling import MAIN, Store, read_csv, write_example

FIVE = MAIN.replace(
    "          good: {en: It is good, easy: It is good}",
    "          good: {en: It is good, easy: It is good}\n          calm: {en: It is calm, easy: It is calm}",
)


@pytest.fixture
def delivery(tmp_path):
    database = open_sqlite(tmp_path / "answers.db")
    answering = Store(database, write_example(tmp_path / "other", main=FIVE))
    for good, calm in ((3, 2), (1, "na"), (2, 2)):
        answering.save(answering.start(), "opinions", good=good, calm=calm)
    answering.export(tmp_path / "delivery", formats=["parquet"])
    database.close()
    return tmp_path / "delivery"


def test_scores_clusters_and_satisfaction_are_written(delivery, tmp_path, monkeypatch):
    desk = Desk(tmp_path, monkeypatch, create=False)
    done = desk.run("scores", str(delivery), "--out", "scores", "--by", "institution", "--least-share", "0.3")
    assert done.exit_code == 0, done.output
    assert "1 clusters of 3 responses in scores." in done.output
    assert sorted(row["score_quality"] for row in read_csv(tmp_path / "scores" / "scores.csv")) == ["1.0000", "2.0000", "2.5000"]
    assert [row["item"] for row in read_csv(tmp_path / "scores" / "clusters.csv")] == ["good", "calm", "busy"]


@pytest.mark.parametrize(
    ("goods", "of_all", "message"),
    [
        ([*[3, 2, 1] * 6, 2, 3], 0, ""),
        ([*[3, 2, 1] * 6, 2, 3], 1, "have no figures in clusters.csv: quality. Too few responses answered all items"),
        ([3] * 18, 0, "have no alpha in clusters.csv: quality. All responses have the same answer"),
        ([3, 2, 1] * 6, 0, "have no alpha in clusters.csv: quality. All responses have the same answer"),
    ],
    ids=["negative", "one of another set", "alike", "opposite"],
)
def test_a_cluster_without_figures_is_named_with_the_reason(tmp_path, monkeypatch, goods, of_all, message):
    """A negative alpha is a figure. One who was also asked `busy` would be told by the figures of all others."""
    database = open_sqlite(tmp_path / "answers.db")
    answering = Store(database, write_example(tmp_path / "other", main=FIVE))
    for number, good in enumerate(goods):
        id = answering.start()
        asked = {"busy": 2} if number < of_all else {}
        answering.save(id, "start", job="some" if asked else "none")
        answering.save(id, "opinions", good=good, calm=number % 3 + 1, **asked, complete=True)
    answering.export(tmp_path / "delivery", formats=["parquet"])
    database.close()
    done = Desk(tmp_path, monkeypatch, create=False).run("scores", "delivery", "--out", "scores")
    assert done.exit_code == 0 and message in done.output, done.output
    figures = {row["item"]: row["alpha"] for row in read_csv(tmp_path / "scores" / "clusters.csv")}
    assert (float(figures["good"]) < 0) if not message else not figures["good"]


def test_clusters_of_an_earlier_edition_are_laid_beside(delivery, tmp_path, monkeypatch):
    desk = Desk(tmp_path, monkeypatch, create=False)
    desk.run("scores", "delivery", "--out", "old")
    done = desk.run("scores", "delivery", "--out", "new", "--before", "old/clusters.csv")
    assert "Clusters compared with old/clusters.csv: 1 too few items in common, or figures that are withheld." in done.output
    assert {row["cluster"] for row in read_csv(tmp_path / "new" / "cluster_changes.csv")} == {"quality"}
    assert "Do the clusters still hold?" in (tmp_path / "new" / "cluster_changes.html").read_text()
    assert "is not a clusters.csv" in desk.run("scores", "delivery", "--out", "x", "--before", "old/satisfaction.csv").output


@pytest.mark.parametrize(
    ("options", "environment", "shown"),
    [
        ((), "", ""),
        (("--least-group", "3"), "", "3"),
        ((), "3", "3"),
        (("--public",), "3", ""),
        (("--least-group", "4"), "3", ""),
    ],
)
def test_the_least_group_comes_from_options_or_the_environment(delivery, tmp_path, monkeypatch, options, environment, shown):
    """All three responses are one group."""
    desk = Desk(tmp_path, monkeypatch, create=False)
    monkeypatch.setenv("SURVEY_LEAST_GROUP", environment)
    done = desk.run("quality", str(delivery), "--out", "quality", *options)
    assert done.exit_code == 0, done.output
    assert {row["responses"] for row in read_csv(tmp_path / "quality" / "report.csv")} == {shown}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--by", "instituton"), "There is no column 'instituton' (did you mean 'institution'?)"),
        ((), "There is no responses.parquet"),
    ],
)
def test_a_wrong_column_or_folder_is_reported(delivery, tmp_path, monkeypatch, words, message):
    desk = Desk(tmp_path, monkeypatch, create=False)
    done = desk.run("scores", str(delivery if words else tmp_path), "--out", "scores", *words)
    assert done.exit_code == 2
    assert message in done.output
