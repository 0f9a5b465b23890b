"""Rows of one person with different languages are perhaps two persons; a branch belongs to the institution of its row."""

from __future__ import annotations

import pytest

from survey_engine.fieldwork.rosters.roster_format import UnknownFormatError, load_format
from tests.fieldwork.rosters.student_files import OWN_FORMAT, examine_rows, list_found

FIRST = {"Email1": "a@b.nl"}
FURTHER = {"Email1": "A@b.nl", "Hoofdopleiding": "nee", "Opleidingscode": "34402"}


def test_rows_of_one_person_with_other_personal_values_are_reported(tmp_path):
    other = {**FURTHER, "Voorkeurstaal": "EN", "Internationale_student": "ja"}
    again = {**other, "Email1": "c@b.nl"}
    examination = examine_rows(tmp_path, FIRST, {}, other, {"Email1": "c@b.nl"}, again)
    assert list_found(examination) == [("contradiction", "Voorkeurstaal", [2, 4, 5, 6])]
    (found,) = [one for one in examination.findings if one.check == "contradiction"]
    told = "2 persons have rows that contradict each other in Internationale_student, Voorkeurstaal: perhaps two persons with one"
    assert found.severity == "warning" and found.text.startswith(f"{told} Email1")
    assert any("rows of one person contradict each other" in asked for asked in examination.findings.list_doubts())


def test_a_third_row_is_compared_with_all_earlier_ones(tmp_path):
    filled = {**FURTHER, "Email2": "x@home.nl"}
    third = {**FURTHER, "Opleidingscode": "34403", "Email2": "y@home.nl"}
    assert list_found(examine_rows(tmp_path, {**FIRST, "Email2": ""}, filled, third), "contradiction")


@pytest.mark.parametrize("changed", [{"Vorm": "DT"}, {"Label1": "Zorg"}, {"Email2": ""}, {"Type_Student": "Ad"}])
def test_rows_of_other_programmes_do_not_contradict(tmp_path, changed):
    first = {**FIRST, "Email2": "x@home.nl"}
    assert list_found(examine_rows(tmp_path, first, {**FURTHER, "Email2": "X@home.nl", **changed})) == []


def test_a_person_without_a_main_row_has_its_number_of_rows_told(tmp_path):
    rows = [{**FIRST, "Hoofdopleiding": "nee"}, FURTHER, {**FURTHER, "Opleidingscode": "34403"}]
    (found,) = [one for one in examine_rows(tmp_path, *rows).findings if one.check == "no_main"]
    assert "the person has 3 rows and none is the main one: the first is used" in str(found) and "(row 2)" in str(found)


@pytest.mark.parametrize(("branch", "rows"), [("27DV00", []), ("00", []), ("28DV00", [2])])
def test_a_branch_of_another_institution_is_reported(tmp_path, branch, rows):
    found = list_found(examine_rows(tmp_path, {"Vestigingscode": branch}))
    assert found == [("other_code", "Vestigingscode", rows)] * bool(rows)


def test_a_format_with_an_unknown_beginning_is_refused(tmp_path):
    path = tmp_path / "own.yaml"
    path.write_text(OWN_FORMAT + "  Code: {becomes: copied, begins_with: Schol}\n")
    with pytest.raises(UnknownFormatError, match=r"There is no column 'Schol' \(did you mean 'School'\?\)"):
        load_format(str(path))
