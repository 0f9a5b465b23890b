"""`survey-engine experiments`, on a delivery of real responses."""

from __future__ import annotations

import json
from contextlib import closing

import pytest

from tests.command import Desk
from tests.databases import open_sqlite
from tests.datasets.filling import Store, read_csv, write_example


@pytest.fixture
def make_desk(tmp_path, monkeypatch):
    """Make a desk with a delivery: 12 responses of each share of pages with a progress bar, of which `good` completed all."""

    def make(*shares: int) -> Desk:
        with closing(open_sqlite(tmp_path / "answers.db")) as database:
            store = Store(database, write_example(tmp_path / "other"))
            for share in shares:
                for number in range(12):
                    id = store.start("north", progress_share=share)
                    store.save(id, "opinions", good=3 if share else 1, complete=bool(share) or number < 6)
            store.export(tmp_path / "delivery", formats=["parquet"])
        return Desk(tmp_path, monkeypatch, create=False)

    return make


def test_pages_with_and_without_progress_bar_are_compared(make_desk):
    desk = make_desk(100, 0)
    done = desk.run("experiments", "delivery", "--out", "out")
    assert "1 split ballots of 24 responses in out. 2 differences of measures" in done.output, done.output
    rows = {(row["measure"], row["arm"]): row for row in read_csv(desk.folder / "out" / "effects.csv")}
    assert (rows["completion", "no"]["value"], rows["completion", "yes"]["value"]) == ("0.5000", "1.0000")
    assert rows["completion", "no"]["n"] == "12"
    assert "Effects of split ballots" in (desk.folder / "out" / "effects.html").read_text()
    stored = json.loads((desk.folder / "out" / "least-group-experiments.json").read_text())
    assert set(stored["files"]) == {"effects.csv", "effects.html", "items.csv"} and "progress_bar" in stored["counted"]["groups"]


def test_a_delivery_without_a_split_ballot_is_reported(make_desk):
    done = make_desk(100).run("experiments", "delivery", "--out", "out")
    assert done.exit_code == 1 and "has no split ballot" in done.output
