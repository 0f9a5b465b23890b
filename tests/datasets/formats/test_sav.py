"""PSPP, a second implementation of the format, reads what was written: values, labels, missing values, levels, notes."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from survey_engine.datasets.formats.sav import list_missing_ranges
from tests.datasets.filling import MAIN, write_example
from tests.datasets.reading_back import convert, describe, find_column

ANOTHER_JOB = MAIN.replace("        options:\n", "        options:\n          own_firm: {text: {en: My firm, easy: Mine}}\n", 1)


@pytest.fixture
def file(filled, tmp_path):
    filled.export(tmp_path / "out", formats=["sav"])
    return tmp_path / "out" / "responses.sav"


def find(rows, **wanted):
    (row,) = [row for row in rows if all(row[name] == value for name, value in wanted.items())]
    return row


def test_codes_are_numbers_and_dates_are_dates(file):
    row = find(convert(file), path="2")
    names = ("job", "hours", "good", "busy", "why_money", "why_work", "since_when", "module_food", "programme", "completed")
    assert [row[name].strip() for name in names] == ["1", "12", "3", "-8", "1", "0", "01/09/2026", "1", "=1+1", ""]


def test_every_missing_code_is_numeric(file):
    assert {row["job"] for row in convert(file)} == {"1", "-3", "-4"}
    assert {row["mark_food"] for row in convert(file)} == {"-2", "-4"}


def test_value_labels_are_in_the_wanted_language(filled, tmp_path):
    filled.export(tmp_path / "out", formats=["sav"], language="easy")
    row = find(convert(tmp_path / "out" / "responses.sav", "--labels"), path="Work")
    assert [row[name] for name in ("good", "busy", "module_food")] == ["Yes", "Not for me", "Chosen by the student council"]


def test_missing_codes_have_labels(file):
    row = find(convert(file, "--labels"), programme="München – hélène")
    assert (row["job"], row["mark_food"], row["mark_work"]) == ("Broken off", "Module not assigned", "Not asked")


def test_missing_codes_are_declared_missing(file):
    rows = convert(file, "--recode")
    assert {row["job"].strip() for row in rows} == {"1", ""}
    assert find(rows, path="2")["busy"].strip() == ""
    assert find(rows, path="2")["why_work"] == "0"


def test_variables_have_labels_levels_and_widths(file):
    rows = {row[0]: row for row in describe(file) if len(row) == 10}
    assert rows["busy"][2:] == [
        "I am busy – What do you think?",
        "Ordinal",
        "Input",
        "8",
        "Right",
        "F8.0",
        "F8.0",
        "-5 THRU -1; -8",
    ]
    assert rows["job"][3] == "Nominal"
    assert rows["hours"][3] == "Scale"
    assert rows["since_when"][7] == "SDATE10"
    assert [rows[name][5] for name in ("since_when", "programme", "hours")] == ["10", "20", "8"]


def test_notes_tell_who_is_asked(file):
    notes = " ".join(" ".join(row) for row in describe(file, "DISPLAY DOCUMENTS."))
    assert "hours: Asked when “Do you have a job?” is Some." in " ".join(notes.split())


def test_a_later_version_keeps_the_numbers_of_codes(tmp_path):
    """An option that is added in front gets the next free number."""
    old = write_example(tmp_path / "old")
    new = write_example(tmp_path / "new", main=ANOTHER_JOB)
    column = find_column("job", new, old)
    assert column.number_codes()["none"] == find_column("job", old).number_codes()["none"] == 2
    assert column.number_codes()["own_firm"] == 5


def test_a_stored_code_that_no_version_offers_keeps_its_name_as_label(filled, tmp_path):
    with filled.database.write() as connection:
        connection.execute(text("UPDATE page SET answers = '{\"job\": \"lost\"}' WHERE page = 'start'"))
    filled.export(tmp_path / "out", formats=["sav"])
    assert "lost" in {row["job"] for row in convert(tmp_path / "out" / "responses.sav", "--labels")}


@pytest.mark.parametrize(("low", "ranges"), [(1, [{"lo": -5, "hi": -1}]), (-5, [{"lo": -95, "hi": -91}])])
def test_a_number_that_may_be_negative_moves_the_missing_range(tmp_path, low, ranges):
    column = find_column("hours", write_example(tmp_path, main=MAIN.replace("from: 1", f"from: {low}")))
    assert list_missing_ranges(column) == ranges


def test_the_same_answers_give_the_same_bytes_whatever_the_time(filled, tmp_path):
    one = filled.export(tmp_path / "one", formats=["sav"]).files["responses.sav"]
    assert one == filled.export(tmp_path / "two", formats=["sav"]).files["responses.sav"]
    assert one[101:109] == b"00:00:00"


def test_a_label_has_the_unit_and_notes_have_earlier_ones(export_units, tmp_path):
    _, old, new = export_units("sav")
    path = tmp_path / "units" / "responses.sav"
    (label,) = [row[2] for row in describe(path) if len(row) == 10 and row[0] == "hours"]
    notes = " ".join(" ".join(row) for row in describe(path, "DISPLAY DOCUMENTS."))
    assert label == "How many hours? (days & <parts>)"
    for note in (
        f"earlier unit: en, version {old}: hours",
        f"range in version {new}: 1 to 7",
        f"range in version {old}: 1 to 60",
    ):
        assert f"hours: {note}" in " ".join(notes.split())
