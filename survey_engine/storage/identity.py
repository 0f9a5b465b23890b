"""The statements on identity: seats behind personal links, and panel addresses. Nothing here knows an answer."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from sqlalchemy import Connection, bindparam, column, select, table, text

from survey_engine.model.questionnaire import Values
from survey_engine.storage.database import Database

_ADD = text(
    "INSERT INTO seat (id, questionnaire, institution, link_hash, background, language, withdrawn, key_hash)"
    " VALUES (:id, :questionnaire, :institution, :link_hash, :background, :language, :withdrawn, :key_hash)"
)
_COLUMNS = ("id", "questionnaire", "institution", "background", "language", "withdrawn", "key_hash", "link_hash")
SEAT = table("seat", *map(column, _COLUMNS))
SEATS = select(*SEAT.c)
"""Rows that `build_seat` reads."""
_FIND = SEATS.where(SEAT.c.link_hash == bindparam("link_hash"))
_WITHDRAWN = text("SELECT id FROM seat WHERE questionnaire = :questionnaire AND withdrawn")
_SIGN_UP = text(
    "INSERT INTO panel_member (id, panel, address) VALUES (:id, :panel, :address) ON CONFLICT (panel, address) DO NOTHING"
)


BATCH = 1000
"""Seats that are sent to the database at a time."""


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


def make_id() -> int:
    """A random key of 62 bits: it tells nothing of order, and no two meet."""
    return secrets.randbits(62)


def add_seats(connection: Connection, seats: Iterable[Seat], link_hashes: Iterable[str]) -> None:
    """Store seats, each with the hash of its personal link."""
    rows = ({**describe_seat(seat), "link_hash": link_hash} for seat, link_hash in zip(seats, link_hashes, strict=True))
    while batch := list(islice(rows, BATCH)):
        connection.execute(_ADD, batch)


def describe_seat(seat: Seat) -> dict[str, object]:
    """Every column of a seat but the link; a seat without a number gets one."""
    return {
        "id": seat.id or make_id(),
        "questionnaire": seat.questionnaire,
        "institution": seat.institution,
        "background": json.dumps(dict(seat.background), ensure_ascii=False),
        "language": seat.language,
        "withdrawn": seat.withdrawn,
        "key_hash": seat.key_hash,
    }


def build_seat(row: Sequence[Any]) -> Seat:
    """The seat in a row of `SEATS`."""
    return Seat(row[1], row[2], json.loads(row[3]), row[4], row[0], bool(row[5]), row[6])


def find_seat(database: Database, link_hash: str) -> Seat | None:
    """The seat behind a personal link, given the link's hash."""
    with database.read() as connection:
        row = connection.execute(_FIND, {"link_hash": link_hash}).first()
    return None if row is None else build_seat(row)


def list_withdrawn(database: Database, questionnaire: str) -> list[int]:
    """The seats of a questionnaire whose links were withdrawn."""
    with database.read() as connection:
        return [row[0] for row in connection.execute(_WITHDRAWN, {"questionnaire": questionnaire})]


def sign_up(database: Database, panel: str, address: str) -> None:
    """Store a panel address once, however often it is sent."""
    with database.write() as connection:
        connection.execute(_SIGN_UP, {"id": make_id(), "panel": panel, "address": address.lower()})
