"""`survey-engine maintain` and `panel`: last addresses join, keys are renewed, addresses are exported."""

from __future__ import annotations

import csv
import json
import stat
from collections.abc import Iterator
from contextlib import closing

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import text

from survey_engine.cli.maintain import open_installation
from survey_engine.fieldwork.contact_keys import ContactKeys
from survey_engine.fieldwork.invitations.links import decrypt_seat, find_by_link, give_links
from survey_engine.fieldwork.key_checks import record_keys
from survey_engine.fieldwork.panel import Panels
from survey_engine.fieldwork.signing import hash_token
from survey_engine.operations.maintenance import hide_requests
from survey_engine.storage.database import Database
from survey_engine.storage.identity import Seat, has_clear_seats
from survey_engine.storage.lms import bind_seat, put_report
from survey_engine.storage.panels import WaitingAddress, count_waiting, list_members, store_waiting
from tests.cli.test_erase import make_desk
from tests.command import Desk
from tests.databases import ON_BOTH

OLD, NEW = "o" * 32, "n" * 32


@pytest.fixture
def desk(tmp_path, monkeypatch, database_url, identity_url) -> Desk:
    monkeypatch.setenv("SURVEY_CONTACT_KEYS", OLD)
    return make_desk(tmp_path, monkeypatch, database_url, identity_url)


@pytest.fixture
def panels(desk: Desk) -> Iterator[Panels]:
    with (
        closing(Database(desk.settings.database_url, "answers")) as answers,
        closing(Database(desk.settings.identity_url, "identity")) as identity,
    ):
        yield Panels(answers, identity, desk.contact_keys, desk.settings.pseudonym_key, desk.settings.erasures)


def sign_up(panels: Panels, *addresses: str) -> None:
    with panels.record_cancelled() as on_replaced, panels.answers.write() as connection:
        for address in addresses:
            waiting = WaitingAddress(address, "example/panel", panels.keys.encrypt(address, 512), 1)
            store_waiting(connection, waiting, on_replaced)


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_no_row_about_a_launch_tells_when_it_was_written(desk):
    """The numbers of transactions and the places of rows beside the starts of responses: 9 of 30 persons were joined by rank."""
    with closing(Database(desk.settings.identity_url, "identity")) as identity:
        for number in range(30):
            put_report(identity, f"{number:032}", desk.contact_keys.encrypt("{}", 512))
            assert bind_seat(identity, f"{number:032}", "example", "p")
        with open_installation(desk.settings) as installation:
            hide_requests(installation)
        for table in ("lms_report", "lms_seat"):
            rows = [tuple(row) for row in identity.fetch(f"SELECT name, CAST(xmin AS text) FROM {table} ORDER BY ctid", {})]
            assert len(rows) == 30 and len({written for _, written in rows}) == 1 and rows != sorted(rows)


def close(desk: Desk) -> None:
    path = desk.settings.questionnaires / "example" / "questionnaire.yaml"
    path.write_text(f"{path.read_text()}\nopens: 2020-01-01\ncloses: 2020-02-01\n")


def read_handed(desk: Desk) -> list[str]:
    with (desk.folder / "panel.csv").open(encoding="utf-8-sig") as file:
        return [row["address"] for row in csv.DictReader(file, delimiter=";")]


def test_the_last_addresses_join_the_panel_after_the_questionnaire(desk, panels):
    sign_up(panels, "a@b.example", "c@d.example")
    before = desk.run("maintain").output
    close(desk)
    after = desk.run("maintain").output

    assert "0 addresses joined a panel; 2 are waiting." in before
    assert "2 addresses joined a panel; 0 are waiting." in after
    assert {member.address for member in list_members(panels.identity)} == {"a@b.example", "c@d.example"}


def test_addresses_wait_as_long_as_the_questionnaire_is_open_anywhere(desk, panels):
    sign_up(panels, "a@b.example")
    close(desk)
    (desk.settings.questionnaires / "example" / "late.yaml").write_text("institution: late\nname: Late\ncloses: 2999-12-31\n")

    assert "0 addresses joined a panel; 1 are waiting." in desk.run("maintain").output


@ON_BOTH
def test_addresses_go_to_a_private_file_without_those_that_wait(desk, panels):
    sign_up(panels, *(f"{number}@b.example" for number in range(40)))
    panels.hand_over("example/panel")
    sign_up(panels, "late@b.example")
    done = desk.run("panel", "example", "--out", "panel.csv")

    assert "40 addresses in panel.csv; 1 are still waiting." in done.output
    assert len(read_handed(desk)) == 40 and read_handed(desk) != sorted(read_handed(desk))
    assert stat.S_IMODE((desk.folder / "panel.csv").stat().st_mode) == 0o600
    assert "exists already" in desk.run("panel", "example", "--out", "panel.csv").output


@ON_BOTH
def test_a_panel_can_be_closed_by_hand(desk, panels):
    sign_up(panels, "a@b.example")
    assert (
        "1 addresses in panel.csv; 0 are still waiting." in desk.run("panel", "example", "--out", "panel.csv", "--close").output
    )
    assert count_waiting(panels.answers) == {}


@ON_BOTH
def test_keys_are_renewed_and_the_old_one_can_be_removed(desk, panels):
    (token,) = give_links(panels.identity, panels.keys, [Seat("example", "north", {"path": "bol"}, "en")])
    sign_up(panels, "a@b.example")
    desk.set(SURVEY_CONTACT_KEYS=f"{NEW},{OLD}")
    done = desk.run("maintain", "--renew-keys").output
    desk.set(SURVEY_CONTACT_KEYS=NEW)
    seat = decrypt_seat(ContactKeys([NEW]), find_by_link(panels.identity, token))

    assert "1 seats and 1 waiting addresses were encrypted with the first key" in done
    assert (seat.background, seat.language) == ({"path": "bol"}, "en")
    assert "1 addresses in" in desk.run("panel", "example", "--out", "panel.csv", "--close").output


def test_without_the_right_key_nothing_is_lost_and_a_remedy_is_printed(desk, panels):
    sign_up(panels, "a@b.example")
    close(desk)
    desk.set(SURVEY_CONTACT_KEYS=NEW)
    done = desk.run("maintain")

    assert done.exit_code == 1 and "Set its earlier value" in done.output
    assert count_waiting(panels.answers) == {"example/panel": 1}


@ON_BOTH
def test_seats_of_an_older_version_are_encrypted_and_found_in_no_file(desk, panels):
    """The migration has no key, so the next start or `maintain` encrypts the seats that it leaves in clear."""
    store = panels.identity
    migrate_to(store, "0001", down=True)
    clear = {"path": "bol", "programme": "a rare programme"}
    with store.write() as connection:
        connection.execute(
            text(
                "INSERT INTO seat (id, questionnaire, institution, link_hash, background, language, withdrawn)"
                " VALUES (7, 'example', 'north', :hash, :background, 'en', :no)"
            ),
            {"hash": hash_token("token"), "background": json.dumps(clear), "no": False},
        )
    store.migrate()
    assert has_clear_seats(store)
    assert "1 unencrypted seats were encrypted." in desk.run("maintain").output
    seat = decrypt_seat(panels.keys, find_by_link(store, "token"))

    assert (seat.background, seat.language, seat.id) == (clear, "en", 7)
    assert not has_clear_seats(store)
    assert not any(b"a rare programme" in path.read_bytes() for path in desk.folder.glob("identity.db*"))


def migrate_to(database: Database, revision: str, *, down: bool) -> None:
    with database.write() as connection:
        config = Config()
        config.set_main_option("script_location", "survey_engine:storage/migrations/identity")
        config.attributes["connection"] = connection
        (command.downgrade if down else command.upgrade)(config, revision)


def test_a_job_that_fails_does_not_stop_the_others(desk, panels):
    """The first jobs need the key, the last do not."""
    sign_up(panels, "a@b.example")
    close(desk)
    expected = desk.run("maintain").output.splitlines()
    sign_up(panels, "c@d.example")
    desk.set(SURVEY_CONTACT_KEYS=NEW)
    record_keys(desk.settings, panels.answers, panels.identity, accept=True)
    done = desk.run("maintain")

    assert done.exit_code == 1 and "The job close-panels failed: LostContactKeyError." in done.output
    assert len([line for line in done.output.splitlines() if line in expected]) >= len(expected) - 2
