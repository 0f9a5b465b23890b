"""Gives dummy responses other times than those at which robots answered. Never for people."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from itertools import islice

from sqlalchemy import text

from survey_engine.storage.database import Database

_LIST = text("SELECT id FROM response WHERE questionnaire = :questionnaire AND id > :after ORDER BY id")
_LAST = text("SELECT coalesce(max(id), 0) FROM response")
_SET = text(
    "UPDATE response SET started_at = :begins, completed_at = CASE WHEN completed_at IS NULL THEN NULL ELSE :ends END WHERE id = :id"
)


def find_last_response(database: Database) -> int:
    """The number of the newest response; 0 when there is none."""
    with database.read() as connection:
        return int(connection.execute(_LAST).scalar_one())


def set_times(database: Database, questionnaire: str, after: int, times: Iterable[tuple[datetime, datetime]]) -> None:
    """Beginning and end, in UTC, of every response with a number above `after`, in their order."""
    with database.write() as connection:
        ids = connection.execute(_LIST, {"questionnaire": questionnaire, "after": after}).scalars().all()
        rows = zip(ids, islice(times, len(ids)), strict=True)
        values = [{"id": id, "begins": f"{begins:%F %T}", "ends": f"{ends:%F %T}"} for id, (begins, ends) in rows]
        if values:
            connection.execute(_SET, values)
