"""A file of students is checked against its format: columns, cells, doubles, and which row of a person is used."""

from __future__ import annotations

from datetime import date

import pytest

from survey_engine.fieldwork.rosters.cell_values import CellReading, ColumnReader
from survey_engine.fieldwork.rosters.examination import CheckOptions, examine_roster
from survey_engine.fieldwork.rosters.mistakes import RosterError
from survey_engine.fieldwork.rosters.roster_format import load_format
from tests.fieldwork.rosters.student_files import OWN_FORMAT, examine_rows, list_found, make_rows, write_csv


def test_the_nse_file_as_delivered_has_no_findings(tmp_path):
    examination = examine_rows(tmp_path, {}, {"Vorm": "deeltijd", "HBO_WO": "wo", "Voorkeurstaal": "DU"})
    assert list_found(examination) == []
    assert (examination.rows, examination.persons.count, dict(examination.institutions)) == (2, 2, {"27DV": 2})


def test_old_croho_headings_are_read_as_the_new_ones(tmp_path):
    old = {
        "BRIN": "27DV",
        "OIE_CODE": None,
        "BrinVolgnummer": "00",
        "Vestigingscode": None,
        "CROHO": "34401",
        "Opleidingscode": None,
    }
    assert list_found(examine_rows(tmp_path, old)) == []


@pytest.mark.parametrize("heading", ["oie code", "OIE-CODE", "OIE_CODE/BRIN", " Brin "])
def test_case_spaces_and_signs_of_headings_make_no_difference(tmp_path, heading):
    assert list_found(examine_rows(tmp_path, {heading: "27DV", "OIE_CODE": None})) == []


def test_a_column_by_its_old_and_new_name_is_an_error(tmp_path):
    assert list_found(examine_rows(tmp_path, {"BRIN": "27DV"})) == [("double_column", "OIE_CODE", [])]


def test_a_missing_required_column_is_an_error_and_an_unknown_one_not(tmp_path):
    found = examine_rows(tmp_path, {"Vorm": None, "Vrom": "VT"}).findings
    assert [(one.check, one.severity) for one in found if one.column in ("Vorm", "Vrom")] == [
        ("missing_column", "error"),
        ("unknown_column", "warning"),
    ]


@pytest.mark.parametrize(
    ("column", "cell", "check"),
    [
        ("Vorm", "", "empty"),
        ("Vorm", "voltijds", "value"),
        ("Studiejaar", "9", "value"),
        ("Studiejaar", "1-mrt", "damaged"),
        ("OIE_CODE", "27D", "shape"),
        ("OIE_CODE", "27dv", "corrected"),
        ("OIE_CODE", "２７DV\u200b", "corrected"),
        ("Opleidingscode", "34401.0", "corrected"),
        ("Opleidingscode", "401", "corrected"),
        ("Opleidingscode", "3,44E+04", "damaged"),
        ("Vestigingscode", "0", "corrected"),
        ("Email1", "s1@student", "shape"),
        ("Locatie", "2026-03-01", "damaged"),
    ],
)
def test_a_wrong_cell_is_found_with_its_row_and_column(tmp_path, column, cell, check):
    assert list_found(examine_rows(tmp_path, {}, {column: cell}), check) == [(check, column, [3])]


ORDINARY = """'s-Gravenhage|’s-Gravenhage|‘s-Gravenhage|`s-Gravenhage|´s-Gravenhage|'S-GRAVENHAGE|'t Harde|’t Hart|'n Punt|D'Arcy|l’Europe
|Hengelo (O.)|Capelle a/d IJssel|Den Bosch - Noord|Zorg & Welzijn|ICT/Media|3A|3E2|1E4|1e|2e jaars|4/5|3-4|1-2|4.1|H4.1|V5/6|BOL 3+
|BBL-2 +|Team @work|C#|C++|+|-|–|n.v.t.|onbekend|overig.|Team 'Zorg'|Team "De Brug"|De “Brug”|Klas «B»|Team „Nord“|boys'|Klas 3'|5"
|sep-2025|feb 2025|2025-2026|2025/2026|25/26|’24/’25|01|007|12 345|C.I.O.S.|50% BOL|#1|A*|(leeg)|A, B|Team…|1°|Mei|Dec-team|Korsòu
|Ñapa|Übach-Palenberg|Straße 1|null|waar|'Zorg""".replace("\n", "").split("|")


@pytest.mark.parametrize(
    ("column", "format_name"),
    [
        *(("Locatie", "nse-students"), ("Label1", "nse-students"), ("Opleidingsnaamlokaal", "nse-students")),
        *(("Klas", "job-labels"), ("Team", "job-labels"), ("Achternaam", "job-students"), ("Tussenvoegsel", "job-students")),
    ],
)
def test_ordinary_labels_and_names_are_no_damage(column, format_name):
    reader = ColumnReader(column, 0, load_format(format_name).columns[column], date(2026, 11, 29))
    assert {text: reader.read(text) for text in ORDINARY} == {text: CellReading(text) for text in ORDINARY}


@pytest.mark.parametrize("cell", ["1-mrt", "mei-22", "3,44E+04", "2.0", "###", "#N/B", "'Zorg'", "“Zorg”", "„Nord“", "’Zorg’"])
def test_a_label_that_a_spreadsheet_damaged_is_found(tmp_path, cell):
    assert list_found(examine_rows(tmp_path, {"Label1": cell}), "damaged") == [("damaged", "Label1", [2])]


@pytest.mark.parametrize(("cell", "read"), [("'4/5", "4/5"), ("'0123", "0123"), ("'@home", "@home"), ("'-", "-")])
def test_the_apostrophe_that_marks_text_is_no_part_of_a_label(tmp_path, cell, read):
    examination = examine_rows(tmp_path, {"Label1": cell})
    assert list_found(examination) == [("corrected", "Label1", [2])]
    assert examination.values["Label1"] == {read: 1}


def test_a_refused_value_has_the_allowed_ones_and_a_suggestion(tmp_path):
    (found,) = examine_rows(tmp_path, {"Vorm": "voltijds"}).findings.list_of("error")
    assert str(found) == "Vorm: 'voltijds' is not allowed (did you mean 'voltijd'?). Allowed: DT, DU, VT. (row 2)"


def test_no_message_quotes_an_address(tmp_path):
    found = examine_rows(tmp_path, {"Email1": "jan de vries@xyz"}, {"Email1": "jan de vries@xyz"}).findings
    assert "vries" not in "\n".join(found.list_lines())


def test_the_main_row_of_a_person_with_several_is_used(tmp_path):
    same = {"Email1": "a@b.nl"}
    second = {**same, "Hoofdopleiding": "nee", "Opleidingscode": "34402"}
    examination = examine_rows(tmp_path, second, same)
    assert [examination.persons.is_used(row) for row in (2, 3)] == [False, True]
    assert list_found(examination) == []


def test_two_main_rows_of_a_person_are_an_error(tmp_path):
    same = {"Email1": "a@b.nl"}
    examination = examine_rows(tmp_path, same, {**same, "Opleidingscode": "34402"})
    assert list_found(examination) == [("several_main", "Hoofdopleiding", [3])]
    assert (examination.rows, examination.persons.count) == (2, 1)


def test_a_person_without_a_main_row_keeps_the_first_with_a_warning(tmp_path):
    same = {"Email1": "a@b.nl", "Hoofdopleiding": "nee"}
    examination = examine_rows(tmp_path, same, {**same, "Opleidingscode": "34402"})
    assert list_found(examination) == [("no_main", "Hoofdopleiding", [2])]
    assert examination.persons.is_used(2)


def test_the_same_row_twice_is_an_error(tmp_path):
    assert list_found(examine_rows(tmp_path, {"Email1": "a@b.nl"}, {"Email1": "A@b.nl"})) == [("double_row", "", [3])]


def test_one_person_at_two_institutions_is_no_double(tmp_path):
    other = {"OIE_CODE": "00GT", "Vestigingscode": "00GT00", "Email1": "a@b.nl"}
    assert list_found(examine_rows(tmp_path, {"Email1": "a@b.nl"}, other)) == []


def test_the_sender_has_three_states(tmp_path):
    (note,) = examine_rows(tmp_path, *({"Instellingsnaamlokaal": name} for name in ("", "Mijn school", "NSE"))).findings.list_of(
        "note"
    )
    assert "1 rows have the name of the institution in RIO, 1 a name of their own, 1 no name." in str(note)


def test_a_sender_that_is_almost_nse_is_pointed_out(tmp_path):
    assert list_found(examine_rows(tmp_path, {"Instellingsnaamlokaal": "nse"}), "spelling") == [
        ("spelling", "Instellingsnaamlokaal", [2])
    ]


def test_a_mail_text_that_the_persons_language_lacks_is_pointed_out(tmp_path):
    texts = {"Uitnodigingstekst_NL": "Hallo", "Uitnodigingstekst_EN": ""}
    found = list_found(examine_rows(tmp_path, texts, {**texts, "Voorkeurstaal": "EN"}))
    assert found == [("text_language", "Uitnodigingstekst_EN", [3])]


def test_an_institution_that_the_questionnaire_lacks_is_an_error(tmp_path):
    assert list_found(examine_rows(tmp_path, {}, known=["north"])) == [("institution", "OIE_CODE", [])]
    assert list_found(examine_rows(tmp_path, {}, known=["north"], institutions={"27DV": "north"})) == []
    assert list_found(examine_rows(tmp_path, {}, known=["north"], institutions={"": "north"})) == []


def test_a_wrong_code_of_an_institution_is_reported_once(tmp_path):
    found = examine_rows(tmp_path, {"OIE_CODE": ""}, {"OIE_CODE": "2026-03-01"}, known=["north"])
    assert list_found(found) == [("empty", "OIE_CODE", [2]), ("damaged", "OIE_CODE", [3])]


def test_several_institutions_read_as_one_are_pointed_out(tmp_path):
    other = {"OIE_CODE": "00GT", "Vestigingscode": "00GT00"}
    found = list_found(examine_rows(tmp_path, {}, other, known=["north"], institutions={"": "north"}))
    assert found == [("institutions", "OIE_CODE", [])]


def test_a_file_of_another_kind_is_refused_with_the_headings(tmp_path):
    path = write_csv(tmp_path / "students.csv", [["name", "class"], ["Jan", "3A"]])
    with pytest.raises(RosterError, match="none of the headings of 'nse-students'"):
        examine_roster(path, CheckOptions(load_format("nse-students")))


def test_rows_with_too_few_cells_are_filled_up_and_too_many_an_error(tmp_path):
    rows = make_rows({"Label1": "x"}, {"Label1": "y"}, {})
    rows[1] += ["more"]
    rows[2] = rows[2][:-1]
    examination = examine_roster(write_csv(tmp_path / "students.csv", rows), CheckOptions(load_format("nse-students")))
    assert list_found(examination, "width", "empty") == [("width", "", [2])]


RIO = {"27DV": "north", "31EW": "north"}


def test_codes_of_rio_find_their_institution_and_are_named(tmp_path):
    other = {"OIE_CODE": "31EW", "Vestigingscode": "31EW00"}
    found = examine_rows(tmp_path, {}, {}, other, known=["north"], rio_codes=RIO)
    assert list_found(found) == []
    assert found.map_institutions() == {"27DV": "north", "31EW": "north"}
    assert found.list_notes() == [
        "27DV: north, by `rio_codes` in its file, 2 rows.",
        "31EW: north, by `rio_codes` in its file, 1 rows.",
    ]


def test_an_option_for_all_rows_does_not_take_codes_of_others(tmp_path):
    options = {"known": ["north", "south"], "rio_codes": RIO}
    taken = examine_rows(tmp_path, {}, institutions={"": "south"}, **options)
    assert list_found(taken) == [("institution", "OIE_CODE", [])]
    assert any("--institution 27DV=south" in line for line in taken.findings.list_lines())
    named = examine_rows(tmp_path, {}, institutions={"27DV": "south"}, **options)
    assert (list_found(named), named.map_institutions(), named.list_notes()) == ([], {"27DV": "south"}, [])


@pytest.mark.parametrize(("code", "advised"), [("27DV", True), ("zuid", False)])
def test_only_a_code_of_rio_is_advised_for_the_file_of_an_institution(tmp_path, code, advised):
    write_csv(tmp_path / "own.yaml", [[OWN_FORMAT]])
    path = write_csv(tmp_path / "students.csv", [["School", "Email1", "Klas"], [code, "a@example.org", "3A"]])
    lines = examine_roster(path, CheckOptions(load_format(str(tmp_path / "own.yaml")), known=["north"])).findings.list_lines()
    (line,) = (line for line in lines if "no institution" in line)
    assert ("rio_codes" in line) is advised and f"--institution {code}=CODE" in line
