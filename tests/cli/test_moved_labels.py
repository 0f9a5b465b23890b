"""`roster labels` refuses a file whose labels moved to the rows of other persons."""

from __future__ import annotations

import pytest

from tests.cli.test_roster_labels import HEAD
from tests.command import Desk
from tests.fieldwork.rosters.student_files import write_csv

NUMBERS = [f"{number:04}" for number in range(1, 21)]
CLASSES = [f"{1 + number // 4}A" for number in range(20)]


@pytest.fixture
def students(desk: Desk) -> Desk:
    """Twenty persons in five classes."""
    write_csv(desk.folder / "students.csv", [["institution", "nr", "path"], *(["north", number, "bol"] for number in NUMBERS)])
    assert desk.run("links", "example", "students.csv", "--key", "nr", "--out", "out").exit_code == 0
    assert "Stored." in label(desk, NUMBERS, CLASSES)
    return desk


def label(desk: Desk, numbers: list[str], classes: list[str], *options: str) -> str:
    rows = [[number, name, "Zorg", "Hal", "Gezond", ""] for number, name in zip(numbers, classes, strict=True)]
    write_csv(desk.folder / "labels.csv", [HEAD, *rows])
    return desk.run("roster", "labels", "example", "labels.csv", "--institution", "north", "--yes", *options).output


@pytest.mark.parametrize(
    "numbers",
    [NUMBERS[::-1], [*NUMBERS[1:], NUMBERS[0]], [*NUMBERS[10:], *NUMBERS[:10]]],
    ids=["reversed", "moved one row", "halves exchanged"],
)
def test_a_moved_column_of_numbers_is_refused_unless_it_is_right(students, numbers):
    refused = label(students, numbers, CLASSES)
    assert "persons get labels that others had" in refused and "--exchange" in refused and "Stored." not in refused
    assert "Stored." in label(students, numbers, CLASSES, "--exchange")


@pytest.mark.parametrize(
    "classes",
    [[f"{1 + number // 4}B" for number in range(20)], ["2A", *CLASSES[1:4], "1A", *CLASSES[5:]], ["1A"] * 20],
    ids=["next year", "two exchanged", "one class"],
)
def test_other_changes_of_labels_are_carried_out(students, classes):
    assert "Stored." in label(students, NUMBERS, classes)
