"""Statements on fingerprints of keys, in both stores."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping

from sqlalchemy import Connection, inspect, text

from survey_engine.storage.database import Database

_LIST = text("SELECT purpose, fingerprint FROM key_fingerprint")
_ADD = text("INSERT INTO key_fingerprint (purpose, fingerprint) VALUES (:purpose, :fingerprint) ON CONFLICT DO NOTHING")
_REMOVE = text("DELETE FROM key_fingerprint")


def map_fingerprints(database: Database) -> Mapping[str, Collection[str]]:
    """Return purpose → fingerprints; empty for a store of a release without fingerprints."""
    with database.read() as connection:
        return read_fingerprints(connection) if inspect(connection).has_table("key_fingerprint") else {}


def read_fingerprints(connection: Connection) -> Mapping[str, Collection[str]]:
    """Return purpose → fingerprints, as the transaction of the connection sees them."""
    found = defaultdict[str, set[str]](set)
    for purpose, fingerprint in connection.execute(_LIST):
        found[purpose].add(fingerprint)
    return found


def add_fingerprints(connection: Connection, fingerprints: Mapping[str, Collection[str]], *, replace: bool = False) -> None:
    """Store fingerprints. Args: fingerprints: purpose → fingerprints · replace: remove all other fingerprints."""
    rows = [{"purpose": purpose, "fingerprint": each} for purpose, all_ in fingerprints.items() for each in all_]
    if replace:
        connection.execute(_REMOVE)
    connection.execute(_ADD, rows)
