"""`survey-engine links`: every student of a checked list gets a link, or nobody does."""

from __future__ import annotations

from contextlib import closing

import pytest
from sqlalchemy import text

from survey_engine.fieldwork.invitations.links import find_by_link, open_seat
from survey_engine.storage.database import Database
from survey_engine.storage.identity import Seat
from tests.command import Desk
from tests.datasets.filling import read_csv, write_example

BASE = "https://survey.example.org"


@pytest.fixture
def desk(tmp_path, monkeypatch) -> Desk:
    desk = Desk(tmp_path, monkeypatch)
    write_example(tmp_path)
    (tmp_path / "q" / "x").rename(tmp_path / "q" / "example")
    return desk


def write_list(desk: Desk, content: str) -> None:
    (desk.folder / "students.csv").write_text(content, "utf-8")


def give(desk: Desk, content: str, *options: str) -> list[dict[str, str]]:
    """The rows of links.csv."""
    write_list(desk, content)
    done = desk.run("links", "example", "students.csv", "--out", "out", *options)
    assert done.exit_code == 0, done.output
    return read_csv(desk.folder / "out" / "links.csv")


def find(desk: Desk, link: str) -> Seat | None:
    with closing(Database(desk.settings.identity_url, "identity")) as identity:
        found = find_by_link(identity, link.removeprefix(f"{BASE}/l/"))
    return open_seat(desk.contact_keys, found) if found else None


def count_seats(desk: Desk) -> int:
    with closing(Database(desk.settings.identity_url, "identity")) as identity, identity.read() as connection:
        return connection.execute(text("SELECT count(*) FROM seat")).scalar()


def test_every_student_gets_a_link_of_the_right_form_with_the_other_columns_beside_it(desk):
    rows = give(desk, "name,institution,path\nJan,north,bol\nPiet,south,bbl\n")
    assert [(row["name"], row["institution"], row["path"]) for row in rows] == [("Jan", "north", "bol"), ("Piet", "south", "bbl")]
    assert all(row["link"].startswith(f"{BASE}/l/") and len(row["link"]) == len(f"{BASE}/l/") + 22 for row in rows)
    assert len({row["link"] for row in rows}) == 2


def test_a_link_leads_to_a_seat_with_the_students_background_and_language(desk):
    (row,) = give(desk, "name,institution,path,programme,language\nJan,north,bol,Kok,easy\n")
    seat = find(desk, row["link"])
    assert (seat.questionnaire, seat.institution, seat.language) == ("example", "north", "easy")
    assert seat.background == {"path": "bol", "programme": "Kok"}


def test_what_is_copied_is_stored_nowhere(desk):
    give(desk, "name,e-mail,institution\nJansen-Xyzzy,xyzzy@example.org,north\n")
    stored = b"".join(path.read_bytes() for path in (desk.folder / "data").iterdir())
    assert b"yzzy" not in stored
    assert b"north" in stored


def test_what_is_copied_is_said(desk):
    write_list(desk, "name,institution\nJan,north\n")
    assert "1 links in out. Copied and not stored: name." in desk.run("links", "example", "students.csv", "--out", "out").output


def test_one_mistake_and_nobody_gets_a_link(desk):
    give(desk, "institution\nnorth\n")
    write_list(desk, "institution,path\nnorth,bol\nnorht,bol\nsouth,BBL\n")
    done = desk.run("links", "example", "students.csv", "--out", "other")
    assert done.exit_code == 1
    assert "No links were made." in done.output
    assert "students.csv:3: there is no institution 'norht' (did you mean 'north'?)" in done.output
    assert "students.csv:4: 'BBL' is no value of 'path' (did you mean 'bbl'?)" in done.output
    assert count_seats(desk) == 1
    assert not (desk.folder / "other").exists()


def test_when_the_store_fails_there_are_no_links_either(desk):
    give(desk, "institution\nnorth\n")
    with closing(Database(desk.settings.identity_url, "identity")) as identity, identity.write() as connection:
        connection.execute(text("CREATE TRIGGER full BEFORE INSERT ON seat BEGIN SELECT RAISE(ABORT, 'full'); END"))
    write_list(desk, "institution\nnorth\n")
    before = set(desk.folder.iterdir())
    assert desk.run("links", "example", "students.csv", "--out", "other").exit_code != 0
    assert set(desk.folder.iterdir()) == before


def test_when_the_folder_cannot_be_filled_no_seat_is_stored(desk):
    give(desk, "institution\nnorth\n")
    write_list(desk, "institution\nnorth\n")
    assert desk.run("links", "example", "students.csv", "--out", "out").exit_code == 2
    assert count_seats(desk) == 1


def test_more_students_than_go_to_the_database_at_once_all_get_a_seat(desk):
    rows = give(desk, "institution\n" + "north\n" * 2345)
    assert len({row["link"] for row in rows}) == count_seats(desk) == 2345


def test_the_list_keeps_its_own_delimiter(desk):
    write_list(desk, "name;institution\nJan;north\n")
    desk.run("links", "example", "students.csv", "--out", "out")
    header, row = (desk.folder / "out" / "links.csv").read_text("utf-8-sig").splitlines()
    assert header == "name;institution;link"
    assert row.startswith(f"Jan;north;{BASE}/l/")


def test_qr_codes_stand_on_a_sheet_with_a_card_for_each_student_in_their_language(desk):
    rows = give(desk, "name,institution,language\nJan,north,easy\nPiet,south,\n", "--qr")
    html = (desk.folder / "out" / "links.html").read_text("utf-8")
    assert html.count("<svg") == 2
    assert all(row["link"] in html and row["name"] in html for row in rows)
    assert "North College" in html


def test_the_files_are_for_nobody_else(desk):
    give(desk, "institution\nnorth\n", "--qr")
    assert {path.stat().st_mode & 0o077 for path in [desk.folder / "out", *(desk.folder / "out").iterdir()]} == {0}


def test_open_links_are_shown_with_their_qr_codes(desk):
    done = desk.run("links", "example", "--open")
    assert done.exit_code == 0
    assert f"North College\n{BASE}/example/north\n" in done.output
    assert f"South College\n{BASE}/example/south\n" in done.output
    assert "▄" in done.output


def test_open_links_can_be_written_as_a_table_and_posters(desk):
    assert desk.run("links", "example", "--open", "--out", "posters").exit_code == 0
    assert read_csv(desk.folder / "posters" / "open_links.csv") == [
        {"institution": "north", "name": "North College", "link": f"{BASE}/example/north"},
        {"institution": "south", "name": "South College", "link": f"{BASE}/example/south"},
    ]
    assert (desk.folder / "posters" / "open_links.html").read_text("utf-8").count("<svg") == 2


@pytest.mark.parametrize("form", ["{link}", "{link}/", " {link} ", "{token}"])
def test_a_link_can_be_withdrawn_by_its_address_or_its_last_part(desk, form):
    (row,) = give(desk, "institution\nnorth\n")
    token = row["link"].rpartition("/")[2]
    done = desk.run("links", "example", "--withdraw", form.format(link=row["link"], token=token))
    assert done.exit_code == 0
    assert done.output.startswith("Withdrawn:")
    assert find(desk, row["link"]).withdrawn


def test_an_unknown_link_and_a_link_to_another_questionnaire_are_not_withdrawn(desk):
    (row,) = give(desk, "institution\nnorth\n")
    other = desk.folder / "q" / "other"
    other.mkdir()
    for path in (desk.folder / "q" / "example").iterdir():
        (other / path.name).write_text(path.read_text().replace("questionnaire: example", "questionnaire: other"))
    assert "There is no such link." in desk.run("links", "example", "--withdraw", "abc").output
    assert "This is a link to example." in desk.run("links", "other", "--withdraw", row["link"]).output
    assert not find(desk, row["link"]).withdrawn


@pytest.mark.parametrize(
    ("words", "remedy"),
    [
        ((), "Give a list of students, or --open, or --withdraw LINK."),
        (("students.csv", "--open"), "Give a list of students, or --open, or --withdraw LINK."),
        (("students.csv",), "Say where the links must go: --out FOLDER."),
    ],
)
def test_an_order_that_is_not_clear_says_what_to_give(desk, words, remedy):
    write_list(desk, "institution\nnorth\n")
    done = desk.run("links", "example", *words)
    assert done.exit_code == 2
    assert remedy in done.output


def test_links_that_work_on_this_machine_only_are_pointed_out(desk):
    desk.set(SURVEY_BASE_URL="")
    assert "work on this machine only. Set SURVEY_BASE_URL." in desk.run("links", "example", "--open").output


def test_help_shows_an_example(desk):
    assert "survey-engine links job-2026 students.csv --out letters --qr" in desk.run("links", "--help").output


def test_a_hostile_list_does_not_steer_the_terminal(desk):
    (desk.folder / "s.csv").write_text("institution,na\x1b]0;owned\x07me\n\x1b[2Jnorth,x\n")
    refused = desk.run("links", "example", str(desk.folder / "s.csv"), "--out", str(desk.folder / "o"))
    (desk.folder / "s.csv").write_text("institution,na\x1b]0;owned\x07me\nnorth,x\n")
    done = desk.run("links", "example", str(desk.folder / "s.csv"), "--out", str(desk.folder / "o"))
    assert refused.exit_code == 1 and done.exit_code == 0
    for said in (refused.output, done.output):
        assert "\\x1b" in said and not set(said) & {"\x1b", "\x07"}
