"""Opt-outs that a coordinator notes in links.csv, or in a corrected list, stop `survey-engine remind` as they stop `links`."""

from __future__ import annotations

import csv
from collections.abc import Mapping

import pytest

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
