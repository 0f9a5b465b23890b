"""Clears what erased rows leave in a database's files: at once as far as possible, or by a rewrite."""

from __future__ import annotations

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import DBAPIError

from survey_engine.storage.database import BUSY_SECONDS, Database

PATIENCE = 2
"""Seconds to wait for readers of an SQLite database, which still see what was erased."""


def clear_leftovers(database: Database, *tables: str) -> bool:
    """Clear what can be cleared while others use the store; returns whether that was all.

    SQLite has overwritten the rows in its file (`secure_delete`); the write-ahead log is emptied, unless somebody reads in it.
    PostgreSQL frees their place in these tables and their indexes, where the bytes stay until others need it.
    """
    with database.read() as connection:
        if database.is_sqlite:
            return _empty_log(connection)
        connection.execute(text(f"VACUUM {', '.join(tables)}"))
    return False


def rewrite(database: Database) -> bool:
    """Write all tables anew and start a new write-ahead log; returns whether nothing of erased rows is left in the files.

    Others wait meanwhile: for use outside fieldwork. PostgreSQL lets only a superuser, or who has `pg_checkpoint` and
    pg_switch_wal(), begin a new log; it overwrites what is in older files of it unless `wal_recycle` is off.
    """
    with database.read() as connection:
        if database.is_sqlite:
            connection.execute(text("VACUUM"))
            return _empty_log(connection)
        for table in inspect(connection).get_table_names():
            connection.execute(text(f"VACUUM FULL {table}"))
        return _renew_log(connection)


def _empty_log(connection: Connection) -> bool:
    connection.execute(text(f"PRAGMA busy_timeout = {PATIENCE * 1000}"))
    blocked = connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)")).one()[0]
    connection.execute(text(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}"))
    return not blocked


def _renew_log(connection: Connection) -> bool:
    """The second checkpoint removes the file that the log was in before."""
    try:
        for statement in ("CHECKPOINT", "SELECT pg_switch_wal()", "CHECKPOINT"):
            connection.execute(text(statement))
    except DBAPIError:
        return False
    return connection.execute(text("SHOW wal_recycle")).scalar() == "off"
