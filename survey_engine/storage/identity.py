"""The statements on identity: seats behind personal links, and panel addresses. Nothing here knows an answer."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice

from sqlalchemy import text

from survey_engine.model.questionnaire import Values
from survey_engine.storage.database import Database

_ADD = text(
    "INSERT INTO seat (id, questionnaire, institution, link_hash, background, language, withdrawn)"
    " VALUES (:id, :questionnaire, :institution, :link_hash, :background, :language, :withdrawn)"
)
_FIND = text("SELECT id, questionnaire, institution, background, language, withdrawn FROM seat WHERE link_hash = :link_hash")
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


def make_id() -> int:
    """A random key of 62 bits: it tells nothing of order, and no two meet."""
    return secrets.randbits(62)


def add_seats(database: Database, seats: Sequence[Seat], link_hashes: Sequence[str]) -> None:
    """Store seats, all or none, each with the hash of its personal link."""
    rows = (_describe(seat, link_hash) for seat, link_hash in zip(seats, link_hashes, strict=True))
    with database.write() as connection:
        while batch := list(islice(rows, BATCH)):
            connection.execute(_ADD, batch)


def _describe(seat: Seat, link_hash: str) -> dict[str, object]:
    return {
        "id": make_id(),
        "questionnaire": seat.questionnaire,
        "institution": seat.institution,
        "link_hash": link_hash,
        "background": json.dumps(dict(seat.background), ensure_ascii=False),
        "language": seat.language,
        "withdrawn": False,
    }


def find_seat(database: Database, link_hash: str) -> Seat | None:
    """The seat behind a personal link, given the link's hash."""
    with database.read() as connection:
        row = connection.execute(_FIND, {"link_hash": link_hash}).first()
    if row is None:
        return None
    return Seat(row[1], row[2], json.loads(row[3]), row[4], row[0], bool(row[5]))


def list_withdrawn(database: Database, questionnaire: str) -> list[int]:
    """The seats of a questionnaire whose links were withdrawn."""
    with database.read() as connection:
        return [row[0] for row in connection.execute(_WITHDRAWN, {"questionnaire": questionnaire})]


def sign_up(database: Database, panel: str, address: str) -> None:
    """Store a panel address once, however often it is sent."""
    with database.write() as connection:
        connection.execute(_SIGN_UP, {"id": make_id(), "panel": panel, "address": address.lower()})
