"""Counts the statements that reach an SQLite database, however they get there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from survey_engine.storage.database import Database

FRAME = ("BEGIN", "COMMIT", "ROLLBACK", "PRAGMA")


def trace(database: Database) -> list[str]:
    """Every statement from now on, as the driver sends it, on new connections and on those of before."""
    sent: list[str] = []

    def listen(connection: Any, *_: Any) -> None:
        connection.set_trace_callback(sent.append)

    event.listen(database.engine, "connect", listen)
    database.engine.dispose()
    return sent


@contextmanager
def counted(sent: list[str]) -> Iterator[list[str]]:
    """The statements of a block, without those that only open and close a transaction."""
    start, found = len(sent), []
    yield found
    found += [statement for statement in sent[start:] if not statement.startswith(FRAME)]
