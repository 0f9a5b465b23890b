"""`survey-engine roster` and links of files in other formats: checked as a whole, and read by the same rules."""

from __future__ import annotations

import json
import os
from collections import Counter
from contextlib import closing

import pytest
from python_calamine import load_workbook

from survey_engine.cli.support.installation import find_questionnaire
from survey_engine.fieldwork.invitations.links import decrypt_seat
from survey_engine.fieldwork.rosters.examination import CheckOptions
from survey_engine.fieldwork.rosters.roster_files import open_roster
from survey_engine.fieldwork.rosters.roster_format import load_format
from survey_engine.storage.database import Database
from survey_engine.storage.roster_seats import iter_seats
from tests.command import Desk
from tests.datasets.filling import read_csv
from tests.fieldwork.rosters.student_files import NSE, make_rows, write_csv, write_workbook

OWN = """roster: own
title: Own
person: [Email1]
row: [Email1, Opleidingscode]
main_row: {column: Hoofdopleiding, value: "yes"}
columns:
  OIE_CODE: {becomes: institution, required: true, filled: true, shapes: [99AA]}
  Email1: {becomes: contact, required: true, filled: true}
  Hoofdopleiding: {required: true, values: {"yes": [ja], "no": [nee]}}
  Opleidingscode: {required: true}
  Leerweg: {becomes: background, variable: path, values: {bol: [BOL-opleiding], bbl: [BBL-opleiding]}}
  Label1: {becomes: analysis_label, label: programme}
"""
LINKS = ("links", "example", "students.csv", "--format", "own.yaml", "--institution", "north", "--out", "out")


def give(desk: Desk, *changes: dict[str, object], options: tuple[str, ...] = ("--institution", "north")) -> list[dict[str, str]]:
    (desk.folder / "own.yaml").write_text(OWN)
    write_workbook(desk.folder / "students.xlsx", make_rows(*changes))
    done = desk.run("links", "example", "students.xlsx", "--format", "own.yaml", "--out", "out", "--yes", "--force", *options)
    assert done.exit_code == 0, done.output
    return read_csv(desk.folder / "out" / "links.csv")


def test_a_workbook_in_another_format_becomes_links_by_the_codes(desk):
    rows = give(desk, {"Leerweg": "BOL-opleiding"}, {"Leerweg": "bbl"})
    assert [(row["institution"], row["path"], row["Email1"]) for row in rows] == [
        ("north", "bol", "s1@student.example.org"),
        ("north", "bbl", "s2@student.example.org"),
    ]


def test_a_student_with_two_programmes_gets_one_link(desk):
    second = {"Email1": "s1@student.example.org", "Opleidingscode": "34402", "Hoofdopleiding": "nee", "Leerweg": "bbl"}
    (row,) = give(desk, {"Leerweg": "bol"}, second)
    assert row["path"] == "bol"


def test_a_corrected_file_in_the_format_shows_what_changes(desk):
    give(desk, {"Leerweg": "bol"}, {"Leerweg": "bbl"})
    (desk.folder / "own.yaml").write_text(OWN)
    write_workbook(desk.folder / "new.xlsx", make_rows({"Leerweg": "bbl"}, {"Leerweg": "bbl"}, {"Leerweg": "bbl"}))
    done = desk.run("links", "example", "new.xlsx", "--format", "own.yaml", "--institution", "north", "--out", "more", "--yes")
    assert "1 get a link; 1 get another background or language; 1 stay as they are" in done.output
    assert len(read_csv(desk.folder / "more" / "links.csv")) == 1


def test_a_label_under_the_code_of_its_variable_is_hidden_too(desk):
    (desk.folder / "own.yaml").write_text(
        "roster: own\ntitle: Own\nperson: [nr]\nrow: [nr]\ncolumns:\n  nr: {required: true, filled: true}\n"
        "  programme: {becomes: analysis_label, label: programme}\n"
    )
    rows = "".join(f"000{number},{'Zorg' if number < 6 else 'Bouw'}\n" for number in range(7))
    (desk.folder / "students.csv").write_text(f"nr,programme\n{rows}")
    options = ("--format", "own.yaml", "--key", "nr", "--institution", "north", "--out", "out", "--yes")
    done = desk.run("links", "example", "students.csv", *options)
    assert done.exit_code == 0, done.output
    with closing(Database(desk.settings.identity_url, "identity")) as identity, identity.read() as connection:
        seats = [decrypt_seat(desk.contact_keys, seat) for seat in iter_seats(connection, "example", ["north"])]
    assert [seat.background for seat in seats] == [{}] * 7
    assert Counter(seat.details["labels"]["programme"] for seat in seats) == {"Zorg": 6, "Bouw": 1}


def test_a_label_goes_with_the_answers_only_if_enough_persons_share_it(desk):
    """And if those without a label are enough persons, too."""
    rows = give(desk, *({"Label1": name} for name in [*["big"] * 6, *["middle"] * 5, "small"]))
    assert rows[-1]["Label1"] == "small"
    options = CheckOptions(load_format(str(desk.folder / "own.yaml")), {"": "north"})
    roster, _ = open_roster(desk.folder / "students.xlsx", find_questionnaire("example", desk.settings), options)
    labels = [student.background.get("programme", "") for student in roster.iter_students()]
    assert labels == ["big"] * 6 + [""] * 6


@pytest.mark.parametrize("name", ["Label1", "programme"])
def test_a_label_has_one_column_in_the_links_under_its_name_in_the_format(desk, name):
    (desk.folder / "own.yaml").write_text(OWN.replace("Label1:", f"{name}:"))
    write_csv(desk.folder / "students.csv", make_rows(*[{name: "Zorg" if n < 6 else "Bouw"} for n in range(7)]))
    done = desk.run(*LINKS, "--yes")
    assert done.exit_code == 0, done.output
    rows = read_csv(desk.folder / "out" / "links.csv")
    assert list(rows[0]) == ["institution", "Email1", name, "link", "link_check"]
    assert [row[name] for row in rows] == ["Zorg"] * 6 + ["Bouw"]
    assert desk.run("remind", "example", "out/links.csv", "--key", "Email1", "--out", "r").exit_code == 0


def write_aliased(desk: Desk) -> None:
    (desk.folder / "own.yaml").write_text(OWN.replace("bbl: [BBL-opleiding]}", "bbl: [BBL-opleiding]}, aliases: [De leerweg]"))
    rows = make_rows({"Leerweg": "bol"}, {"Leerweg": "bbl"})
    rows[0][rows[0].index("Leerweg")] = "De leerweg"
    write_csv(desk.folder / "students.csv", rows)


@pytest.mark.parametrize("name", ["De leerweg", "de  LEERWEG", "Leerweg", "path"])
def test_a_column_of_cards_is_named_as_in_the_list(desk, name):
    write_aliased(desk)
    done = desk.run(*LINKS, "--qr", "--group", "OIE_CODE", "--card", name)
    assert done.exit_code == 0, done.output
    assert "De leerweg: bol" in (desk.folder / "out" / "cards-north.html").read_text("utf-8")


def test_a_missing_column_of_cards_is_reported_in_words_of_the_list(desk):
    write_aliased(desk)
    done = desk.run(*LINKS, "--qr", "--card", "leer")
    assert done.exit_code == 2 and "The list has: De leerweg, Email1, OIE_CODE." in done.output


def test_spelling_variants_are_unified_on_request(desk):
    labels = [{"Label1": "Zorg"}] * 4 + [{"Label1": "zorg."}]
    rows = give(desk, *labels, options=("--institution", "north", "--unify"))
    assert {row["Label1"] for row in rows} == {"Zorg"}


def test_a_file_with_one_mistake_makes_no_links(desk):
    (desk.folder / "own.yaml").write_text(OWN)
    write_workbook(desk.folder / "students.xlsx", make_rows({}, {"Leerweg": "bollie"}))
    done = desk.run("links", "example", "students.xlsx", "--format", "own.yaml", "--institution", "north", "--out", "out")
    assert "students.xlsx:3: Leerweg: 'bollie' is not allowed" in done.output
    assert "No links were made." in done.output
    assert not (desk.folder / "out").exists()


def test_a_plain_list_may_be_a_workbook(desk):
    write_workbook(desk.folder / "plain.xlsx", [["name", "institution", "path"], ["Jan", "north", "bol"]])
    done = desk.run("links", "example", "plain.xlsx", "--out", "out")
    assert done.exit_code == 0, done.output
    assert read_csv(desk.folder / "out" / "links.csv")[0]["path"] == "bol"


@pytest.mark.parametrize("command", [("links", "example", "plain.csv", "--out", "out"), ("roster", "check", "plain.csv")])
@pytest.mark.parametrize(
    "option", [("--institution", "27DV=north"), ("--institution", "north"), ("--unify",), ("--rio", "plain.csv")]
)
def test_an_option_without_effect_on_a_plain_list_is_refused(desk, command, option):
    write_csv(desk.folder / "plain.csv", [["name", "institution"], ["Jan", "north"]])
    done = desk.run(*command, *option)
    assert done.exit_code == 2 and f"{option[0]} has no effect on a plain list" in done.output, done.output
    assert not (desk.folder / "out").exists()


@pytest.mark.parametrize("write", [write_csv, write_workbook])
def test_check_reports_every_finding_with_its_row(desk, write):
    path = write(desk.folder / "students.file", make_rows({}, {"Vorm": "voltijds"}, {"OIE_CODE": "27dv"}))
    done = desk.run("roster", "check", str(path), "--format", "nse-students")
    assert done.exit_code == 1
    assert "Vorm: 'voltijds' is not allowed" in done.output and "(row 3)" in done.output
    assert "1 errors, 1 warnings. This file cannot be imported." in done.output


def test_check_prints_its_report_as_json(desk):
    write_csv(desk.folder / "students.csv", make_rows({}, {"Vorm": "voltijds"}))
    report = json.loads(desk.run("roster", "check", "students.csv", "--format", "nse-students", "--json").stdout)
    assert (report["rows"], report["persons"], report["counts"]["error"]) == (2, 2, 1)
    assert [(one["check"], one["rows"]) for one in report["findings"] if one["severity"] == "error"] == [("value", [3])]


def test_check_writes_the_rows_with_findings_to_a_workbook(desk):
    write_csv(desk.folder / "students.csv", make_rows({}, {"Vorm": "=1+1"}, {}))
    desk.run("roster", "check", "students.csv", "--format", "nse-students", "--workbook", "found.xlsx")
    head, row = load_workbook(desk.folder / "found.xlsx").get_sheet_by_name("Rows").to_python()
    assert (head[:2], row[0]) == (["row", "findings"], 3)
    assert row[head.index("Vorm")] == "=1+1"
    assert (desk.folder / "found.xlsx").stat().st_mode & 0o77 == 0


def test_check_compares_a_plain_list_with_a_questionnaire(desk):
    write_csv(desk.folder / "students.csv", [["institution", "path"], ["north", "bol"], ["north", "BBB"]])
    done = desk.run("roster", "check", "students.csv", "--questionnaire", "example")
    assert "'BBB' is no value of 'path'" in done.output and "(row 3)" in done.output


def test_a_filled_in_template_has_no_findings(desk):
    assert desk.run("roster", "template", "nse-students", "--out", "made.xlsx").exit_code == 0
    head = load_workbook(desk.folder / "made.xlsx").get_sheet_by_index(0).to_python()[0]
    write_workbook(desk.folder / "filled.xlsx", [head, [NSE.get(str(name), "") for name in head]])
    assert desk.run("roster", "check", "filled.xlsx", "--format", "nse-students").exit_code == 0


def test_a_template_of_a_plain_list_has_the_questionnaires_variables(desk):
    desk.run("roster", "template", "plain", "--questionnaire", "example", "--out", "made.xlsx")
    head = load_workbook(desk.folder / "made.xlsx").get_sheet_by_index(0).to_python()[0]
    assert head[:2] == ["institution", "language"] and "path" in head


def test_codes_are_compared_with_a_snapshot_of_open_data(desk):
    write_csv(desk.folder / "a.csv", [["OIE_CODE", "VOLLEDIGE_NAAM"], ["27DV", "School"]])
    write_csv(desk.folder / "b.csv", [["VESTIGINGSCODE", "OIE_CODE", "PLAATSNAAM"], ["27DV00", "27DV", "Zeist"]])
    assert "1 of kind institution, 1 of kind branch" in desk.run("roster", "rio", "a.csv", "b.csv", "--out", "rio.csv").output
    write_csv(desk.folder / "students.csv", make_rows({}, {"OIE_CODE": "99XX", "Vestigingscode": "99XX01"}))
    done = desk.run("roster", "check", "students.csv", "--format", "nse-students", "--rio", "rio.csv")
    assert "OIE_CODE: '99XX' is no institution in the snapshot of RIO. (row 3)" in done.output
    assert "Locatie: branch '27DV00' is in Zeist according to RIO, not in 'Utrecht'. (row 2)" in done.output


def test_each_institution_gets_a_folder_with_its_links_and_cards(desk):
    write_csv(desk.folder / "students.csv", [["institution", "name"], ["north", "=Jan"], ["south", "Piet"], ["north", "An"]])
    done = desk.run("links", "example", "students.csv", "--out", "out", "--apart", "--xlsx", "--qr", "--card", "name")
    assert done.exit_code == 0, done.output
    assert sorted(str(path.relative_to(desk.folder / "out")) for path in (desk.folder / "out").rglob("*.*")) == [
        f"{code}/{name}" for code in ("north", "south") for name in (f"cards-{code}.html", "links.csv", "links.xlsx")
    ]
    (rows,) = (read_csv(desk.folder / "out" / "south" / "links.csv"),)
    assert [row["name"] for row in rows] == ["Piet"]
    assert load_workbook(desk.folder / "out" / "north" / "links.xlsx").get_sheet_by_index(0).to_python()[1][:2] == [
        "north",
        "'=Jan",
    ]


@pytest.mark.parametrize(
    "words",
    [
        ("roster", "check", "FILE"),
        ("links", "example", "FILE", "--out", "out"),
        ("roster", "labels", "example", "FILE"),
        ("remind", "example", "FILE", "--out", "out"),
    ],
    ids=" ".join,
)
def test_a_pipe_is_refused_as_a_list(desk, words):
    os.mkfifo(desk.folder / "pipe.csv")
    done = desk.run(*["pipe.csv" if word == "FILE" else word for word in words])
    assert done.exit_code == 2 and "is a pipe or a device" in done.output


@pytest.fixture
def with_codes(desk: Desk) -> Desk:
    """North has two codes of RIO, south one."""
    for file in (desk.folder / "q" / "example").glob("*.yaml"):
        for name, codes in {"north": "27DV, 31EW", "south": "00GT"}.items():
            if file.read_text().startswith(f"institution: {name}"):
                file.write_text(f"{file.read_text()}\nrio_codes: [{codes}]\n")
    return desk


def test_a_file_with_codes_of_rio_needs_no_option(with_codes: Desk) -> None:
    other, third = ({"OIE_CODE": code, "Vestigingscode": f"{code}00"} for code in ("00GT", "31EW"))
    rows = give(with_codes, {}, other, third, options=())
    assert [row["institution"] for row in rows] == ["north", "south", "north"]
    done = with_codes.run("roster", "check", "students.xlsx", "--format", "own.yaml", "--questionnaire", "example")
    assert "31EW: north, by `rio_codes` in its file, 1 rows." in done.output


def test_a_label_file_with_codes_of_rio_needs_no_option(with_codes: Desk) -> None:
    write_csv(with_codes.folder / "students.csv", [["institution", "nr"], ["27dv", "0001"], ["south", "0001"]])
    done = with_codes.run("links", "example", "students.csv", "--key", "nr", "--out", "out")
    assert done.exit_code == 0 and "institution: '27dv' is read as 'north'" in done.output
    assert [row["institution"] for row in read_csv(with_codes.folder / "out" / "links.csv")] == ["north", "south"]
    heads = ["Studentnummer", "BRIN", "Klas", "Team", "Locatie", "Domein"]
    path = write_workbook(with_codes.folder / "labels.xlsx", [heads, ["0001", "00GT", "3A", "Zorg", "Hal", "Gezond"]])
    done = with_codes.run("roster", "labels", "example", str(path), "--yes")
    assert "00GT: south, by `rio_codes` in its file, 1 rows." in done.output and "1 get labels" in done.output


def test_a_list_with_codes_of_rio_corrects_the_rows_of_reminders(with_codes: Desk) -> None:
    heads = ["institution", "nr", "e-mail"]
    write_csv(with_codes.folder / "students.csv", [heads, ["27DV", "0001", "an@a.nl"], ["00GT", "0001", "bo@b.nl"]])
    assert with_codes.run("links", "example", "students.csv", "--key", "nr", "--out", "out").exit_code == 0
    write_csv(with_codes.folder / "new.csv", [heads, ["31EW", "0001", "an@c.nl"], ["south", "0001", "bo@b.nl"]])
    done = with_codes.run("remind", "example", "out/links.csv", "--key", "nr", "--corrected", "new.csv", "--out", "again")
    assert done.exit_code == 0, done.output
    rows = read_csv(with_codes.folder / "again" / "links.csv")
    assert {(row["institution"], row["e-mail"]) for row in rows} == {("north", "an@c.nl"), ("south", "bo@b.nl")}
