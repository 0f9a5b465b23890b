"""Opening a database: durable settings, private files, migrations."""

from __future__ import annotations

import os
import sqlite3
import stat
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from survey_engine.engine.decisions import Save
from survey_engine.storage import database as module
from survey_engine.storage.answers import StaleResponseError, load_response, save_page
from survey_engine.storage.database import Database
from survey_engine.storage.durability import UnsafeDatabaseError, check_durability
from survey_engine.storage.tables import AnswerTable, IdentityTable

MIGRATIONS = Path(module.__file__).parent / "migrations"
STORES = {"answers": AnswerTable.metadata, "identity": IdentityTable.metadata}


@pytest.mark.parametrize("store", STORES)
def test_the_migrations_make_exactly_the_tables_of_the_models(empty_url, store):
    database = Database(empty_url, store)
    database.migrate()
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": False})
        assert compare_metadata(context, STORES[store]) == []
    database.close()


def test_answers_stored_before_saves_were_counted_stay_and_count(empty_url):
    before = Database(empty_url, "answers")
    go_to_revision(before, command.upgrade, "0001")
    with before.write() as connection:
        columns = "questionnaire, version, institution, language, languages, background, modules"
        connection.execute(text(f"INSERT INTO response ({columns}) VALUES ('q', 'v', 'i', 'nl', 'nl', '{{}}', '{{}}')"))
        connection.execute(text("INSERT INTO page VALUES (1, 'p1', '{}', 3, 'w', 1, TRUE, 60, CURRENT_TIMESTAMP)"))
    before.close()
    database = Database(empty_url, "answers")
    database.migrate()
    found = load_response(database, 1)
    assert found is not None and (found.saves, [*found.pages]) == (0, ["p1"])

    save_page(database, 1, Save("p2", {"a": 1}, "w", 1, 0, True, 50, found.lock_state()))
    with pytest.raises(StaleResponseError):  # a decision on the earlier state
        save_page(database, 1, Save("p3", {"a": 1}, "w", 1, 0, True, 50, found.lock_state()))
    go_to_revision(database, command.downgrade, "0001")
    with database.read() as connection:
        assert connection.execute(text("SELECT page FROM page ORDER BY page")).scalars().all() == ["p1", "p2"]
    database.close()


def go_to_revision(database: Database, go: Callable[[Config, str], object], revision: str) -> None:
    with database.write() as connection:
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS / database.store))
        config.attributes["connection"] = connection
        go(config, revision)


def test_the_comparison_of_migrations_and_models_finds_a_difference(tmp_path):
    database = Database(f"sqlite:///{tmp_path}/x.db", "answers")
    database.migrate()
    with database.write() as connection:
        connection.execute(text("DROP INDEX response_draw"))
    with database.engine.connect() as connection:
        assert len(compare_metadata(MigrationContext.configure(connection), AnswerTable.metadata)) == 1
    database.close()


@pytest.mark.parametrize(
    ("pragmas", "found"),
    [
        (["journal_mode=DELETE", "synchronous=FULL"], "journal_mode=delete"),
        (["journal_mode=WAL", "synchronous=NORMAL"], "synchronous=1"),
        (["journal_mode=WAL", "synchronous=OFF"], "synchronous=0"),
    ],
)
def test_a_log_that_is_not_flushed_at_every_commit_is_refused(tmp_path, pragmas, found):
    engine = create_engine(f"sqlite:///{tmp_path}/x.db")
    with engine.connect() as connection:
        for pragma in pragmas:
            connection.exec_driver_sql(f"PRAGMA {pragma}")
        with pytest.raises(UnsafeDatabaseError, match=found):
            check_durability(connection)
    engine.dispose()


def test_a_database_that_opens_with_less_does_not_start(tmp_path):
    class Hasty(Database):
        pragmas = ("journal_mode=WAL", "synchronous=NORMAL")

    with pytest.raises(UnsafeDatabaseError, match="Put the database on a local disk"):
        Hasty(f"sqlite:///{tmp_path}/x.db", "answers")


def test_a_database_in_memory_does_not_start(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for url in ("sqlite://", "sqlite:///:memory:"):
        with pytest.raises(UnsafeDatabaseError, match="journal_mode=memory"):
            Database(url, "answers")
    assert list(tmp_path.iterdir()) == []


def test_every_connection_is_durable_not_only_the_first(tmp_path):
    database = Database(f"sqlite:///{tmp_path}/x.db", "answers")
    connections = [database.engine.connect() for _ in range(6)]
    for connection in connections:
        check_durability(connection)
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
        connection.rollback()
    for connection in connections:
        connection.close()
    assert database.fetch("PRAGMA synchronous", {}) == [(2,)]
    database.close()


@pytest.mark.parametrize("relative", [False, True], ids=["absolute", "relative"])
def test_all_files_are_readable_by_the_owner_only(tmp_path, monkeypatch, relative):
    monkeypatch.chdir(tmp_path)
    before = os.umask(0o022)
    try:
        database = Database("sqlite:///x.db" if relative else f"sqlite:///{tmp_path}/x.db", "answers")
        database.migrate()
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    finally:
        os.umask(before)
    database.close()

    assert set(modes) >= {"x.db", "x.db-wal"}
    assert set(modes.values()) == {0o600}


def test_a_file_that_was_open_to_others_is_closed_to_them(tmp_path):
    (tmp_path / "x.db").touch(0o644)
    Database(f"sqlite:///{tmp_path}/x.db", "answers").close()
    assert stat.S_IMODE((tmp_path / "x.db").stat().st_mode) == 0o600


def test_a_block_that_fails_stores_nothing(tmp_path):
    database = Database(f"sqlite:///{tmp_path}/x.db", "answers")
    with database.write() as connection:
        connection.execute(text("CREATE TABLE t (x INTEGER)"))
    with pytest.raises(ZeroDivisionError), database.write() as connection:
        connection.execute(text("INSERT INTO t VALUES (1)"))
        raise ZeroDivisionError
    with database.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM t")).scalar() == 0
    database.close()


def test_a_snapshot_is_consistent_and_blocks_no_writer(empty_url):
    database = Database(empty_url, "answers")
    with database.write() as connection:
        connection.execute(text("CREATE TABLE t (x INTEGER)"))
    with database.snapshot() as reading:
        assert reading.execute(text("SELECT count(*) FROM t")).scalar() == 0
        with database.write() as connection:
            connection.execute(text("INSERT INTO t VALUES (1)"))
        assert reading.execute(text("SELECT count(*) FROM t")).scalar() == 0
    with database.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM t")).scalar() == 1
    database.close()


def test_a_failed_hot_statement_raises_and_the_next_one_works(tmp_path):
    database = Database(f"sqlite:///{tmp_path}/x.db", "answers")
    database.migrate()
    with pytest.raises(SQLAlchemyError):
        database.change("UPDATE nowhere SET x = :x", {"x": 1})
    assert database.change("UPDATE response SET version = :v", {"v": "x"}) == 0
    database.close()


def test_writers_of_many_threads_wait_and_none_fails(tmp_path):
    database = Database(f"sqlite:///{tmp_path}/x.db", "answers")
    with database.write() as connection:
        connection.execute(text("CREATE TABLE t (x INTEGER)"))

    def write() -> None:
        for number in range(10):
            with database.write() as connection:
                connection.execute(text("INSERT INTO t VALUES (:x)"), {"x": number})

    threads = [threading.Thread(target=write) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    database.close()

    assert sqlite3.connect(tmp_path / "x.db").execute("SELECT count(*) FROM t").fetchone() == (160,)


def test_a_database_opened_twice_has_one_lock_file(tmp_path: Path):
    first, second = (Database(f"sqlite:///{tmp_path}/x.db", "answers") for _ in range(2))
    assert [path.name for path in tmp_path.glob("*.lock")] == ["x.db.lock"]
    first.close()
    second.close()
