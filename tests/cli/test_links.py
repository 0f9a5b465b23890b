"""`survey-engine links`: either every student of a list gets a link, or none does."""

from __future__ import annotations

import csv
import json
from contextlib import closing
from hashlib import sha256

import pytest
from click.testing import Result
from python_calamine import CalamineWorkbook
from sqlalchemy import text

from survey_engine.fieldwork.invitations.links import decrypt_seat, find_by_link
from survey_engine.fieldwork.signing import make_pseudonym, make_withdrawn_name, name_launched_seat
from survey_engine.storage.database import Database
from survey_engine.storage.erasures import has_name
from survey_engine.storage.identity import EncryptedSeat, Seat
from survey_engine.storage.lms import bind_seat, find_seat_holder
from tests.command import Desk
from tests.datasets.filling import read_csv

BASE = "https://survey.example.org"


def write_list(desk: Desk, content: str) -> None:
    (desk.folder / "students.csv").write_text(content, "utf-8")


def give(desk: Desk, content: str, *options: str) -> list[dict[str, str]]:
    """Run the command; return the rows of links.csv."""
    write_list(desk, content)
    done = desk.run("links", "example", "students.csv", "--out", "out", *options)
    assert done.exit_code == 0, done.output
    return read_csv(desk.folder / "out" / "links.csv")


def write_links(desk: Desk, rows: list[dict[str, str]]) -> None:
    """Write rows of links.csv to `some.csv`."""
    with (desk.folder / "some.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def read_shown(done: Result) -> str:
    """The link on the screen."""
    (link,) = (word for word in done.output.split() if word.startswith(BASE))
    return link


def find_sealed(desk: Desk, link: str) -> EncryptedSeat | None:
    with closing(Database(desk.settings.identity_url, "identity")) as identity:
        return find_by_link(identity, link.removeprefix(f"{BASE}/l/"))


def find(desk: Desk, link: str) -> Seat | None:
    found = find_sealed(desk, link)
    return decrypt_seat(desk.contact_keys, found) if found else None


def count_seats(desk: Desk) -> int:
    with closing(Database(desk.settings.identity_url, "identity")) as identity, identity.read() as connection:
        return connection.execute(text("SELECT count(*) FROM seat")).scalar()


def test_every_student_gets_a_link_with_the_other_columns_beside_it(desk):
    rows = give(desk, "name,institution,path\nJan,north,bol\nPiet,south,bbl\n")
    assert [(row["name"], row["institution"], row["path"]) for row in rows] == [("Jan", "north", "bol"), ("Piet", "south", "bbl")]
    assert all(row["link"].startswith(f"{BASE}/l/") and len(row["link"]) == len(f"{BASE}/l/") + 22 for row in rows)
    assert len({row["link"] for row in rows}) == 2


def test_a_link_leads_to_a_seat_with_the_students_background_and_language(desk):
    (row,) = give(desk, "name,institution,path,programme,language\nJan,north,bol,Kok,easy\n")
    seat = find(desk, row["link"])
    assert (seat.questionnaire, seat.institution, seat.language) == ("example", "north", "easy")
    assert seat.background == {"path": "bol", "programme": "Kok"}


def test_copied_columns_are_not_stored(desk):
    give(desk, "name,e-mail,institution\nJansen-Xyzzy,xyzzy@example.org,north\n")
    stored = b"".join(path.read_bytes() for path in (desk.folder / "data").iterdir())
    assert b"yzzy" not in stored
    assert b"north" in stored


def test_copied_columns_are_listed(desk):
    write_list(desk, "name,institution\nJan,north\n")
    assert "1 links in out. Copied and not stored: name." in desk.run("links", "example", "students.csv", "--out", "out").output


def test_a_list_with_one_mistake_makes_no_links(desk):
    give(desk, "institution\nnorth\n")
    write_list(desk, "institution,path\nnorth,bol\nnorht,bol\nsouth,BBB\n")
    done = desk.run("links", "example", "students.csv", "--out", "other")
    assert done.exit_code == 1
    assert "No links were made." in done.output
    assert "students.csv:3: there is no institution 'norht' (did you mean 'north'?)" in done.output
    assert "students.csv:4: 'BBB' is no value of 'path' (did you mean 'bbl'?)" in done.output
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
    assert header == "name;institution;link;link_check"
    assert row.startswith(f"Jan;north;{BASE}/l/")


def test_cards_are_in_a_file_per_group_in_each_students_language(desk):
    content = "name,class,mail,institution,language\nJan,4B,j@x,north,easy\nPiet,4A,p@x,south,\nAn,4b,a@x,north,\n"
    rows = give(desk, content, "--qr", "--card", "Name", "--group", " CLASS")
    cards = {path.name: path.read_text("utf-8") for path in (desk.folder / "out").glob("*.html")}
    assert {name: html.count("<svg") for name, html in cards.items()} == {
        "cards-north-4B.html": 1,
        "cards-south-4A.html": 1,
        "cards-north-4b-2.html": 1,
    }
    assert "<h1>Example – North College – 4B</h1>" in cards["cards-north-4B.html"]
    assert "<h1>Example – North College – 4b</h1>" in cards["cards-north-4b-2.html"]
    assert all(any(row["link"] in html and f"name: {row['name']}" in html for html in cards.values()) for row in rows)
    assert "@x" not in "".join(cards.values())


def test_cards_of_two_institutions_are_never_in_one_file(desk):
    give(desk, "class,institution\n4B,north\n4B,South\n", "--qr", "--group", "class")
    assert {path.name for path in (desk.folder / "out").glob("*.html")} == {"cards-north-4B.html", "cards-south-4B.html"}


def test_a_missing_column_of_the_cards_is_reported(desk):
    write_list(desk, "name,institution\nJan,north\n")
    done = desk.run("links", "example", "students.csv", "--out", "out", "--qr", "--card", "nam")
    assert "There is no column 'nam' (did you mean 'name'?). The list has: institution, name." in done.output
    assert not (desk.folder / "out").exists()


KEYED = "nr,institution,path\n1,north,bol\n2,north,bbl\n3,south,bol\n"


def test_a_corrected_list_adds_changes_and_removes_and_shows_it_first(desk):
    first = give(desk, KEYED, "--key", "nr")
    write_list(desk, "nr,institution,path\n1,north,bol\n2,north,bol\n4,north,bol\n3,south,bol\n")
    asked = desk.run("links", "example", "students.csv", "--out", "two", "--key", "nr")
    assert asked.exit_code == 1 and not (desk.folder / "two").exists()
    assert "1 get a link; 1 get another background or language; 2 stay as they are." in asked.output
    assert find(desk, first[1]["link"]).background == {"path": "bbl"}

    done = desk.run("links", "example", "students.csv", "--out", "two", "--key", "nr", "--yes")
    assert done.exit_code == 0, done.output
    (new,) = read_csv(desk.folder / "two" / "links.csv")
    assert new["nr"] == "4" and find(desk, new["link"]).background == {"path": "bol"}
    assert find(desk, first[1]["link"]).background == {"path": "bol"}
    assert count_seats(desk) == 4


def test_the_same_list_twice_makes_no_second_links(desk):
    give(desk, KEYED, "--key", "nr")
    done = desk.run("links", "example", "students.csv", "--out", "two", "--key", "nr", "--yes")
    assert "3 stay as they are" in done.output and "No new links" in done.output
    assert count_seats(desk) == 3


def test_a_list_without_new_persons_keeps_the_former_links(desk):
    give(desk, KEYED, "--key", "nr", "--qr")
    before = {path: path.read_bytes() for path in (desk.folder / "out").iterdir()}
    write_list(desk, KEYED.replace("2,north,bbl", "2,north,bol"))
    done = desk.run("links", "example", "students.csv", "--out", "out", "--key", "nr", "--qr", "--yes", "--force")
    assert "1 get another background" in done.output and "No new links: nothing is written to out." in done.output
    assert {path: path.read_bytes() for path in (desk.folder / "out").iterdir()} == before
    assert not desk.run("links", "example", "students.csv", "--out", "two", "--key", "nr", "--yes").exit_code
    assert not (desk.folder / "two").exists()


def test_removed_persons_are_withdrawn_at_the_listed_institutions_alone(desk):
    rows = give(desk, KEYED, "--key", "nr")
    write_list(desk, "nr,institution,path\n1,north,bol\n")
    done = desk.run("links", "example", "students.csv", "--out", "two", "--key", "nr", "--yes")
    assert "1 are no longer on the list: their links are withdrawn" in done.output
    assert [find(desk, row["link"]).withdrawn for row in rows] == [False, True, False]
    assert desk.settings.erasures.read_text().count("withdrawn,example,") == 1


def test_a_corrected_list_closes_and_reopens_responses_of_its_links(desk):
    rows = give(desk, KEYED, "--key", "nr")
    again = ("links", "example", "students.csv", "--key", "nr", "--yes", "--revive", "--out")
    seat = find(desk, rows[1]["link"]).id
    key = desk.settings.pseudonym_key
    name = make_withdrawn_name(key, make_pseudonym(key, "example", seat))
    desk.make_stores()
    with closing(Database(desk.settings.database_url, "answers")) as answers:
        states = []
        for number, content in enumerate(("nr,institution,path\n1,north,bol\n", KEYED)):
            write_list(desk, content)
            assert desk.run(*again, f"out{number}").exit_code == 0
            states.append(has_name(answers, name))
    assert states == [True, False]


def test_a_person_back_on_the_list_stays_withdrawn_without_revive(desk):
    rows = give(desk, KEYED, "--key", "nr")
    again = ("links", "example", "students.csv", "--key", "nr", "--yes", "--out")
    write_list(desk, KEYED.replace("1,north,bol\n", ""))
    desk.run(*again, "two")
    write_list(desk, KEYED)
    assert "1 stay withdrawn" in desk.run(*again, "three").output
    assert "1 get their withdrawn link back" in desk.run(*again, "four", "--revive").output
    assert not find(desk, rows[0]["link"]).withdrawn


def test_a_list_gives_no_link_back_that_was_withdrawn_by_order(desk):
    rows = give(desk, KEYED, "--key", "nr")
    desk.run("links", "example", "--withdraw", rows[0]["link"])
    write_links(desk, rows[1:2])
    desk.run("links", "example", "--withdraw", "some.csv", "--yes")
    done = desk.run("links", "example", "students.csv", "--key", "nr", "--yes", "--revive", "--out", "two")
    assert "2 stay withdrawn" in done.output
    assert "Withdrawn by --withdraw: 2 on this list. --revive does not give them back. Use --restore." in done.output
    assert [find(desk, row["link"]).withdrawn for row in rows] == [True, True, False]


def test_a_file_restores_no_link_that_was_withdrawn_otherwise(desk):
    rows = give(desk, KEYED, "--key", "nr")
    desk.run("links", "example", "--withdraw", rows[0]["link"])
    write_links(desk, rows)
    desk.run("links", "example", "--withdraw", "some.csv", "--yes")
    asked = desk.run("links", "example", "--restore", "some.csv")
    assert "Restore 2 links (in use: 0; withdrawn otherwise than by a file, and left so: 1)?" in asked.output
    desk.run("links", "example", "--restore", "some.csv", "--yes")
    assert [find(desk, row["link"]).withdrawn for row in rows] == [True, False, False]
    assert "Restored: 1." in desk.run("links", "example", "--restore", rows[0]["link"]).output


def test_a_second_list_without_a_key_is_asked_about(desk):
    give(desk, "institution\nnorth\n")
    asked = desk.run("links", "example", "students.csv", "--out", "two")
    assert "have 1 links in use already: everybody on this list gets another one" in asked.output
    assert "--key COLUMN" in asked.output and "Give everybody on this list another link?" in asked.output
    assert asked.exit_code == 1 and not (desk.folder / "two").exists()
    assert desk.run("links", "example", "students.csv", "--out", "two", "--yes").exit_code == 0
    assert len(read_csv(desk.folder / "two" / "links.csv")) == 1


def test_of_the_key_only_a_keyed_hash_is_stored(desk):
    give(desk, "nr,institution\nxyzzy-4711,north\n", "--key", "nr")
    stored = b"".join(path.read_bytes() for path in (desk.folder / "data").iterdir())
    assert b"xyzzy" not in stored
    assert sha256(b"xyzzy-4711").hexdigest().encode() not in stored


def read_stored(desk: Desk) -> bytes:
    return b"".join(path.read_bytes() for path in (desk.folder / "data").iterdir())


def correct(desk: Desk, out: str) -> Result:
    """Change the programme of the only person in a list with a key."""
    write_list(desk, "nr,institution,programme,language\n1,north,Xyzzy two,easy\n")
    return desk.run("links", "example", "students.csv", "--key", "nr", "--yes", "--out", out)


def test_background_is_never_stored_in_clear_also_when_a_list_is_corrected(desk):
    (row,) = give(desk, "nr,institution,programme,language\n1,north,Xyzzy one,easy\n", "--key", "nr")
    assert "1 get another background" in correct(desk, "two").output
    assert find(desk, row["link"]).background == {"programme": "Xyzzy two"}
    assert b"Xyzzy" not in read_stored(desk) and b"easy" not in read_stored(desk)
    assert "1 stay as they are" in correct(desk, "three").output


def test_a_corrected_list_finds_seats_stored_before_there_was_a_key(desk):
    (row,) = give(desk, "nr,institution,programme\n1,north,Xyzzy one\n", "--key", "nr")
    clear = json.dumps({"background": {"programme": "Xyzzy one"}, "language": None})
    with closing(Database(desk.settings.identity_url, "identity")) as identity, identity.write() as connection:
        connection.execute(text("UPDATE seat SET sealed = :clear"), {"clear": clear})
    assert "1 get another background" in correct(desk, "two").output
    assert find(desk, row["link"]).language == "easy" and b"Xyzzy" not in read_stored(desk)


def test_a_corrected_list_without_the_right_contact_key_changes_nothing(desk):
    (row,) = give(desk, "nr,institution,programme\n1,north,Xyzzy one\n", "--key", "nr")
    desk.set(SURVEY_CONTACT_KEYS="n" * 32)
    done = correct(desk, "two")
    assert done.exit_code == 1 and "was made with another SURVEY_CONTACT_KEYS" in done.output
    assert not (desk.folder / "two").exists() and not find_sealed(desk, row["link"]).withdrawn


def test_missing_background_that_conditions_need_is_warned_of(desk):
    write_list(desk, "institution\nnorth\n")
    done = desk.run("links", "example", "students.csv", "--out", "out")
    assert "There is no column 'path', and" in done.output and done.exit_code == 0


def test_many_mistakes_are_written_to_a_file_next_to_the_list(desk):
    write_list(desk, "institution\n" + "nowhere\n" * 40)
    done = desk.run("links", "example", "students.csv", "--out", "out")
    assert "(40 rows: lines 2, 3, 4, 5, 6, …)" in done.output and "All 40 mistakes" in done.output
    assert len(read_csv(desk.folder / "students.mistakes.csv")) == 40


def test_a_file_of_links_is_withdrawn_with_a_count_and_can_be_restored(desk):
    rows = give(desk, "nr,institution\n1,north\n2,north\n3,south\n")
    write_links(desk, rows[:2])
    assert "Withdraw 2 links (0 are withdrawn already)?" in desk.run("links", "example", "--withdraw", "some.csv").output
    assert not find(desk, rows[0]["link"]).withdrawn
    assert "Withdrawn: 2." in desk.run("links", "example", "--withdraw", "some.csv", "--yes").output
    assert [find(desk, row["link"]).withdrawn for row in rows] == [True, True, False]
    assert "Restored: 2." in desk.run("links", "example", "--restore", "some.csv", "--yes").output
    assert not any(find(desk, row["link"]).withdrawn for row in rows)


def test_an_undone_withdrawal_stays_undone_after_a_restore_of_the_backup(desk):
    (row,) = give(desk, "institution\nnorth\n")
    desk.make_stores()
    desk.run("links", "example", "--withdraw", row["link"])
    desk.run("links", "example", "--restore", row["link"])
    assert "1 erasures and withdrawals on the list; 0 were not in effect" in desk.run("erase", "--again").output
    assert not find(desk, row["link"]).withdrawn


def test_a_file_with_an_unknown_link_withdraws_nothing_and_names_its_line(desk):
    rows = give(desk, "nr,institution\n1,north\n2,north\n")
    write_links(desk, [rows[0], {**rows[1], "link": f"{BASE}/l/other"}])
    done = desk.run("links", "example", "--withdraw", "some.csv", "--yes")
    assert "some.csv:3: there is no such link to example." in done.output
    assert not find(desk, rows[0]["link"]).withdrawn


def test_a_lost_link_is_replaced_by_one_to_the_same_seat(desk):
    (row,) = give(desk, "institution\nnorth\n")
    seat = find(desk, row["link"]).id
    done = desk.run("links", "example", "--reissue", row["link"])
    assert find(desk, row["link"]) is None
    assert find(desk, read_shown(done)).id == seat


@pytest.mark.parametrize("action", ["release", "reissue"])
def test_a_place_that_another_account_opened_is_released(desk, action):
    (row,) = give(desk, "institution\nnorth\n")
    with closing(Database(desk.settings.identity_url, "identity")) as identity:
        pseudonym = make_pseudonym(desk.settings.pseudonym_key, "example", find(desk, row["link"]).id)
        name = name_launched_seat(desk.settings.pseudonym_key, pseudonym)
        assert bind_seat(identity, name, "example", "a") and not bind_seat(identity, name, "example", "b")
        done = desk.run("links", "example", f"--{action}", row["link"])
        assert done.exit_code == 0, done.output
        assert find_seat_holder(identity, name) == "" and bind_seat(identity, name, "example", "b")
    assert bool(find(desk, row["link"])) == (action == "release")


def test_places_of_a_file_are_released_after_a_question(desk):
    (row,) = give(desk, "institution\nnorth\n")
    assert "Aborted" in desk.run("links", "example", "--release", "out/links.csv").output
    assert "Released: 0." in desk.run("links", "example", "--release", "out/links.csv", "--yes").output
    assert find(desk, row["link"])


def test_a_replacement_that_a_restore_undid_is_found_and_carried_out_again(desk):
    rows = give(desk, "institution\nnorth\n")
    with closing(Database(desk.settings.identity_url, "identity")) as identity:
        before = identity.fetch("SELECT link_hash FROM seat", {})[0][0]
    new = read_shown(desk.run("links", "example", "--reissue", rows[0]["link"]))
    assert "erasures: 1 on the list, 0 of them in the stores again" in desk.run("doctor").output
    with closing(Database(desk.settings.identity_url, "identity")) as identity:
        identity.change("UPDATE seat SET link_hash = :link", {"link": before})
    assert "erasures: 1 on the list, 1 of them in the stores again" in desk.run("doctor").output
    assert "1 were not in effect" in desk.run("erase", "--again").output
    assert find(desk, rows[0]["link"]) is None and find(desk, new)
    noted = desk.settings.erasures.read_text()
    assert new.rpartition("/")[2] not in noted and rows[0]["link"].rpartition("/")[2] not in noted


def test_one_replaced_link_is_written_to_a_folder_with_out(desk):
    (row,) = give(desk, "name,institution\nJan,north\n")
    done = desk.run("links", "example", "--reissue", row["link"], "--out", "new")
    assert done.exit_code == 0 and "/l/" not in done.output
    (new,) = read_csv(desk.folder / "new" / "links.csv")
    assert new["institution"] == "north" and find(desk, new["link"]) and not find(desk, row["link"])


def test_a_list_of_withdrawals_that_cannot_be_read_stops_a_restore(desk):
    rows = give(desk, KEYED, "--key", "nr")
    write_links(desk, rows)
    desk.settings.erasures.write_text("withdrawn,example,7,otherwise\n")
    done = desk.run("links", "example", "--restore", "some.csv", "--yes")
    assert done.exit_code == 1 and "erasures.csv:1: this line is no entry of the list." in done.output


def test_a_file_of_links_is_replaced_by_a_new_file(desk):
    rows = give(desk, "nr,institution\n1,north\n2,south\n")
    done = desk.run("links", "example", "--reissue", "out/links.csv", "--out", "again")
    assert done.exit_code == 0 and "also on devices that came in by them" in done.output, done.output
    new = read_csv(desk.folder / "again" / "links.csv")
    assert [find(desk, row["link"]).institution for row in new] == ["north", "south"]
    assert [row["nr"] for row in new] == ["1", "2"] and not any(find(desk, row["link"]) for row in rows)


@pytest.fixture
def leaked(desk) -> list[dict[str, str]]:
    """A file of which one link was replaced, one withdrawn and one erased."""
    rows = give(desk, "nr,institution\n1,north\n2,north\n3,north\n4,north\n")
    assert desk.run("links", "example", "--reissue", rows[0]["link"]).exit_code == 0
    assert desk.run("links", "example", "--withdraw", rows[1]["link"]).exit_code == 0
    assert desk.run("erase", "example", rows[2]["link"], "--yes").exit_code == 0
    return rows


def test_a_file_is_withdrawn_without_links_that_are_closed_already(desk, leaked):
    done = desk.run("links", "example", "--withdraw", "out/links.csv", "--yes")
    assert done.exit_code == 0 and "Withdrawn: 1." in done.output
    assert "were replaced and no longer work: lines 2." in done.output and "were erased, or" in done.output
    assert find(desk, leaked[3]["link"]).withdrawn


def test_a_file_is_replaced_without_links_that_are_closed_already(desk, leaked):
    done = desk.run("links", "example", "--reissue", "out/links.csv", "--out", "again")
    assert done.exit_code == 0 and "Withdrawn, and left out: 1" in done.output, done.output
    (row,) = read_csv(desk.folder / "again" / "links.csv")
    assert (row["nr"], row["replaces"]) == ("4", leaked[3]["link"]) and find(desk, row["link"])


def test_a_file_of_replaced_links_alone_is_not_replaced_again(desk, leaked):
    write_links(desk, leaked[:2])
    done = desk.run("links", "example", "--reissue", "some.csv", "--out", "again")
    assert done.exit_code == 1 and "none of these links is in use" in done.output


def test_a_file_of_replaced_links_names_the_old_ones(desk):
    """In the file and the workbook; a second replacement names the links of the first."""
    links = [row["link"] for row in give(desk, "nr,institution\n1,north\n2,south\n")]
    for out, named in (("again", "out"), ("third", "again")):
        done = desk.run("links", "example", "--reissue", f"{named}/links.csv", "--out", out, "--xlsx")
        assert done.exit_code == 0, done.output
        rows = read_csv(desk.folder / out / "links.csv")
        sheet = CalamineWorkbook.from_path(desk.folder / out / "links.xlsx").get_sheet_by_index(0).to_python()
        assert list(rows[0]) == ["nr", "institution", "link", "link_check", "replaces"]
        assert [row["replaces"] for row in rows] == links and sheet == [list(rows[0]), *(list(row.values()) for row in rows)]
        links = [row["link"] for row in rows]


def test_one_replaced_link_is_written_as_a_workbook_too(desk):
    (row,) = give(desk, "institution\nnorth\n")
    desk.run("links", "example", "--reissue", row["link"], "--out", "new", "--xlsx")
    sheet = CalamineWorkbook.from_path(desk.folder / "new" / "links.xlsx").get_sheet_by_index(0).to_python()
    assert sheet[0] == ["institution", "link", "replaces"] and sheet[1][2] == row["link"]


def test_the_files_are_readable_only_by_their_owner(desk):
    give(desk, "institution\nnorth\n", "--qr")
    assert {path.stat().st_mode & 0o077 for path in [desk.folder / "out", *(desk.folder / "out").iterdir()]} == {0}


def test_open_links_are_shown_with_their_qr_codes(desk):
    done = desk.run("links", "example", "--open")
    assert done.exit_code == 0
    assert f"North College\n{BASE}/q/example/north\n" in done.output
    assert f"South College\n{BASE}/q/example/south\n" in done.output
    assert "▄" in done.output


def test_open_links_beside_a_list_of_persons_are_warned_of(desk):
    give(desk, "institution\nnorth\n")
    done = desk.run("links", "example", "--open")
    assert "north: persons have links of their own" in done.stderr and "south: persons" not in done.stderr
    assert "persons have links" not in done.stdout


def test_open_links_can_be_written_as_a_table_and_posters(desk):
    assert desk.run("links", "example", "--open", "--out", "posters").exit_code == 0
    assert read_csv(desk.folder / "posters" / "open_links.csv") == [
        {"institution": "north", "name": "North College", "link": f"{BASE}/q/example/north"},
        {"institution": "south", "name": "South College", "link": f"{BASE}/q/example/south"},
    ]
    assert (desk.folder / "posters" / "open_links.html").read_text("utf-8").count("<svg") == 2


@pytest.mark.parametrize("form", ["{link}", "{link}/", " {link} ", "{link}?via=qr", "{token}"])
def test_a_link_can_be_withdrawn_by_its_address_or_its_last_part(desk, form):
    (row,) = give(desk, "institution\nnorth\n")
    token = row["link"].rpartition("/")[2]
    done = desk.run("links", "example", "--withdraw", form.format(link=row["link"], token=token))
    assert done.exit_code == 0
    assert done.output.startswith("Withdrawn:")
    assert find(desk, row["link"]).withdrawn


@pytest.mark.parametrize("action", ["withdraw", "restore", "reissue"])
def test_links_with_a_channel_are_read_back_from_their_file(desk, action):
    first, second = give(desk, "institution\nnorth\nsouth\n", "--via", "mail")
    assert first["link"].endswith("?via=mail") and second["link"].endswith("?via=mail")
    if action == "restore":
        desk.run("links", "example", "--withdraw", "out/links.csv", "--yes")
    out = ("--out", "again", "--via", "teams") if action == "reissue" else ()
    done = desk.run("links", "example", f"--{action}", "out/links.csv", "--yes", *out)
    assert done.exit_code == 0, done.output
    if action == "reissue":
        assert {row["link"].rpartition("?")[2] for row in read_csv(desk.folder / "again" / "links.csv")} == {"via=teams"}
    else:
        assert find(desk, first["link"].removesuffix("?via=mail")).withdrawn == (action == "withdraw")


def test_unknown_links_and_another_questionnaires_are_not_withdrawn(desk):
    (row,) = give(desk, "institution\nnorth\n")
    other = desk.folder / "q" / "other"
    other.mkdir()
    for path in (desk.folder / "q" / "example").iterdir():
        (other / path.name).write_text(path.read_text().replace("questionnaire: example", "questionnaire: other"))
    assert "There is no such link, and no such file." in desk.run("links", "example", "--withdraw", "abc").output
    assert "This is a link to example. Name that questionnaire." in desk.run("links", "other", "--withdraw", row["link"]).output
    assert not find(desk, row["link"]).withdrawn


@pytest.mark.parametrize(
    ("words", "remedy"),
    [
        ((), "Give a list of students, or --open, or --withdraw,"),
        (("students.csv", "--open"), "Give a list of students, or --open, or --withdraw,"),
        (("students.csv",), "Say where the links must go: --out FOLDER."),
        (("--withdraw", "abc", "--out", "new"), "--out has no effect with --withdraw. Leave it out."),
        (("--restore", "abc", "--qr"), "--qr has no effect with --restore. Leave it out."),
        (("--reissue", "abc", "--key", "nr"), "--key has no effect with --reissue. Leave it out."),
        (("--open", "--card", "name"), "--card has no effect with --open. Leave it out."),
        (("students.csv", "--out", "new", "--revive"), "--revive has no effect without --key."),
        (("students.csv", "--out", "new", "--group", "class"), "--group has no effect without --qr."),
    ],
)
def test_an_incomplete_command_explains_its_arguments(desk, words, remedy):
    write_list(desk, "institution\nnorth\n")
    done = desk.run("links", "example", *words)
    assert done.exit_code == 2
    assert remedy in done.output


def test_links_that_work_on_this_machine_only_are_pointed_out(desk):
    desk.set(SURVEY_BASE_URL="")
    assert "work on this machine only. Set SURVEY_BASE_URL." in desk.run("links", "example", "--open").output


def test_help_shows_an_example(desk):
    assert "survey-engine links job-2026 students.csv --out letters --qr --card name" in desk.run("links", "--help").output


def test_a_hostile_list_does_not_steer_the_terminal(desk):
    (desk.folder / "s.csv").write_text("institution,na\x1b]0;owned\x07me\n\x1b[2Jnorth,x\n")
    refused = desk.run("links", "example", str(desk.folder / "s.csv"), "--out", str(desk.folder / "o"))
    (desk.folder / "s.csv").write_text("institution,na\x1b]0;owned\x07me\nnorth,x\n")
    done = desk.run("links", "example", str(desk.folder / "s.csv"), "--out", str(desk.folder / "o"))
    assert refused.exit_code == 1 and done.exit_code == 0
    for said in (refused.output, done.output):
        assert "\\x1b" in said and not set(said) & {"\x1b", "\x07"}


def test_a_list_without_most_earlier_persons_needs_remove_most(desk):
    """Such a list may have other key formats, or only new persons."""
    rows = [f"north,00{number}\n" for number in range(100, 120)]
    give(desk, "institution,number\n" + "".join(rows), "--key", "number")
    write_list(desk, "institution,number\n" + "".join(rows).replace(",00", ",s"))
    again = ("links", "example", "students.csv", "--key", "number", "--out", "b", "--yes")
    refused = desk.run(*again)
    assert refused.exit_code == 1 and "its keys changed by a spreadsheet" in refused.output
    assert desk.run(*again, "--remove-most").exit_code == 0


def test_a_column_with_the_name_that_respondents_read_is_not_copied_unseen(desk):
    head = desk.folder / "q" / "example" / "questionnaire.yaml"
    head.write_text(head.read_text().replace("path: {text: {en: Path,", "path: {text: {en: Route,"))
    write_list(desk, "institution,Route\nnorth,bol\n")
    refused = desk.run("links", "example", "students.csv", "--out", "a")
    assert refused.exit_code == 1 and "Rename it to 'path'" in refused.output
    assert desk.run("links", "example", "students.csv", "--out", "a", "--copy", "Route").exit_code == 0


def test_links_of_an_institution_that_has_closed_are_warned_of(desk):
    path = desk.folder / "q" / "example" / "questionnaire.yaml"
    path.write_text(f"{path.read_text()}\ncloses: 2020-02-01\n")
    write_list(desk, "name;institution\nJan;north\n")
    done = desk.run("links", "example", "students.csv", "--out", "out")
    assert done.exit_code == 0 and "has closed at north: nobody can begin there" in done.stderr
