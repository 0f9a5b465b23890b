"""A PostgreSQL server that accepts connections and does not reply: threads get an error in time, and one at a time tries again."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from time import monotonic
from typing import cast

import psycopg
import pytest
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoConnectionError

from survey_engine.storage.answers import change_language, load_response, save_page
from survey_engine.storage.database import Database
from survey_engine.storage.shared_pool import SharedPool
from tests.databases import Bouncer, PostgresServer
from tests.storage.test_postgresql import make_save, start
from tests.waiting import wait_until

DEADLINE, PATIENCE = 0.5, 20.0
"""Seconds: the limit that the tests set, and the longest wait on a busy machine."""


@pytest.fixture
def database(postgres: PostgresServer) -> Iterator[Database]:
    with closing(Database(postgres.url(postgres.create_database()), "answers")) as database:
        database.migrate()
        database.set_deadline(DEADLINE)
        yield database


@contextmanager
def silence(database: Database) -> Iterator[None]:
    """Let all statements wait: as when a synchronous standby is gone, or pgbouncer has no server."""
    with psycopg.connect(database.url.replace("postgresql+psycopg", "postgresql")) as blocker:
        blocker.execute("LOCK TABLE response, page IN ACCESS EXCLUSIVE MODE")
        yield


@pytest.mark.parametrize(
    "use",
    [
        lambda database, id: save_page(database, id, make_save("page")),
        lambda database, id: save_page(database, id, make_save("page"), complete=True),
        load_response,
        lambda database, id: change_language(database, id, "en"),
        lambda database, id: start(database),
    ],
    ids=["save", "complete", "load", "language", "start"],
)
def test_a_statement_without_a_reply_fails_in_time_and_works_later(database, use):
    id = start(database)
    save_page(database, id, make_save("first"))
    with silence(database):
        began = monotonic()
        with pytest.raises((DBAPIError, NoConnectionError)):
            use(database, id)
        assert DEADLINE <= monotonic() - began < PATIENCE
    wait_until(lambda: works(database, id, use), PATIENCE)


def works(database: Database, id: int, use) -> bool:
    try:
        use(database, id)
    except SQLAlchemyError:
        return False
    return True


def test_one_thread_waits_for_a_silent_server_and_the_others_fail_at_once(database):
    id = start(database)
    waits = []

    def ask() -> None:
        began = monotonic()
        with pytest.raises(SQLAlchemyError):
            load_response(database, id)
        waits.append(monotonic() - began)

    with silence(database):
        with pytest.raises(SQLAlchemyError):
            load_response(database, id)
        wait_until(lambda: is_asked_again(database, id), PATIENCE)
        threads = [threading.Thread(target=ask) for _ in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sum(wait > DEADLINE / 2 for wait in waits) <= 2


def test_a_new_connection_that_a_pooler_lets_wait_fails_in_time(postgres):
    """The pooler accepts it; its first statement waits for a server that another client has."""
    bouncer = Bouncer(postgres, connections=1)
    try:
        url = bouncer.url(postgres.create_database())
        with closing(Database(url, "answers")) as database:
            database.migrate()
            database.set_deadline(DEADLINE)
            cast(SharedPool, database.engine.pool).close_idle()
            with psycopg.connect(url.replace("+psycopg", "").removesuffix("?pooler=yes")) as blocker:
                blocker.execute("SELECT 1")
                began = monotonic()
                with pytest.raises(SQLAlchemyError):
                    load_response(database, 1)
                assert monotonic() - began < PATIENCE
                assert database.find_failure() == "slow"
            wait_until(lambda: works(database, 1, load_response), PATIENCE)
    finally:
        bouncer.remove()


def is_asked_again(database: Database, id: int) -> bool:
    """Whether the pause after the last failure is over: this request waited for the server."""
    began = monotonic()
    with pytest.raises(SQLAlchemyError):
        load_response(database, id)
    return monotonic() - began > DEADLINE / 2


def test_a_server_that_accepts_and_says_nothing_is_given_up():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        began = monotonic()
        with pytest.raises(DBAPIError):
            Database(f"postgresql+psycopg://postgres@127.0.0.1:{silent.getsockname()[1]}/none", "answers")
        assert monotonic() - began < PATIENCE
