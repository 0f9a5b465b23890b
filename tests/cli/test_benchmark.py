"""`survey-engine benchmark` and `survey-engine usage`, on a delivery."""

from __future__ import annotations

import json
from contextlib import closing

import pytest

from survey_engine.datasets.least_groups import LeastGroup, write_record
from tests.command import Desk
from tests.databases import open_sqlite
from tests.datasets.filling import Store, read_csv, write_example

SCHOOL = "institution: school-{0}\nname: School {0}\nlists: {{clubs: {{choir: {{en: Choir, easy: Choir}}}}}}\n"


@pytest.fixture
def desk(tmp_path, monkeypatch):
    """A desk with a delivery of four institutions of 20 responses, and one of 4."""
    with closing(open_sqlite(tmp_path / "answers.db")) as database:
        store = Store(database, write_example(tmp_path / "other", *map(SCHOOL.format, "abcd")))
        for institution, responses in {"north": 20, "school-a": 20, "school-b": 20, "school-c": 20, "school-d": 4}.items():
            for _ in range(responses):
                store.save(store.start(institution, modules={"food": "council"}), "opinions", good=3)
        store.export(tmp_path / "delivery", formats=["parquet"])
    return Desk(tmp_path, monkeypatch, create=False)


def test_institutions_get_one_table_of_all(desk):
    done = desk.run("benchmark", "delivery", "--out", "out")
    assert "Benchmark of 5 institutions in out." in done.output
    rows = read_csv(desk.folder / "out" / "shares.csv")
    assert [(row["n"], row["share"]) for row in rows if row["column"] == "good" and row["code"] == "3"] == [("84", "1.0000")]
    tables = {path.name for path in (desk.folder / "out").glob("*.csv")}
    assert tables == {"satisfaction.csv", "shares.csv"}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--least-group", "21"), "0 institutions have at least 21 responses; a benchmark needs 4."),
        (("--generalise", "path"), "--generalise accepts only columns of --by."),
    ],
)
def test_too_few_institutions_or_a_wrong_column_are_reported(desk, words, message):
    assert message in desk.run("benchmark", "delivery", "--out", "out", *words).output


def test_modules_and_languages_are_counted(desk):
    done = desk.run("usage", "delivery", "--out", "out", "--by", "institution")
    assert "Modules, languages and channels of 84 responses in out." in done.output
    modules = {(row["module"], row["reason"]): row for row in read_csv(desk.folder / "out" / "modules.csv")}
    assert modules["Food", "Chosen by the student council"]["institutions"] == "5"
    assert {row["responses"] for row in read_csv(desk.folder / "out" / "languages.csv")} == {"20", ""}


@pytest.mark.parametrize(
    ("command", "options", "tables"),
    [
        ("benchmark", (), {"satisfaction.csv", "shares.csv"}),
        ("usage", ("--public",), {"modules.csv", "arms.csv", "languages.csv", "channels.csv"}),
        ("scores", ("--public",), {"clusters.csv", "satisfaction.csv"}),
        ("quality", ("--public",), {"report.csv", "report.html", "rules.csv"}),
    ],
)
def test_every_command_with_tables_records_their_least_group(desk, command, options, tables):
    assert desk.run(command, "delivery", "--out", "out", *options).exit_code == 0
    stored = json.loads((desk.folder / "out" / f"least-group-{command}.json").read_text())
    assert (stored["least"], stored["responses"], set(stored["files"])) == (20, 84, tables)


@pytest.mark.parametrize(("responses", "warned"), [(84, False), (85, True), (104, False), (70, True)])
def test_a_command_warns_about_tables_of_a_few_responses_more(desk, responses, warned):
    (desk.folder / "earlier").mkdir()
    write_record(desk.folder / "earlier", "usage", [], LeastGroup("example", responses, 20, 2))
    done = desk.run("usage", "delivery", "--out", "out", "--public")
    assert ("earlier has tables that differ by few responses" in done.output) is warned, done.output


@pytest.mark.parametrize(("command", "file"), [("usage", "languages.csv"), ("quality", "report.csv")])
def test_groups_of_a_sensitive_item_need_twice_as_many(desk, command, file):
    """The item `busy` is marked sensitive; all 84 responses are one group of it."""
    for least, shown in ((42, True), (43, False)):
        options = ("--least-group", str(least), "--by", "busy", "--force")
        assert desk.run(command, "delivery", "--out", "out", *options).exit_code == 0
        assert {bool(row["responses"]) for row in read_csv(desk.folder / "out" / file)} == {shown}
