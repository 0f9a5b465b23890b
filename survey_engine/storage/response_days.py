"""Statements on the history of response: the numbers shown for an institution at the end of each day, and the days of reminders."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Date, bindparam, text

from survey_engine.storage.database import Database

_DAY = bindparam("day", type_=Date)
_SET = text(
    "INSERT INTO response_day (questionnaire, institution, day, invited, started, completed, open_started, open_completed, reminded)"
    " VALUES (:questionnaire, :institution, :day, :invited, :started, :completed, :open_started, :open_completed, false)"
    " ON CONFLICT (questionnaire, institution, day) DO UPDATE SET invited = excluded.invited, started = excluded.started,"
    " completed = excluded.completed, open_started = excluded.open_started, open_completed = excluded.open_completed"
).bindparams(_DAY)
_REMIND = text(
    "INSERT INTO response_day (questionnaire, institution, day, reminded) VALUES (:questionnaire, :institution, :day, true)"
    " ON CONFLICT (questionnaire, institution, day) DO UPDATE SET reminded = true"
).bindparams(_DAY)
_LIST = text(
    "SELECT institution, day, invited, started, completed, open_started, open_completed, reminded FROM response_day"
    " WHERE questionnaire = :questionnaire ORDER BY institution, day"
).columns(day=Date)


class Numbers(NamedTuple):
    """Numbers of persons, rounded down to steps. A number is None if it may not be shown."""

    invited: int | None = None
    started: int | None = None
    completed: int | None = None
    open_started: int | None = None
    """Started responses without a seat."""
    open_completed: int | None = None


class ShownDay(NamedTuple):
    """The numbers shown for an institution on a day."""

    institution: str
    day: date
    numbers: Numbers
    reminded: bool = False


def set_days(identity: Database, questionnaire: str, days: Collection[ShownDay]) -> None:
    """Store the numbers shown for institutions on a day; a later count of the day replaces an earlier one."""
    if days:
        with identity.write() as connection:
            connection.execute(_SET, [_make_row(questionnaire, day) for day in days])


def _make_row(questionnaire: str, day: ShownDay) -> dict[str, Any]:
    return {"questionnaire": questionnaire, "institution": day.institution, "day": day.day, **day.numbers._asdict()}


def note_reminders(identity: Database, questionnaire: str, institutions: Iterable[str], day: date) -> None:
    """Record that persons of these institutions were listed for a reminder on this day."""
    if rows := [{"questionnaire": questionnaire, "institution": each, "day": day} for each in sorted(institutions)]:
        with identity.write() as connection:
            connection.execute(_REMIND, rows)


def list_days(identity: Database, questionnaire: str) -> list[ShownDay]:
    """List the numbers that were shown, by institution and day."""
    with identity.read() as connection:
        return [
            ShownDay(institution, day, Numbers(*numbers), bool(reminded))
            for institution, day, *numbers, reminded in connection.execute(_LIST, {"questionnaire": questionnaire})
        ]
