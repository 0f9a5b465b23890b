"""Statements on fingerprints of keys, in both stores."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping

from sqlalchemy import inspect, text

from survey_engine.storage.database import Database

_LIST = text("SELECT purpose, fingerprint FROM key_fingerprint")
_ADD = text("INSERT INTO key_fingerprint (purpose, fingerprint) VALUES (:purpose, :fingerprint) ON CONFLICT DO NOTHING")
_REMOVE = text("DELETE FROM key_fingerprint")


def list_fingerprints(database: Database) -> Mapping[str, Collection[str]]:
    """Return the fingerprints by purpose; none for a store of a release without them."""
    found = defaultdict[str, set[str]](set)
    with database.read() as connection:
        if inspect(connection).has_table("key_fingerprint"):
            for purpose, fingerprint in connection.execute(_LIST):
                found[purpose].add(fingerprint)
    return found


def add_fingerprints(database: Database, fingerprints: Mapping[str, Collection[str]], *, replace: bool = False) -> None:
    """Store fingerprints by purpose. Args: replace: remove all others."""
    rows = [{"purpose": purpose, "fingerprint": each} for purpose, all_ in fingerprints.items() for each in all_]
    with database.write() as connection:
        if replace:
            connection.execute(_REMOVE)
        connection.execute(_ADD, rows)
