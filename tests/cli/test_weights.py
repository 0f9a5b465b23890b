"""`survey-engine weights`, and satisfaction with these weights, on a delivery."""

from __future__ import annotations

import json
from contextlib import closing

import pytest

from tests.command import Desk
from tests.databases import open_sqlite
from tests.datasets.filling import Store, read_csv, write_example

MARGINS = "variable,value,size\npath,bol,1\npath,bbl,1\n"


@pytest.fixture
def desk(tmp_path, monkeypatch):
    with closing(open_sqlite(tmp_path / "answers.db")) as database:
        store = Store(database, write_example(tmp_path / "other"))
        for path in ("bol", "bol", "bol", "bbl"):
            store.start("south", path=path)
        store.export(tmp_path / "delivery", formats=["parquet"])
    (tmp_path / "margins.csv").write_text(MARGINS)
    return Desk(tmp_path, monkeypatch, create=False)


def test_weights_are_written_with_their_recipe(desk):
    done = desk.run("weights", "delivery", "--margins", "margins.csv", "--out", "out", "--least-cell", "1")
    assert done.exit_code == 0, done.output
    assert "4 weights from 0.67 to 2.00: design effect 1.33, as precise as 3 unweighted responses." in done.output
    weights = [float(row["weight"]) for row in read_csv(desk.folder / "out" / "weights.csv")]
    assert sorted(weights) == pytest.approx([2 / 3, 2 / 3, 2 / 3, 2], abs=1e-5)
    recipe = json.loads((desk.folder / "out" / "recipe.json").read_text())
    assert recipe["recipe"]["margins"] == {"path": {"bol": 1.0, "bbl": 1.0}}


def test_what_stands_between_the_sample_and_the_margins_is_reported(desk):
    done = desk.run(
        "weights", "delivery", "--margins", "margins.csv", "--out", "out", "--least-cell", "1", "--most-weight", "1.2"
    )
    assert "a weighted share differs by 20.0% from its margin" in done.output
    done = desk.run("weights", "delivery", "--margins", "margins.csv", "--out", "merged")
    assert "These values were merged, because fewer than 5 responses have them: path: bbl (1) with bol." in done.output


def test_satisfaction_takes_the_weights_of_its_delivery_only(desk):
    assert desk.run("weights", "delivery", "--margins", "margins.csv", "--out", "out").exit_code == 0
    weights = desk.folder / "out" / "weights.csv"
    assert desk.run("scores", "delivery", "--out", "scores", "--weights", str(weights)).exit_code == 0
    weights.write_text("respondent,weight\nr1,1\n")
    done = desk.run("scores", "delivery", "--out", "more", "--weights", str(weights))
    assert done.exit_code == 2
    assert "4 responses have no weight" in done.output


def test_a_margin_of_an_unknown_column_is_reported(desk):
    (desk.folder / "margins.csv").write_text(MARGINS.replace("path", "pat"))
    done = desk.run("weights", "delivery", "--margins", "margins.csv", "--out", "out")
    assert done.exit_code == 2
    assert "There is no column pat" in done.output


def test_a_margin_with_a_label_for_a_code_is_refused_with_its_line(desk):
    (desk.folder / "margins.csv").write_text(MARGINS.replace("bol", "School"))
    done = desk.run("weights", "delivery", "--margins", "margins.csv", "--out", "out")
    assert done.exit_code == 2 and "line 2: path has no value 'School'. Known: bbl, bol" in done.output
