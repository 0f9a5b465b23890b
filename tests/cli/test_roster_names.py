"""Lists with birth dates and names: stored encrypted, found by keyed hashes that follow each correction."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import date

import pytest
from xlsxwriter import Workbook

from survey_engine.fieldwork.invitations.links import decrypt_seat
from survey_engine.fieldwork.login import SeatLogin
from survey_engine.fieldwork.names import fold_first_name, fold_surname
from survey_engine.storage.database import Database
from survey_engine.storage.identity import EncryptedSeat
from survey_engine.storage.roster_seats import find_by_numbers
from tests.command import Desk
from tests.datasets.filling import read_csv
from tests.fieldwork.rosters.student_files import write_csv, write_workbook

HEAD = ["Studentnummer", "Geboortedatum", "Achternaam", "Tussenvoegsel", "Voornaam"]
ZOE, TOM, TIM = (
    ["01", "1-2-2008", "Jansen-Çelik", "van der", "Zoë"],
    ["02", "2-2-2008", "Bos", "", "Tom"],
    ["03", "2-2-2008", "Bos", "", "Tim"],
)


class Lists:
    """A folder with the lists of one institution, and the login by them."""

    def __init__(self, desk: Desk, identity: Database) -> None:
        self.desk, self.identity = desk, identity

    def give(self, *rows: list[str], options: Sequence[str] = ()) -> str:
        write_csv(self.desk.folder / "list.csv", [HEAD, *rows])
        return self.run("links", "example", "list.csv", "--format", "job-students", "--institution", "north", "--yes",
                        "--out", "out", "--force", *options)  # fmt: skip

    def run(self, *words: str) -> str:
        done = self.desk.run(*words)
        assert done.exit_code == 0, done.output
        return done.output

    def find(self, day: int, surname: str, first_name: str = "") -> list[str]:
        """The first names of the persons found."""
        found = SeatLogin(self.identity, self.desk.settings.pseudonym_key).find(
            "example", "north", date(2008, 2, day), fold_surname(surname), fold_first_name(first_name)
        )
        return [self.name(seat) for seat in found]

    def name(self, seat: EncryptedSeat) -> str:
        with self.identity.read() as connection:
            (stored,) = find_by_numbers(connection, [seat.id])
        details = decrypt_seat(self.desk.contact_keys, stored).details
        assert details
        return str(details["person"]["first_name"])


@pytest.fixture
def lists(desk: Desk) -> Iterator[Lists]:
    with closing(Database(desk.settings.identity_url, "identity")) as identity:
        yield Lists(desk, identity)


def test_a_person_is_found_by_birth_date_and_surname_however_spelt(lists):
    lists.give(ZOE, TOM)
    assert lists.find(1, "CELIK jansen") == lists.find(1, "van der Jansen-Çelik") == ["Zoë"]
    assert lists.find(2, "Jansen-Çelik") == lists.find(1, "Jansen") == lists.find(1, "") == []


@pytest.mark.parametrize(
    ("written", "typed"),
    [
        ("Müller", "Mueller"),
        ("Öztürk", "Oeztuerk"),
        ("Vries", "devries"),
        ("van den Berg", "vandenberg"),
        ("El-Amrani", "elamrani"),
    ],
)
def test_another_spelling_finds_the_person_with_the_first_name_only(lists, written, typed):
    lists.give(["01", "1-2-2008", written, "", "Zoë"], TOM)
    assert lists.find(1, typed, "Zoe") == ["Zoë"]
    assert lists.find(1, typed) == lists.find(1, typed, "Tom") == lists.find(2, typed, "Zoe") == []


def test_the_spelling_that_was_typed_precedes_another_one(lists):
    lists.give(["01", "1-2-2008", "Boer", "", "Zoë"], ["02", "1-2-2008", "Bor", "", "Zoë"], ["03", "1-2-2008", "Bor", "", "Tim"])
    assert lists.find(1, "Boer", "Zoë") == ["Zoë"] and lists.find(1, "Boer", "Tim") == ["Zoë"]
    assert sorted(lists.find(1, "Bor")) == ["Tim", "Zoë"] and lists.find(1, "Bor", "Tim") == ["Tim"]


def test_persons_of_one_name_are_told_apart_by_the_first_name(lists):
    lists.give(TOM, TIM)
    assert sorted(lists.find(2, "Bos")) == ["Tim", "Tom"]
    assert lists.find(2, "Bos", "TIM") == ["Tim"] and lists.find(2, "Bos", "Jan") == []


def test_a_first_name_refuses_nobody_whose_name_is_unique(lists):
    lists.give(TOM)
    assert lists.find(2, "Bos", "Tommie") == ["Tom"]


def test_hashes_follow_a_corrected_list(lists):
    lists.give(ZOE, TOM)
    assert "2 change" in lists.give([*ZOE[:2], "Smit", "", "Zoë"], [*TOM[:1], "3-2-2008", *TOM[2:]])
    assert lists.find(1, "Smit") == ["Zoë"] and lists.find(3, "Bos") == ["Tom"]
    assert lists.find(1, "Jansen-Celik") == lists.find(2, "Bos") == []


def test_withdrawn_and_erased_persons_are_not_found(lists):
    lists.give(ZOE, TOM)
    rows = read_csv(lists.desk.folder / "out" / "links.csv")
    lists.run("links", "example", "--withdraw", rows[0]["link"], "--yes")
    lists.run("erase", "example", rows[1]["link"], "--yes")
    assert lists.find(1, "Jansen-Celik") == lists.find(2, "Bos") == []
    lists.run("links", "example", "--restore", rows[0]["link"], "--yes")
    assert lists.find(1, "Jansen-Celik") == ["Zoë"]


def test_labels_and_new_encryption_keys_keep_the_hashes(lists):
    lists.give(ZOE, TOM)
    write_workbook(
        lists.desk.folder / "labels.xlsx", [["Studentnummer", "Klas", "Team", "Locatie", "Domein"], ["01", "3A", "Z", "H", "G"]]
    )
    lists.run("roster", "labels", "example", "labels.xlsx", "--institution", "north", "--yes")
    lists.desk.set(SURVEY_CONTACT_KEYS="new-key-of-at-least-32-characters!," + lists.desk.settings.contact_keys[0])
    lists.run("maintain", "--renew-keys")
    assert lists.find(1, "Jansen-Celik") == ["Zoë"]


def test_a_workbook_with_real_dates_is_read(lists):
    with Workbook(lists.desk.folder / "list.xlsx", {"default_date_format": "dd-mm-yyyy"}) as workbook:
        sheet = workbook.add_worksheet()
        sheet.write_row(0, 0, HEAD)
        sheet.write_row(1, 0, [ZOE[0], date(2008, 2, 1), *ZOE[2:]])
    lists.run("links", "example", "list.xlsx", "--format", "job-students", "--institution", "north", "--out", "out")
    assert lists.find(1, "Jansen-Celik") == ["Zoë"]


def test_a_cell_that_is_no_date_is_an_error_without_its_value(lists):
    write_csv(lists.desk.folder / "list.csv", [HEAD, ["01", "31-2-2008", "Bos", "", "Tom"]])
    done = lists.desk.run("roster", "check", "list.csv", "--format", "job-students", "--institution", "north")
    assert done.exit_code == 1 and "no date such as 31-12-2008" in done.output and "31-2-2008" not in done.output


def test_registered_names_are_shown_as_on_the_list(lists):
    lists.give(ZOE, TOM, TIM)
    assert lists.run("roster", "registered", "example", "north", "--birth-date", "1 feb 2008") == "Zoë van der Jansen-Çelik\n"
    shared = lists.run("roster", "registered", "example", "north", "--birth-date", "02-02-2008").splitlines()
    assert shared == [f"{name} Bos (asked for the first name too)" for name in ("Tim", "Tom")]
    assert "Nobody" in lists.run("roster", "registered", "example", "south", "--birth-date", "02-02-2008")


def test_a_list_without_names_is_noticed_where_students_log_in_by_name(lists):
    (lists.desk.folder / "q" / "example" / "west.yaml").write_text("institution: west\nname: West\nlogin: name\n")
    (lists.desk.folder / "plain.csv").write_text("institution,path\nwest,bol\nnorth,bbl\n")
    output = lists.run("links", "example", "plain.csv", "--out", "plain")
    assert "Students of 'west' log in by name" in output and "'north' log in" not in output
    write_csv(lists.desk.folder / "list.csv", [HEAD, ZOE])
    named = ("--format", "job-students", "--institution", "west", "--yes", "--out", "out")
    assert "log in by name" not in lists.run("links", "example", "list.csv", *named)


@pytest.mark.parametrize("written", ["20080202", "2008-02-02", "02022008"])
def test_a_birth_date_as_registers_write_it_is_found_by_the_login(lists, written):
    lists.give(TOM, ["09", written, "Vos", "", "Sam"])
    assert lists.find(2, "Vos") == ["Sam"]


@pytest.mark.parametrize("written", ["01-01-0008", "01-01-1900", "01-01-2025", "01-01-2027", "31-12-2126"])
def test_a_birth_date_of_nobody_who_can_answer_is_an_error(desk, written):
    write_csv(desk.folder / "list.csv", [HEAD, TOM, ["09", written, "Vos", "", "Sam"]])
    done = desk.run("roster", "check", "list.csv", "--format", "job-students", "--questionnaire", "example")
    assert done.exit_code == 1 and "Geboortedatum" in done.output and written not in done.output


def check(lists: Lists, *rows: list[str]) -> tuple[str, str]:
    """What `roster check` and `links`, answered with no, say about a list."""
    write_csv(lists.desk.folder / "list.csv", [HEAD, *rows])
    options = ("list.csv", "--format", "job-students", "--institution", "north")
    checked = lists.desk.run("roster", "check", *options, "--questionnaire", "example")
    made = lists.desk.run("links", "example", *options, "--out", "out")
    assert made.exit_code == 1 and not (lists.desk.folder / "out").exists()
    return checked.output, made.output


def test_persons_whom_the_login_cannot_tell_apart_are_asked_about(lists):
    checked, made = check(lists, TOM, TIM, ["04", *TOM[1:4], "Tom Jan"])
    assert "row 2 has the same birth date, surname and first name: neither can log in" in checked and "(row 4)" in checked
    assert "the login cannot tell two persons apart" in made and "Give these persons a link?" in made


@pytest.mark.parametrize("name", ["MÃ¼ller", "M\ufffdller", "M?ller"])
def test_a_damaged_name_is_refused_where_it_serves_the_login(lists, name):
    checked, made = check(lists, ["01", "1-2-2008", name, "", "Jörg"], TOM)
    for output in (checked, made):
        assert "damaged characters: this person could not log in" in output


@pytest.mark.parametrize("name", ["Zo‰", "MŸller", "M□ller", "M\x81ller", "Ozt³rk", "M\x1bller"])
def test_a_name_in_another_encoding_is_refused_where_it_serves_the_login(lists, name):
    for output in check(lists, ["01", "1-2-2008", name, "", "Jörg"], TOM):
        assert "damaged characters: this person could not log in" in output


@pytest.mark.parametrize("name", ["Jansen, S.", "Jansen e.v. Bos", "Jansen (Pietersen)", "Jansen 2", "Onbekend", "JANSEN ev Bos"])
def test_a_surname_with_more_than_itself_is_asked_about(lists, name):
    checked, made = check(lists, ["01", "1-2-2008", name, "", "Sanne"], TOM)
    assert f"'{name}' is no plain surname" in checked and "a surname has more than the surname" in made


@pytest.mark.parametrize(
    "name",
    [
        "Vries, de",
        "D’Angelo-Šimić",
        "van 't Hof",
        "Ó Brien",
        "Berg v.d.",
        "Jansen–Bos",
        "Nguyễn",
        "İpek",
        "Mu\u0308ller",
        "Test-Bos",
    ],
)
def test_other_surnames_are_no_question(lists, name):
    assert "links in" in lists.give(["01", "1-2-2008", name, "", "Sanne"], TOM)


def make_students(count: int) -> list[list[str]]:
    """Students with different birth dates and surnames."""
    surnames = ("Vos", "Bakker", "Smit", "Öztürk", "de Vries", "El Amrani")
    first_names = ("Sanne", "Daan", "Émile", "Lotte", "Youssef")
    return [[f"{at:02}", f"{1 + at}-3-2008", surnames[at % 6], "", first_names[at % 5]] for at in range(count)]


@pytest.mark.parametrize(("column", "cell"), [(1, "1-1-2005"), (2, "Jansen")])
def test_one_birth_date_or_surname_in_many_rows_is_asked_about(lists, column, cell):
    rows = [[*row[:column], cell, *row[column + 1 :]] if at % 2 else row for at, row in enumerate(make_students(12))]
    checked, made = check(lists, *rows)
    assert "6 of 12 rows have the same value" in checked and "many persons have one surname or birth date" in made


def test_exchanged_columns_of_names_are_asked_about(lists):
    checked, made = check(lists, *([*row[:2], row[4], "", row[2]] for row in make_students(12)))
    assert "surnames and first names seem to be exchanged" in checked and "seem to be exchanged" in made
    assert "12 links in" in lists.give(*make_students(12))


def test_one_person_under_two_surnames_is_asked_about(lists):
    checked, made = check(lists, TOM, ["04", TOM[1], "Jansen-Bos", "", "Tom"], TIM)
    assert "row 2 has the same birth date and first name, and a part of this surname" in checked and "two surnames" in made


def test_a_mark_of_a_person_who_left_beside_a_name_is_asked_about(lists):
    checked, made = check(lists, TOM, ["01", "1-2-2008", "Müller (gestopt)", "", "Jörg"])
    assert "'Müller (gestopt)' in this column may mean that a person" in checked and "Give these persons a link?" in made


def test_titles_above_headings_and_repeated_headings_are_named(lists):
    checked, _ = check(lists, TOM, HEAD, TIM)
    assert "this row has the headings again. Remove it. (row 3)" in checked and "no institution" not in checked
    path = lists.desk.folder / "list.csv"
    path.write_text("ROC North – list\nOf 1-10-2026\n\n" + path.read_text())
    done = lists.desk.run("roster", "check", "list.csv", "--format", "job-students", "--institution", "north")
    assert "They seem to be in line 4: remove the lines above it." in done.output
