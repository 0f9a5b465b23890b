"""Looks into an SQLite database from outside: the statements that reach it, however they get there, and what lies in it."""

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
    """Every statement from now on, as the driver sends it, on new connections and on those of before."""
    sent: list[str] = []

    def note(statement: str) -> None:
        if sent[-1:] != [statement]:  # SQLite tells a statement again for every trigger in it
            sent.append(statement)

    def listen(connection: Any, *_: Any) -> None:
        connection.set_trace_callback(note)

    event.listen(database.engine, "connect", listen)
    database.engine.dispose()
    return sent


@contextmanager
def counted(sent: list[str]) -> Iterator[list[str]]:
    """The statements of a block, without those that only open and close a transaction."""
    start, found = len(sent), []
    yield found
    found += [statement for statement in sent[start:] if not statement.startswith(FRAME)]


def read_draws(path: Path) -> dict[str, Counter[str]]:
    """Institution → how often each module was drawn."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    with closing(sqlite3.connect(path)) as connection:
        for institution, module, count in connection.execute(
            "SELECT institution, drawn, count(*) FROM response WHERE drawn IS NOT NULL GROUP BY institution, drawn"
        ):
            found[institution][module] = count
    return found
