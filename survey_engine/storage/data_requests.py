"""Statements on requests about personal data. A request names nobody: its reference is a number in the operator's own file."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from sqlalchemy import Date, text

from survey_engine.storage.database import Database

_ADD = text(
    "INSERT INTO data_request (id, questionnaire, kind, reference, received)"
    " SELECT coalesce(max(id), 0) + 1, :questionnaire, :kind, :reference, :received FROM data_request RETURNING id"
)
_LIST = text(
    "SELECT id, questionnaire, kind, reference, received, closed, outcome FROM data_request ORDER BY received, id"
).columns(received=Date, closed=Date)
_CLOSE = text("UPDATE data_request SET closed = :day, outcome = :outcome WHERE id = :id AND closed IS NULL")


class DataRequest(NamedTuple):
    """A person's request about their own data."""

    id: int
    questionnaire: str
    kind: str
    reference: str
    received: date
    closed: date | None
    outcome: str | None


def add_request(identity: Database, questionnaire: str, kind: str, reference: str, received: date) -> int:
    """Store a request; return its number."""
    values = {"questionnaire": questionnaire, "kind": kind, "reference": reference, "received": received}
    with identity.write() as connection:
        return int(connection.execute(_ADD, values).scalar_one())


def list_requests(identity: Database) -> list[DataRequest]:
    """List all requests, the oldest first."""
    with identity.read() as connection:
        return [DataRequest(*row) for row in connection.execute(_LIST)]


def close_request(identity: Database, id: int, day: date, outcome: str) -> bool:
    """Record the outcome of a request; return False if no request with this number is open."""
    with identity.write() as connection:
        return bool(connection.execute(_CLOSE, {"id": id, "day": day, "outcome": outcome}).rowcount)
