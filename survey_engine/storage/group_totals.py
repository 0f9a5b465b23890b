"""Statements on totals of groups: the participation of an institution, or of the persons with one label."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import text

from survey_engine.storage.database import Database

_ADD = text(
    "INSERT INTO group_total (name, questionnaire, institution) VALUES (:name, :questionnaire, :institution)"
    " ON CONFLICT (name) DO NOTHING"
)
_REMOVE = text("DELETE FROM group_total WHERE name = :name")
_LIST = text("SELECT questionnaire, institution, name FROM group_total ORDER BY name")
_FIND = text("SELECT name, persons, started, completed, counted_at FROM group_total WHERE name = :name")
_SET = text(
    "UPDATE group_total SET persons = :persons, started = :started, completed = :completed, counted_at = :counted_at"
    " WHERE name = :name"
)


class GroupTotal(NamedTuple):
    """The participation of a group, without small numbers."""

    name: str
    """Keyed hash of the group."""
    persons: int | None = None
    """Number of persons on the list; None when it is unknown or small."""
    started: int | None = None
    """None when nothing may be shown; a negative number is a lower bound."""
    completed: int | None = None
    counted_at: float | None = None
    """Seconds since 1970; None before the first count."""


def add_group(identity: Database, name: str, questionnaire: str, institution: str) -> None:
    """Add a group; the worker counts it from then on."""
    with identity.write() as connection:
        connection.execute(_ADD, {"name": name, "questionnaire": questionnaire, "institution": institution})


def remove_group(identity: Database, name: str) -> bool:
    """Remove a group; return whether it existed."""
    with identity.write() as connection:
        return connection.execute(_REMOVE, {"name": name}).rowcount == 1


def list_groups(identity: Database) -> dict[tuple[str, str], set[str]]:
    """(questionnaire, institution) → names of its groups."""
    names: dict[tuple[str, str], set[str]] = defaultdict(set)
    with identity.read() as connection:
        for questionnaire, institution, name in connection.execute(_LIST):
            names[questionnaire, institution].add(name)
    return names


def find_total(identity: Database, name: str) -> GroupTotal | None:
    """The last total of a group; None when the group does not exist."""
    with identity.read() as connection:
        row = connection.execute(_FIND, {"name": name}).first()
    return GroupTotal(*row) if row else None


def set_totals(identity: Database, totals: Iterable[GroupTotal]) -> None:
    """Replace the totals of groups that still exist."""
    if rows := [total._asdict() for total in totals]:
        with identity.write() as connection:
            connection.execute(_SET, rows)
