"""Repeatable random order: rows are sorted on disk by a keyed hash, so that memory use stays small."""

from __future__ import annotations

import hmac
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

_HASH_BYTES = 8


def hash_order(key: str, *names: object) -> bytes:
    """Return a keyed hash of 64 bits (HMAC-SHA256, RFC 2104). It reveals nothing without the key."""
    return hmac.digest(key.encode(), "\x1f".join(map(str, names)).encode(), "sha256")[:_HASH_BYTES]


class Shuffle:
    """Rows sorted by their hash, independent of the order in which they were added."""

    def __init__(self, rows: sqlite3.Connection) -> None:
        self._rows = rows
        rows.execute("CREATE TABLE row (hash BLOB, content, PRIMARY KEY (hash, content)) WITHOUT ROWID")

    def add(self, rows: Iterable[tuple[bytes, int | str]]) -> None:
        self._rows.executemany("INSERT INTO row VALUES (?, ?)", rows)

    def __iter__(self) -> Iterator[int | str]:
        for (content,) in self._rows.execute("SELECT content FROM row ORDER BY hash, content"):
            yield content

    def __len__(self) -> int:
        return int(self._rows.execute("SELECT count(*) FROM row").fetchone()[0])


@contextmanager
def open_shuffle() -> Iterator[Shuffle]:
    """Open a shuffle that is deleted at the end of the `with` block. SQLite writes rows that exceed its memory to an unnamed file."""
    rows = sqlite3.connect("", isolation_level=None)
    try:
        rows.execute("PRAGMA synchronous=OFF")  # the file is deleted with this block
        rows.execute("PRAGMA journal_mode=OFF")
        rows.execute("BEGIN")
        yield Shuffle(rows)
    finally:
        rows.close()
