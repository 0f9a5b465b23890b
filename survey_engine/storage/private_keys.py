"""Statements on hashes of private keys. A response has one; `later_key` has those of links that replaced another link."""

from __future__ import annotations

from contextlib import suppress
from typing import NamedTuple

from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

from survey_engine.storage.database import Database

_CLAIM = (
    "UPDATE response SET key_hash = :key_hash, key_mark = :key_mark WHERE id = :id AND questionnaire <> ''"
    " AND (key_hash IS NULL OR coalesce(key_mark, '') <> :key_mark AND coalesce(key_mark, '') LIKE :replaced)"
)
_CLAIM_OPEN = f"{_CLAIM} AND completed_at IS NULL"
_READ = text("SELECT key_hash, key_mark FROM response WHERE id = :id")
_MARK = "SELECT key_mark FROM response WHERE id = :id"
_FIND = text(
    "SELECT id, pseudonym, key_mark, institution FROM response WHERE questionnaire = :questionnaire AND key_hash = :key_hash"
)
_FIND_BY_ID = text("SELECT pseudonym, institution FROM response WHERE questionnaire = :questionnaire AND id = :id")
_ADD_LATER = text(
    "INSERT INTO later_key (questionnaire, key_hash, name, holder) SELECT questionnaire, :key_hash, :name, :holder FROM response"
    " WHERE questionnaire = :questionnaire AND id = :id ON CONFLICT DO NOTHING"
)
_FIND_LATER = text("SELECT holder FROM later_key WHERE questionnaire = :questionnaire AND key_hash = :key_hash")
_ANY = "SELECT 1 FROM response WHERE questionnaire = :questionnaire AND institution = :institution LIMIT 1"


class StoredKey(NamedTuple):
    """The private key of a response."""

    key_hash: str | None
    """None for an erased response, and for a response of an older release whose key was not shown."""
    key_mark: str
    """The text of the mark (`LinkMark`) to which the key belongs; empty for an open link and for keys of older releases."""


class LaterKey(NamedTuple):
    """A row of `later_key`."""

    questionnaire: str
    key_hash: str
    name: str
    holder: str


class KeyHolder(NamedTuple):
    """The response with a private key."""

    id: int
    pseudonym: str | None
    """The pseudonym; None for a response by an open link."""
    key_mark: str
    institution: str


def claim_key(database: Database, id: int, key: StoredKey, replaced: str = "", *, open_only: bool = False) -> StoredKey:
    """Store the private key of a response, unless it has a key that is not replaced, or another response has this key.

    Args:
        replaced: SQL pattern of marks: a stored key is replaced if its mark matches.
        open_only: do not change completed responses.

    Returns:
        The key that is stored now.
    """
    values = {"id": id, **key._asdict(), "replaced": replaced}
    with suppress(IntegrityError), database.write() as connection:
        connection.execute(text(_CLAIM_OPEN if open_only else _CLAIM), values)
    with database.read() as connection:
        found = connection.execute(_READ, {"id": id}).first()
    return StoredKey(found[0], found[1] or "") if found else StoredKey(None, "")


def find_key_mark(database: Database, id: int) -> str:
    """Return the mark of the private key of a response, as in `StoredKey`."""
    rows = database.fetch(_MARK, {"id": id})
    return (rows[0][0] if rows else None) or ""


def has_responses(database: Database, questionnaire: str, institution: str) -> bool:
    """Whether an institution has a response, even if the published version no longer has the institution."""
    return bool(database.fetch(_ANY, {"questionnaire": questionnaire, "institution": institution}))


def find_response_by_key(database: Database, questionnaire: str, key_hash: str) -> KeyHolder | None:
    """The response with this private key."""
    with database.read() as connection:
        return find_key_holder(connection, questionnaire, key_hash)


def find_key_holder(connection: Connection, questionnaire: str, key_hash: str) -> KeyHolder | None:
    """Find a response as `find_response_by_key` does, in a transaction."""
    row = connection.execute(_FIND, {"questionnaire": questionnaire, "key_hash": key_hash}).first()
    return KeyHolder(row[0], row[1], row[2] or "", row[3]) if row else None


def find_later_key(database: Database, questionnaire: str, key_hash: str) -> str:
    """The masked holder of a later key; empty when there is none."""
    with database.read() as connection:
        return connection.execute(_FIND_LATER, {"questionnaire": questionnaire, "key_hash": key_hash}).scalar() or ""


def add_later_key(database: Database, id: int, key: LaterKey) -> str:
    """Store a later key of a response unless its hash is stored already; return the stored holder, empty for an erased response."""
    with database.write() as connection:
        connection.execute(_ADD_LATER, {"id": id, **key._asdict()})
    return find_later_key(database, key.questionnaire, key.key_hash)


def find_later_holder(database: Database, questionnaire: str, id: int, key_mark: str) -> KeyHolder | None:
    """The response with this id, as the holder of a later key."""
    with database.read() as connection:
        row = connection.execute(_FIND_BY_ID, {"questionnaire": questionnaire, "id": id}).first()
    return KeyHolder(id, row[0], key_mark, row[1]) if row else None
