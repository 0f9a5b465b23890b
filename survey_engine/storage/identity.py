"""The statements on identity: seats behind personal links, and panel addresses. Nothing here knows an answer."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice

from sqlalchemy import text

from survey_engine.fieldwork.signing import hash_token, make_token
from survey_engine.model.questionnaire import Values
from survey_engine.storage.database import Database

_ADD = text(
    "INSERT INTO seat (id, questionnaire, institution, link_hash, background, language, withdrawn)"
    " VALUES (:id, :questionnaire, :institution, :link_hash, :background, :language, :withdrawn)"
)
_FIND = text("SELECT id, questionnaire, institution, background, language, withdrawn FROM seat WHERE link_hash = :link_hash")
_WITHDRAW = text("UPDATE seat SET withdrawn = :yes WHERE link_hash = :link_hash")
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


def add_seats(database: Database, seats: Sequence[Seat], tokens: Sequence[str] | None = None) -> list[str]:
    """Store seats, all or none, and return the token of each one's personal link; only its hash is kept.

    `tokens` were made beforehand where the links must be safe on disk before they count.
    """
    tokens = [make_token() for _ in seats] if tokens is None else list(tokens)
    rows = (_describe(seat, token) for seat, token in zip(seats, tokens, strict=True))
    with database.write() as connection:
        while batch := list(islice(rows, BATCH)):
            connection.execute(_ADD, batch)
    return tokens


def _describe(seat: Seat, token: str) -> dict[str, object]:
    return {
        "id": make_id(),
        "questionnaire": seat.questionnaire,
        "institution": seat.institution,
        "link_hash": hash_token(token),
        "background": json.dumps(dict(seat.background), ensure_ascii=False),
        "language": seat.language,
        "withdrawn": False,
    }


def find_seat(database: Database, token: str) -> Seat | None:
    with database.read() as connection:
        row = connection.execute(_FIND, {"link_hash": hash_token(token)}).first()
    if row is None:
        return None
    return Seat(row[1], row[2], json.loads(row[3]), row[4], row[0], bool(row[5]))


def withdraw_seat(database: Database, token: str) -> bool:
    """Withdraw a personal link; False when there is none."""
    with database.write() as connection:
        return connection.execute(_WITHDRAW, {"link_hash": hash_token(token), "yes": True}).rowcount == 1


def list_withdrawn(database: Database, questionnaire: str) -> list[int]:
    """The seats of a questionnaire whose links were withdrawn."""
    with database.read() as connection:
        return [row[0] for row in connection.execute(_WITHDRAWN, {"questionnaire": questionnaire})]


def sign_up(database: Database, panel: str, address: str) -> None:
    """Store a panel address once, however often it is sent."""
    with database.write() as connection:
        connection.execute(_SIGN_UP, {"id": make_id(), "panel": panel, "address": address.lower()})
