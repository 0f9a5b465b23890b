"""Labels of responses that had begun: hidden while too few persons share them, and shown again when enough do."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from survey_engine.engine.decisions import Save
from survey_engine.fieldwork.invitations.links import find_by_link, read_token
from survey_engine.storage.answers import save_page
from survey_engine.storage.database import Database
from survey_engine.storage.erasures import erase_response, mark_withdrawn
from survey_engine.storage.response_counts import StoredLabels, settle_backgrounds
from survey_engine.storage.retention import delete_contacts, delete_links
from tests.cli.test_backup import move_to_empty_stores, name_copies
from tests.cli.test_erase import make_desk
from tests.cli.test_roster_labels import add, assign, begin, count_begun, count_teams, label, make_teams, read_numbers, withdraw
from tests.command import Desk
from tests.databases import ON_BOTH


@pytest.fixture
def teams(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database_url: str, identity_url: str) -> Desk:
    return make_teams(make_desk(tmp_path, monkeypatch, database_url, identity_url))


def test_begun_responses_lose_labels_that_too_few_share_until_enough_do(teams):
    label(teams, *assign("AAAAAABBBBBB"))
    begin(teams, 0, 5, 6)
    assert count_begun(teams) == {"A": 2, "B": 1}
    assert "were hidden in 3 responses" in withdraw(teams, 1, 2, 3)
    assert count_begun(teams) == {None: 3}
    begin(teams, 7)
    assert "3 responses that had begun got back their labels" in withdraw(teams, 1, 2, 3, action="--restore")
    assert count_teams(teams) == {"A": 6, "B": 6}
    assert count_begun(teams) == {"A": 2, "B": 1, None: 1}, "a response that began without labels gets none"


def test_labels_of_all_begun_responses_come_back_after_a_withdrawn_list(teams):
    label(teams, *assign("AAAAAABBBBBB"))
    begin(teams, 0, 1, 6)
    for _ in range(2):
        withdraw(teams, *range(12))
        assert count_begun(teams) == {None: 3}
        assert "responses were hidden" in teams.run("maintain").output
        assert count_begun(teams) == {None: 3}
        withdraw(teams, *range(12), action="--restore")
        assert count_begun(teams) == {"A": 2, "B": 1}


def test_a_later_person_of_the_team_brings_the_labels_back(teams):
    label(teams, *assign("AAAAAABBBBBB"))
    begin(teams, 0, 6)
    withdraw(teams, 1, 2)
    assert count_begun(teams) == {None: 2}
    add(teams, range(100, 102), "--add")
    label(teams, *assign("AAAAAABBBBBB"), *[[f"0{number}", "3A", "A", "Hal", "Gezond", ""] for number in (100, 101)])
    assert count_begun(teams) == {"A": 1, "B": 1}


LATE = [[f"0{number}", "3A", team, "Hal", "Gezond", ""] for number, team in enumerate("AAAAAB", 100)]
"""Labels of six later persons."""


def test_a_restored_identity_store_older_than_a_list_loses_no_labels(teams, request):
    """After the restore the lists are incomplete until they are used again."""
    withdraw(teams, 11)
    assert teams.run("backup", *name_copies(teams)).exit_code == 0
    add(teams, range(100, 106), "--add", "--rekeyed", "others")
    label(teams, *assign("AAAABBBBBBBB"), *LATE)
    begin(teams, 0, 1, 4)
    assert teams.run("backup", *name_copies(teams, "later")).exit_code == 0
    move_to_empty_stores(teams, request)
    copies = {name: str(teams.folder / place / name) for place, name in [("later", "answers"), ("copy", "identity")]}
    done = teams.run("restore", *[word for name, file in copies.items() for word in (f"--{name}", file)])
    assert done.exit_code == 0, done.output
    label(teams, *assign("AAAABBBBBBBB"))
    assert "were hidden" in teams.run("maintain").output and count_begun(teams) == {None: 3}, "the list of teams is incomplete"
    add(teams, range(100, 106), "--add", "--rekeyed", "others")
    label(teams, *assign("AAAABBBBBBBB"), *LATE)
    assert teams.run("erase", "--again").exit_code == 0
    assert count_begun(teams) == {"A": 2, "B": 1}


@ON_BOTH
def test_hidden_labels_tell_nothing_without_the_contact_keys(teams):
    label(teams, *assign("AAAAAABBBBBB"))
    begin(teams, 0, 7)
    withdraw(teams, 1, 2)
    begin(teams, 6)
    withdraw(teams, 1, 2, action="--restore")
    withdraw(teams, 1, 2)
    with closing(Database(teams.settings.database_url, "answers")) as answers, answers.read() as connection:
        rows = connection.execute(text("SELECT background, sealed_labels FROM response")).all()
    assert {row.background for row in rows} == {'{"path": "bol"}'}
    assert len({len(row.sealed_labels) for row in rows}) == 1 and len({row.sealed_labels for row in rows}) == 3


def test_the_worker_hides_labels_of_a_response_that_began_meanwhile(teams):
    label(teams, *assign("AAAAAABBBBBB"))
    links = read_numbers(teams)
    begin(teams, 0)
    with closing(Database(teams.settings.identity_url, "identity")) as identity:
        seats = [seat.id for number in range(1, 6) if (seat := find_by_link(identity, read_token(links[f"{number:04}"])))]
        mark_withdrawn(identity, seats, withdrawn=True)
    assert "The labels of 7 persons and 1 responses were hidden, and" in teams.run("maintain").output
    assert count_begun(teams) == {None: 1} and count_teams(teams) == {None: 7}


@ON_BOTH
def test_hidden_labels_are_encrypted_with_the_first_key_after_a_rotation(teams):
    label(teams, *assign("AAAAAABBBBBB"))
    begin(teams, 0)
    withdraw(teams, 1, 2)
    new = "new-key-of-at-least-32-characters!"
    teams.set(SURVEY_CONTACT_KEYS=f"{new},{teams.settings.contact_keys[0]}")
    assert teams.run("maintain", "--renew-keys").exit_code == 0
    teams.set(SURVEY_CONTACT_KEYS=new)
    withdraw(teams, 1, 2, action="--restore")
    assert count_begun(teams) == {"A": 1}


@ON_BOTH
@pytest.mark.parametrize("delete", [delete_contacts, delete_links])
def test_hidden_labels_are_deleted_with_what_the_lists_said(teams, delete):
    label(teams, *assign("AAAAAABBBBBB"))
    begin(teams, 0)
    withdraw(teams, 1, 2)
    with closing(Database(teams.settings.database_url, "answers")) as answers:
        assert answers.fetch("SELECT count(sealed_labels) FROM response", {})[0][0] == 1
        with closing(Database(teams.settings.identity_url, "identity")) as identity:
            delete(answers, identity, "example")
        assert answers.fetch("SELECT count(sealed_labels) FROM response", {})[0][0] == 0


def list_counts(teams: Desk) -> list[int]:
    """The saves of each response that are not saves of its pages."""
    with closing(Database(teams.settings.database_url, "answers")) as answers:
        counted = "SELECT r.saves - sum(p.version) FROM response r JOIN page p ON p.response_id = r.id GROUP BY r.id, r.saves"
        return [int(row[0]) for row in answers.fetch(counted, {})]


@ON_BOTH
def test_no_count_tells_whose_labels_were_hidden_or_shown(teams):
    label_three_teams(teams)
    begin(teams, 0, 5, 10, 11)
    save_pages(teams)
    for action in ("--withdraw", "--restore"):
        withdraw(teams, 1, 6, action=action)
        save_pages(teams)
        assert count_begun(teams) == ({"C": 2, None: 2} if action == "--withdraw" else {"A": 1, "B": 1, "C": 2})
        assert len(set(list_counts(teams))) == 1


def label_three_teams(teams: Desk) -> None:
    """Teams of 5, 5 and 8 persons: the labels of two may be hidden and those of the third stay."""
    add(teams, range(100, 106), "--add", "--rekeyed", "others")
    label(teams, *assign("AAAAABBBBBCC"), *[[*row[:2], "C", *row[3:]] for row in LATE])


def save_pages(teams: Desk) -> None:
    with closing(Database(teams.settings.database_url, "answers")) as answers:
        for (id,) in answers.fetch("SELECT id FROM response", {}):
            version = answers.fetch("SELECT version FROM page WHERE response_id = :id", {"id": id})
            save_page(answers, id, Save("p", {}, "w", 1, version[0][0] if version else 0, done=True, seconds_left=1))


@ON_BOTH
def test_no_seat_tells_whose_labels_were_hidden(teams):
    """All tokens of an institution are new, or none."""
    label_three_teams(teams)
    before = list_tokens(teams)
    teams.run("maintain")
    assert list_tokens(teams) == before
    withdraw(teams, 1, 6)
    assert not list_tokens(teams) & before


def list_tokens(teams: Desk) -> set[str]:
    with closing(Database(teams.settings.identity_url, "identity")) as identity:
        return {row[0] for row in identity.fetch("SELECT sealed FROM seat WHERE institution = 'north'", {})}


@ON_BOTH
def test_a_recount_writes_nothing_onto_a_response_erased_meanwhile(teams):
    label(teams, *assign("AAAAAABBBBBB"))
    begin(teams, 0, 6)
    with closing(Database(teams.settings.database_url, "answers")) as answers:
        ((erased,), _) = answers.fetch("SELECT id FROM response ORDER BY id", {})

        def settle(_: str, stored: StoredLabels) -> StoredLabels:
            erase_response(answers, "example", erased, str)
            return StoredLabels({"team": "A"}, "labels")

        with answers.write() as connection:
            connection.execute(text("UPDATE response SET background = '{}'"))
        settle_backgrounds(answers, "example", "north", settle)
        (row,) = answers.fetch(
            "SELECT questionnaire, background, sealed_labels, saves FROM response WHERE id = :id", {"id": erased}
        )
        assert tuple(row) == ("", "{}", None, 0)
