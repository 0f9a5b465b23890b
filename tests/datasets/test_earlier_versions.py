"""Each response is read with its own version: no answer is lost, and newer questions are "not asked"."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import text

from survey_engine.datasets.columns import lay_out
from tests.datasets.filling import MAIN, NORTH, Exported, Store, write_example

NEWER = (
    MAIN.replace("          money: {en: Money, easy: Money}\n", "          fun: {en: Fun, easy: Fun}\n")
    .replace("          some: {text: {en: Some, easy: Some}}\n", "          some: {en: A few, easy: Some}\n")
    .replace("          none: {text: {en: None, easy: None}}\n", "          never: {en: Never, easy: Never}\n")
    .replace("          good: {en: It is good, easy: It is good}\n", "          nice: {en: It is nice, easy: It is nice}\n")
    .replace("when: job == 'some', reverse", "reverse")
    .replace("- date: since_when", "- date: started_on")
)
"""Without the option `money`, the answer `none`, the item `good` and the date; other options have moved."""
WEST = NORTH.replace("north", "west").replace("North", "West").replace("clubs_page", "west_page").replace("club\n", "west_club\n")


class Versions:
    """A questionnaire with two published versions."""

    def __init__(self, store: Store, folder) -> None:
        self.store, self.folder = store, folder
        self.old = store.questionnaire
        self.new = write_example(folder / "newer", main=NEWER)

    def begin(self, version: str, **answers: object) -> int:
        """Begin a response that stops after the second page."""
        id = self.store.start("south", version=version)
        self.store.save(id, "start", job=answers.pop("job", None))
        self.store.save(id, "opinions", **answers)
        return id

    def export(self, *without: str) -> Exported:
        self.store.questionnaire = self.new
        known = {each.version: each for each in (self.old, self.new) if each.version not in without}
        return self.store.export(self.folder / "out", versions=known)

    def rows(self) -> list[dict[str, str]]:
        """Export and return the first response of the older version, then that of the newer."""
        return sorted(self.export().rows, key=lambda row: row["version"] == self.new.version)


@pytest.fixture
def versions(store, tmp_path) -> Iterator[Versions]:
    return Versions(store, tmp_path)


def test_answers_to_removed_questions_are_exported(versions):
    versions.begin(versions.old.version, job="none", good=2, why=["money"])
    (row,) = versions.export().rows
    assert [row[name] for name in ("job", "good", "why_money", "why_else", "since_when")] == ["none", "2", "1", "0", "-4"]


def test_newer_questions_are_not_asked_in_older_responses(versions):
    versions.begin(versions.old.version, why=["money"])
    (row,) = versions.export().rows
    assert [row[name] for name in ("nice", "why_fun", "started_on")] == ["-1"] * 3


def test_removed_questions_are_not_asked_in_newer_responses(versions):
    versions.begin(versions.old.version)
    versions.begin(versions.new.version, nice=3, why=["fun"])
    old, new = versions.rows()
    assert [new[name] for name in ("good", "why_money", "since_when", "nice", "why_fun")] == ["-1", "-1", "-1", "3", "1"]
    assert [old[name] for name in ("good", "why_money", "nice", "why_fun")] == ["-3", "-3", "-1", "-1"]


def test_conditions_are_those_of_the_responses_version(versions):
    versions.begin(versions.old.version, job="none", busy=2)
    versions.begin(versions.new.version, job="never", busy=2)
    assert [row["busy"] for row in versions.rows()] == ["-1", "2"]


def test_columns_of_an_earlier_version_keep_their_position(versions):
    names = lay_out(versions.new, [versions.old]).names
    assert names[names.index("job") : names.index("mark_work")] == [
        *("job", "hours", "good", "nice", "busy", "why_money", "why_fun", "why_work", "why_else", "since_when", "started_on"),
    ]


def test_the_codebook_has_removed_questions_with_their_version(versions):
    versions.begin(versions.old.version)
    codebook = versions.export().codebook
    offers = {row["code"]: row["offered_to"] for row in codebook if row["variable"] == "job"}
    assert offers["none"] == f"version {versions.old.version}"
    assert offers["never"] == f"version {versions.new.version}"
    assert offers["some"] == ""
    asked = {row["variable"]: row["versions"] for row in codebook}
    assert (asked["good"], asked["nice"], asked["busy"]) == (versions.old.version, versions.new.version, "")


def test_a_removed_condition_names_its_version(versions):
    versions.begin(versions.old.version)
    (row,) = {row["universe"] for row in versions.export().codebook if row["variable"] == "busy"}
    assert row == f"everybody OR version in ['{versions.old.version}']: statement busy: job == 'some'"


@pytest.mark.parametrize(
    ("newer", "universe"),
    [
        ("work: {text: {en: Work, easy: Work}, when: job == 'some'}", "option work: job == 'some'"),
        ("work: {en: Work, easy: Work}", "everybody OR version in ['{old}']: option work: job == 'some'"),
        (
            "work: {text: {en: Work, easy: Work}, when: path == 'bol'}",
            "option work: path == 'bol' OR version in ['{old}']: option work: job == 'some'",
        ),
    ],
    ids=["same", "freed", "changed"],
)
def test_a_conditional_option_is_offered_as_each_version_says(versions, newer, universe):
    main = MAIN.replace("work: {text: {en: Work, easy: Work}, when: job == 'some'}", newer).replace("Why?", "Why so?")
    versions.new = write_example(versions.folder / "offer", main=main)
    versions.begin(versions.old.version)
    (row,) = {row["universe"] for row in versions.export().codebook if row["variable"] == "why_work"}
    assert row == universe.replace("{old}", versions.old.version)


def test_versions_without_responses_get_no_columns(versions):
    versions.begin(versions.new.version)
    assert "good" not in versions.export().rows[0]


def test_a_removed_institution_is_exported_with_its_version(store, tmp_path):
    versions = Versions(store, tmp_path)
    versions.old = write_example(tmp_path / "west", WEST)
    id = store.start("west", version=versions.old.version, modules={"food": "council"})
    for page in ("start", "opinions", "words", "food_page"):
        store.save(id, page)
    store.save(id, "west_page", west_club=["choir"])
    exported = versions.export()
    assert (exported.rows[0]["institution"], exported.rows[0]["west_club_choir"]) == ("west", "1")
    assert "west" in {row["code"] for row in exported.codebook if row["variable"] == "institution"}


def test_dates_of_a_removed_institution_are_in_its_time_zone(store, tmp_path):
    store.questionnaire = write_example(tmp_path / "wider", f"{WEST}timezone: America/Curacao\n")
    id = store.start("west")
    with store.database.write() as connection:
        connection.execute(text("UPDATE response SET started_at = '2026-11-27 02:00:00' WHERE id = :id"), {"id": id})
    (tmp_path / "out").mkdir()
    known = {store.questionnaire.version: store.questionnaire}
    store.questionnaire = write_example(tmp_path / "narrow")
    assert store.row(tmp_path / "out", versions=known)["started"] == "2026-11-26"


def test_a_removed_language_is_exported_with_its_version(store, tmp_path):
    versions = Versions(store, tmp_path)
    versions.new = replace(versions.new, languages={"en": versions.new.languages["en"]})
    id = store.start("south", language="easy", version=versions.old.version)
    store.save(id, "start", job="some")
    exported = versions.export()
    assert (exported.rows[0]["language"], exported.rows[0]["job"]) == ("easy", "some")
    assert {row["label_easy"] for row in exported.codebook if row["variable"] == "since_when"} == {"Since when?"}


def test_without_its_version_a_response_is_read_with_the_newest(versions):
    versions.begin(versions.old.version, good=2, why=["money"], shoe_size=43)
    exported = versions.export(versions.old.version)
    assert exported.delivered.findings.unknown_versions == {versions.old.version: 1}
    assert exported.delivered.findings.lost == {"good": 1, "why_money": 1, "shoe_size": 1}


def test_without_institution_or_version_a_response_is_left_out_and_counted(versions):
    versions.store.start("west", version="older")
    versions.store.start("west", version="older")
    versions.store.start("south", version="older", language="fy")
    versions.begin(versions.new.version)
    exported = versions.export()
    assert len(exported.rows) == exported.delivered.responses == 1
    assert exported.delivered.findings.left_out == {"institution west": 2, "language fy": 1}


def test_answers_without_a_column_are_counted(versions):
    id = versions.begin(versions.new.version, shoe_size=43)
    versions.store.save(id, "dropped_page", nice=1)
    assert versions.export().delivered.findings.lost == {"shoe_size": 1, "nice": 1}


def test_answers_of_another_kind_than_their_column_are_counted(versions):
    versions.old = write_example(versions.folder / "kind", main=MAIN.replace("- date: since_when", "- mark: started_on"))
    id = versions.store.start("south", version=versions.old.version)
    versions.store.save(id, "words", started_on=7)
    for page in ("start", "opinions"):
        versions.store.save(id, page)
    exported = versions.export()
    assert (exported.rows[0]["started_on"], exported.delivered.findings.lost) == ("-1", {"started_on": 1})


def test_the_edition_is_that_of_the_responses_version(versions):
    versions.old = replace(versions.old, edition=2025)
    versions.begin(versions.old.version)
    versions.begin(versions.new.version)
    assert [row["edition"] for row in versions.rows()] == ["2025", "2026"]


def test_missing_value_codes_equal_no_answer_of_any_version(versions):
    versions.old = write_example(versions.folder / "cold", main=MAIN.replace("from: 1\n", "from: -2\n"))
    versions.begin(versions.old.version)
    assert versions.export().rows[0]["mark_work"] == "-91"


def test_the_codebook_names_the_time_zone_of_dates(store, tmp_path):
    store.questionnaire = write_example(tmp_path / "wider", f"{WEST}timezone: America/Curacao\n")
    codebook = store.export(tmp_path / "out", timezone="Europe/Brussels").codebook
    labels = {row["variable"]: row["label_en"] for row in codebook}
    for name in ("started", "completed"):
        assert labels[name].endswith(". Time zone: Europe/Brussels (west: America/Curacao)")
