"""`survey-engine links` with persons who moved to another institution, whatever else changed in their rows."""

from __future__ import annotations

from contextlib import closing
from typing import Any

import pytest
from alembic import command
from click.testing import Result
from sqlalchemy import text

from survey_engine.fieldwork.invitations.roster_changes import store_changes
from survey_engine.storage.database import Database
from tests.cli.test_erase import answer
from tests.cli.test_roster_labels import label, read_seats
from tests.cli.test_same_persons import answer_by, desk, find, lite
from tests.command import Desk
from tests.datasets.filling import read_csv
from tests.storage.test_database import go_to_revision

__all__ = ["desk", "lite"]

HEAD = "nr,name,klas,email,institution\n"
PEOPLE = {
    "100108": "Ann M. de Wit,3A,100108@north.nl,north",
    "100109": "Émile Jansen,3B,100109@north.nl,north",
    "100110": "Cas Peters,3B,100110@north.nl,north",
    "100111": "Dina Bakker,3C,100111@north.nl,north",
    "100112": "Fay Visser,3C,100112@north.nl,north",
    "200900": "Zoe Kok,2A,200900@south.nl,south",
    "200901": "Hana Mulder,2A,200901@south.nl,south",
}
MOVED = "WIT; Ann de,Z1,a.dewit@south.nl,south"
"""100108 at another institution with another spelling of the name, another class and another address."""


def deliver(desk: Desk, *more: str, out: str = "two", only: str = "", **changed: str | None) -> Result:
    """Give the list with changed rows, by key; None leaves the row out, and `_` after a key adds one.

    Args: only: the institution of the list.
    """
    people = {**{f"_{key}": row for key, row in PEOPLE.items()}, **changed}
    rows = "".join(f"{key.strip('_')},{row}\n" for key, row in people.items() if row and row.endswith(only))
    (desk.folder / "students.csv").write_text(HEAD + rows.replace(";", ""), "utf-8")
    return desk.run("links", "example", "students.csv", "--key", "nr", "--out", out, *more)


@pytest.fixture
def listed(desk: Desk) -> Desk:
    assert deliver(desk, out="out").exit_code == 0
    return desk


@pytest.fixture
def light(lite: Desk) -> Desk:
    assert deliver(lite, out="out").exit_code == 0
    return lite


def read_links(desk: Desk, out: str = "out") -> dict[str, str]:
    return {row["nr"]: row["link"] for row in read_csv(desk.folder / out / "links.csv")}


def test_a_transfer_with_the_same_name_needs_a_decision(listed):
    refused = deliver(listed, "--yes", _100108=MOVED)
    assert refused.exit_code == 1 and "--moved same" in refused.output and "100108" in refused.output, refused.output
    assert "Wit" not in refused.output and not find(listed, read_links(listed)["100108"]).withdrawn


def test_a_person_who_moved_keeps_the_link_by_the_option(listed):
    done = deliver(listed, "--yes", "--moved", "same", _100108=MOVED)
    seat = find(listed, read_links(listed)["100108"])
    assert done.exit_code == 0 and (seat.institution, seat.withdrawn) == ("south", False), done.output
    assert "north → south: 1" in done.output
    assert "7 stay as they are" in deliver(listed, "--yes", out="three", _100108=MOVED).output


def test_nobody_moves_who_began_while_the_command_waited(listed, monkeypatch):
    link = read_links(listed)["100108"]

    def confirm(*_: object, **__: object) -> bool:
        answer_by(listed, link)
        return True

    monkeypatch.setattr("click.confirm", confirm)
    refused = deliver(listed, "--moved", "same", _100108=MOVED)
    assert refused.exit_code == 1 and "begun to answer there" in refused.output, refused.output
    assert find(listed, link).institution == "north"


def test_a_start_during_the_storage_of_a_move_is_reported_and_mended(listed, monkeypatch):
    link = read_links(listed)["100108"]
    seat = find(listed, link)

    def store_late(*given: Any) -> Any:
        with closing(Database(listed.settings.database_url, "answers")) as answers:
            answer(listed, (answers, answers), seat)
        return store_changes(*given)

    with monkeypatch.context() as patched:
        patched.setattr("survey_engine.cli.links.store_changes", store_late)
        done = deliver(listed, "--yes", "--moved", "same", _100108=MOVED)
    assert done.exit_code == 0 and "1 persons began to answer at their earlier institution" in done.output, done.output
    assert "1 persons have begun at another institution" in listed.run("doctor").output
    assert deliver(listed, "--yes", "--moved", "same", out="three").exit_code == 0
    assert find(listed, link).institution == "north"
    assert "have begun at another institution" not in listed.run("doctor").output


def test_persons_of_one_key_and_name_can_be_others_by_the_option(light):
    done = deliver(light, "--yes", "--moved", "others", _100108=MOVED)
    assert done.exit_code == 0 and "1 get a link; 1 are no longer on the list" in done.output
    assert find(light, read_links(light)["100108"]).withdrawn


@pytest.mark.parametrize("option", [(), ("--moved", "same")])
def test_a_person_who_answered_elsewhere_gets_no_second_link(listed, option):
    answer_by(listed, read_links(listed)["100108"])
    done = deliver(listed, "--yes", *option, _100108=MOVED)
    assert done.exit_code == 1 and not find(listed, read_links(listed)["100108"]).withdrawn


def test_a_removed_person_who_answered_is_named_beside_new_ones_elsewhere(listed):
    answer_by(listed, read_links(listed)["100108"])
    changes = {"_100108": None, "_200955": "Ann Smit-de Wit,Z1,asmit@south.nl,south"}
    refused = deliver(listed, "--yes", **changes)
    assert refused.exit_code == 1 and "1 of these have answered" in refused.output, refused.output
    assert deliver(listed, "--yes", "--rekeyed", "others", **changes).exit_code == 0


def test_another_name_with_the_same_key_needs_no_decision(light):
    done = deliver(light, "--yes", _100108="Ilse van Dam,Z1,ivd@south.nl,south")
    assert done.exit_code == 0 and "1 get a link" in done.output, done.output


WAYS: dict[str, tuple[str, dict[str, str | None]]] = {
    "the list of the new institution": ("south", {"_100108": MOVED}),
    "one list with the person at both": ("", {"100108_": PEOPLE["100108"].removesuffix("north") + "south"}),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_second_link_of_one_key_and_name_needs_the_option(light, way):
    only, changes = WAYS[way]
    refused = deliver(light, "--yes", only=only, **changes)
    assert refused.exit_code == 1 and "--moved others" in refused.output, refused.output
    assert deliver(light, "--yes", "--moved", "same", only=only, **changes).exit_code == 1
    done = deliver(light, "--yes", "--moved", "others", only=only, **changes)
    assert done.exit_code == 0 and "1 of them beside the same name or other values" in done.output


def test_no_earlier_link_is_to_be_withdrawn_that_the_list_withdraws(light):
    done = deliver(light, "--yes", "--moved", "others", _100108=MOVED)
    assert "leave the row out. Different" in done.output, done.output


def test_seats_of_older_releases_move_by_their_key(light):
    with closing(Database(light.settings.identity_url, "identity")) as identity, identity.write() as connection:
        connection.execute(text("UPDATE seat SET name_hash = NULL"))
    assert "--moved same" in deliver(light, "--yes", _100108=MOVED).output
    assert "7 stay as they are" in deliver(light, "--yes").output
    assert deliver(light, "--yes", _100108="Ilse van Dam,Z1,ivd@south.nl,south").exit_code == 0


def test_half_of_an_institution_that_moves_needs_the_option_too(light):
    changes = {f"_{key}": row.replace(",north", ",south") for key, row in list(PEOPLE.items())[:3]}
    refused = deliver(light, "--yes", **changes)
    assert refused.exit_code == 1 and "--remove-most" in refused.output and "3 move to another institution" in refused.output
    assert deliver(light, "--yes", "--remove-most", **changes).exit_code == 0


def test_reminders_and_new_links_have_the_institution_of_the_seat(listed):
    done = deliver(listed, "--yes", "--moved", "same", _100108=MOVED)
    assert "survey-engine remind example FILE" in done.output, done.output
    for words in (("remind", "example"), ("links", "example", "--reissue")):
        outdated = listed.run(*words, "out/links.csv", "--out", "plain")
        assert outdated.exit_code == 1 and "1 rows are out of date" in outdated.output, outdated.output
    corrected = ("--key", "nr", "--corrected", "students.csv")
    commands = {
        "corrected": ("remind", "example", "out/links.csv", *corrected),
        "again": ("remind", "example", "corrected/links.csv", "--key", "nr"),
        "new": ("links", "example", "--reissue", "corrected/links.csv"),
        "after": ("remind", "example", "new/links.csv", *corrected),
    }
    for out, words in commands.items():
        done = listed.run(*words, "--out", out)
        assert done.exit_code == 0, (out, done.output)
        rows = {row["nr"]: row for row in read_csv(listed.folder / out / "links.csv")}
        assert (rows["100108"]["institution"], rows["100109"]["institution"]) == ("south", "north"), out
        assert len(rows) == 7 and rows["100108"]["klas"] == "Z1"


def test_a_moved_person_keeps_no_labels_but_stays_excluded(listed):
    rows = [["100108", "3A", "Zorg", "Hal", "Gezond", "ziek"], ["100109", "3B", "Zorg", "Hal", "Gezond", ""]]
    assert "2 get labels" in label(listed, *rows)
    done = deliver(listed, "--yes", "--moved", "same", _100108=MOVED)
    assert "class (1), domain (1), location (1), team (1)" in done.output, done.output
    assert "1 are excluded, and stay excluded" in done.output
    assert [seat.details for seat in read_seats(listed, "south") if seat.details] == [{"excluded": "ziek"}]


def test_a_reminder_upgrades_a_store_of_an_older_release(light):
    with closing(Database(light.settings.identity_url, "identity")) as identity:
        go_to_revision(identity, command.downgrade, "0012")
    done = light.run("remind", "example", "out/links.csv", "--out", "r")
    assert "7 of 7 links to remind" in done.output, done.output
