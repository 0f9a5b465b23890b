"""Workbooks are parsed in a limited process; what a spreadsheet damaged or hides is found and named."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from string import ascii_uppercase
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from xlsxwriter import Workbook

from survey_engine.fieldwork.rosters import workbook_rows
from survey_engine.fieldwork.rosters.examination import KEEP, LEAVE_OUT, CheckOptions, examine_roster
from survey_engine.fieldwork.rosters.mistakes import RosterError
from survey_engine.fieldwork.rosters.roster_format import load_format
from survey_engine.fieldwork.rosters.workbook_rows import open_workbook
from tests.fieldwork.rosters.student_files import list_found, make_rows, write_workbook


def read(path, **more):
    return list(open_workbook(path, ["name", "number"], ["name"], **more).iter_rows())


def find_problem(path, **more):
    with pytest.raises(RosterError) as raised:
        read(path, **more)
    return str(raised.value).removeprefix(f"{path}: ")


def change_part(path, name, content):
    """Replace a part of a workbook."""
    with ZipFile(path) as archive:
        parts = {one: archive.read(one) for one in archive.namelist()}
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        for one, old in parts.items():
            archive.writestr(one, content(old) if one == name else old)
    return path


def test_rows_have_their_numbers_and_numbers_no_decimals(tmp_path):
    rows = [["name", "number"], ["Jan", 7], [], ["Piet", 1.5]]
    assert read(write_workbook(tmp_path / "a.xlsx", rows)) == [
        (1, ["name", "number"]),
        (2, ["Jan", "7"]),
        (4, ["Piet", "1.5"]),
    ]


def test_rows_above_the_headings_are_not_read_and_this_is_said(tmp_path):
    path = write_workbook(tmp_path / "a.xlsx", [["Students of 2026"], ["Number", "Name "], ["7", "Jan"]], first=2)
    opened = open_workbook(path, ["name", "number"], ["name"])
    assert [number for number, _ in opened.iter_rows()] == [4, 5]
    assert opened.notes == ["The headings are in row 4; the rows above it are not read."]


def test_the_sheet_with_the_headings_is_chosen(tmp_path):
    with Workbook(tmp_path / "a.xlsx") as workbook:
        workbook.add_worksheet("About").write_row(0, 0, ["Made by", "Jan"])
        workbook.add_worksheet("List").write_row(0, 0, ["name"])
    opened = open_workbook(tmp_path / "a.xlsx", ["name"], ["name"])
    assert opened.notes == ["Read from the sheet 'List'. Not read: About."]


def test_several_sheets_with_the_headings_must_be_told_apart(tmp_path):
    with Workbook(tmp_path / "a.xlsx") as workbook:
        for name in ("North", "South"):
            workbook.add_worksheet(name).write_row(0, 0, ["name", name])
    problem = find_problem(tmp_path / "a.xlsx")
    assert (
        "these sheets have the same headings: North, South. Put all rows on one sheet" in problem and "--sheet 'North'" in problem
    )
    assert read(tmp_path / "a.xlsx", sheet="South") == [(1, ["name", "South"])]
    assert "no sheet 'Suth' (did you mean 'South'?)" in find_problem(tmp_path / "a.xlsx", sheet="Suth")


def test_a_workbook_without_the_headings_shows_those_it_has(tmp_path):
    assert "no sheet has the headings of this list" in find_problem(write_workbook(tmp_path / "a.xlsx", [["naam"], ["Jan"]]))
    assert "'Studenten' has naam" in find_problem(tmp_path / "a.xlsx")


def test_dates_and_long_numbers_are_found_where_codes_belong(tmp_path):
    rows = make_rows({}, {"Opleidingscode": 123456789012345678}, {"Studiejaar": 1.0})
    with Workbook(tmp_path / "a.xlsx", {"default_date_format": "d-mmm"}) as workbook:
        sheet = workbook.add_worksheet()
        for at, row in enumerate(rows):
            sheet.write_row(at, 0, row)
        sheet.write_datetime(1, 7, date(2026, 3, 1))
    examination = examine_roster(tmp_path / "a.xlsx", CheckOptions(load_format("nse-students")))
    assert list_found(examination) == [("damaged", "Studiejaar", [2]), ("damaged", "Opleidingscode", [3])]


def test_formulas_errors_and_merged_cells_are_found_in_their_rows(tmp_path):
    rows = make_rows({}, {}, {}, {})
    with Workbook(tmp_path / "a.xlsx") as workbook:
        sheet = workbook.add_worksheet()
        for at, row in enumerate(rows):
            sheet.write_row(at, 0, row)
        sheet.write_formula(1, 4, '="Utr"&"echt"', None, "Utrecht")
        sheet.write_formula(2, 4, "=VLOOKUP(1,A1:B2,2)", None, "#N/A")
        sheet.merge_range(3, 4, 4, 4, "Utrecht")
    found = list_found(examine_roster(tmp_path / "a.xlsx", CheckOptions(load_format("nse-students"))))
    assert ("formula", "Locatie", [2]) in found
    assert ("formula_error", "Locatie", [3]) in found
    assert ("merged", "Locatie", [4, 5]) in found


def test_a_formula_without_a_result_is_an_error(tmp_path):
    path = write_workbook(tmp_path / "a.xlsx", make_rows({"Studiejaar": "=1+1"}))
    change_part(path, "xl/worksheets/sheet1.xml", lambda xml: xml.replace(b"<f>1+1</f><v>0</v>", b"<f>1+1</f>"))
    assert ("formula_error", "Studiejaar", [2]) in list_found(examine_roster(path, CheckOptions(load_format("nse-students"))))


ODS = """<?xml version="1.0"?><office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0">
<office:body><office:spreadsheet><table:table table:name="List">
<table:table-row><table:table-cell office:value-type="string"><text:p>name</text:p></table:table-cell></table:table-row>
<table:table-row><table:table-cell office:value-type="string"><text:p>Jan</text:p></table:table-cell></table:table-row>
</table:table></office:spreadsheet></office:body></office:document-content>"""


def make_open_document(path: Path, content: str) -> Path:
    mime = "application/vnd.oasis.opendocument.spreadsheet"
    with ZipFile(path, "w") as archive:
        archive.writestr("mimetype", mime)
        manifest = "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"
        entry = f'<m:file-entry m:full-path="/" m:media-type="{mime}"/>'
        archive.writestr("META-INF/manifest.xml", f'<m:manifest xmlns:m="{manifest}">{entry}</m:manifest>')
        archive.writestr("content.xml", content)
    return path


def test_an_open_document_whose_marks_cannot_be_found_needs_a_decision(tmp_path):
    path = make_open_document(tmp_path / "a.ods", ODS.replace(">name<", ">Email1<"))
    opened = open_workbook(path, ["Email1"], ["Email1"])
    assert [cells for _, cells in opened.iter_rows()] == [["Email1"], ["Jan"]]
    for hidden, is_found in (("", True), (LEAVE_OUT, True), (KEEP, False)):
        found = list_found(examine_roster(path, CheckOptions(load_format("nse-students"), hidden=hidden)), "hidden")
        assert found == [("hidden", "", [])] * is_found


def test_xml_that_declares_entities_is_refused(tmp_path):
    path = write_workbook(tmp_path / "a.xlsx", [["name"]])
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    change_part(path, "xl/sharedStrings.xml", lambda xml: bomb + xml.partition(b"?>")[2])
    assert "declares XML entities" in find_problem(path)


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path, monkeypatch):
    path = write_workbook(tmp_path / "a.xlsx", [["name"]])
    with ZipFile(path, "a", ZIP_DEFLATED) as archive:
        for number in range(5_001):
            archive.writestr(f"xl/media/{number}", b"")
    assert "unpacks to 50" in find_problem(path)


def test_a_parser_beyond_its_limits_is_ended_with_a_message(tmp_path, monkeypatch):
    path = write_workbook(tmp_path / "a.xlsx", [["name"]] + [["Jan" * 100 + str(number)] for number in range(40_000)])
    monkeypatch.setattr(workbook_rows, "MEMORY", 10 << 20)
    found = find_problem(path)
    assert "takes more than" in found or "it cannot be read" in found  # a library may fail without room before Python does


def test_a_temporary_folder_without_room_is_named(tmp_path, monkeypatch):
    path = write_workbook(tmp_path / "a.xlsx", [["name"]])
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "missing"))
    assert "cannot be written to the temporary folder: No such file" in find_problem(path)


@pytest.mark.parametrize("content", [b"PK\x03\x04 and no more", b"\xd0\xcf\x11\xe0 old and broken" * 100])
def test_a_damaged_workbook_is_refused(tmp_path, content):
    (tmp_path / "a.xlsx").write_bytes(content)
    assert "this workbook is damaged" in find_problem(tmp_path / "a.xlsx")


def test_rows_are_in_no_file_with_a_name(tmp_path, monkeypatch):
    """So that they vanish with the process, however it ends."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    opened = open_workbook(write_workbook(tmp_path / "a.xlsx", [["name"], ["Ann"]]), ["name"], ["name"])
    assert [cells for _, cells in opened.iter_rows()] == [["name"], ["Ann"]]
    assert [path for path in folder.rglob("*") if path.is_file()] == []


def test_rows_are_read_twice_at_once(tmp_path):
    opened = open_workbook(
        write_workbook(tmp_path / "a.xlsx", [["name"], *([f"n{at}"] for at in range(5_000))]), ["name"], ["name"]
    )
    both = list(zip(opened.iter_rows(), opened.iter_rows(), strict=True))
    assert len(both) == 5_001 and all(one == other for one, other in both)


def test_a_cell_that_is_too_long_is_named_by_its_row(tmp_path):
    path = make_open_document(tmp_path / "a.ods", ODS.replace("Jan", "x" * 131_073))
    assert "a cell in row 2 has more than 131072 characters. Shorten it." in find_problem(path)


def test_overlapping_merged_cells_make_a_bounded_number_of_findings(tmp_path):
    path = write_workbook(tmp_path / "a.xlsx", make_rows(*[{}] * 30))
    ranges = "".join(f'<mergeCell ref="{one}{other}1:XFD1048576"/>' * 2 for one in ascii_uppercase for other in ascii_uppercase)
    merged = f"<mergeCells>{ranges}</mergeCells>".encode()
    change_part(path, "xl/worksheets/sheet1.xml", lambda xml: xml.replace(b"</sheetData>", b"</sheetData>" + merged))
    found = [one for one in examine_roster(path, CheckOptions(load_format("nse-students"))).findings if one.check == "merged"]
    assert sum(len(one.rows) for one in found) == 10_000 and max(max(one.rows) for one in found) == 31
