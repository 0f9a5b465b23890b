"""A list of students is checked as a whole, and every mistake has its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from survey_engine.fieldwork.rosters.csv import RosterError, read_roster
from survey_engine.model.questionnaire import Questionnaire
from tests.writing import write_head

NORTH = "institution: noorderlicht\nname: Noorderlicht\n"
SOUTH = "institution: zuidwester\nname: Zuidwester\n"


@pytest.fixture
def questionnaire(tmp_path: Path) -> Questionnaire:
    written = write_head(tmp_path, {}, NORTH, SOUTH)
    assert not written.compilation.errors
    return written.questionnaire


def write_list(folder: Path, content: str | bytes) -> Path:
    path = folder / "students.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def find_mistakes(folder: Path, questionnaire: Questionnaire, content: str | bytes) -> list[str]:
    path = write_list(folder, content)
    with pytest.raises(RosterError) as raised:
        read_roster(path, questionnaire)
    return [mistake.removeprefix(str(path)) for mistake in raised.value.mistakes]


def test_a_student_has_an_institution_a_language_and_typed_background(tmp_path, questionnaire):
    path = write_list(tmp_path, "institution,language,path,level,programme\nnoorderlicht,en,bol,3,Kok\n")
    (student,) = read_roster(path, questionnaire).students
    assert (student.institution, student.language) == ("noorderlicht", "en")
    assert student.background == {"path": "bol", "level": 3, "programme": "Kok"}


def test_an_empty_cell_is_no_value(tmp_path, questionnaire):
    path = write_list(tmp_path, "institution,language,path,level\nnoorderlicht,,,\n")
    (student,) = read_roster(path, questionnaire).students
    assert (student.language, student.background) == (None, {})


def test_other_columns_are_copied_as_they_are(tmp_path, questionnaire):
    path = write_list(tmp_path, 'Name,E-mail,institution\n"Vries, de", a@b.nl,noorderlicht\n')
    roster = read_roster(path, questionnaire)
    assert roster.copied == ["Name", "E-mail"]
    assert roster.students[0].cells == ["Vries, de", " a@b.nl", "noorderlicht"]
    assert roster.students[0].background == {}


@pytest.mark.parametrize("sign", [",", ";", "\t"])
def test_a_list_may_be_cut_by_commas_semicolons_or_tabs(tmp_path, questionnaire, sign):
    path = write_list(tmp_path, f"name{sign}institution{sign}level\nJan{sign}noorderlicht{sign}2\n")
    roster = read_roster(path, questionnaire)
    assert (roster.delimiter, roster.students[0].background) == (sign, {"level": 2})


def test_a_mark_of_utf8_spaces_capitals_in_the_header_and_empty_lines_do_no_harm(tmp_path, questionnaire):
    content = "\ufeffInstitution , LEVEL\r\n\r\n noorderlicht , 2 \r\n,\r\nzuidwester,1\r\n"
    roster = read_roster(write_list(tmp_path, content), questionnaire)
    assert [(s.institution, s.background) for s in roster.students] == [
        ("noorderlicht", {"level": 2}),
        ("zuidwester", {"level": 1}),
    ]


def test_a_cell_may_hold_a_line_break_and_strange_separators(tmp_path, questionnaire):
    path = write_list(tmp_path, 'name,institution\n"two\nlines",noorderlicht\na\u2028b,zuidwester\n')
    assert [student.cells[0] for student in read_roster(path, questionnaire).students] == ["two\nlines", "a\u2028b"]


def test_every_mistake_of_every_row_is_named_with_its_line(tmp_path, questionnaire):
    content = "institution,path,level,language\nnordlicht,BOL,9,nl\n\nzuidwester,bol,2,xx\nzuidwester,bol\n"
    assert find_mistakes(tmp_path, questionnaire, content) == [
        ":2: there is no institution 'nordlicht' (did you mean 'noorderlicht'?). Known: noorderlicht, zuidwester.",
        ":2: 'BOL' is no value of 'path' (did you mean 'bol'?). Its values: bbl, bol.",
        ":2: '9' is no value of 'level'. Its values: 1 to 4.",
        ":4: 'zuidwester' does not offer the language 'xx'. It has: en.",
        ":5: this row has 2 cells, the header has 4.",
    ]


def test_a_student_without_an_institution_is_a_mistake(tmp_path, questionnaire):
    content = "institution,level\n,3\n"
    assert find_mistakes(tmp_path, questionnaire, content) == [
        ":2: 'institution' is empty. Fill in one of: noorderlicht, zuidwester."
    ]


def test_a_row_that_stands_twice_is_a_mistake_where_something_tells_students_apart(tmp_path, questionnaire):
    rows = "noorderlicht,an@example.org\nnoorderlicht,bo@example.org\nnoorderlicht, an@example.org\n"
    assert find_mistakes(tmp_path, questionnaire, "institution,e-mail\n" + rows) == [
        ":4: this row is the same as the one on line 2. Remove one of them: each row gets a link."
    ]
    alike = write_list(tmp_path, "institution,level\nnoorderlicht,3\nnoorderlicht,3\n")
    assert len(read_roster(alike, questionnaire).students) == 2


@pytest.mark.parametrize("written", ["1.5", "²", "٣", "--1", "0", "5", "four", "1" * 5000])
def test_a_level_that_is_no_whole_number_in_its_range_is_a_mistake(tmp_path, questionnaire, written):
    (mistake,) = find_mistakes(tmp_path, questionnaire, f"institution,level\nnoorderlicht,{written}\n")
    assert "is no value of 'level'. Its values: 1 to 4." in mistake


@pytest.mark.parametrize(
    ("header", "mistake"),
    [
        ("institution,levle", "the column 'levle' is unknown (did you mean 'level'?). Rename it, or add `--copy levle`"),
        ("institution,Path,path", "the column 'path' stands here twice"),
        ("name,level", "there is no column 'institution'. Add one with a code such as noorderlicht, zuidwester."),
        ("institution,link", "the column 'link' is made by this command"),
    ],
)
def test_a_header_that_cannot_be_meant_so_is_a_mistake(tmp_path, questionnaire, header, mistake):
    (found,) = find_mistakes(tmp_path, questionnaire, header + "\nx,y,z\n")
    assert found.startswith(f":1: {mistake}")


def test_a_column_that_looks_like_a_known_one_is_copied_when_that_is_asked_for(tmp_path, questionnaire):
    path = write_list(tmp_path, "institution,levels\nnoorderlicht,A\n")
    assert read_roster(path, questionnaire, ["levels"]).copied == ["levels"]


@pytest.mark.parametrize(
    ("content", "mistake"),
    [
        (b"", ": this file is empty."),
        (b"institution\n", ":1: there are no students under the header."),
        (b"PK\x03\x04", ": this is a workbook. Save it as"),
        (b"institution,name\nzuidwester,Ren\xe9\n", ":2: this is not UTF-8 text."),
        (b'institution\n"' + b"x" * 140_000 + b'"\n', ":2: this is not CSV: field larger than field limit"),
    ],
)
def test_a_file_that_is_no_list_says_what_to_do(tmp_path, questionnaire, content, mistake):
    (found,) = find_mistakes(tmp_path, questionnaire, content)
    assert found.startswith(mistake)


def test_of_very_many_mistakes_the_first_are_written_out_and_the_rest_counted(tmp_path, questionnaire):
    path = write_list(tmp_path, "institution\n" + "nowhere\n" * 50)
    with pytest.raises(RosterError) as raised:
        read_roster(path, questionnaire)
    assert len(raised.value.mistakes) == 50
    assert str(raised.value).count("nowhere") == 30
    assert str(raised.value).endswith("… and 20 more")
