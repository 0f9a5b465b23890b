"""Changes the times of dummy responses. Do not use it for responses of people."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import text

from survey_engine.storage.database import Database

_SET = text(
    "UPDATE response SET started_at = :begins, completed_at = CASE WHEN completed_at IS NULL THEN NULL ELSE :ends END"
    " WHERE questionnaire = :questionnaire AND pseudonym = :pseudonym"
)


def set_times(database: Database, questionnaire: str, times: Iterable[tuple[str, tuple[datetime, datetime]]]) -> None:
    """Set start and completion of responses.

    Args: times: (pseudonym, (start, completion)) in UTC. An open response remains open.
    """
    named = {"questionnaire": questionnaire}
    values = [{**named, "pseudonym": who, "begins": f"{begins:%F %T}", "ends": f"{ends:%F %T}"} for who, (begins, ends) in times]
    with database.write() as connection:
        connection.execute(_SET, values)
