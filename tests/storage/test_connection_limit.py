"""At PostgreSQL's connection limit, processes share connections and close idle ones."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from survey_engine.storage import shared_pool
from survey_engine.storage.answers import load_response, save_page
from survey_engine.storage.database import Database
from tests.databases import PostgresServer, wait_closed
from tests.storage.test_postgresql import make_save, start

PATIENCE = 20.0
"""Seconds, for a machine that runs other tests too."""


@pytest.fixture
def limited(postgres: PostgresServer, request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a database whose role has this connection limit."""
    name = postgres.create_database()
    postgres.execute(f"CREATE ROLE {name} LOGIN CONNECTION LIMIT {request.param}")
    postgres.execute(f"ALTER DATABASE {name} OWNER TO {name}")
    yield postgres.url(name).replace("postgres@", f"{name}@")
    postgres.execute(f"DROP DATABASE {name} WITH (FORCE)")
    postgres.execute(f"DROP ROLE {name}")


def open_store(url: str) -> Database:
    database = Database(url, "answers")
    database.migrate()
    return database


@pytest.mark.parametrize("limited", [1], indirect=True)
def test_one_connection_serves_saves_and_starts_in_turn(limited):
    with closing(open_store(limited)) as database:
        for _ in range(3):
            id = start(database)
            save_page(database, id, make_save("page1"))
            save_page(database, id, make_save("page2"), complete=True)
            assert load_response(database, id).completed


@pytest.mark.parametrize("limited", [3], indirect=True)
def test_at_the_limit_saves_and_starts_wait_for_each_other(limited):
    def answer(person: int) -> bool:
        id = start(database, f"person{person}")
        for page in range(4):
            save_page(database, id, make_save(f"page{page}"))
        save_page(database, id, make_save("last"), complete=True)
        return load_response(database, id).completed

    with closing(open_store(limited)) as database, ThreadPoolExecutor(8) as threads:
        assert all(threads.map(answer, range(40)))


@pytest.mark.parametrize("limited", [4], indirect=True)
def test_a_process_closes_idle_connections_for_another(limited, postgres, monkeypatch):
    monkeypatch.setattr(shared_pool, "IDLE", 0.3)
    with ExitStack() as stack:
        first, second = (stack.enter_context(closing(open_store(limited))) for _ in range(2))
        threads = stack.enter_context(ThreadPoolExecutor(4))
        for process in (first, second, first):
            ends, done = time.monotonic() + PATIENCE, 0
            while done < 4 and time.monotonic() < ends:  # all four connections at once
                try:
                    done = sum(threads.map(lambda _, process=process: len(process.fetch("SELECT pg_sleep(0.1)", {})), range(4)))
                    start(process)
                except DBAPIError:
                    done = 0
            assert done == 4
        wait_closed(postgres, limited)
        start(second)


@pytest.mark.parametrize("limited", [1], indirect=True)
def test_a_transaction_that_fails_leaves_its_connection_usable(limited):
    with closing(open_store(limited)) as database:
        id = start(database)
        for number in range(1, 5):
            save_page(database, id, make_save("page1", number))
            assert load_response(database, id).pages["page1"].number == number
            with pytest.raises(ZeroDivisionError), database.write() as connection:
                connection.execute(text("DELETE FROM page"))
                raise ZeroDivisionError
