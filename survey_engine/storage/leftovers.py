"""Removes the bytes of erased rows from the files of a database."""

from __future__ import annotations

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import DBAPIError

from survey_engine.storage.database import BUSY_SECONDS, Database
from survey_engine.storage.samples import forget_samples

_SAMPLES_FILE = text("SELECT pg_relation_filenode('pg_statistic')")
TIMEOUT = 2
"""Seconds to wait for readers of an SQLite database, which keep the write-ahead log in use."""


def clear_leftovers(database: Database, *tables: str) -> bool:
    """Clear the bytes of erased rows while the store is in use; return True when none are left.

    SQLite has overwritten the rows in its file (`secure_delete`); this truncates the write-ahead log, unless a reader uses it.
    PostgreSQL frees the space in these tables and their indexes; the bytes stay until the space is reused.
    """
    with database.read() as connection:
        if database.is_sqlite:
            return _empty_log(connection)
        connection.execute(text(f"VACUUM {', '.join(tables)}"))
    return False


def rewrite(database: Database) -> bool:
    """Rewrite all tables and start a new write-ahead log; return True when no bytes of erased rows are left.

    All other statements wait: for use outside fieldwork. On PostgreSQL the planner's samples are renewed too; that needs the owner of
    the database. A new log needs a superuser, or the rights `pg_checkpoint` and pg_switch_wal(). Older log files are removed only with
    `wal_recycle = off`.
    """
    if not database.is_sqlite:
        with database.write() as connection:
            forget_samples(connection)
    with database.read() as connection:
        if database.is_sqlite:
            connection.execute(text("VACUUM"))
            return _empty_log(connection)
        for table in inspect(connection).get_table_names():
            connection.execute(text(f"VACUUM (FULL, ANALYZE) {table}"))
        before = connection.execute(_SAMPLES_FILE).scalar()
        connection.execute(text("VACUUM FULL pg_statistic"))  # skipped, with a warning, without the right
        is_new = connection.execute(_SAMPLES_FILE).scalar() != before
        return _renew_log(connection) and is_new


def renew_log(database: Database) -> bool:
    """Remove the write-ahead log so far; return True when this was possible, as in `rewrite`."""
    with database.read() as connection:
        return _empty_log(connection) if database.is_sqlite else _renew_log(connection)


def _empty_log(connection: Connection) -> bool:
    connection.execute(text(f"PRAGMA busy_timeout = {TIMEOUT * 1000}"))
    blocked = connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)")).one()[0]
    connection.execute(text(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}"))
    return not blocked


def _renew_log(connection: Connection) -> bool:
    """The second checkpoint removes the previous file of the log."""
    try:
        for statement in ("CHECKPOINT", "SELECT pg_switch_wal()", "CHECKPOINT"):
            connection.execute(text(statement))
    except DBAPIError:
        return False
    return connection.execute(text("SHOW wal_recycle")).scalar() == "off"
