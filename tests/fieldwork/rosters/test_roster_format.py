"""Formats of files are data: shipped ones are valid, and mistakes in one's own have their lines."""

from __future__ import annotations

import pytest

from survey_engine.fieldwork.rosters.cell_values import compile_shapes
from survey_engine.fieldwork.rosters.roster_format import UnknownFormatError, list_formats, load_format
from survey_engine.publication.compiler import compile_questionnaire
from tests import SHIPPED


@pytest.mark.parametrize("name", list_formats())
def test_every_shipped_format_can_be_loaded(name):
    assert load_format(name).roster == name


@pytest.mark.parametrize(
    ("name", "code"),
    [(name, code) for code in ("job-2026", "job-2027") for name in ("job-labels", "job-students")]
    + [("nse-students", "nse-2026")],
)
def test_shipped_questionnaires_have_the_variables_of_their_formats(name, code):
    columns = load_format(name).columns.items()
    used = {column.variable or column.code_of(at) for at, column in columns if column.becomes in ("background", "analysis_label")}
    assert used <= compile_questionnaire(SHIPPED / code).background.keys()


def test_the_nse_has_15_required_and_19_optional_columns():
    columns = load_format("nse-students").columns.values()
    assert [sum(column.required for column in columns), sum(not column.required for column in columns)] == [15, 19]


def test_a_format_may_be_a_file_of_ones_own(tmp_path):
    (tmp_path / "own.yaml").write_text("roster: own\ntitle: Own\ncolumns:\n  School: {becomes: institution, aliases: [BRIN]}\n")
    assert load_format(str(tmp_path / "own.yaml")).headings == ["School", "BRIN"]


def test_a_mistake_in_a_format_is_reported_with_its_line(tmp_path):
    (tmp_path / "own.yaml").write_text("roster: own\ntitle: Own\ncolumns:\n  School: {becomes: instituton}\n")
    with pytest.raises(UnknownFormatError, match=r"own.yaml:4.*'becomes'.*one of"):
        load_format(str(tmp_path / "own.yaml"))


def test_a_key_column_that_a_format_lacks_is_reported(tmp_path):
    (tmp_path / "own.yaml").write_text("roster: own\ntitle: Own\nperson: [Nummer]\ncolumns:\n  Numer: {}\n")
    with pytest.raises(UnknownFormatError, match="no column 'Nummer' \\(did you mean 'Numer'"):
        load_format(str(tmp_path / "own.yaml"))


def test_an_unknown_format_names_the_known_ones():
    with pytest.raises(UnknownFormatError, match="no format 'nse-student' \\(did you mean 'nse-students'"):
        load_format("nse-student")


@pytest.mark.parametrize(
    ("shape", "right", "wrong"),
    [
        ("99AA", "27DV", "27dv"),
        ("9999A9999", "1234F5678", "12345678"),
        ("a.9", "a.1", "ab1"),
        ("e-mail", "a@b.example", "a@b"),
        ("name", "BOL-2_a.1", "a b"),
    ],
)
def test_a_shape_matches_values_of_its_form_only(shape: str, right: str, wrong: str) -> None:
    pattern = compile_shapes(["zz", shape])
    assert pattern.fullmatch(right) and pattern.fullmatch("zz") and not pattern.fullmatch(wrong)
