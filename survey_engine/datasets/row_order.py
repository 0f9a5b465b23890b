"""A repeatable order that tells nothing: rows are sorted by a keyed hash, on disk, so that memory stays small."""

from __future__ import annotations

import hmac
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

HASH_BYTES = 8


def hash_name(key: str, *names: object) -> bytes:
    """64 bits that stand for these names; without the key they lead back to nothing (HMAC-SHA256, RFC 2104)."""
    return hmac.digest(key.encode(), "\x1f".join(map(str, names)).encode(), "sha256")[:HASH_BYTES]


class Shuffle:
    """Rows that come out by their hash, in whatever order they went in."""

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
    """A shuffle that is gone when the block ends; SQLite keeps what does not fit in memory in an unnamed file."""
    rows = sqlite3.connect("", isolation_level=None)
    try:
        rows.execute("PRAGMA synchronous=OFF")  # it never outlives this block
        rows.execute("PRAGMA journal_mode=OFF")
        rows.execute("BEGIN")
        yield Shuffle(rows)
    finally:
        rows.close()
