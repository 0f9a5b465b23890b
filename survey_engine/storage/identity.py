"""The statements on seats behind personal links. Nothing here knows an answer, nor a key: who is invited comes encrypted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, NamedTuple

from sqlalchemy import Connection, TextClause, bindparam, column, select, table, text

from survey_engine.model.questionnaire import Values
from survey_engine.storage.database import Database, make_id

_ADD = text(
    "INSERT INTO seat (id, questionnaire, institution, link_hash, sealed, withdrawn, key_hash)"
    " VALUES (:id, :questionnaire, :institution, :link_hash, :sealed, :withdrawn, :key_hash)"
)
_COLUMNS = ("id", "questionnaire", "institution", "sealed", "withdrawn", "key_hash", "link_hash")
SEAT = table("seat", *map(column, _COLUMNS))
SEATS = select(*SEAT.c)
"""Rows that `build_seat` reads."""
_FIND = SEATS.where(SEAT.c.link_hash == bindparam("link_hash"))
_WITHDRAWN = text("SELECT id FROM seat WHERE questionnaire = :questionnaire AND withdrawn")
_ALL = text("SELECT id FROM seat WHERE questionnaire = :questionnaire")
_SEALED = text("SELECT id, sealed FROM seat WHERE id > :after ORDER BY id LIMIT :batch")
_CLEAR = text("SELECT id, sealed FROM seat WHERE sealed LIKE '{%' AND id > :after ORDER BY id LIMIT :batch")
_SEAL = text("UPDATE seat SET sealed = :sealed WHERE id = :id")


BATCH = 1000
"""Rows that are sent to the database at a time."""


@dataclass(frozen=True, slots=True)
class Seat:
    """One person who may answer, without a name."""

    questionnaire: str
    institution: str
    background: Values = field(default_factory=dict)
    language: str | None = None
    id: int = 0
    withdrawn: bool = False
    key_hash: str | None = None
    """The keyed hash of what names the person on the institution's list; None when the list had no key."""
    link_hash: str = field(default="", compare=False)
    """Of its personal link, once it is stored."""


class SealedSeat(NamedTuple):
    """A seat as it is stored."""

    id: int
    questionnaire: str
    institution: str
    sealed: str
    """Background and language, encrypted."""
    withdrawn: bool
    key_hash: str | None = None
    link_hash: str = ""


def add_seats(connection: Connection, seats: Iterable[SealedSeat], link_hashes: Iterable[str]) -> None:
    """Store seats, each with the hash of its personal link; one without a number, or with another seat's, gets a random one."""
    rows = ({**seat._asdict(), "link_hash": link_hash} for seat, link_hash in zip(seats, link_hashes, strict=True))
    while batch := list(islice(rows, BATCH)):
        taken = {0, *connection.execute(select(SEAT.c.id).where(SEAT.c.id.in_([row["id"] for row in batch]))).scalars()}
        connection.execute(_ADD, [{**row, "id": make_id() if row["id"] in taken else row["id"]} for row in batch])


def build_seat(row: Sequence[Any]) -> SealedSeat:
    """The seat in a row of `SEATS`."""
    return SealedSeat(row[0], row[1], row[2], row[3], bool(row[4]), row[5], row[6])


def find_seat(database: Database, link_hash: str) -> SealedSeat | None:
    """The seat behind a personal link, given the link's hash."""
    with database.read() as connection:
        row = connection.execute(_FIND, {"link_hash": link_hash}).first()
    return None if row is None else build_seat(row)


def list_withdrawn(database: Database, questionnaire: str) -> list[int]:
    """The seats of a questionnaire whose links were withdrawn."""
    with database.read() as connection:
        return [row[0] for row in connection.execute(_WITHDRAWN, {"questionnaire": questionnaire})]


def list_seats(database: Database, questionnaire: str) -> list[int]:
    """All seats of a questionnaire."""
    with database.read() as connection:
        return [row[0] for row in connection.execute(_ALL, {"questionnaire": questionnaire})]


def reseal_seats(database: Database, change: Callable[[str], str], *, clear: bool = False) -> int:
    """Replace what is encrypted of each seat by what `change` makes of it; returns how many changed.

    Args: clear: of those seats alone that are not encrypted yet.
    """
    changed = 0
    with database.write() as connection:
        for batch in _read_batches(connection, _CLEAR if clear else _SEALED):
            made = [{"id": id, "sealed": change(sealed)} for id, sealed in batch]
            rows = [row for row, (_, before) in zip(made, batch, strict=True) if row["sealed"] != before]
            if rows:
                connection.execute(_SEAL, rows)
            changed += len(rows)
    return changed


def has_clear_seats(database: Database) -> bool:
    """Whether a seat is not encrypted yet."""
    with database.read() as connection:
        return connection.execute(_CLEAR, {"after": -1, "batch": 1}).first() is not None


def _read_batches(connection: Connection, statement: TextClause) -> Iterator[list[tuple[int, str]]]:
    after = -1
    while batch := [(row[0], row[1]) for row in connection.execute(statement, {"after": after, "batch": BATCH})]:
        yield batch
        after = batch[-1][0]
