"""A list of students is checked as a whole; mistakes are reported with their lines."""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path

import pytest

from survey_engine.fieldwork.rosters.csv import Roster, read_roster
from survey_engine.fieldwork.rosters.csv_text import open_csv
from survey_engine.fieldwork.rosters.mistakes import Mistakes, RosterError
from survey_engine.fieldwork.rosters.routing_gaps import list_gaps
from survey_engine.fieldwork.rosters.row_source import WatchedRows
from survey_engine.model.questionnaire import Questionnaire
from tests.datasets.filling import read_csv
from tests.writing import write_head, write_sections

NORTH = "institution: noorderlicht\nname: Noorderlicht\n"
SOUTH = "institution: zuidwester\nname: Zuidwester\n"

LIMITED = """
import resource, sys
from pathlib import Path
from survey_engine.fieldwork.rosters.csv import read_roster
from survey_engine.publication.compiler import compile_questionnaire
questionnaire = compile_questionnaire(Path(sys.argv[1]))
pages = int(Path("/proc/self/statm").read_text().split()[0])
limit = pages * resource.getpagesize() + (96 << 20)
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
roster = read_roster(Path(sys.argv[2]), questionnaire, key=["nr"])
print(sum(len(student.cells) == 22 for student in roster.iter_students()))
"""
"""Reads a list, with a limit of memory."""


@pytest.fixture
def questionnaire(tmp_path: Path) -> Questionnaire:
    written = write_head(tmp_path, {}, NORTH, SOUTH)
    assert not written.compilation.errors
    return written.questionnaire


def write_list(folder: Path, content: str | bytes) -> Path:
    path = folder / "students.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def find_mistakes(folder: Path, questionnaire: Questionnaire, content: str | bytes, *key: str) -> list[str]:
    path = write_list(folder, content)
    with pytest.raises(RosterError) as raised:
        read_roster(path, questionnaire, key=key)
    return [line.removeprefix(str(path)) for line in str(raised.value).splitlines()]


def test_a_student_has_an_institution_a_language_and_typed_background(tmp_path, questionnaire):
    path = write_list(tmp_path, "institution,language,path,level,programme\nnoorderlicht,en,bol,3,Kok\n")
    (student,) = read_roster(path, questionnaire).iter_students()
    assert (student.institution, student.language) == ("noorderlicht", "en")
    assert student.background == {"path": "bol", "level": 3, "programme": "Kok"}


def test_an_empty_cell_is_no_value(tmp_path, questionnaire):
    path = write_list(tmp_path, "institution,language,path,level\nnoorderlicht,,,\n")
    (student,) = read_roster(path, questionnaire).iter_students()
    assert (student.language, student.background) == (None, {})


def test_other_columns_are_copied_as_they_are(tmp_path, questionnaire):
    path = write_list(tmp_path, 'Name,E-mail,institution\n"Vries, de", a@b.nl,noorderlicht\n')
    roster = read_roster(path, questionnaire)
    assert roster.copied == ["Name", "E-mail"]
    (student,) = roster.iter_students()
    assert (student.cells, student.background) == (["Vries, de", " a@b.nl", "noorderlicht"], {})


@pytest.mark.parametrize("sign", [",", ";", "\t"])
def test_a_list_may_be_cut_by_commas_semicolons_or_tabs(tmp_path, questionnaire, sign):
    path = write_list(tmp_path, f"name{sign}institution{sign}level\nJan{sign}noorderlicht{sign}2\n")
    roster = read_roster(path, questionnaire)
    (student,) = roster.iter_students()
    assert (roster.delimiter, student.background) == (sign, {"level": 2})


def test_byte_order_mark_spaces_capitals_and_empty_lines_do_no_harm(tmp_path, questionnaire):
    content = "\ufeffInstitution , LEVEL\r\n\r\n noorderlicht , 2 \r\n,\r\nzuidwester,1\r\n"
    roster = read_roster(write_list(tmp_path, content), questionnaire)
    assert [(s.institution, s.background) for s in roster.iter_students()] == [
        ("noorderlicht", {"level": 2}),
        ("zuidwester", {"level": 1}),
    ]


def test_a_cell_may_hold_a_line_break_and_strange_separators(tmp_path, questionnaire):
    path = write_list(tmp_path, 'name,institution\n"two\nlines",noorderlicht\na\u2028b,zuidwester\n')
    assert [student.cells[0] for student in read_roster(path, questionnaire).iter_students()] == ["two\nlines", "a\u2028b"]


def test_every_mistake_is_reported_with_its_line(tmp_path, questionnaire):
    content = "institution,path,level,language\nnordlicht,bok,9,nl\n\nzuidwester,bol,2,xx\nzuidwester,bol\n"
    assert find_mistakes(tmp_path, questionnaire, content) == [
        ":2: there is no institution 'nordlicht' (did you mean 'noorderlicht'?). Known: noorderlicht, zuidwester.",
        ":2: 'bok' is no value of 'path' (did you mean 'bol'?). Its values: bbl, bol.",
        ":2: '9' is no value of 'level'. Its values: 1 to 4.",
        ":4: 'zuidwester' does not offer the language 'xx'. It has: en.",
        ":5: this row has 2 cells, the header has 4. Fill in the missing cell. If the row is no person, such as a source or a total, "
        "remove it. If the last cells are empty and the spreadsheet left out their separators, move a column that is always filled in to "
        "the end.",
    ]


def test_a_student_without_an_institution_is_a_mistake(tmp_path, questionnaire):
    content = "institution,level\n,3\n"
    assert find_mistakes(tmp_path, questionnaire, content) == [
        ":2: 'institution' is empty. Fill in one of: noorderlicht, zuidwester."
    ]


def test_a_double_row_is_a_mistake_where_a_column_identifies_students(tmp_path, questionnaire):
    rows = "noorderlicht,an@example.org\nnoorderlicht,bo@example.org\nnoorderlicht, an@example.org\n"
    assert find_mistakes(tmp_path, questionnaire, "institution,e-mail\n" + rows) == [
        ":4: this row is the same as one above it. Remove one of them: each row gets a link."
    ]
    alike = write_list(tmp_path, "institution,level\nnoorderlicht,3\nnoorderlicht,3\n")
    assert len(read_roster(alike, questionnaire)) == 2


@pytest.mark.parametrize("written", ["1.5", "²", "2²", "1.000", "--1", "0", "5", "four", "1" * 5000])
def test_a_level_that_is_no_whole_number_in_its_range_is_a_mistake(tmp_path, questionnaire, written):
    (mistake,) = find_mistakes(tmp_path, questionnaire, f"institution,level\nnoorderlicht,{written}\n")
    assert "is no value of 'level'. Its values: 1 to 4." in mistake


@pytest.mark.parametrize(
    ("header", "mistake"),
    [
        ("institution,levle", "the column 'levle' is unknown (did you mean 'level'?). Rename it, or add `--copy levle`"),
        ("institution,Path,path", "the column 'path' is in the list twice"),
        ("name,level", "there is no column 'institution'. Add one with a code such as noorderlicht, zuidwester."),
        ("institution,link", "the column 'link' is made by this command"),
    ],
)
def test_a_wrong_header_is_a_mistake(tmp_path, questionnaire, header, mistake):
    (found,) = find_mistakes(tmp_path, questionnaire, header + "\nx,y,z\n")
    assert found.startswith(f":1: {mistake}")


def test_a_column_that_looks_like_a_known_one_is_copied_if_asked_for(tmp_path, questionnaire):
    path = write_list(tmp_path, "institution,levels\nnoorderlicht,A\n")
    assert read_roster(path, questionnaire, ["levels"]).copied == ["levels"]


@pytest.mark.parametrize(
    ("content", "mistake"),
    [
        (b"", ": this file is empty."),
        (b"institution\n", ":1: there are no students under the header."),
        (b"PK\x03\x04", ": this is a workbook. Save it as"),
        (b"\xd0\xcf\x11\xe0", ": this is a workbook. Save it as"),
        (b"institution,name\nzuidwester,Ren\x81\n", ":2: this is not UTF-8 text."),
        (b"institution,name\nzuidwester,\0\n", ":2: this is not text: it has a NUL character."),
    ],
)
def test_a_file_that_is_no_list_says_what_to_do(tmp_path, questionnaire, content, mistake):
    (found,) = find_mistakes(tmp_path, questionnaire, content)
    assert found.startswith(mistake)


def fill(rows: dict[int, str], count: int = 1000) -> str:
    """A list of this number of students; `changed` replaces rows by line."""
    return "nr,name,institution\n" + "".join(rows.get(n, f"{n},Jan,noorderlicht") + "\n" for n in range(2, count + 2))


@pytest.mark.parametrize(
    ("rows", "line"),
    [
        ({7: '7,"Jan,noorderlicht'}, 7),
        ({7: '7,"Jan,noorderlicht', 302: '302,Piet",noorderlicht'}, 7),
        ({7: '7,"Jan,noorderlicht', 302: '302,"Piet,noorderlicht'}, 7),
        ({7: '7,"Jan,noorderlicht', 302: '302,"Piet",noorderlicht'}, 7),
        ({7: '7,"two\nlines",noorderlicht', 9: '9,"Jan,noorderlicht', 11: '11,Piet",noorderlicht'}, 10),
        ({7: '7,"Jan "de Bakker" Vos",noorderlicht'}, 7),
        ({7: '7,"Jan"",noorderlicht'}, 7),
    ],
)
def test_a_stray_quote_is_reported_with_its_line(tmp_path, questionnaire, rows, line):
    (found,) = find_mistakes(tmp_path, questionnaire, fill(rows))
    assert found.startswith(f':{line}: a quotation mark (") opens a cell here that is not closed as it should be.')


def test_a_stray_quote_before_more_than_a_cell_can_hold_has_its_line(tmp_path, questionnaire):
    (found,) = find_mistakes(tmp_path, questionnaire, fill({7: '7,"Jan,noorderlicht'}, 20_000))
    assert found.startswith(":7: a quotation mark")


def test_quotes_that_are_written_double_are_a_name(tmp_path, questionnaire):
    path = write_list(tmp_path, 'name,institution\n"Jan ""de\nBakker"" Vos",noorderlicht\nAn "x",noorderlicht\n')
    assert [s.cells[0] for s in read_roster(path, questionnaire).iter_students()] == ['Jan "de\nBakker" Vos', 'An "x"']


@pytest.mark.parametrize(
    ("content", "names"),
    [
        ('"name; first, last";institution\nJan;noorderlicht\n', ["name; first, last"]),
        ('"name, first";institution;"a, b"\nJan;noorderlicht;c\n', ["name, first", "a, b"]),
        ("sep=;\nname;institution\nJan;noorderlicht\n", ["name"]),
        ("name;institution;;\nJan;noorderlicht;;\nPiet;zuidwester\n", ["name"]),
        ("name;institution\nJan;noorderlicht;;\n", ["name"]),
    ],
)
def test_a_list_is_read_as_spreadsheets_write_it(tmp_path, questionnaire, content, names):
    roster = read_roster(write_list(tmp_path, content), questionnaire)
    first = next(roster.iter_students())
    assert (roster.copied, first.institution) == (names, "noorderlicht")


@pytest.mark.parametrize(
    ("encoding", "note"),
    [
        ("utf-8", None),
        ("utf-8-sig", None),
        ("cp1252", "Read as Windows-1252 text: see whether these are right: é€."),
        ("utf-16", "Read as UTF-16 text."),
    ],
)
def test_the_encoding_is_detected_and_a_guess_is_reported(tmp_path, questionnaire, encoding, note):
    path = write_list(tmp_path, "name,institution\nRené €,noorderlicht\n".encode(encoding))
    roster = read_roster(path, questionnaire)
    assert [s.cells[0] for s in roster.iter_students()] == ["René €"]
    assert roster.list_notes() == ([note] if note else [])


def test_codes_in_another_case_are_read_and_reported(tmp_path, questionnaire):
    content = "institution,path,language\nNoorderlicht,BOL,EN\nnoorderlicht,BOL,en\n"
    roster = read_roster(write_list(tmp_path, content), questionnaire)
    assert {(s.institution, s.background["path"], s.language) for s in roster.iter_students()} == {("noorderlicht", "bol", "en")}
    assert roster.list_notes()[0] == "path: 'BOL' is read as 'bol' (2 rows)."


def test_mistakes_are_grouped_by_column_and_value_the_most_frequent_first(tmp_path, questionnaire):
    found = find_mistakes(tmp_path, questionnaire, "institution,level\nnowhere,1\n" + "noorderlicht,7\n" * 50)
    assert found == [
        ":3: '7' is no value of 'level'. Its values: 1 to 4. (50 rows: lines 3, 4, 5, 6, 7, …)",
        ":2: there is no institution 'nowhere'. Known: noorderlicht, zuidwester.",
    ]


def test_every_mistake_can_be_written_to_a_file(tmp_path, questionnaire):
    path = write_list(tmp_path, "institution,level\nnowhere,1\n" + "noorderlicht,7\n" * 50)
    with pytest.raises(RosterError) as raised:
        read_roster(path, questionnaire)
    assert raised.value.is_long and raised.value.mistakes.count == 51
    raised.value.write(tmp_path / "mistakes.csv")
    rows = read_csv(tmp_path / "mistakes.csv")
    assert [(row["line"], row["column"], row["value"]) for row in rows[:2]] == [
        ("2", "institution", "nowhere"),
        ("3", "level", "7"),
    ]
    assert len(rows) == 51


def test_a_list_of_nothing_but_mistakes_is_read_no_further(tmp_path, questionnaire):
    found = find_mistakes(tmp_path, questionnaire, "institution\n" + "".join(f"x{n}\n" for n in range(5000)))
    assert found[-2:] == [
        "… and 970 more different mistakes",
        "There are so many different mistakes that the rest of the list was not read.",
    ]


def test_two_rows_with_one_key_are_a_mistake_within_an_institution(tmp_path, questionnaire):
    content = "nr,institution\n1,noorderlicht\n1,zuidwester\n1,noorderlicht\n"
    path = write_list(tmp_path, content)
    with pytest.raises(RosterError, match="4: another row above has the same nr"):
        read_roster(path, questionnaire, key=["nr"])
    with pytest.raises(RosterError, match="there is no column 'nrs' to be the key"):
        read_roster(path, questionnaire, key=["nrs"])


def test_a_key_column_that_is_in_the_list_twice_is_refused(tmp_path, questionnaire):
    path = write_list(tmp_path, "institution,nr,Nr\nnoorderlicht,1,2\n")
    with pytest.raises(RosterError, match="the column 'nr', which is to be the key, is in the list twice"):
        read_roster(path, questionnaire, key=["nr"])


def test_a_key_that_a_spreadsheet_shortened_is_refused_and_grouped(tmp_path, questionnaire):
    rows = "1,23E+11;noorderlicht\n1.23E+11;noorderlicht\n1,23E+11;noorderlicht\n12E3;noorderlicht\n-4E-05;noorderlicht\n"
    (found,) = find_mistakes(tmp_path, questionnaire, "nr;institution\n" + rows, "nr")
    assert found.startswith(":2: '1,23E+11' is a number that a spreadsheet shortened: its last digits are gone.")
    assert found.endswith("(4 rows: lines 2, 3, 4, 6)")


def test_rows_without_a_key_are_not_called_doubles_of_each_other(tmp_path, questionnaire):
    content = "nr,institution\n,noorderlicht\n,noorderlicht\n"
    (found,) = find_mistakes(tmp_path, questionnaire, content, "nr")
    assert "the key is empty" in found


@pytest.mark.parametrize("name", ["Uitsluiten", "EXCLUDE"])
def test_a_column_of_excluded_persons_is_not_copied_silently(tmp_path, questionnaire, name):
    content = f"institution,{name}\nnoorderlicht,left in January\n"
    (found,) = find_mistakes(tmp_path, questionnaire, content)
    assert found.startswith(
        f":1: the column '{name}' does not keep anybody from getting a link. Remove the rows of those who are"
    )
    assert read_roster(write_list(tmp_path, content), questionnaire, [name]).copied == [name]


@pytest.mark.parametrize(
    ("above", "at"),
    [("Students 2026\n", 2), ("Students, of 2026;\n\nas of 1 December\n", 4)],
)
def test_a_title_above_the_headings_is_reported_with_their_line(tmp_path, questionnaire, above, at):
    (found,) = find_mistakes(tmp_path, questionnaire, f"{above}name;Institution;levle\nJan;noorderlicht;1\n")
    assert found.startswith(":1: the headings must be in line 1, which has: Students")
    assert f"They seem to be in line {at}: remove the lines above it." in found


def test_headings_without_the_institution_are_shown(tmp_path, questionnaire):
    (found,) = find_mistakes(tmp_path, questionnaire, "name,level\nJan,1\n")
    assert found.endswith("The headings must be in line 1, which has: name, level.")


LABELLED = {
    "languages": "{en: {name: English}}",
    "background": """
  job: {text: Job, options: {yes: "Ja", no: "Nee"}}
  level: {text: Level, options: {1: "Niveau 1", 2: "Niveau 2"}}
  year: {text: Year, from: 1, to: 4}""".replace("yes:", '"yes":').replace("no:", '"no":'),
}


@pytest.mark.parametrize(
    ("column", "written", "code"),
    [
        ("job", "Ja", "yes"),
        ("job", "NEE", "no"),
        ("level", "niveau 2", "2"),
        ("level", "Level 2", "2"),
        ("level", "2.000", "2"),
        ("year", "Year 3", "3"),
        ("language", "English", "en"),
        ("institution", "Noorderlicht", "north"),
    ],
)
def test_a_label_instead_of_a_code_is_reported_with_the_code(tmp_path, column, written, code):
    north = "institution: north\nname: Noorderlicht\n"
    questionnaire = write_head(tmp_path, LABELLED, north).questionnaire
    cells = {"institution": "north", column: written}
    (found,) = find_mistakes(tmp_path, questionnaire, f"{','.join(cells)}\n{','.join(cells.values())}\n")
    assert f"Use {code} for '{written}'." in found


@pytest.mark.parametrize("written", ["year 9", "1 or 2", "year"])
def test_no_code_is_suggested_for_other_values(tmp_path, written):
    questionnaire = write_head(tmp_path, LABELLED, "institution: north\nname: North\n").questionnaire
    (found,) = find_mistakes(tmp_path, questionnaire, f"institution,year\nnorth,{written}\n")
    assert "Use" not in found


OPEN = {
    "languages": "{en: {name: English}}",
    "background": "{path: {text: Path, options: {bol: School}}, programme: {text: Programme, open: true}}",
}


ROUTED = """\
section: main
pages:
  - page: first
    questions:
      - {mark: week, text: How was your week?, when: path == 'bol' and level == 2}
"""


def list_gaps_of(folder: Path, content: str) -> list[str]:
    questionnaire = write_sections(folder, ROUTED, NORTH).questionnaire
    roster: Roster = read_roster(write_list(folder, content), questionnaire)
    return list_gaps(roster, questionnaire)


def test_missing_background_of_a_condition_is_reported(tmp_path):
    assert list_gaps_of(tmp_path, "institution,path\nnoorderlicht,bol\nnoorderlicht,\n") == [
        "There is no column 'level', and a condition uses it: no student gets the pages that depend on it.",
        "'path' is empty for 1 of 2 students, and a condition uses it: they do not get the pages that depend on it.",
    ]


def test_a_list_with_all_variables_of_conditions_has_no_gaps(tmp_path):
    assert list_gaps_of(tmp_path, "institution,path,level\nnoorderlicht,bol,2\n") == []


def test_a_list_that_changes_while_it_is_read_is_refused(tmp_path, questionnaire):
    text = open_csv(write_list(tmp_path, "institution\nnoorderlicht\n"))
    path = write_list(tmp_path, "institution\nzuidwester\nzuidwester\n")
    with pytest.raises(RosterError, match="was changed while it was read"):
        read_roster(path, questionnaire, source=text)


def test_students_of_a_list_are_those_that_were_checked(tmp_path, questionnaire):
    content = "institution,nr,path\nnoorderlicht,7,bol\nzuidwester,é\u2028,\n"
    roster = read_roster(write_list(tmp_path, content), questionnaire, key=["nr"])
    write_list(tmp_path, "institution,nr,path\nzuidwester,9,bbl\n")
    found = [(one.institution, one.key, one.background) for one in roster.iter_students()]
    assert found == [("noorderlicht", "7", {"path": "bol"}), ("zuidwester", "é", {})]
    assert [roster.students.read(at) for at in (1, 0)] == [*roster.iter_students()][::-1]


@pytest.mark.slow
def test_a_long_list_is_never_in_memory_as_a_whole(tmp_path):
    """60,000 rows of 1 kB, with 96 MB more than the program: as lists of texts they take 120 MB."""
    write_head(tmp_path, {}, NORTH, SOUTH)
    rows = (f"{at},noorderlicht,{','.join([f'{at:x>50}'] * 20)}\n" for at in range(100_000, 160_000))
    headings = ",".join(f"c{at}" for at in range(20))
    path = write_list(tmp_path, "".join([f"nr,institution,{headings}\n", *rows]))
    done = subprocess.run([sys.executable, "-c", LIMITED, str(tmp_path), str(path)], capture_output=True, text=True, check=False)
    assert done.stdout == "60000\n", done.stderr


def test_a_list_is_refused_if_the_temporary_folder_is_full(tmp_path, questionnaire):
    path = write_list(tmp_path, "nr,institution\n" + "".join(f"{at},noorderlicht\n" for at in range(2_000)))
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, limits[1]))
    try:
        with pytest.raises(RosterError, match="cannot be written to the temporary folder"):
            read_roster(path, questionnaire, key=["nr"])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


@pytest.mark.parametrize(
    "key",
    ["#####", "#N/B", "#VERW!", "#DEEL/0!", "#NAME?", "1-mrt", "mrt-01", "3-okt-26", "12345.000", "1234567890123456.0", "1.2E+9"],
)
def test_a_key_that_a_spreadsheet_broke_is_refused(tmp_path, questionnaire, key):
    content = f'nr,institution\n"{key}",noorderlicht\n"{key}1",noorderlicht\n'.replace(f'"{key}1"', "A1")
    (mistake,) = find_mistakes(tmp_path, questionnaire, content, "nr")
    assert mistake.startswith(f":2: '{key}' ") and "make this column text" in mistake


@pytest.mark.parametrize(
    "key", ["00123", "1E5", "#7", "a-1", "1-1", "12.5", "O'Neill", "2026-03-01", "marie-12", "’t Hooft", "‘s-x"]
)
def test_a_key_that_no_spreadsheet_broke_is_taken(tmp_path, questionnaire, key):
    (student,) = read_roster(
        write_list(tmp_path, f"nr,institution\n{key},noorderlicht\n"), questionnaire, key=["nr"]
    ).iter_students()
    assert student.key == key


@pytest.mark.parametrize("written", ["2.0", "2,00", "'2", "２", "٢", "\ufeff2\u00a0", "2\u200f", " 2 "])
def test_a_number_is_read_however_a_program_wrote_it(tmp_path, questionnaire, written):
    path = write_list(tmp_path, f'nr,institution,level\n"{written}",noorderlicht,"{written}"\n')
    roster = read_roster(path, questionnaire, key=["nr"])
    (student,) = roster.iter_students()
    assert (student.key, student.background) == ("2", {"level": 2})
    assert written == " 2 " or "without invisible characters, added decimals and apostrophes" in "".join(roster.list_notes())


def test_a_code_is_read_in_full_width_and_a_text_stays_as_it_is(tmp_path):
    questionnaire = write_head(tmp_path, OPEN, "institution: a-b\nname: A\n").questionnaire
    path = write_list(tmp_path, "institution,path,programme\na\u2011b,ＢＯＬ,2.0 ½ ２\n")
    (student,) = read_roster(path, questionnaire).iter_students()
    assert (student.institution, student.background) == ("a-b", {"path": "bol", "programme": "2.0 ½ ２"})


@pytest.mark.parametrize("key", ["N/A", "n.v.t.", "NVT", "NULL", "nan", "None", "Onbekend", "-", "??", "....", "😀", r"\N"])
def test_a_word_or_sign_for_no_key_is_refused(tmp_path, questionnaire, key):
    found = find_mistakes(tmp_path, questionnaire, f"nr,institution\na1,noorderlicht\n{key},noorderlicht\n", "nr")
    assert found == [f":3: '{key}' stands for a key that is missing. Fill in the person's own, or remove the row."]


@pytest.mark.parametrize("key", ["Nan", "None-1", "#7", "x", "Null O'Neill"])
def test_a_key_like_a_word_for_no_key_is_taken(tmp_path, questionnaire, key):
    path = write_list(tmp_path, f"nr,institution\n{key},noorderlicht\n")
    assert len(read_roster(path, questionnaire, key=["nr"])) == 1


def test_one_of_two_key_columns_may_have_no_value(tmp_path, questionnaire):
    path = write_list(tmp_path, "name,infix,institution\nJan,-,noorderlicht\nBo,,noorderlicht\n")
    assert [student.key for student in read_roster(path, questionnaire, key=["name", "infix"]).iter_students()] == [
        "Jan\n-",
        "Bo\n",
    ]


def test_a_long_key_is_shortened_in_messages(tmp_path, questionnaire):
    (mistake,) = find_mistakes(tmp_path, questionnaire, f"nr,institution\n“{'x' * 999}”,noorderlicht\n", "nr")
    assert len(mistake) < 250


def test_the_key_behind_quotation_marks_is_named(tmp_path, questionnaire):
    (mistake,) = find_mistakes(tmp_path, questionnaire, "nr,institution\n“12”,noorderlicht\n", "nr")
    assert mistake.startswith(":2: '“12”' has quotation marks around it. Write '12'. Or open the original file")


def test_the_apostrophe_of_a_guarded_cell_is_no_part_of_the_key(tmp_path, questionnaire):
    path = write_list(tmp_path, "nr,institution\n'-12,noorderlicht\n")
    (student,) = read_roster(path, questionnaire, key=["nr"]).iter_students()
    assert student.key == "-12"


def test_a_row_of_totals_gives_a_warning_with_its_line(tmp_path, questionnaire):
    rows = "An,noorderlicht,bol\nBo,noorderlicht,bol\nTotaal,noorderlicht,\n"
    (warning,) = read_roster(write_list(tmp_path, f"name,institution,path\n{rows}"), questionnaire).list_warnings()
    assert warning.startswith("Line 4 has an institution but no value for path. Every row gets a link")


def test_many_persons_without_background_give_no_warning(tmp_path, questionnaire):
    for content in ("name,institution,path\nAn,noorderlicht,bol\nBo,noorderlicht,\n", "name,institution\nAn,noorderlicht\n"):
        assert not read_roster(write_list(tmp_path, content), questionnaire).list_warnings()


@pytest.mark.parametrize("heading", ["Niet benaderen", "opt-out", "Opt_out", "Uitsluiten"])
def test_a_column_of_excluded_persons_is_refused(tmp_path, questionnaire, heading):
    (mistake,) = find_mistakes(tmp_path, questionnaire, f"{heading},institution\nx,noorderlicht\n")
    assert f"the column '{heading}' does not keep anybody from getting a link" in mistake


def test_headings_quoted_as_a_whole_are_reported(tmp_path, questionnaire):
    (mistake,) = find_mistakes(tmp_path, questionnaire, '"institution,path"\n"noorderlicht,bol"\n')
    assert mistake.startswith(":1: this line is in quotation marks as a whole")


def test_a_heading_with_a_line_break_is_one_heading(tmp_path, questionnaire):
    path = write_list(tmp_path, '"student\nnumber",institution\n1,noorderlicht\n')
    roster = read_roster(path, questionnaire, key=["student number"])
    assert roster.header == ["student number", "institution"] and len(roster) == 1


def test_a_file_of_mistakes_has_a_bounded_number_of_rows(tmp_path):
    mistakes = Mistakes()
    for line in range(10_050):
        mistakes.add(line, "a", "b", "wrong.")
    RosterError(tmp_path / "a.csv", mistakes).write(tmp_path / "mistakes.csv")
    assert len(read_csv(tmp_path / "mistakes.csv")) == 10_000


@pytest.mark.parametrize("key", ["1e400", "1E5", "inf", "-inf", "NaN", "WAAR", "onwaar", "TRUE", "-", "?", "onbekend", "n.v.t."])
def test_a_value_that_is_no_key_is_refused_with_its_line(tmp_path, questionnaire, key):
    rows = "".join(f"{number},noorderlicht\n" for number in range(1001, 1010))
    path = write_list(tmp_path, f"nr,institution\n{rows}{key},noorderlicht\n")
    with pytest.raises(RosterError, match=r":11: "):
        read_roster(path, questionnaire, key=["nr"])


@pytest.mark.parametrize("keys", [("s100001", "100001"), ("100001", "S100001"), ("s100001", "m100001")])
def test_a_key_that_differs_by_letters_before_the_number_is_warned_of(tmp_path, questionnaire, keys):
    path = write_list(tmp_path, "nr,institution\n" + "".join(f"{key},noorderlicht\n" for key in (*keys, "s100002", "zuid")))
    (warning,) = read_roster(path, questionnaire, key=["nr"]).list_warnings()
    assert warning.startswith("Line 3 has the key of another row but for letters")


@pytest.mark.parametrize(
    ("content", "mistake"),
    [
        ("nr;institution\n1;noorderlicht\nNr;Institution\n2;noorderlicht\n", ":3: this row has the headings again. Remove it."),
        ("E-mail;e-mail;institution\na@b.nl;c@b.nl;noorderlicht\n", ":1: the column 'e-mail' is in the list twice. Rename"),
        ("E-mail;institution\n#N/B;noorderlicht\n", ":2: '#N/B' in column 'E-mail' is the text that a spreadsheet shows"),
    ],
)
def test_repeated_headings_and_errors_of_spreadsheets_are_mistakes(tmp_path, questionnaire, content, mistake):
    (found,) = find_mistakes(tmp_path, questionnaire, content)
    assert found.startswith(mistake)


def test_progress_is_reported_at_each_reading_of_a_long_list(tmp_path, questionnaire):
    seen = list[int]()
    path = write_list(tmp_path, "nr,institution\n" + "".join(f"{at},noorderlicht\n" for at in range(100_000, 141_000)))
    roster = read_roster(path, questionnaire, key=["nr"], source=WatchedRows(open_csv(path), seen.append))
    assert seen == [20_000, 40_000, 0]
    next(roster.iter_students())
    assert seen == [20_000, 40_000, 0, 0], "a reading that stops clears it too"


def test_keys_that_two_institutions_of_a_list_have_are_said(tmp_path, questionnaire):
    rows = "institution,nr\nnoorderlicht,0001\nnoorderlicht,0002\nzuidwester,2\nzuidwester,0003\n"
    (warning,) = read_roster(write_list(tmp_path, rows), questionnaire, key=["nr"]).list_warnings()
    assert warning.startswith("Line 4 has a key that another institution of this list has too")


EXCHANGED = (
    "institution,first name,surname,e-mail\n"
    + "noorderlicht,Anna,Kok,{0}\nnoorderlicht,Bo,de Bos,{1}\nnoorderlicht,Cas,Vos,c.vos@x.nl\n"
)


@pytest.mark.parametrize(
    ("addresses", "said"),
    [
        (("bo.debos@x.nl", "anna.kok@x.nl"), False),
        (("bo.de.bos@x.nl", "Kok.Anna2@x.nl"), True),
        (("anna.kok@x.nl", "bo.bos@x.nl"), False),
        (("bo.bos@x.nl", "bo.bos@x.nl"), False),
        (("bo.bos@x.nl", "123@x.nl"), False),
    ],
)
def test_two_persons_with_each_others_address_are_said(tmp_path, questionnaire, addresses, said):
    warnings = read_roster(write_list(tmp_path, EXCHANGED.format(*addresses)), questionnaire).list_warnings()
    assert [
        warning.startswith("Lines 2, 3 (2 rows) have an address with the name of another person") for warning in warnings
    ] == [True] * said
