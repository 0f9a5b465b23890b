"""Inserts many rows of values. SQLAlchemy would make a dictionary of each row, and a tuple of it again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection


def insert_rows(connection: Connection, statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert rows in their order; nothing without rows. Args: statement: with a question mark for each value, and no other one."""
    if rows:
        connection.exec_driver_sql(statement if connection.dialect.name == "sqlite" else statement.replace("?", "%s"), [*rows])
