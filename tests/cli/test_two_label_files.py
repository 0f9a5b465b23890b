"""Labels of one person from files of different formats: the combination of all of them decides what goes with the answers."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.cli.test_roster_labels import assign, begin, count_begun, count_teams, label, make_teams, read_seats
from tests.cli.test_same_persons import lite
from tests.command import Desk
from tests.fieldwork.rosters.student_files import write_csv

__all__ = ["lite"]

FORMAT = "roster: other\ntitle: Other\nmakes: labels\nperson: [Nr]\ncolumns:\n  Nr: {required: true, filled: true}\n  "
KINDS = {
    "label": "Value: {becomes: analysis_label, label: CODE}\n",
    "background": "Value: {becomes: background, variable: CODE}\n",
    "response": "Value: {becomes: response_label, label: CODE}\n",
}


@pytest.fixture
def teams(lite: Desk) -> Desk:
    """A questionnaire with the background variables `team` and `location`."""
    make_teams(lite)
    path = lite.folder / "q" / "example" / "questionnaire.yaml"
    place = "background:\n  location: {text: {en: Place, easy: Place}, open: true}\n"
    path.write_text(path.read_text().replace("background:\n", place))
    return lite


def give(desk: Desk, kind: str, values: str, code: str = "team") -> str:
    """Give one value to each of the first persons of north by another format."""
    (desk.folder / "other.yaml").write_text(FORMAT + KINDS[kind].replace("CODE", code))
    path: Path = write_csv(desk.folder / "other.csv", [["Nr", "Value"], *[[f"{at:04}", it] for at, it in enumerate(values)]])
    words = ("--format", str(desk.folder / "other.yaml"), "--institution", "north", "--yes")
    return desk.run("roster", "labels", "example", str(path), *words).output


def count_pairs(desk: Desk) -> Counter[object]:
    seats = [seat.background for seat in read_seats(desk)]
    return Counter((it.get("team"), it.get("location")) for it in seats)


def test_combinations_count_over_the_labels_of_all_files(teams):
    label(teams, *[[*row[:3], "", "Gezond", ""] for row in assign("AAAAAABBBBBB")])
    assert count_teams(teams) == {"A": 6, "B": 6}
    give(teams, "label", "xxxyyyxxxyyy", "location")
    assert count_pairs(teams) == {(None, None): 12}
    give(teams, "label", "xxxxxxyyyyyy", "location")
    assert count_pairs(teams) == {("A", "x"): 6, ("B", "y"): 6}


@pytest.mark.parametrize("order", [("label", "background"), ("background", "label")])
def test_a_variable_that_one_file_makes_a_label_is_one_in_all(teams, order):
    """The last file has the value; without a row there, the value of a background variable stays."""
    give(teams, order[0], "AAAAAABBBBBB")
    give(teams, order[1], "AAAAAAAABBBB")
    assert count_teams(teams) == {None: 12}
    give(teams, order[1], "AAAAAABBBBBB")
    assert count_teams(teams) == {"A": 6, "B": 6}


def test_a_background_variable_follows_a_label_of_other_persons(teams):
    give(teams, "background", "ABC")
    assert count_teams(teams) == {"A": 1, "B": 1, "C": 1, None: 9}
    begin(teams, 0, 1)
    label(teams, *[[f"{at:04}", "3A", "D", "Hal", "Gezond", ""] for at in range(6, 12)])
    assert count_teams(teams) == {"D": 6, None: 6} and count_begun(teams) == {None: 2}


def test_a_column_of_a_list_follows_a_label_of_other_persons(teams):
    label(teams, *assign("AAAAAABBBBBB"))
    (teams.folder / "more.csv").write_text("institution,nr,path,team\nnorth,0100,bol,C\nnorth,0000,bol,B\n")
    done = teams.run("links", "example", "more.csv", "--key", "nr", "--out", "more", "--yes", "--add")
    assert done.exit_code == 0 and count_teams(teams) == {"B": 7, None: 6}, "five of A would tell who is alone in C"


def test_a_label_of_results_is_no_label_of_response_alone(teams):
    label(teams, *assign("AAAAAABBBBBB"))
    refused = give(teams, "response", "BBBBBBAAAAAA")
    assert "'team'" in refused and "analysis_label" in refused, refused
    assert count_teams(teams) == {"A": 6, "B": 6}
