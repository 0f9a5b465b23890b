"""Removes the bytes of erased rows from the files of a database.

SQLite overwrites erased rows (`secure_delete`), but not the copies that remain in unused space after it splits a page of the file. Only
rewriting the file removes them. `user_version` in the file is REWRITTEN from a rewrite until the next erasure.
"""

from __future__ import annotations

from contextlib import suppress

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import DBAPIError, OperationalError

from survey_engine.storage.database import BUSY_SECONDS, Database
from survey_engine.storage.samples import forget_samples

_SAMPLES_FILE = text("SELECT pg_relation_filenode('pg_statistic')")
REWRITTEN = 1
SMALL = 32_000_000
"""Maximum bytes of an SQLite file that is rewritten at once, while saves wait for about a second."""
LOG, SPACE, FREED = "log", "space", "freed"
"""Where copies may be left: SQLite's write-ahead log, unused space of its file, PostgreSQL's free space and log."""
_TIMEOUT = 2
"""Seconds to wait for readers of an SQLite database, which keep the write-ahead log in use."""


def note_erasure(connection: Connection) -> None:
    """Record that this transaction erases rows, so that the next `clear_leftovers` rewrites the SQLite file."""
    if connection.dialect.name == "sqlite":
        connection.execute(text("PRAGMA user_version = 0"))


def clear_leftovers(database: Database, *tables: str, large: bool = False) -> str:
    """Clear the bytes of erased rows while the store is in use; return where copies may be left, or an empty text.

    SQLite rewrites its file if rows were erased, and truncates the write-ahead log unless a reader uses it. PostgreSQL frees the space in
    these tables and their indexes; the bytes remain until the space is reused.

    Args: large: also rewrite an SQLite file of more than SMALL bytes. Saves wait meanwhile: 30 seconds for 1 GB.
    """
    if database.is_sqlite:
        is_rewritten = _rewrite_if_erased(database, large=large)
        with database.read() as connection:
            return LOG if not _empty_log(connection) else "" if is_rewritten else SPACE
    with database.read() as connection:
        connection.execute(text(f"VACUUM {', '.join(tables)}"))
    return FREED


def _rewrite_if_erased(database: Database, *, large: bool) -> bool:
    """Rewrite the file; return False if unused space may still contain copies: the file is too large, or the disk too full for its copy."""
    with database.write_alone() as connection:
        version, pages, size = (
            connection.execute(text(f"PRAGMA {name}")).scalar_one() for name in ("user_version", "page_count", "page_size")
        )
        if version != REWRITTEN and (large or pages * size <= SMALL):
            with suppress(OperationalError):
                _rewrite_file(connection)
                version = REWRITTEN
    return bool(version == REWRITTEN)


def _rewrite_file(connection: Connection) -> None:
    connection.execute(text("VACUUM"))
    connection.execute(text(f"PRAGMA user_version = {REWRITTEN}"))


def rewrite(database: Database) -> bool:
    """Rewrite all tables and start a new write-ahead log; return True if no bytes of erased rows are left.

    All other statements wait, so use it outside fieldwork. On PostgreSQL, the planner's samples are renewed too, which only the owner of
    the database can do. A new log requires a superuser, or the rights `pg_checkpoint` and pg_switch_wal(). Older log files are only
    removed with `wal_recycle = off`.
    """
    if database.is_sqlite:
        with database.write_alone() as connection:
            _rewrite_file(connection)
        return renew_log(database)
    with database.write() as connection:
        forget_samples(connection)
    with database.read() as connection:
        for table in inspect(connection).get_table_names():
            connection.execute(text(f"VACUUM (FULL, ANALYZE) {table}"))
        before = connection.execute(_SAMPLES_FILE).scalar()
        connection.execute(text("VACUUM FULL pg_statistic"))  # skipped, with a warning, without the right
        is_new = connection.execute(_SAMPLES_FILE).scalar() != before
        return _renew_log(connection) and is_new


def renew_log(database: Database) -> bool:
    """Remove the existing write-ahead log; return True if this was possible. It requires the rights named in `rewrite`."""
    with database.read() as connection:
        return _empty_log(connection) if database.is_sqlite else _renew_log(connection)


def _empty_log(connection: Connection) -> bool:
    connection.execute(text(f"PRAGMA busy_timeout = {_TIMEOUT * 1000}"))
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
