"""After a withdrawal has returned, no save to the response of its link is stored."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor, wait
from contextlib import closing

import psycopg
import pytest

from survey_engine.engine.decisions import Save
from survey_engine.storage.answers import StaleResponseError, load_response, save_page, start_response
from survey_engine.storage.database import Database
from survey_engine.storage.erasures import has_name, set_names
from tests.faults.serve import open_nursery

ABOUT = {"questionnaire": "job", "version": "1", "institution": "north", "language": "en", "background": {}}
NAMES = ("one", "two", "three")


def make_save(number: int = 1) -> Save:
    return Save("page", {"a": number}, "w", number, 0, done=True, seconds_left=60)


def start(database: Database) -> int:
    return start_response(database, **ABOUT, pseudonym=None, abandoned_hours=24, assign=lambda counts: ())


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    with closing(Database(database_url, "answers")) as database:
        yield database


def save_until_refused(url: str, id: int, name: str) -> int:
    """The number of acknowledged saves of another process."""
    with closing(Database(url, "answers")) as database:
        number = 0
        while True:
            try:
                save_page(database, id, make_save(number + 1), name=name)
            except StaleResponseError:
                return number
            number += 1


def test_no_process_saves_after_a_withdrawal_has_returned(database, database_url):
    ids = [start(database) for _ in NAMES]
    with ProcessPoolExecutor(len(NAMES), open_nursery()) as processes:
        saving = [processes.submit(save_until_refused, database_url, id, name) for id, name in zip(ids, NAMES, strict=True)]
        while min(load_response(database, id).saves for id in ids) < 20:
            assert not wait(saving, 0.01).done
        assert set_names(database, NAMES, withdrawn=True) == 3
        stored = [load_response(database, id).saves for id in ids]
        acknowledged = [one.result() for one in saving]

    assert [load_response(database, id).saves for id in ids] == stored == acknowledged


def test_adding_or_removing_names_twice_changes_nothing(database):
    assert [set_names(database, names, withdrawn=True) for names in (NAMES, NAMES[:2], ())] == [3, 0, 0]
    assert [set_names(database, NAMES[:2], withdrawn=False) for _ in range(2)] == [2, 0]
    assert [has_name(database, name) for name in NAMES] == [False, False, True]


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_a_withdrawal_waits_for_a_save_that_began_before_it(database, database_url):
    """The save has an older snapshot and waits for the row: the withdrawal must not return before it."""
    id = start(database)
    with ThreadPoolExecutor(2) as threads, psycopg.connect(database_url.replace("+psycopg", "")) as holding:
        holding.execute("SELECT 1 FROM response WHERE id = %s FOR UPDATE", (id,))
        early = threads.submit(save_page, database, id, make_save(), name="one")
        await_waiting(holding, 1, early)
        withdrawing = threads.submit(set_names, database, ["one"], withdrawn=True)
        await_waiting(holding, 2, withdrawing)
        assert not early.done() and not withdrawing.done()
        holding.rollback()
        early.result()
        withdrawing.result()
    with pytest.raises(StaleResponseError):
        save_page(database, id, make_save(2), name="one")


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_saves_continue_while_a_withdrawal_waits_for_a_lock(database, database_url):
    """An open transaction of an operator, or a VACUUM, locks the table for a long time."""
    id, slowest = start(database), 0.0
    with ThreadPoolExecutor(1) as threads, psycopg.connect(database_url.replace("+psycopg", "")) as holding:
        holding.execute("LOCK TABLE response IN ROW EXCLUSIVE MODE")
        withdrawing = threads.submit(set_names, database, ["one"], withdrawn=True)
        await_waiting(holding, 1, withdrawing)
        for number in range(1, 40):
            began = time.monotonic()
            save_page(database, id, make_save(number), name="two")
            slowest = max(slowest, time.monotonic() - began)
        with pytest.raises(StaleResponseError):
            save_page(database, id, make_save(99), name="one")
        assert not withdrawing.done()
        holding.rollback()
        assert withdrawing.result() == 1
    assert slowest < 2


def await_waiting(connection: psycopg.Connection, count: int, last: Future[object]) -> None:
    """Wait until this number of connections wait for a lock, or the last one has finished."""
    waiting = "SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted"
    while not last.done() and connection.execute(waiting).fetchone() != (count,):
        pass
