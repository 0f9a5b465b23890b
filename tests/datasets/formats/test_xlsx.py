"""calamine reads what xlsxwriter wrote, and no cell is a formula."""

from __future__ import annotations

import zipfile

import pytest
from python_calamine import CalamineWorkbook

from survey_engine.datasets.formats import xlsx
from survey_engine.model.missing_values import MEANINGS


@pytest.fixture
def file(filled, tmp_path):
    filled.export(tmp_path / "out", formats=["xlsx"])
    return tmp_path / "out" / "responses.xlsx"


def read_sheet(file, name):
    header, *rows = CalamineWorkbook.from_path(file).get_sheet_by_name(name).to_python()
    return [dict(zip(header, row, strict=True)) for row in rows]


def test_responses_are_codes(file):
    (row,) = [row for row in read_sheet(file, "responses") if row["path"] == "bbl"]
    assert [row[name] for name in ("job", "hours", "busy", "since_when", "completed")] == ["some", 12, -8, "2026-01-09", ""]


def test_a_text_that_looks_like_a_formula_is_a_text(file):
    assert "=1+1" in {row["programme"] for row in read_sheet(file, "responses")}
    with zipfile.ZipFile(file) as parts:
        assert not any(b"<f>" in parts.read(name) for name in parts.namelist())


def test_the_codebook_is_a_sheet_of_its_own(file, filled, tmp_path):
    rows = [row for row in read_sheet(file, "codebook") if row["variable"] == "busy"]
    assert [(row["code"], row["code label"]) for row in rows][:4] == [
        (1, "Disagree"),
        (2, "Neutral"),
        (3, "Agree"),
        (-8, "Not for me"),
    ]
    assert {row["level"] for row in rows} == {"ordinal"}
    assert rows[0]["universe"] == "statement busy: job == 'some'"
    assert {row["unit"] for row in read_sheet(file, "codebook") if row["variable"] == "hours"} == {"hours"}
    universes = {row["variable"]: row["universe"] for row in filled.export(tmp_path / "again").codebook}
    assert {row["variable"]: row["universe"] for row in read_sheet(file, "codebook")}.items() <= universes.items()


def test_the_properties_name_the_questionnaire_and_its_version(file, filled):
    with zipfile.ZipFile(file) as parts:
        properties = parts.read("docProps/core.xml").decode()
    assert f"({filled.questionnaire.version})</dc:title>" in properties


def test_missing_codes_are_explained(file):
    assert read_sheet(file, "missing values")[2] == {"code": -3, "meaning": MEANINGS["skipped"]}


def test_more_responses_than_a_sheet_holds_continue_on_the_next(filled, tmp_path, monkeypatch):
    monkeypatch.setattr(xlsx, "ROWS", 2)
    filled.export(tmp_path / "out", formats=["xlsx"])
    file = tmp_path / "out" / "responses.xlsx"
    first, second = read_sheet(file, "responses"), read_sheet(file, "responses 2")
    assert (len(first), len(second)) == (2, 1)
    assert first[0].keys() == second[0].keys()


def test_an_empty_table_has_its_header(store, tmp_path):
    store.export(tmp_path / "out", formats=["xlsx"])
    (header,) = CalamineWorkbook.from_path(tmp_path / "out" / "responses.xlsx").get_sheet_by_name("responses").to_python()
    assert header[0] == "respondent"


def test_the_same_answers_give_the_same_workbook(filled, tmp_path):
    one, two = (filled.export(tmp_path / name, formats=["xlsx"]).files["responses.xlsx"] for name in ("one", "two"))
    assert one == two
