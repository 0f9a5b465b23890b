"""A panel address that was taken back or corrected does not return with a backup, in whichever state the backup was made."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from survey_engine.engine.response_state import Response
from survey_engine.engine.routing import Respondent
from survey_engine.fieldwork.contact_keys import ContactKeys
from survey_engine.fieldwork.erasure import Stores, apply_list, erase, list_not_in_effect
from survey_engine.fieldwork.erasure_list import ERASED_RESPONSE, ErasureEntry, read_entries
from survey_engine.fieldwork.panel import FEWEST_WAITING, Panels
from survey_engine.operations.maintenance import Installation, renew_keys
from survey_engine.storage.answers import start_response
from survey_engine.storage.database import Database
from survey_engine.storage.panels import list_members, store_waiting
from tests.databases import ENGINES, make_url

PANEL, MINE = "q/panel", "me@example.org"
TABLES = {"answers": ("panel_waiting", "response"), "identity": ("panel_member",)}
OLD, NEW = "c" * 40, "n" * 40


class Person:
    """One respondent who signs up for a panel, and backups of both stores."""

    def __init__(self, answers: Database, identity: Database, path: Path) -> None:
        self.panels = Panels(answers, identity, ContactKeys([OLD]), "p" * 40, path)
        id = start_response(
            answers,
            questionnaire="q",
            version="v",
            institution="demo",
            language="en",
            background={},
            pseudonym=None,
            abandoned_hours=24,
            assign=lambda counts: (),
        )
        self.response = Response(id, "q", "v", Respondent("demo", "en", {}))
        self.backup: dict[str, list[tuple[str, list[dict[str, Any]]]]] = {}

    def open_stores(self) -> Stores:
        return Stores(self.panels.answers, self.panels.identity, "p" * 40)

    def sign_up(self, address: str = MINE) -> None:
        self.store(self.response, address)

    def store(self, response: Response, address: str) -> None:
        with self.panels.record_cancelled() as on_replaced, self.panels.answers.write() as connection:
            store_waiting(connection, self.panels.encrypt(response, "panel", address), on_replaced)

    def correct(self) -> None:
        assert self.panels.change(self.response, "panel", "corrected@example.org")

    def take_back(self) -> None:
        assert self.panels.change(self.response, "panel", "")
        assert self.panels.read_waiting(self.response) == {}

    def join(self) -> None:
        for number in range(FEWEST_WAITING):
            self.store(self.response._replace(id=number), f"{number}@example.org")
        assert self.panels.hand_over_batch(PANEL)

    def erase(self) -> None:
        stores = self.open_stores()
        number = stores.hash_number("q", self.response.id)
        erase(stores, self.panels.erasures, ErasureEntry(ERASED_RESPONSE, "q", number))

    def renew_keys(self) -> None:
        keys = ContactKeys([NEW, OLD])
        self.panels = Panels(self.panels.answers, self.panels.identity, keys, "p" * 40, self.panels.erasures)
        renew_keys(
            Installation(
                answers=self.panels.answers,
                identity=self.panels.identity,
                keys=keys,
                pseudonym_key="p" * 40,
                erasures=self.panels.erasures,
                find_closing=lambda code: None,
            )
        )

    def back_up(self) -> None:
        for store in (self.panels.answers, self.panels.identity):
            with store.read() as connection:
                copies = [(table, connection.execute(text(f"SELECT * FROM {table}")).mappings()) for table in TABLES[store.store]]
                self.backup[store.store] = [(table, [dict(row) for row in rows]) for table, rows in copies]

    def restore(self, *names: str) -> None:
        """Restore stores, and apply the list as the runbook says."""
        for store in (self.panels.answers, self.panels.identity):
            with store.write() as connection:
                for table, rows in self.backup[store.store] if store.store in names else ():
                    connection.execute(text(f"DELETE FROM {table}"))
                    for row in rows:
                        columns = ", ".join(row)
                        connection.execute(text(f"INSERT INTO {table} ({columns}) VALUES (:{', :'.join(row)})"), row)
        apply_list(self.open_stores(), self.panels.erasures)
        assert list_not_in_effect(self.open_stores(), read_entries(self.panels.erasures)) == []
        self.panels.remove_joined()

    def list_shown(self) -> list[str]:
        return [*self.panels.read_waiting(self.response).values()]

    def list_reached(self) -> set[str]:
        """The addresses of this person that reach the panel in the end."""
        self.panels.hand_over(PANEL)
        found = {member.address for member in list_members(self.panels.identity)}
        return {address for address in found if not address[0].isdecimal()}


@pytest.fixture(params=ENGINES)
def person(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Person]:
    answers, identity = (Database(make_url(request.param, request, tmp_path / f"{it}.db"), it) for it in ("answers", "identity"))
    yield Person(answers, identity, tmp_path / "erasures.csv")
    answers.close()
    identity.close()


Step = Callable[[Person], None]
AFTER: dict[str, tuple[list[Step], set[str], set[str]]] = {
    "waiting": ([], {MINE}, {MINE}),
    "in the panel": ([Person.join], {MINE}, {MINE}),
    "confirmed": ([Person.sign_up], {MINE}, {MINE}),
    "corrected": ([Person.correct], {"corrected@example.org"}, set()),
    "taken back": ([Person.take_back], set(), set()),
    "taken back after new keys": ([Person.renew_keys, Person.take_back], set(), set()),
    "taken back and signed up again": ([Person.take_back, Person.sign_up], {MINE}, set()),
    "signed up again and taken back": ([Person.take_back, Person.sign_up, Person.take_back], set(), set()),
    "erased": ([Person.erase], set(), set()),
}
"""State → steps after the backup, the addresses that reach the panel without a restore, and with the older answers."""
RESTORED = pytest.mark.parametrize("restored", [["answers"], ["identity"], ["answers", "identity"]], ids="+".join)


@RESTORED
@pytest.mark.parametrize("state", AFTER)
def test_a_restore_brings_back_no_cancelled_address(person: Person, state: str, restored: list[str]) -> None:
    steps, now, older = AFTER[state]
    person.sign_up()
    person.back_up()
    for step in steps:
        step(person)
    person.restore(*restored)
    expected = older if "answers" in restored else now
    if state == "in the panel" and restored == ["identity"]:
        expected = set()  # the panel of the backup does not have it

    assert person.list_reached() == expected


@RESTORED
def test_after_a_restore_only_what_has_not_joined_can_be_taken_back(person: Person, restored: list[str]) -> None:
    person.sign_up()
    person.back_up()
    person.join()
    person.restore(*restored)

    assert person.list_shown() == ([MINE] if restored == ["answers", "identity"] else [])


@RESTORED
def test_a_backup_of_a_later_sign_up_keeps_it(person: Person, restored: list[str]) -> None:
    person.sign_up()
    person.take_back()
    person.sign_up()
    person.back_up()
    person.restore(*restored)

    assert person.list_shown() == [MINE]


def test_nothing_is_taken_back_when_the_list_cannot_be_written(person: Person) -> None:
    person.sign_up()
    person.panels.erasures.mkdir()
    with pytest.raises(OSError):
        person.panels.change(person.response, "panel", "")

    assert person.list_shown() == [MINE]


def test_the_same_address_again_needs_no_list(person: Person) -> None:
    person.sign_up()
    person.panels.erasures.mkdir()
    person.sign_up()

    assert person.panels.change(person.response, "panel", MINE) and person.list_shown() == [MINE]


def fail_to_correct(person: Person) -> None:
    """A correction whose commit fails."""
    with (
        pytest.raises(ConnectionError),
        person.panels.record_cancelled() as on_replaced,
        person.panels.answers.write() as connection,
    ):
        store_waiting(connection, person.panels.encrypt(person.response, "panel", "corrected@example.org"), on_replaced)
        raise ConnectionError


def test_a_correction_that_was_not_stored_cancels_nothing(person: Person) -> None:
    person.sign_up()
    person.back_up()
    fail_to_correct(person)
    stores, entries = person.open_stores(), read_entries(person.panels.erasures)
    assert list_not_in_effect(stores, entries) == [] and apply_list(stores, person.panels.erasures) == (0, 0)
    assert person.panels.complete_cancelled() == 0
    person.restore("answers")

    assert person.list_reached() == {MINE}


def test_a_correction_after_one_that_was_not_stored_counts(person: Person) -> None:
    person.sign_up()
    person.back_up()
    fail_to_correct(person)
    person.correct()
    person.restore("answers")

    assert person.list_reached() == set()


def test_a_stop_after_the_commit_is_completed_by_the_next_job(person: Person) -> None:
    """The correction is stored, but the list has only its beginning."""
    person.sign_up()
    person.back_up()
    person.correct()
    begun, _ = person.panels.erasures.read_text().splitlines()
    person.panels.erasures.write_text(f"{begun}\n")
    assert [person.panels.complete_cancelled() for _ in range(2)] == [1, 0]
    person.restore("answers")

    assert person.list_reached() == set()


def test_a_stored_correction_is_no_error_when_the_list_fails_after_it(person: Person) -> None:
    person.sign_up()
    path = person.panels.erasures
    with person.panels.record_cancelled() as on_replaced:
        with person.panels.answers.write() as connection:
            store_waiting(connection, person.panels.encrypt(person.response, "panel", "corrected@example.org"), on_replaced)
        path.rename(path.with_suffix(".kept"))
        path.mkdir()
    path.rmdir()
    path.with_suffix(".kept").rename(path)

    assert person.panels.complete_cancelled() == 1


def test_the_list_contains_no_address(person: Person) -> None:
    person.sign_up()
    person.take_back()
    lines = [line.split(",") for line in person.panels.erasures.read_text().splitlines()]

    assert [line[:2] for line in lines] == [["cancelling sign-up", "q"], ["cancelled sign-up", "q"]]
    assert lines[0][2] == lines[1][2] and lines[0][2].isdecimal()
