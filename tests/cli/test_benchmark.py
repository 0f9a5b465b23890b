"""`survey-engine benchmark` and `survey-engine usage`, on a delivery."""

from __future__ import annotations

from contextlib import closing

import pytest

from survey_engine.storage.database import Database
from tests.command import Desk
from tests.datasets.filling import Store, read_csv, write_example

SCHOOL = "institution: school-{0}\nname: School {0}\nlists: {{clubs: {{choir: {{en: Choir, easy: Choir}}}}}}\n"


@pytest.fixture
def desk(tmp_path, monkeypatch):
    """A desk with a delivery of four institutions of 8 responses."""
    with closing(Database(f"sqlite:///{tmp_path / 'answers.db'}", "answers")) as database:
        database.migrate()
        store = Store(database, write_example(tmp_path / "other", *map(SCHOOL.format, "abc")))
        for institution in ("north", "school-a", "school-b", "school-c"):
            for _ in range(8):
                store.save(store.start(institution, modules={"food": "council"}), "opinions", good=3)
        store.export(tmp_path / "delivery", formats=["parquet"])
    return Desk(tmp_path, monkeypatch, create=False)


def test_each_institution_gets_figures_of_the_others(desk):
    done = desk.run("benchmark", "delivery", "--out", "out")
    assert "Benchmarks of 4 institutions in out." in done.output
    rows = read_csv(desk.folder / "out" / "north-shares.csv")
    assert [(row["n"], row["share"]) for row in rows if row["column"] == "good" and row["code"] == "3"] == [("24", "1.0000")]
    assert (desk.folder / "out" / "north-satisfaction.csv").exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--institution", "nort"), "There is no institution 'nort' (did you mean 'north'?)"),
        (("--generalise", "path"), "--generalise names columns of --by."),
    ],
)
def test_a_wrong_institution_or_column_is_reported(desk, words, message):
    assert message in desk.run("benchmark", "delivery", "--out", "out", *words).output


def test_modules_and_languages_are_counted(desk):
    done = desk.run("usage", "delivery", "--out", "out", "--by", "institution")
    assert "Modules and languages of 32 responses in out." in done.output
    modules = {(row["module"], row["reason"]): row for row in read_csv(desk.folder / "out" / "modules.csv")}
    assert modules["Food", "Chosen by the student council"]["institutions"] == "4"
    assert {row["responses"] for row in read_csv(desk.folder / "out" / "languages.csv")} == {"8"}
