"""Statements on participation totals of groups (an institution, or the persons with one label) and on the totals that were shown."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
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
_LIST_SHOWN = text(
    "SELECT name, questionnaire, institution, kinds, members, progress, started, completed FROM shown_count"
    " WHERE questionnaire = :questionnaire AND institution = :institution"
)
_REMOVE_COARSER = text(
    "DELETE FROM shown_count WHERE questionnaire = :questionnaire AND institution = :institution AND kinds <> :kinds"
)
_SHOW = text(
    "INSERT INTO shown_count (name, questionnaire, institution, kinds, members, progress, started, completed)"
    " VALUES (:name, :questionnaire, :institution, :kinds, :members, :progress, :started, :completed)"
    " ON CONFLICT (name) DO UPDATE SET members = excluded.members, progress = excluded.progress,"
    " started = CASE WHEN shown_count.started > excluded.started THEN shown_count.started ELSE excluded.started END,"
    " completed = CASE WHEN shown_count.completed > excluded.completed THEN shown_count.completed ELSE excluded.completed END"
)
"""Numbers never decrease, although a command and the worker may count at the same time."""


class GroupTotal(NamedTuple):
    """The participation of a group, without small numbers."""

    name: str
    """Keyed hash of the group."""
    persons: int | None = None
    """Number of persons on the list, 0 if there is no list; None if it is unknown or small."""
    started: int | None = None
    """A lower bound, 0 for a small number; None if nothing may be shown."""
    completed: int | None = None
    counted_at: float | None = None
    """Seconds since 1970; None before the first count."""


class ShownCount(NamedTuple):
    """Numbers of persons with the same labels who started and completed, rounded down to steps. None is of fewer than five persons."""

    name: str
    """Keyed hash of the labels."""
    questionnaire: str
    institution: str
    kinds: str
    """JSON: codes of the kinds of labels for which this institution has numbers."""
    members: str
    """Keyed hash of the identities of these persons."""
    progress: str
    """Keyed hash of the numbers at the last count."""
    started: int
    completed: int


def add_group(identity: Database, name: str, questionnaire: str, institution: str) -> None:
    """Add a group; the worker counts it from then on."""
    with identity.write() as connection:
        connection.execute(_ADD, {"name": name, "questionnaire": questionnaire, "institution": institution})


def remove_group(identity: Database, name: str) -> bool:
    """Remove a group; return whether it existed."""
    with identity.write() as connection:
        return connection.execute(_REMOVE, {"name": name}).rowcount == 1


def map_groups(identity: Database) -> dict[tuple[str, str], set[str]]:
    """Return (questionnaire, institution) → names of the groups."""
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


def list_shown(identity: Database, questionnaire: str, institution: str) -> list[ShownCount]:
    """List the numbers that were shown for an institution."""
    with identity.read() as connection:
        found = connection.execute(_LIST_SHOWN, {"questionnaire": questionnaire, "institution": institution})
        return list(map(ShownCount._make, found))


def set_shown(identity: Database, counts: Collection[ShownCount]) -> None:
    """Store the numbers shown for an institution. Counts with other kinds of labels are no longer used, and are deleted."""
    if rows := [count._asdict() for count in counts]:
        with identity.write() as connection:
            connection.execute(_REMOVE_COARSER, {name: rows[0][name] for name in ("questionnaire", "institution", "kinds")})
            connection.execute(_SHOW, rows)
