"""`survey-engine quality` in its two steps, on a delivery."""

from __future__ import annotations

from contextlib import closing

import pytest

from tests.command import Desk
from tests.databases import open_sqlite
from tests.datasets.filling import Store, read_csv, write_example


@pytest.fixture
def desk(tmp_path, monkeypatch):
    with closing(open_sqlite(tmp_path / "answers.db")) as database:
        store = Store(database, write_example(tmp_path / "other"))
        for good, busy in ((3, 3), (1, 3)):
            id = store.start("south")
            store.save(id, "start", job="some")
            store.save(id, "opinions", good=good, busy=busy)
        store.export(tmp_path / "delivery", formats=["parquet"])
    return Desk(tmp_path, monkeypatch, create=False)


def test_a_person_approves_rules_between_two_steps(desk):
    first = desk.run("quality", "delivery", "--out", "first", "--by", "institution")
    assert first.exit_code == 0, first.output
    assert "1 of 2 responses are flagged by 6 rules." in first.output
    rules = desk.folder / "first" / "rules.csv"
    rules.write_text(rules.read_text().replace("variability,yes,0.25,,,", "variability,yes,0.25,,Kim,"))
    second = desk.run("quality", "delivery", "--out", "second", "--approved", str(rules))
    assert "1 of 2 responses are flagged by 1 approved rules." in second.output
    (excluded,) = read_csv(desk.folder / "second" / "excluded.csv")
    flagged = [row for row in read_csv(desk.folder / "first" / "quality.csv") if row["variability <= 0.25"] == "true"]
    assert [row["respondent"] for row in flagged] == [excluded["respondent"]]
    assert {row["institution"] for row in read_csv(desk.folder / "first" / "report.csv")} == {"south"}


def test_a_table_without_the_columns_of_rules_is_reported(desk):
    (desk.folder / "rules.csv").write_text("a,b\n1,2\n")
    done = desk.run("quality", "delivery", "--out", "out", "--approved", "rules.csv")
    assert done.exit_code == 2
    assert "rules.csv cannot be read" in done.output
