"""Inspects an SQLite database: all statements that the driver executes, and the stored rows."""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import event

from survey_engine.storage.database import Database

FRAME = ("BEGIN", "COMMIT", "ROLLBACK", "PRAGMA")


def trace(database: Database) -> list[str]:
    """Return a list to which every later statement is added as the driver sends it, on new and existing connections."""
    sent: list[str] = []

    def note(statement: str) -> None:
        if sent[-1:] != [statement]:  # SQLite reports a statement again for every trigger that it fires
            sent.append(statement)

    def listen(connection: Any, *_: Any) -> None:
        connection.set_trace_callback(note)

    event.listen(database.engine, "connect", listen)
    database.engine.dispose()
    return sent


@contextmanager
def counted(sent: list[str]) -> Iterator[list[str]]:
    """Yield a list that gets the statements of the `with` block, except those that begin or end a transaction."""
    start, found = len(sent), []
    yield found
    found += [statement for statement in sent[start:] if not statement.startswith(FRAME)]


def read_draws(path: Path) -> dict[str, Counter[str]]:
    """Return institution → number of times that each module was drawn."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    with closing(sqlite3.connect(path)) as connection:
        for institution, module, count in connection.execute(
            "SELECT institution, drawn, count(*) FROM response WHERE drawn IS NOT NULL GROUP BY institution, drawn"
        ):
            found[institution][module] = count
    return found
