"""Opt-outs that a coordinator notes in links.csv, or in a corrected list, stop `survey-engine remind` as they stop `links`."""

from __future__ import annotations

import csv
from collections.abc import Mapping

import pytest
from xlsxwriter import Workbook

from tests.command import Desk
from tests.datasets.filling import read_csv

ROWS = [{"institution": "north", "nr": f"0{at}", "name": f"N{at}", "remark": "new" if at == 3 else ""} for at in range(1, 9)]


def write(desk: Desk, name: str, rows: list[dict[str, str]]) -> None:
    with (desk.folder / name).open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)


@pytest.fixture
def links(desk: Desk) -> list[dict[str, str]]:
    """The rows of links.csv, whose remark was confirmed when the links were made."""
    write(desk, "list.csv", ROWS)
    assert desk.run("links", "example", "list.csv", "--key", "nr", "--out", "out", "--yes").exit_code == 0
    return read_csv(desk.folder / "out" / "links.csv")


def change(rows: list[dict[str, str]], changes: Mapping[str, str]) -> list[dict[str, str]]:
    """Write these cells in the fourth row; a column that the rows lack is empty in all others."""
    empty = dict.fromkeys(changes, "")
    return [empty | row | (changes if at == 3 else {}) for at, row in enumerate(rows)]


NOTES = [
    *(({heading: "ja"}, "seems to exclude") for heading in ("Afgemeld", "Uitsluiten", "Uitgeschreven")),
    *(({heading: "niet benaderen"}, "seems to exclude") for heading in ("remark", "nota")),
    *(({heading: "✓"}, "does not prevent a reminder") for heading in ("Afgemeld", "Uitsluiten", "remark")),
    ({"remark": "belt woensdag terug"}, "does not prevent a reminder"),
]


@pytest.mark.parametrize(("changes", "said"), NOTES)
def test_an_opt_out_noted_in_the_file_of_links_stops_reminders(desk, links, changes, said):
    write(desk, "noted.csv", change(links, changes))
    done = desk.run("remind", "example", "noted.csv", "--out", "r")
    assert done.exit_code == 1 and said in done.output and not (desk.folder / "r").exists()
    for heading in changes:
        assert desk.run("remind", "example", "noted.csv", "--copy", heading, "--out", "r").output.startswith("8 of 8")


@pytest.mark.parametrize(("changes", "said"), [*NOTES, ({"name": "niet benaderen"}, "seems to exclude")])
def test_an_opt_out_in_a_corrected_list_stops_reminders(desk, links, changes, said):
    write(desk, "corrected.csv", change(ROWS, changes))
    done = desk.run("remind", "example", "out/links.csv", "--key", "nr", "--corrected", "corrected.csv", "--out", "r")
    assert done.exit_code == 1 and said in done.output and not (desk.folder / "r").exists()
    assert "Remove the person from the file of links too" in done.output


def test_what_was_confirmed_when_the_links_were_made_is_not_asked_again(desk, links):
    write(desk, "corrected.csv", change(ROWS, {"name": "N 44"}))
    assert desk.run("remind", "example", "out/links.csv", "--out", "r").output.startswith("8 of 8")
    options = ("--key", "nr", "--corrected", "corrected.csv")
    assert "name (1 rows)" in desk.run("remind", "example", "out/links.csv", *options, "--out", "c").output


def test_notes_about_persons_who_are_not_reminded_anyway_stop_nothing(desk, links):
    assert desk.run("links", "example", "--withdraw", links[3]["link"]).exit_code == 0
    write(desk, "noted.csv", change(links, {"Afgemeld": "ja"}))
    assert desk.run("remind", "example", "noted.csv", "--out", "r").output.startswith("7 of 8")


ACTIONS = {
    "remind": ("remind", "example", "noted.xlsx", "--out", "r"),
    "reissue": ("links", "example", "--reissue", "noted.xlsx", "--out", "r"),
    "withdraw": ("links", "example", "--withdraw", "noted.xlsx"),
    "restore": ("links", "example", "--restore", "noted.xlsx"),
}


def write_workbook(desk: Desk, rows: list[dict[str, str]], comment: str = "", sheet: str = "") -> None:
    with Workbook(desk.folder / "noted.xlsx") as workbook:
        page = workbook.add_worksheet("Links")
        for at, row in enumerate([[*rows[0]], *([*row.values()] for row in rows)]):
            page.write_row(at, 0, row)
        if comment:
            page.write_comment(4, 2, comment)
        if sheet:
            workbook.add_worksheet(sheet).write_row(0, 0, ["nr"])


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize(
    ("mark", "said"),
    [({"comment": "doet niet mee"}, "“doet niet mee”"), ({"sheet": "Afgemeld"}, "the sheet 'Afgemeld' is not read")],
)
def test_marks_in_a_workbook_of_links_are_asked_about(desk, links, action, mark, said):
    write_workbook(desk, links, **mark)
    done = desk.run(*ACTIONS[action])
    assert done.exit_code == 1 and said in done.output and not (desk.folder / "r").exists()
    assert desk.run(*ACTIONS[action], "--yes").exit_code == 0


@pytest.mark.parametrize("action", ["reissue", "restore"])
def test_an_opt_out_noted_in_a_file_stops_new_and_restored_links(desk, links, action):
    write_workbook(desk, change(links, {"nota": "wil niet meer gemaild worden"}))
    done = desk.run(*ACTIONS[action], "--yes")
    assert done.exit_code == 1 and "line 5" in done.output.replace(":5:", "line 5") and "seems to exclude" in done.output
    assert desk.run(*ACTIONS[action], "--yes", "--copy", "nota").exit_code == 0


def test_an_opt_out_noted_in_a_file_is_no_reason_not_to_withdraw(desk, links):
    write_workbook(desk, change(links, {"Afgemeld": "ja"}))
    assert desk.run(*ACTIONS["withdraw"], "--yes").output.startswith("Withdrawn: 8")


def test_marks_in_a_corrected_workbook_are_asked_about(desk, links):
    write_workbook(desk, ROWS, comment="doet niet mee")
    done = desk.run("remind", "example", "out/links.csv", "--key", "nr", "--corrected", "noted.xlsx", "--out", "r")
    assert done.exit_code == 1 and "“doet niet mee”" in done.output and not (desk.folder / "r").exists()


def test_a_comment_on_a_person_who_is_not_reminded_is_not_asked_about(desk, links):
    assert desk.run("links", "example", "--withdraw", links[3]["link"]).exit_code == 0
    write_workbook(desk, links, comment="doet niet mee")
    assert desk.run(*ACTIONS["remind"]).output.startswith("7 of 8")
