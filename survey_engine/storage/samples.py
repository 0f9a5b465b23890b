"""Removes PostgreSQL's samples of column values. The planner uses them, but they outlive an erasure, so most columns get none.

A new column gets samples only if its name is in `SAMPLED`.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, CursorResult, text

SAMPLED = frozenset({"questionnaire", "institution", "response_id"})
"""Columns with few distinct values, which many rows share, and the id of a response, which remains after an erasure."""
_FIND = "SELECT {columns} FROM {table} WHERE questionnaire = :questionnaire AND {key} IN (SELECT value FROM json_each(:keys))"
_FIND_EACH = (
    "SELECT {columns} FROM json_array_elements_text(CAST(:keys AS json)) AS wanted,"
    " LATERAL (SELECT * FROM {table} WHERE questionnaire = :questionnaire AND {key} = wanted.value OFFSET 0) AS found"
)
"""OFFSET prevents a join: without samples, PostgreSQL expects many rows per key and would read the whole table."""
_COLUMNS = text(
    "SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), coalesce(a.attstattarget, -1),"
    " EXISTS (SELECT FROM pg_stats WHERE (schemaname, tablename, attname) = (current_schema(), c.relname, a.attname))"
    " FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid"
    " WHERE c.relnamespace = current_schema()::text::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped"
)


def forget_samples(connection: Connection) -> None:
    """Delete the samples of all columns; only those in `SAMPLED` get new ones. SQLite has none."""
    if connection.dialect.name == "sqlite":
        return
    for table, column, kind, target, is_sampled in connection.execute(_COLUMNS).all():
        changes = [f"ALTER {column} TYPE {kind}"] if is_sampled else []  # the type is the same: only the samples are deleted
        if target and column not in SAMPLED:
            changes.append(f"ALTER {column} SET STATISTICS 0")
        if changes:
            connection.execute(text(f"ALTER TABLE {table} {', '.join(changes)}"))


def find_by_key(
    connection: Connection, columns: str, questionnaire: str, unique: str, keys: Collection[str]
) -> CursorResult[Any]:
    """Find rows of a questionnaire, with one look-up per key.

    Args: unique: the column with the keys, as `table.column`.
    """
    table, _, key = unique.partition(".")
    statement = _FIND if connection.dialect.name == "sqlite" else _FIND_EACH
    values = {"questionnaire": questionnaire, "keys": json.dumps([*keys])}
    return connection.execute(text(statement.format(table=table, columns=columns, key=key)), values)
