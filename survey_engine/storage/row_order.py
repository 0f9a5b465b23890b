"""Rewrites small tables, so that no row reveals when it was written."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from survey_engine.storage.database import Database
from survey_engine.storage.panels import SHORT_LOCK_TIMEOUT, is_lock_timeout

_COUNT_WRITERS = "SELECT count(DISTINCT CAST(xmin AS text)) FROM {table}"
_REWRITE = "WITH gone AS (DELETE FROM {table} RETURNING *) INSERT INTO {table} SELECT * FROM gone ORDER BY random()"


def hide_order(answers: Database, identity: Database) -> bool:
    """Rewrite the tables whose order reveals who asked for a link, used it or launched; return False if one of them is locked."""
    tables = (
        (identity, "mailed_address"),
        (answers, "withdrawn_response"),
        (answers, "later_key"),
        (identity, "lms_seat"),
        (identity, "lms_report"),
    )
    rewritten = [shuffle_rows(store, table) for store, table in tables]
    return all(rewritten)


def shuffle_rows(database: Database, table: str) -> bool:
    """Rewrite a table in random order if several transactions wrote it; return False if it is locked.

    On PostgreSQL, each row reveals the transaction that wrote it, and rows of other tables reveal the time of that transaction. On
    SQLite, tables without rowid reveal neither, and are left as they are. Readers do not wait.
    """
    if database.is_sqlite:
        return True
    try:
        with database.write() as connection:
            connection.execute(SHORT_LOCK_TIMEOUT)
            connection.execute(text(f"LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE"))
            if connection.execute(text(_COUNT_WRITERS.format(table=table))).scalar_one() > 1:
                connection.execute(text(_REWRITE.format(table=table)))
    except OperationalError as error:
        if not is_lock_timeout(error):
            raise
        return False
    return True
