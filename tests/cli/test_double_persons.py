"""`survey-engine links` names persons who are on one list under two keys."""

from __future__ import annotations

import pytest

from tests.cli.test_moved_persons import HEAD, PEOPLE
from tests.cli.test_same_persons import lite

__all__ = ["lite"]


@pytest.mark.parametrize("key", ["100108-2", "100108a", "100108/1", "100108_b", "555555"])
def test_a_person_under_two_keys_of_one_list_is_named(lite, key):
    rows = "".join(f"{key},{row}\n" for key, row in PEOPLE.items())
    (lite.folder / "students.csv").write_text(f"{HEAD}{rows}{key},{PEOPLE['100108']}\n", "utf-8")
    done = lite.run("links", "example", "students.csv", "--key", "nr", "--out", "two", "--yes")
    assert "Line 9 has" in done.output and "gets two links" in done.output, done.output


@pytest.mark.parametrize("rows", ["1001,3A,north\n1002,3A,north\n", "1001,3A,north\n1001-2,3B,south\n"])
def test_rows_without_names_and_other_institutions_are_no_double_persons(lite, rows):
    (lite.folder / "students.csv").write_text(f"nr,klas,institution\n{rows}")
    assert "gets two links" not in lite.run("links", "example", "students.csv", "--key", "nr", "--out", "out").output
