"""PostgreSQL only: pgbouncer, settings that lose answers, replicas, row locks."""

from __future__ import annotations

import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, ProgrammingError

from survey_engine.engine.decisions import Save
from survey_engine.settings import read_settings
from survey_engine.storage.answers import StaleResponseError, change_language, load_response, save_page, start_response
from survey_engine.storage.database import Database, read_now
from survey_engine.storage.durability import UnsafeDatabaseError
from tests.databases import Bouncer, PostgresServer, wait_gone
from tests.waiting import wait_until


def start(database: Database, pseudonym: str | None = None) -> int:
    return start_response(
        database,
        questionnaire="job",
        version="v1",
        institution="school",
        language="nl",
        background={},
        pseudonym=pseudonym,
        abandoned_hours=24,
        assign=lambda counts: (),
    )


def make_save(page: str, number: int = 1, *, based_on: int = 0, writer: str = "w") -> Save:
    return Save(page, {"answer": number}, writer, number, based_on, True, 60)


@pytest.fixture
def url(postgres) -> str:
    return postgres.url(postgres.create_database())


@pytest.fixture
def database(url):
    database = Database(url, "answers")
    database.migrate()
    yield database
    database.close()


@pytest.fixture
def bouncer(postgres):
    bouncer = Bouncer(postgres)
    yield bouncer
    bouncer.remove()


def answer_much(database: Database, person: int) -> int:
    """One respondent: starts, saves five pages twice, changes language, completes."""
    id = start(database, f"person{person}")
    for page in range(5):
        save_page(database, id, make_save(f"page{page}"))
        save_page(database, id, make_save(f"page{page}", 2))
    change_language(database, id, "en")
    save_page(database, id, make_save("last"), complete=True)
    return id


def test_everything_works_behind_pgbouncer_in_transaction_mode(postgres, bouncer):
    database = Database(bouncer.url(postgres.create_database()), "answers")
    database.migrate()
    with ThreadPoolExecutor(8) as threads:
        ids = list(threads.map(lambda person: answer_much(database, person), range(40)))
    responses = [load_response(database, id) for id in ids]
    assert all(response and response.completed and response.languages == ("nl", "en") for response in responses)
    assert {len(response.pages) for response in responses if response} == {6}
    database.close()


def count_prepared(database: Database) -> int:
    """The prepared statements of this thread's connection."""
    return int(database.fetch("SELECT count(*) FROM pg_prepared_statements WHERE starts_with(name, 'hot')", {})[0][0])


def test_saves_are_prepared_without_a_pooler_unless_switched_off(postgres, bouncer, url):
    counts = []
    for address in (url, f"{url}?prepared=no", bouncer.url(postgres.create_database())):
        database = Database(address, "answers")
        database.migrate()
        answer_much(database, len(counts))
        counts.append(count_prepared(database))
        database.close()
    assert counts == [1, 0, 0]


def test_a_pooler_that_the_address_does_not_name_is_refused(postgres, bouncer):
    with pytest.raises(UnsafeDatabaseError, match=r"Add `\?pooler=yes`"):
        Database(bouncer.url(postgres.create_database()).partition("?")[0], "answers")


@pytest.mark.parametrize("option", ["pooler=maybe", "prepared=off", "prepared=yes&prepared=no"])
def test_an_option_of_an_address_is_yes_or_no(url, option):
    with pytest.raises(ArgumentError, match="yes or no"):
        Database(f"{url}?{option}", "answers")


@pytest.mark.parametrize("is_pooled", [False, True])
def test_times_are_stored_in_utc_whatever_the_servers_time_zone(postgres, bouncer, url, is_pooled):
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        name = connection.info.dbname
        connection.execute(f"ALTER DATABASE \"{name}\" SET timezone TO 'Pacific/Auckland'")
    with closing(Database(bouncer.url(name) if is_pooled else url, "answers")) as database:
        database.migrate()
        start(database)
        with database.read() as connection:
            late = connection.execute(text("SELECT now() AT TIME ZONE 'UTC' - started_at FROM response")).scalar_one()
        assert abs(late) < timedelta(minutes=5)
        assert abs(read_now(database) - datetime.now(UTC)) < timedelta(minutes=5)


def test_a_text_that_postgresql_would_cut_at_a_zero_byte_is_refused(database):
    id = start(database)
    with pytest.raises(ValueError, match="zero byte"):
        save_page(database, id, make_save("page1", writer="w\0x"))
    assert load_response(database, id).pages == {}


def test_a_prepared_statement_raises_the_same_errors_as_any_other(database):
    id = start(database)
    save_page(database, id, make_save("page1"))
    for statement, kind in (
        ("UPDATE page SET version = :v", IntegrityError),
        ("UPDATE nothing SET version = :v", ProgrammingError),
    ):
        with pytest.raises(kind) as raised:
            database.change(statement, {"v": -4711})
        assert "4711" not in str(raised.value), "what was to be stored is in no message"
    save_page(database, id, make_save("page1", 2))


def raise_in_transaction(database: Database) -> None:
    with suppress(KeyError), database.write() as connection:
        connection.execute(text("SELECT 1"))
        raise KeyError


def fail_in_transaction(database: Database) -> None:
    with suppress(DBAPIError), database.write() as connection:
        connection.execute(text("SELECT 1 / 0"))


def read_snapshot(database: Database) -> None:
    with database.snapshot() as connection:
        connection.execute(text("SELECT 1"))


@pytest.mark.parametrize("use", [raise_in_transaction, fail_in_transaction, read_snapshot])
def test_a_rollback_keeps_the_prepared_statements(postgres, database, use):
    """Those of saves, and those that psycopg prepares for reads. The server's log has no error but that of the transaction."""
    id = start(database)
    save_page(database, id, make_save("page1"))
    while not database.fetch("SELECT name FROM pg_prepared_statements WHERE starts_with(name, '_pg3')", {}):
        pass
    statements = "SELECT name FROM pg_prepared_statements ORDER BY name"
    before, logged = database.fetch(statements, {}), postgres.log.stat().st_size
    use(database)
    save_page(database, id, make_save("page1", 2))

    assert database.fetch(statements, {}) == before
    assert b"prepared statement" not in postgres.log.read_bytes()[logged:]


def test_a_rollback_on_a_broken_connection_breaks_no_later_save(database):
    id = start(database)
    save_page(database, id, make_save("page1"))
    with pytest.raises(DBAPIError), database.write() as connection:
        connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
    save_page(database, id, make_save("page1", 2))
    assert load_response(database, id).pages["page1"].answers == {"answer": 2}


def test_prepared_statements_fail_behind_that_pgbouncer(postgres, bouncer):
    engine = create_engine(
        bouncer.url(postgres.create_database()).partition("?")[0], connect_args={"prepare_threshold": 0}, pool_size=8
    )

    def ask(number):
        with engine.connect() as connection:
            return connection.execute(text(f"SELECT :number + {number % 5}"), {"number": number}).scalar()

    with ThreadPoolExecutor(8) as threads, pytest.raises(DBAPIError, match="prepared statement"):
        list(threads.map(ask, range(200)))
    engine.dispose()


WORDS = "één Zoë € ž 日本 😀"


@pytest.mark.parametrize("is_pooled", [False, True])
@pytest.mark.parametrize("way", ["environment", "role", "url"])
def test_text_is_stored_as_typed_whatever_encoding_the_client_is_given(postgres, bouncer, monkeypatch, is_pooled, way):
    name = postgres.create_database()
    url = bouncer.url(name) if is_pooled else postgres.url(name)
    if way == "environment":
        monkeypatch.setenv("PGCLIENTENCODING", "LATIN1")
    elif way == "role":
        postgres.execute(f"ALTER DATABASE {name} SET client_encoding = 'LATIN1'")
    else:
        url += ("&" if is_pooled else "?") + "client_encoding=latin1"
    with closing(Database(url, "answers")) as database:
        database.migrate()
        id = start(database)
        for number in (1, 2, 3):
            save_page(database, id, Save("page1", {"answer": WORDS + str(number)}, "w", number, 0, True, 60))
        save_page(database, id, Save("page2", {"answer": WORDS}, "w", 1, 0, True, 60), complete=True)
        pages = load_response(database, id).pages
    assert [pages[page].answers["answer"] for page in ("page1", "page2")] == [WORDS + "3", WORDS]
    with psycopg.connect(postgres.dsn(name), client_encoding="utf8") as connection:
        assert WORDS in connection.execute("SELECT answers FROM page WHERE page = 'page1'").fetchone()[0]


@pytest.mark.parametrize("style", ["German, DMY", "SQL, DMY", "Postgres, MDY"])
def test_times_are_read_whatever_style_the_database_writes_them_in(postgres, style):
    name = postgres.create_database()
    postgres.execute(f"ALTER DATABASE {name} SET datestyle = '{style}'")
    with closing(Database(postgres.url(name), "answers")) as database:
        database.migrate()
        id = start(database)
        save_page(database, id, Save("page1", {}, "w", 1, 0, True, 60), complete=True)
        with database.read() as connection:
            found = connection.exec_driver_sql("SELECT started_at, completed_at FROM response").one()
        times = [read_now(database), *(moment if moment.tzinfo else moment.replace(tzinfo=UTC) for moment in found)]
    assert all(abs((moment - datetime.now(UTC)).total_seconds()) < 60 for moment in times)


@pytest.mark.parametrize("encoding", ["LATIN1", "SQL_ASCII"])
def test_a_database_that_cannot_hold_every_text_is_refused(postgres, encoding):
    name = f"old_{encoding.lower()}"
    postgres.execute(f"CREATE DATABASE {name} ENCODING '{encoding}' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'")
    with pytest.raises(UnsafeDatabaseError, match=f"encoding {encoding}.*ENCODING 'UTF8' TEMPLATE template0"):
        Database(postgres.url(name), "answers")


@pytest.mark.parametrize("level", ["serializable", "repeatable read"])
def test_starts_of_one_seat_at_once_all_succeed_at_any_default_isolation(postgres, level):
    name = postgres.create_database()
    postgres.execute(f"ALTER DATABASE {name} SET default_transaction_isolation = '{level}'")
    with closing(Database(postgres.url(name), "answers")) as database, ThreadPoolExecutor(8) as threads:
        database.migrate()
        for seat in range(10):
            together = list(threads.map(lambda _, seat=seat: start(database, f"seat{seat}"), range(8)))
            assert len(set(together)) == 1
        id = start(database)
        list(threads.map(lambda number: save_page(database, id, make_save(f"page{number}")), range(40)))
        with database.snapshot() as connection:
            assert connection.execute(text("SHOW transaction_isolation")).scalar() == "repeatable read"


def test_another_default_isolation_behind_pgbouncer_is_refused(postgres, bouncer):
    name = postgres.create_database()
    postgres.execute(f"ALTER DATABASE {name} SET default_transaction_isolation = 'serializable'")
    with pytest.raises(UnsafeDatabaseError, match=r"default_transaction_isolation=serializable.*read committed"):
        Database(bouncer.url(name), "answers")


@pytest.mark.parametrize("setting", ["synchronous_commit", "fsync", "full_page_writes"])
def test_a_server_that_may_lose_what_it_acknowledged_is_refused(setting):
    server = PostgresServer(**{setting: "off"}).initialise().start()
    try:
        with pytest.raises(UnsafeDatabaseError, match=f"{setting}=off.*Set it to on"):
            Database(server.url("postgres"), "answers")
    finally:
        server.remove()


def test_a_role_that_may_lose_what_is_acknowledged_is_refused(postgres):
    name = postgres.create_database()
    postgres.execute(f"ALTER DATABASE {name} SET synchronous_commit = off")
    with pytest.raises(UnsafeDatabaseError, match="synchronous_commit=off"):
        Database(postgres.url(name), "answers")


def test_a_save_during_a_completion_waits_and_is_refused(database, url):
    """Without the lock on the response, the page would be stored in a complete response."""
    id = start(database)
    with psycopg.connect(url.replace("+psycopg", "")) as completing, ThreadPoolExecutor(1) as other_tab:
        completing.execute("UPDATE response SET completed_at = now() WHERE id = %s", (id,))
        late = other_tab.submit(save_page, database, id, make_save("page1"))
        waits = "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)"
        wait_until(lambda: completing.execute(waits).fetchone() == (True,))
        assert not late.done()
        completing.commit()
        with pytest.raises(StaleResponseError):
            late.result()
    assert load_response(database, id).pages == {}


def test_parallel_saves_completions_and_languages_never_deadlock(database):
    ids = [start(database) for _ in range(20)]
    done: list[int] = []

    def press(id, number):
        begin.wait()
        try:
            if number % 3 == 2:
                save_page(database, id, make_save("page1", writer=f"w{number}"), language="en")
            else:
                save_page(database, id, make_save("page1", writer=f"w{number}"), complete=number % 3 == 0)
        except StaleResponseError:
            return
        done.append(id)

    for id in ids:
        begin = threading.Barrier(6)
        with ThreadPoolExecutor(6) as threads:
            list(threads.map(lambda number, id=id: press(id, number), range(6)))
    assert sorted(done) == sorted(ids)


def test_exports_read_a_replica_that_follows_the_answers(tmp_path):
    main = PostgresServer(wal_level="replica", max_wal_senders="4").initialise()
    copy = PostgresServer(hot_standby="on")
    try:
        main.start().execute("CREATE DATABASE answers")
        database = Database(main.url("answers"), "answers")
        database.migrate()
        main.call("pg_basebackup", "-d", main.dsn("postgres"), "-D", str(copy.data), "-R", "-X", "stream", "-c", "fast")
        copy.start()
        id = start(database)

        settings = read_settings(
            {"SURVEY_DATABASE_URL": main.url("answers"), "SURVEY_REPLICA_URL": copy.url("answers")}, tmp_path
        )
        replica = Database(settings.reading_url, "answers")
        wait_until(lambda: load_response(replica, id))
        with replica.snapshot() as connection:
            assert connection.execute(text("SELECT count(*) FROM response")).scalar() == 1
        with pytest.raises(DBAPIError, match="read-only"):
            start(replica)
        replica.close()
        database.close()
    finally:
        copy.remove()
        main.remove()
        shutil.rmtree(copy.folder, ignore_errors=True)


def test_without_a_replica_exports_read_the_answers(tmp_path):
    assert read_settings({"SURVEY_DATABASE_URL": "postgresql+psycopg://main/answers"}, tmp_path).reading_url.endswith(
        "//main/answers"
    )


@pytest.mark.parametrize("act", [lambda database, id: save_page(database, id, make_save("page2")), load_response])
def test_a_connection_that_broke_while_idle_is_replaced_without_an_error(database, postgres, act):
    id = start(database)
    save_page(database, id, make_save("page1"))
    (pid,) = database.fetch("SELECT pg_backend_pid()", {})[0]
    postgres.execute(f"SELECT pg_terminate_backend({pid})")
    wait_gone([pid])
    act(database, id)
    assert database.fetch("SELECT pg_backend_pid()", {})[0] != (pid,)


def test_after_a_crash_of_the_server_the_same_store_works_again():
    server = PostgresServer().initialise().start()
    database = Database(server.url("postgres"), "answers")
    try:
        database.migrate()
        id = start(database)
        save_page(database, id, make_save("page1"))
        server.crash()
        with pytest.raises(DBAPIError):
            save_page(database, id, make_save("page2"))
        server.start()
        save_page(database, id, make_save("page2"))
        assert set(load_response(database, id).pages) == {"page1", "page2"}
    finally:
        database.close()
        server.remove()


def test_a_store_may_be_closed_more_than_once(url):
    database = Database(url, "answers")
    for _ in range(3):
        database.close()
        assert database.count_connections() == 0
