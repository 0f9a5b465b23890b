"""Rows that a workbook hides, strikes through or comments on get no link without a decision."""

from __future__ import annotations

from pathlib import Path

import pytest
from xlsxwriter import Workbook

from survey_engine.fieldwork.rosters.workbook_rows import open_workbook
from tests.command import Desk
from tests.datasets.filling import read_csv
from tests.fieldwork.rosters.student_files import OWN_FORMAT

PLAIN = [["institution", "nr"], *[["north", f"n{number}"] for number in range(2, 8)]]
OWN = [["School", "Email1", "Klas"], *[["north", f"n{number}@b.nl", "3A"] for number in range(2, 8)]]


def write(desk: Desk, rows: list[list[str]] = PLAIN, *, struck: int = 0, hidden: tuple[int, ...] = (), comment: str = "") -> Path:
    """Write list.xlsx: rows by number in the sheet; a comment is in row 6."""
    path = desk.folder / "list.xlsx"
    (desk.folder / "own.yaml").write_text(OWN_FORMAT)
    with Workbook(path) as workbook:
        sheet, strike = workbook.add_worksheet(), workbook.add_format({"font_strikeout": True})
        for number, row in enumerate(rows, 1):
            sheet.write_row(number - 1, 0, row, strike if number == struck else None)
        for number in hidden:
            sheet.set_row(number - 1, None, None, {"hidden": True})
        if comment:
            sheet.write_comment("B6", comment)
    return path


FORMATS = [(PLAIN, ()), (OWN, ("--format", "own.yaml"))]


@pytest.mark.parametrize(("rows", "options"), FORMATS)
def test_hidden_rows_are_an_error_until_somebody_decides(desk, rows, options):
    write(desk, rows, hidden=(3, 4, 7, 900))
    command = ("links", "example", "list.xlsx", *options, "--out", "out", "--yes")
    done = desk.run(*command)
    assert done.exit_code == 1 and "hidden, by a filter or by hand: 3-4, 7." in done.output
    assert desk.run("roster", "check", "list.xlsx", "--questionnaire", "example", *options).exit_code == 1
    assert desk.run(*command, "--hidden", "leave-out").exit_code == 0
    kept = read_csv(desk.folder / "out" / "links.csv")
    assert [row.get("nr") or row["Email1"].partition("@")[0] for row in kept] == ["n2", "n5", "n6"]


@pytest.mark.parametrize(("rows", "options"), FORMATS)
def test_hidden_rows_that_belong_to_the_list_are_kept(desk, rows, options):
    write(desk, rows, hidden=(3, 4))
    assert desk.run("links", "example", "list.xlsx", *options, "--out", "out", "--hidden", "keep").exit_code == 0
    assert len(read_csv(desk.folder / "out" / "links.csv")) == 6


@pytest.mark.parametrize(("rows", "options"), FORMATS)
@pytest.mark.parametrize("marks", [{"struck": 6}, {"comment": "uitgeschreven, niet benaderen"}])
def test_struck_rows_and_comments_are_asked_about(desk, marks, rows, options):
    write(desk, rows, **marks)
    command = ("links", "example", "list.xlsx", *options, "--out", "out")
    done = desk.run(*command)
    assert done.exit_code == 1 and "6" in done.output and "Give these persons a link?" in done.output
    checked = desk.run("roster", "check", "list.xlsx", "--questionnaire", "example", *options).output
    assert "struck through" in checked or "“uitgeschreven, niet benaderen”" in checked
    assert desk.run(*command, "--yes").exit_code == 0


def test_headings_with_marks_are_not_asked_about(desk):
    write(desk, struck=1)
    assert desk.run("links", "example", "list.xlsx", "--out", "out").exit_code == 0


def test_a_list_as_csv_has_no_hidden_rows(desk):
    (desk.folder / "list.csv").write_text("institution\nnorth\n")
    assert "no hidden rows" in desk.run("links", "example", "list.csv", "--out", "out", "--hidden", "keep").output


def test_marks_of_rows_that_are_left_out_are_not_reported(desk):
    path = write(desk, hidden=(6,), comment="gestopt")
    rows = open_workbook(path, ["nr"], ["nr"]).leave_out_hidden()
    assert [number for number, _ in rows.iter_rows()] == [1, 2, 3, 4, 5, 7]
    assert "comment" not in desk.run("roster", "check", "list.xlsx", "--hidden", "leave-out").output


@pytest.mark.parametrize(
    ("heading", "cell"), [("Niet benaderen", "ja"), ("Mailing", "UIT"), ("Opmerking", "afgemeld door moeder")]
)
def test_a_column_that_a_format_does_not_use_is_asked_about(desk, heading, cell):
    rows = [[*row, heading if at == 0 else cell if at == 3 else ""] for at, row in enumerate(OWN)]
    write(desk, rows)
    done = desk.run("links", "example", "list.xlsx", "--format", "own.yaml", "--out", "out")
    assert done.exit_code == 1 and "Give these persons a link?" in done.output and cell in done.output


@pytest.mark.parametrize(("name", "heading"), [("Niet benaderen", "nr"), ("Afgemeld", "nr"), ("Blad2", "Reden uitschrijving")])
@pytest.mark.parametrize(("rows", "options"), FORMATS)
def test_another_sheet_that_may_name_excluded_persons_is_asked_about(desk, name, heading, rows, options):
    (desk.folder / "own.yaml").write_text(OWN_FORMAT)
    with Workbook(desk.folder / "list.xlsx") as workbook:
        for sheet, cells in (("Studenten", rows), (name, [[heading], ["n3"]])):
            page = workbook.add_worksheet(sheet)
            for at, row in enumerate(cells):
                page.write_row(at, 0, row)
    done = desk.run("links", "example", "list.xlsx", *options, "--out", "out")
    assert (
        done.exit_code == 1 and f"the sheet '{name}' is not read" in done.output and "Give these persons a link?" in done.output
    )


NUMBERS = [str(number) for number in range(2200100, 2200140)]
LIST = [["institution", "Studentnummer", "Klas"], *[["north", number, "3A"] for number in NUMBERS]]


def write_sheets(desk: Desk, **sheets: list[list[str]]) -> None:
    with Workbook(desk.folder / "list.xlsx") as workbook:
        for name, rows in sheets.items():
            page = workbook.add_worksheet(name)
            for at, row in enumerate(rows):
                page.write_row(at, 0, row)
            if name == "Blad2":
                page.very_hidden()


UNREAD = [
    (
        {"ZW1A": LIST[:21], "ZW2A": [LIST[0], *LIST[21:]]},
        ("--sheet", "ZW1A"),
        "'ZW2A' is not read, and has rows like those of persons: 20",
    ),
    ({"BOL": LIST[:21], "BBL": [["Instelling", "Stud.nr.", "Groep"], *LIST[21:]]}, (), "'BBL'"),
    ({"Leerlingen": LIST, "Blad2": [["nummer", "reden"], [NUMBERS[3], "naar elders"]]}, (), "'Blad2'"),
]


@pytest.mark.parametrize(("sheets", "options", "shown"), UNREAD)
def test_a_sheet_with_rows_like_persons_is_asked_about_if_not_read(desk, sheets, options, shown):
    write_sheets(desk, **sheets)
    done = desk.run("links", "example", "list.xlsx", *options, "--key", "Studentnummer", "--out", "out")
    assert done.exit_code == 1 and shown in done.output and "Give these persons a link?" in done.output


def test_sheets_without_persons_are_not_asked_about(desk):
    about = {
        "Toelichting": [["Kolom", "Voorbeeld"], ["Studentnummer", "2200100x"], ["Klas", "3A"]],
        "Codes": [["Code", "Opleiding"], ["25180", "Kok"], ["25655", "Verzorgende"]],
        "Mentoren": [["Klas", "Mentor", "E-mail"], ["3A", "J. Vos", "j.vos@school.example.nl"]],
        "Tellingen": [["Klas", "Aantal"], ["3A", "40"], ["Totaal", "40"]],
    }
    write_sheets(desk, Leerlingen=LIST, **about)
    done = desk.run("links", "example", "list.xlsx", "--key", "Studentnummer", "--out", "out")
    assert done.exit_code == 0, done.output


def test_rows_without_height_are_hidden_and_text_boxes_are_named(desk):
    path = write(desk)
    with Workbook(path) as workbook:
        sheet = workbook.add_worksheet()
        for number, row in enumerate(PLAIN):
            sheet.write_row(number, 0, row)
        sheet.set_row(3, 0.0)
        sheet.insert_textbox("H3", "5 to 9 left")
    (desk.folder / "low.xlsx").write_bytes(path.read_bytes())
    done = desk.run("roster", "check", "low.xlsx", "--questionnaire", "example")
    assert "hidden, by a filter or by hand: 4." in done.output and "text boxes" in done.output


@pytest.mark.parametrize("is_inline", [False, True])
def test_a_cell_of_which_a_part_is_struck_through_is_asked_about(desk, *, is_inline):
    with Workbook(desk.folder / "list.xlsx", {"constant_memory": is_inline}) as workbook:
        sheet, strike = workbook.add_worksheet(), workbook.add_format({"font_strikeout": True})
        for number, (institution, key) in enumerate(PLAIN):
            sheet.write(number, 0, institution)
            if number == 4:
                sheet.write_rich_string(number, 1, strike, key, " (left)")
            else:
                sheet.write(number, 1, key)
    checked = desk.run("roster", "check", "list.xlsx", "--questionnaire", "example").output
    assert "nr: the cell is struck through. If this person is to get no link, remove the row. (row 5)" in checked


RED, GREY, GREEN, BOLD = {"bg_color": "#FF0000"}, {"font_color": "#C0C0C0"}, {"bg_color": "#00FF00"}, {"bold": True}


def write_colours(desk: Desk, look: dict[str, object], rows: range) -> None:
    with Workbook(desk.folder / "list.xlsx") as workbook:
        sheet = workbook.add_worksheet()
        head, marked = workbook.add_format({"bg_color": "#d9e6f2"}), workbook.add_format(look)
        for number, row in enumerate(LIST, 1):
            sheet.write_row(number - 1, 0, row, head if number == 1 else marked if number in rows else None)


@pytest.mark.parametrize("look", [RED, GREY])
def test_a_few_coloured_rows_are_asked_about(desk, look):
    write_colours(desk, look, range(5, 12, 3))
    done = desk.run("links", "example", "list.xlsx", "--key", "Studentnummer", "--out", "out")
    assert done.exit_code == 1 and "See the warnings in rows 5, 8, 11: a row has another colour than most rows." in done.output


@pytest.mark.parametrize(
    ("look", "rows"), [(GREEN, range(2, 42, 2)), (GREEN, range(2, 42)), (GREEN, range(1, 2)), (BOLD, range(5, 8))]
)
def test_bands_groups_headings_and_bold_rows_are_no_marks(desk, look, rows):
    write_colours(desk, look, rows)
    assert desk.run("links", "example", "list.xlsx", "--key", "Studentnummer", "--out", "out").exit_code == 0
