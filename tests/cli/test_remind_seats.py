"""`survey-engine remind --seats`: reminders from the addresses that are stored with the links."""

from __future__ import annotations

from contextlib import closing

import pytest
from sqlalchemy import text

from survey_engine.fieldwork.invitations.links import find_by_link
from survey_engine.fieldwork.mailed_links import find_by_mailed_link
from survey_engine.fieldwork.signing import hash_token, make_pseudonym
from survey_engine.storage.database import Database
from tests.command import Desk
from tests.datasets.filling import read_csv
from tests.fieldwork.rosters.student_files import OWN_FORMAT, write_csv


@pytest.fixture
def links(desk: Desk) -> list[dict[str, str]]:
    desk.make_stores()
    (desk.folder / "own.yaml").write_text(OWN_FORMAT)
    rows = [["north", f"{name}@b.nl", "3A"] for name in "abc"]
    write_csv(desk.folder / "students.csv", [["School", "Email1", "Klas"], *rows])
    assert desk.run("links", "example", "students.csv", "--format", "own.yaml", "--out", "out").exit_code == 0
    return read_csv(desk.folder / "out" / "links.csv")


def remind(desk: Desk) -> tuple[str, list[dict[str, str]]]:
    done = desk.run("remind", "example", "--seats", "--out", "reminders", "--force")
    assert done.exit_code == 0, done.output
    return done.output, sorted(read_csv(desk.folder / "reminders" / "links.csv"), key=lambda row: row["email"])


def complete(desk: Desk, link: str) -> None:
    """Store a complete response of the person with this link."""
    settings = desk.settings
    with closing(Database(settings.identity_url, "identity")) as identity:
        seat = find_by_link(identity, link.rpartition("/")[2])
    assert seat
    pseudonym = make_pseudonym(settings.pseudonym_key, "example", seat.id)
    insert = (
        "INSERT INTO response (id, questionnaire, version, institution, pseudonym, language, languages, background, modules, completed_at)"
        " VALUES (1, 'example', 'v', 'north', :pseudonym, 'en', 'en', '{}', '{}', CURRENT_TIMESTAMP)"
    )
    with closing(Database(settings.database_url, "answers")) as answers, answers.write() as connection:
        connection.execute(text(insert), {"pseudonym": pseudonym})


def test_everybody_with_an_address_is_reminded_by_the_same_link(desk, links):
    _, rows = remind(desk)
    assert [(row["email"], row["class"], row["link"]) for row in rows] == [(r["Email1"], "3A", r["link"]) for r in links]


def test_completed_and_withdrawn_links_are_left_out(desk, links):
    complete(desk, links[0]["link"])
    desk.run("links", "example", "--withdraw", links[1]["link"])
    output, rows = remind(desk)
    assert [row["email"] for row in rows] == ["c@b.nl"]
    assert "1 of 3 links" in output and "1 completed" in output and "1 are withdrawn" in output


def test_a_person_with_a_replaced_link_gets_another_one(desk, links):
    replaced = desk.run("links", "example", "--reissue", links[0]["link"])
    assert "remind" in replaced.output and "--seats" in replaced.output
    output, rows = remind(desk)
    assert [row["email"] for row in rows] == ["a@b.nl", "b@b.nl", "c@b.nl"] and "3 of 3 links" in output, output
    sent, new = rows[0]["link"], replaced.output.split("/l/")[1].split()[0]
    assert sent != links[0]["link"] and new not in sent
    with closing(Database(desk.settings.identity_url, "identity")) as identity:
        key = desk.settings.pseudonym_key
        found = [find_by_mailed_link(identity, key, sent.split("/l/")[1]), find_by_link(identity, new)]
    assert found[0] and found[1] and found[0].id == found[1].id and found[0].replaced_hash == hash_token(new)


def test_seats_without_an_address_are_counted(desk, links):
    (desk.folder / "plain.csv").write_text("institution\nsouth\n")
    desk.run("links", "example", "plain.csv", "--out", "more")
    assert "1 belong to persons whose addresses are not stored" in remind(desk)[0]


def test_files_and_seats_together_are_refused(desk, links):
    assert desk.run("remind", "example", "out/links.csv", "--seats", "--out", "x").exit_code == 2
    assert desk.run("remind", "example", "--out", "x").exit_code == 2
