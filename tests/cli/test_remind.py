"""`survey-engine remind` lists links that are neither completed nor withdrawn."""

from __future__ import annotations

from contextlib import closing

import pytest
from openpyxl import load_workbook
from openpyxl.styles import Font
from sqlalchemy import text

from survey_engine.fieldwork.invitations.links import find_by_link, give_links, read_token
from survey_engine.fieldwork.signing import make_pseudonym
from survey_engine.storage.answers import start_response
from survey_engine.storage.database import Database
from survey_engine.storage.identity import Seat
from tests.command import Desk
from tests.databases import ON_BOTH
from tests.datasets.filling import place_example, read_csv

LIST = "name,institution\nAn,north\nBo,north\nCas,south\nDirk,south\n"


@pytest.fixture
def desk(tmp_path, monkeypatch, database_url, identity_url) -> Desk:
    desk = Desk(tmp_path, monkeypatch, create=False)
    desk.set(SURVEY_DATABASE_URL=database_url, SURVEY_IDENTITY_URL=identity_url)
    place_example(tmp_path)
    desk.make_stores()
    return desk


def give(desk: Desk, out: str, content: str = LIST) -> list[str]:
    """Run `links`; return the links in links.csv."""
    (desk.folder / "students.csv").write_text(content, "utf-8")
    assert desk.run("links", "example", "students.csv", "--out", out, "--yes").exit_code == 0
    return [row["link"] for row in read_csv(desk.folder / out / "links.csv")]


def begin(answers: Database, institution: str, pseudonym: str | None) -> int:
    """Start a response; None is one by the open link."""
    return start_response(
        answers,
        questionnaire="example",
        version="1",
        institution=institution,
        language="en",
        background={},
        pseudonym=pseudonym,
        abandoned_hours=24,
        assign=lambda counts: (),
    )


def answer(desk: Desk, link: str, *, complete: bool) -> None:
    with closing(Database(desk.settings.identity_url, "identity")) as identity:
        seat = find_by_link(identity, read_token(link))
    with closing(Database(desk.settings.database_url, "answers")) as answers:
        id = begin(answers, seat.institution, make_pseudonym(desk.settings.pseudonym_key, "example", seat.id))
        if complete:
            with answers.write() as connection:
                connection.execute(text("UPDATE response SET completed_at = CURRENT_TIMESTAMP WHERE id = :id"), {"id": id})


def list_reminded(desk: Desk, out: str) -> list[str]:
    return [row["name"] for row in read_csv(desk.folder / out / "links.csv")]


def test_started_links_are_reminded_but_not_completed_or_withdrawn_ones(desk):
    links = give(desk, "out")
    answer(desk, links[0], complete=True)
    answer(desk, links[1], complete=False)
    desk.run("links", "example", "--withdraw", links[2])
    done = desk.run("remind", "example", "out/links.csv", "--out", "again")
    assert done.output.startswith("2 of 4 links to remind: again/links.csv\n  1 completed the questionnaire\n  1 are withdrawn")
    assert list_reminded(desk, "again") == ["Bo", "Dirk"]


@ON_BOTH
def test_a_link_that_was_replaced_is_reminded_by_its_new_list_alone(desk):
    give(desk, "out")
    desk.run("links", "example", "--reissue", "out/links.csv", "--out", "new")
    done = desk.run("remind", "example", "out/links.csv", "new/links.csv", "new/links.csv", "--out", "again")
    assert "4 of 4 links to remind" in done.output
    assert "no valid link" not in done.output and "after a restore" not in done.output
    assert "4 were replaced by --reissue" in done.output and "4 rows repeat an earlier row" in done.output
    assert list_reminded(desk, "again") == ["An", "Bo", "Cas", "Dirk"]


def test_a_list_without_links_or_with_other_columns_is_refused(desk):
    give(desk, "out")
    give(desk, "other", "institution\nnorth\n")
    assert "there is no column 'link'" in desk.run("remind", "example", "students.csv", "--out", "again").output
    assert (
        "it has other columns than out/links.csv"
        in desk.run("remind", "example", "out/links.csv", "other/links.csv", "--out", "again").output
    )
    assert not (desk.folder / "again").exists()


def test_a_link_that_was_completed_counts_once_however_often_it_is_listed(desk):
    links = give(desk, "out")
    answer(desk, links[0], complete=True)
    done = desk.run("remind", "example", "out/links.csv", "out/links.csv", "--out", "again")
    assert "3 of 4 links to remind" in done.output and "1 completed the questionnaire" in done.output


def test_of_a_person_with_several_links_the_newest_that_works_is_reminded(desk):
    give(desk, "out", "name,programme,institution\nAn,Kok,north\nAn,Bakker,north\nBo,Kok,south\n")
    assert not desk.run("remind", "example", "out/links.csv", "--out", "all").exit_code
    done = desk.run("remind", "example", "out/links.csv", "--out", "again", "--key", "name")
    assert "2 of 3 links to remind, one for each person by name" in done.output
    assert "1 are older links of the same persons" in done.output
    assert "there is no column 'nam'" in desk.run("remind", "example", "out/links.csv", "--out", "b", "--key", "nam").output


def test_a_title_above_the_header_of_links_is_reported(desk):
    give(desk, "out")
    path = desk.folder / "out" / "links.csv"
    path.write_text("Class 4B\n" + path.read_text("utf-8-sig"))
    done = desk.run("remind", "example", "out/links.csv", "--out", "again")
    assert "the headings must be in line 1, which has: Class 4B. They seem to be in line 2" in done.output


@ON_BOTH
def test_persons_who_completed_by_another_link_are_not_reminded(desk):
    links = give(desk, "out", "name,programme,institution\nAn,Kok,north\nAn ,Bakker,north\nAn,Kok,south\nBo,Kok,south\n")
    answer(desk, links[0], complete=True)
    done = desk.run("remind", "example", "out/links.csv", "--out", "again", "--key", "name")
    assert "2 of 4 links to remind" in done.output and "1 belong to persons who completed it with another link" in done.output
    assert [row["institution"] for row in read_csv(desk.folder / "again" / "links.csv")] == ["south", "south"]


@ON_BOTH
def test_if_the_newest_link_is_withdrawn_the_previous_one_is_reminded(desk):
    links = give(desk, "out", "name,programme,institution\nAn,Kok,north\nAn,Bakker,north\n")
    desk.run("links", "example", "--withdraw", links[1])
    desk.run("remind", "example", "out/links.csv", "--out", "again", "--key", "name")
    assert [row["programme"] for row in read_csv(desk.folder / "again" / "links.csv")] == ["Kok"]


def change(desk: Desk, *pairs: tuple[str, str]) -> None:
    """Replace texts in links.csv."""
    path = desk.folder / "out" / "links.csv"
    content = path.read_text("utf-8-sig")
    for before, after in pairs:
        content = content.replace(before, after)
    path.write_text(content)


def refuse(desk: Desk, *options: str) -> str:
    done = desk.run("remind", "example", "out/links.csv", "--out", "again", *options)
    assert done.exit_code == 1 and not (desk.folder / "again").exists(), done.output
    return done.output


def test_a_link_that_was_cut_is_named_by_its_line(desk):
    links = give(desk, "out")
    change(desk, (links[1], links[1][:-3]))
    assert "links.csv:3: this link is not whole" in refuse(desk)


def test_a_list_without_any_valid_link_is_rejected(desk):
    give(desk, "out")
    desk.run("links", "example", "--reissue", "out/links.csv", "--out", "new")
    assert "none of these links is a valid link to example" in refuse(desk)


def test_several_persons_with_one_link_are_named(desk):
    links = give(desk, "out")
    change(desk, (links[1], links[0]))
    assert "links.csv:3: this link is also on an earlier line, with other cells" in refuse(desk)


@pytest.mark.parametrize("persons", ["12", "1234"])
def test_a_link_of_another_person_is_named_by_the_key(desk, persons):
    (desk.folder / "students.csv").write_text("nr,institution\n" + "".join(f"{number},north\n" for number in persons))
    done = desk.run("links", "example", "students.csv", "--key", "nr", "--out", "out")
    assert done.exit_code == 0, done.output
    change(desk, ("1,north", "x,north"), ("2,north", "1,north"), ("x,north", "2,north"))
    assert "links.csv:2: this link is of another nr" in refuse(desk, "--key", "nr")


@pytest.mark.parametrize("column", ["STUDENT  NUMBER", "Student number ", "student number"])
def test_the_key_is_found_however_links_finds_it(desk, column):
    (desk.folder / "students.csv").write_text("Student number,institution\n007,north\n8,north\n")
    assert desk.run("links", "example", "students.csv", "--key", column, "--out", "out").exit_code == 0
    assert "2 of 2 links" in desk.run("remind", "example", "out/links.csv", "--out", "again", "--key", column).output


def test_a_key_that_lost_its_zeros_in_a_spreadsheet_is_still_the_links_own(desk):
    (desk.folder / "students.csv").write_text("nr,institution\n007,north\n008,north\n12,north\n")
    assert desk.run("links", "example", "students.csv", "--key", "nr", "--out", "out").exit_code == 0
    change(desk, ("007,", "7,"), ("008,", "8,"))
    assert "3 of 3 links" in desk.run("remind", "example", "out/links.csv", "--out", "again", "--key", "nr").output


def test_a_key_of_two_columns_names_one_person_in_both_commands(desk):
    (desk.folder / "students.csv").write_text("school,nr,institution\na,1,north\nb,1,north\n")
    keys = ("--key", "school", "--key", "nr")
    assert desk.run("links", "example", "students.csv", *keys, "--out", "out").exit_code == 0
    assert "2 of 2 links" in desk.run("remind", "example", "out/links.csv", "--out", "again", *keys).output


def test_a_reissued_link_replaces_the_old_one_in_the_list(desk):
    links = give(desk, "out")
    desk.run("links", "example", "--reissue", links[1], "--out", "new")
    (first,) = read_csv(desk.folder / "new" / "links.csv")
    desk.run("links", "example", "--reissue", first["link"], "--out", "newer")
    (second,) = read_csv(desk.folder / "newer" / "links.csv")
    done = desk.run("remind", "example", "out/links.csv", "newer/links.csv", "new/links.csv", "--out", "again")
    assert "4 of 4 links to remind" in done.output and "no such link" not in done.output
    rows = {row["name"]: row["link"] for row in read_csv(desk.folder / "again" / "links.csv")}
    assert rows == {"An": links[0], "Bo": second["link"], "Cas": links[2], "Dirk": links[3]}
    assert "4 of 4" in desk.run("remind", "example", "again/links.csv", "--out", "third").output


def test_a_reissued_link_without_the_list_of_the_old_one_is_refused(desk):
    links = give(desk, "out")
    give(desk, "other", "name,institution\nEva,north\n")
    desk.run("links", "example", "--reissue", links[1], "--out", "new")
    done = desk.run("remind", "example", "other/links.csv", "new/links.csv", "--out", "again")
    assert "new/links.csv:2: this link replaces one that is on none of the lists" in done.output


def test_the_key_of_remind_may_be_another_than_that_of_the_list(desk):
    (desk.folder / "students.csv").write_text("nr,name,institution\n1,An,north\n2,An,north\n")
    done = desk.run("links", "example", "students.csv", "--key", "nr", "--out", "out")
    assert done.exit_code == 0, done.output
    assert "1 of 2 links" in desk.run("remind", "example", "out/links.csv", "--out", "again", "--key", "name").output


@pytest.mark.parametrize("options", [["out/links.csv"], ["--seats"]])
def test_responses_by_an_open_link_are_warned_of(desk, options):
    give(desk, "out")
    with closing(Database(desk.settings.identity_url, "identity")) as identity:
        give_links(identity, desk.contact_keys, [Seat("example", "north", details={"contact": {"mail": "a@x.nl"}, "link": "x"})])
    quiet = desk.run("remind", "example", *options, "--out", "first")
    assert quiet.exit_code == 0 and "open link" not in quiet.output
    with closing(Database(desk.settings.database_url, "answers")) as answers:
        begin(answers, "north", None)
    told = desk.run("remind", "example", *options, "--out", "second")
    assert "answered by the open link at north" in told.stderr


def date_institution(desk: Desk, line: str) -> None:
    (path,) = (path for path in (desk.folder / "q").rglob("*.yaml") if "institution: north" in path.read_text())
    path.write_text(path.read_text() + line)


def test_closed_institutions_are_not_reminded(desk):
    give(desk, "out")
    date_institution(desk, "closes: 2020-01-01\n")
    done = desk.run("remind", "example", "out/links.csv", "--out", "again")
    assert "2 of 4 links to remind" in done.output and "2 belong to institutions that have closed" in done.output
    assert list_reminded(desk, "again") == ["Cas", "Dirk"]


def test_institutions_that_open_later_are_warned_of(desk):
    give(desk, "out")
    date_institution(desk, "opens: 2999-01-01\n")
    done = desk.run("remind", "example", "out/links.csv", "--out", "again")
    assert "4 of 4 links to remind" in done.output and "north opens on 2999-01-01" in done.output


def test_a_key_that_was_guarded_for_spreadsheets_is_the_links_own(desk):
    (desk.folder / "students.csv").write_text("nr,institution\n-1,north\n=2,north\n3,north\n")
    assert desk.run("links", "example", "students.csv", "--key", "nr", "--out", "out").exit_code == 0
    assert "3 of 3 links" in desk.run("remind", "example", "out/links.csv", "--out", "again", "--key", "nr").output


def test_rows_without_a_valid_link_are_named_by_their_lines(desk):
    give(desk, "out")
    path = desk.folder / "out" / "links.csv"
    rows = path.read_text("utf-8-sig").splitlines()
    lost = [f"Eva{at},south,https://survey.example.org/l/{'x' * 21}{at}," for at in range(3)]
    path.write_text("\n".join([*rows[:2], lost[0], *rows[2:], *lost[1:], ""]), "utf-8")
    done = desk.run("remind", "example", "out/links.csv", "--out", "again")
    assert "\n  3 rows have no valid link" in done.output
    assert "out/links.csv: 3 rows have no valid link: lines 3, 7-8. " in done.output


@ON_BOTH
def test_a_corrected_list_corrects_addresses_in_reminders(desk):
    people = "nr,e-mail,institution\n1,anton@old.nl,north\n2,boris@old.nl,north\n3,casper@old.nl,north\n"
    (desk.folder / "students.csv").write_text(people)
    command = ("links", "example", "students.csv", "--key", "nr", "--yes", "--out")
    assert desk.run(*command, "out").exit_code == 0
    (desk.folder / "students.csv").write_text(people.replace("boris@old.nl", "boris@new.nl"))
    assert "1 persons have other copied cells" in desk.run(*command, "two").output
    options = ("--key", "nr", "--corrected", "students.csv", "--out")
    done = desk.run("remind", "example", "out/links.csv", *options, "again")
    assert done.exit_code == 0 and "Corrected by students.csv: e-mail (1 rows)." in done.output, done.output
    rows = read_csv(desk.folder / "again" / "links.csv")
    assert [row["e-mail"] for row in rows] == ["anton@old.nl", "boris@new.nl", "casper@old.nl"]
    assert "3 of 3 links" in desk.run("remind", "example", "again/links.csv", *options, "third").output
    assert desk.run("remind", "example", "out/links.csv", *options[2:], "x").exit_code == 2


def give_workbook(desk: Desk) -> list[str]:
    (desk.folder / "students.csv").write_text(LIST, "utf-8")
    assert desk.run("links", "example", "students.csv", "--out", "out", "--xlsx").exit_code == 0
    return [row["link"] for row in read_csv(desk.folder / "out" / "links.csv")]


def test_the_workbook_of_links_is_read_as_the_file_of_links(desk):
    links = give_workbook(desk)
    answer(desk, links[0], complete=True)
    done = desk.run("remind", "example", "out/links.xlsx", "--out", "r")
    assert done.exit_code == 0, done.output
    assert list_reminded(desk, "r") == ["Bo", "Cas", "Dirk"]
    for action in ("--withdraw", "--restore", "--reissue"):
        output = ("--out", "again") if action == "--reissue" else ()
        done = desk.run("links", "example", action, "out/links.xlsx", "--yes", *output)
        assert done.exit_code == 0, done.output
    assert list_reminded(desk, "again") == ["An", "Bo", "Cas", "Dirk"]


@pytest.mark.parametrize("mark", ["hidden", "struck"])
def test_marked_rows_of_a_workbook_of_links_are_refused(desk, mark):
    give_workbook(desk)
    path = desk.folder / "out" / "links.xlsx"
    workbook = load_workbook(path)
    if mark == "hidden":
        workbook.active.row_dimensions[3].hidden = True
    else:
        workbook.active.cell(3, 1).font = Font(strike=True)
    workbook.save(path)
    done = desk.run("remind", "example", "out/links.xlsx", "--out", "r")
    assert done.exit_code == 1 and "links.xlsx: rows are" in done.output and ": 3. Show or remove them" in done.output


MAILS = "name,e-mail,institution\nAn,an@b.nl,north\nBo,bo@b.nl,north\nCas,cas@b.nl,south\n"


@pytest.mark.parametrize("key", [(), ("--key", "name")])
def test_the_newest_row_of_a_link_is_used_and_it_is_said(desk, key):
    give(desk, "out", MAILS)
    (desk.folder / "newer.csv").write_text(
        (desk.folder / "out" / "links.csv").read_text("utf-8-sig").replace("bo@b.nl", "bo@c.nl")
    )
    done = desk.run("remind", "example", "out/links.csv", "newer.csv", "--out", "again", *key)
    assert "newer.csv: 1 rows differ from an older file. The cells of this file are used." in done.output
    assert "3 of 3 links to remind" in done.output and "3 rows repeat" in done.output
    assert [row["e-mail"] for row in read_csv(desk.folder / "again" / "links.csv")] == ["an@b.nl", "bo@c.nl", "cas@b.nl"]


def test_a_corrected_list_with_another_heading_of_addresses_is_asked_about(desk):
    give(desk, "out", MAILS)
    words = ("remind", "example", "out/links.csv", "--key", "name", "--corrected", "corrected.csv", "--out", "again")
    (desk.folder / "corrected.csv").write_text(MAILS.replace("e-mail", "Mail").replace("bo@b.nl", "bo@c.nl"))
    asked = desk.run(*words)
    assert asked.exit_code == 1 and "there is no column e-mail in the corrected list; it has Mail." in asked.output
    (desk.folder / "corrected.csv").write_text("name,institution\nAn,north\nBo,north\nCas,south\n")
    assert desk.run(*words).exit_code == 0
