"""Group commit: threads share a transaction, and each gets its own result or error."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from threading import Barrier

import pytest
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError

from survey_engine.engine.decisions import Save
from survey_engine.storage.answers import StaleResponseError, load_response, save_page, start_response
from tests.databases import open_sqlite

THREADS, ROUNDS = 8, 40


@contextmanager
def overhear(database):
    """The statements that are executed in the block."""
    heard = []

    def listen(connection, cursor, statement, *more):
        heard.append(statement)

    event.listen(database.engine, "before_cursor_execute", listen)
    yield heard
    event.remove(database.engine, "before_cursor_execute", listen)


@pytest.fixture
def database(tmp_path):
    database = open_sqlite(tmp_path / "answers.db")
    yield database
    database.close()


def start(database):
    return start_response(
        database,
        questionnaire="q",
        version="v",
        institution="i",
        language="en",
        background={},
        pseudonym=None,
        abandoned_hours=24,
        assign=lambda counts: [],
    )


def make_save(answer, number, based_on=0):
    return Save("page", {"answer": answer}, f"writer{answer}", number, based_on, False, 60)


def test_every_thread_finds_its_own_save_stored(database):
    responses = [start(database) for _ in range(THREADS)]
    together = Barrier(THREADS)

    def work(response):
        for number in range(1, ROUNDS + 1):
            together.wait()
            save_page(database, response, make_save(response, number))

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(work, responses))
    for response in responses:
        stored = load_response(database, response).pages["page"]
        assert (stored.answers, stored.number, stored.saves) == ({"answer": response}, ROUNDS, ROUNDS)


def test_concurrent_saves_share_a_transaction(database):
    responses = [start(database) for _ in range(THREADS)]
    together = Barrier(THREADS)

    def work(response):
        for number in range(1, ROUNDS + 1):
            together.wait()
            save_page(database, response, make_save(response, number))

    with overhear(database) as heard, ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(work, responses))
    statements = [statement.split()[0] for statement in heard]
    assert statements.count("INSERT") == THREADS * ROUNDS
    assert 0 < statements.count("COMMIT") < THREADS * ROUNDS / 2


def test_of_concurrent_saves_of_a_page_all_but_one_are_refused(database):
    together = Barrier(THREADS)

    def work(response, name):
        together.wait()
        try:
            save_page(database, response, make_save(name, 1))
        except StaleResponseError:
            return "lost"
        return name

    for _ in range(5):
        response = start(database)
        with ThreadPoolExecutor(THREADS) as pool:
            outcomes = list(pool.map(work, [response] * THREADS, range(THREADS)))
        (won,) = [outcome for outcome in outcomes if outcome != "lost"]
        assert load_response(database, response).pages["page"].answers == {"answer": won}


def test_a_failed_save_does_not_affect_the_others_of_its_batch(database):
    response = start(database)
    together = Barrier(THREADS)

    def work(name):
        together.wait()
        try:
            if name:
                save_page(database, response, Save(f"page{name}", {}, "w", 1, 0, False, 60))
            else:
                database.change("INSERT INTO no_such_table VALUES (:value)", {"value": 1})
        except DBAPIError:
            return "failed"
        return "stored"

    for _ in range(10):
        with ThreadPoolExecutor(THREADS) as pool:
            outcomes = list(pool.map(work, range(THREADS)))
        assert outcomes == ["failed", *["stored"] * (THREADS - 1)]
    assert len(load_response(database, response).pages) == THREADS - 1


class Unreadable(dict):
    """Values that raise an exception when the driver reads them."""

    def __init__(self, error):
        super().__init__()
        self.error = error

    def __getitem__(self, name):
        raise self.error

    def __missing__(self, name):
        raise self.error


@pytest.mark.parametrize("error", [RuntimeError("ours"), KeyboardInterrupt()])
def test_an_error_that_is_not_the_drivers_leaves_no_transaction_open(database, error):
    """Saves of the same batch are stored or raise; none is acknowledged in a transaction that is not committed."""
    response, statement, together = start(database), "UPDATE response SET saves = :saves", Barrier(THREADS)

    def work(number):
        together.wait()
        return database.change(statement, {"saves": number} if number else Unreadable(error))

    with overhear(database) as heard:
        for _ in range(100):
            with ThreadPoolExecutor(THREADS) as pool:
                bad, *good = [pool.submit(work, number) for number in range(THREADS)]
            assert [saved.result() for saved in good] == [1] * (THREADS - 1)
            with pytest.raises(type(error)):
                bad.result()
            with closing(sqlite3.connect(database.engine.url.database)) as other:
                assert other.execute("SELECT saves FROM response WHERE id = ?", (response,)).fetchone()[0] in range(1, THREADS)
            if "ROLLBACK" in heard:  # the error was in a batch
                break
    assert "ROLLBACK" in heard
    save_page(database, response, make_save("after", 1))
