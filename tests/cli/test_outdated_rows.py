"""Neither `remind` nor `--reissue` by a file of links writes to an address that a later list replaced."""

from __future__ import annotations

import pytest
from click.testing import Result

from tests.command import Desk
from tests.datasets.filling import read_csv
from tests.fieldwork.rosters.student_files import OWN_FORMAT, write_csv

NAMES = "abcdef"
MENTORED = OWN_FORMAT + "  Mentor: {becomes: copied}\n"


def give(desk: Desk, rows: list[list[str]], out: str, *more: str) -> Result:
    """Make or correct the links of a list in a format."""
    (desk.folder / "own.yaml").write_text(MENTORED)
    write_csv(desk.folder / "students.csv", [["School", "Email1", "Klas", "Mentor"], *rows])
    done = desk.run("links", "example", "students.csv", "--format", "own.yaml", "--yes", "--out", out, *more)
    assert done.exit_code == 0, done.output
    return done


def make_list(school: str = "old") -> list[list[str]]:
    return [["north", f"{name}@{school}.nl", f"{name}{name}", "mentor@b.nl"] for name in NAMES]


def remind(desk: Desk, *more: str) -> Result:
    return desk.run("remind", "example", "out/links.csv", *more, "--out", "r", "--force")


def test_a_row_with_an_address_that_was_replaced_stops_the_reminder(desk):
    give(desk, make_list(), "out")
    assert remind(desk).exit_code == 0
    rows = make_list()
    rows[1][1] = "b@new.nl"
    (desk.folder / "keys.csv").write_text("earlier,present\nb@old.nl,b@new.nl\n")
    give(desk, rows, "two", "--earlier-keys", "keys.csv")
    done = remind(desk)
    assert done.exit_code == 1 and "out/links.csv: 1 rows are out of date" in done.output and "--seats" in done.output, (
        done.output
    )
    assert "(rows 3)" in done.output
    assert desk.run("remind", "example", "--seats", "--out", "s").exit_code == 0
    assert "b@new.nl" in [row["email"] for row in read_csv(desk.folder / "s" / "links.csv")]


def test_all_rows_whose_addresses_were_replaced_are_counted(desk):
    give(desk, make_list(), "out")
    give(desk, make_list("new"), "two", "--rekeyed", "same")
    assert "6 rows are out of date" in remind(desk).output


def test_other_labels_and_addresses_of_others_keep_a_row_in_use(desk):
    give(desk, make_list(), "out")
    rows = make_list()
    rows[1][2] = "other"
    give(desk, rows, "two")
    assert remind(desk).exit_code == 0


def test_an_address_written_into_the_file_of_links_is_used(desk):
    give(desk, make_list(), "out")
    path = desk.folder / "out" / "links.csv"
    path.write_text(path.read_text("utf-8-sig").replace("b@old.nl", "bb@new.nl"))
    done = remind(desk)
    assert done.exit_code == 0, done.output


PLAIN = "nr,e-mail,class,institution\n" + "".join(f"{nr},person{nr}@old.nl,3A,north\n" for nr in range(1, 7))


def give_plain(desk: Desk, content: str, out: str, key: str = "nr", *more: str) -> None:
    (desk.folder / "students.csv").write_text(content)
    done = desk.run("links", "example", "students.csv", "--key", key, "--yes", "--out", out, *more)
    assert done.exit_code == 0, done.output


@pytest.mark.parametrize("key", [(), ("--key", "nr")])
def test_a_plain_row_that_was_corrected_needs_the_corrected_list(desk, key):
    give_plain(desk, PLAIN, "out")
    assert remind(desk, *key).exit_code == 0
    give_plain(desk, PLAIN.replace("person2@old.nl", "person2@new.nl"), "two")
    done = remind(desk, *key)
    assert done.exit_code == 1 and "1 rows are out of date" in done.output and "--corrected" in done.output, done.output
    corrected = remind(desk, "--key", "nr", "--corrected", "students.csv")
    assert corrected.exit_code == 0 and "6 of 6 links" in corrected.output, corrected.output
    assert "person2@new.nl" in (desk.folder / "r" / "links.csv").read_text()


def test_an_address_that_is_the_key_of_a_plain_list_is_compared_too(desk):
    give_plain(desk, PLAIN, "out", "e-mail")
    (desk.folder / "keys.csv").write_text("earlier,present\nperson2@old.nl,person2@new.nl\n")
    give_plain(desk, PLAIN.replace("person2@old.nl", "person2@new.nl"), "two", "e-mail", "--earlier-keys", "keys.csv")
    assert "1 rows are out of date" in remind(desk).output


def test_persons_who_need_no_reminder_are_not_out_of_date(desk):
    give_plain(desk, PLAIN, "out")
    give_plain(desk, PLAIN.replace("person2@old.nl", "person2@new.nl"), "two")
    link = read_csv(desk.folder / "out" / "links.csv")[1]["link"]
    assert desk.run("links", "example", "--withdraw", link).exit_code == 0
    assert "5 of 6 links" in remind(desk).output


def test_a_corrected_list_of_a_format_is_read_as_for_its_links(desk):
    give(desk, make_list(), "out")
    rows = make_list()
    rows[1][1:] = ["b@new.nl", "other", "other@b.nl"]
    (desk.folder / "keys.csv").write_text("earlier,present\nb@old.nl,b@new.nl\n")
    give(desk, rows, "two", "--earlier-keys", "keys.csv")
    corrected = ("--key", "Email1", "--corrected", "students.csv", "--format", "own.yaml")
    done = remind(desk, *corrected, "--earlier-keys", "keys.csv")
    assert done.exit_code == 0 and "6 of 6 links" in done.output, done.output
    found = read_csv(desk.folder / "r" / "links.csv")[1]
    assert (found["Klas"], found["Mentor"]) == ("other", "other@b.nl")
    assert found["Email1"] == "b@new.nl", "the address that is the key too"


@pytest.mark.parametrize("option", [("--format", "own.yaml"), ("--institution", "north"), ("--sheet", "Blad1")])
def test_options_of_a_corrected_list_need_one(desk, option):
    give(desk, make_list(), "out")
    assert remind(desk, *option).exit_code == 2


def test_a_row_with_an_address_that_was_replaced_gets_no_new_link(desk):
    give(desk, make_list(), "out")
    rows = make_list()
    rows[1][1] = "b@new.nl"
    (desk.folder / "keys.csv").write_text("earlier,present\nb@old.nl,b@new.nl\n")
    give(desk, rows, "two", "--earlier-keys", "keys.csv")
    words = ("links", "example", "--reissue", "out/links.csv", "--yes", "--out")
    done = desk.run(*words, "again")
    assert done.exit_code == 1 and "1 rows are out of date" in done.output and "No link is replaced" in done.output, done.output
    path = desk.folder / "out" / "links.csv"
    path.write_text(path.read_text("utf-8-sig").replace("b@old.nl", "b@new.nl"))
    done = desk.run(*words, "again")
    assert done.exit_code == 0, done.output
    assert len(read_csv(desk.folder / "again" / "links.csv")) == len(NAMES)
