"""Statements on responses by pseudonym or institution: counts, and labels that are removed."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from typing import Any

from sqlalchemy import bindparam, text

from survey_engine.storage.database import Database

_COMPLETION = text(
    "SELECT pseudonym, completed_at IS NOT NULL FROM response WHERE questionnaire = :questionnaire AND pseudonym IN :pseudonyms"
).bindparams(bindparam("pseudonyms", expanding=True))
_WITHOUT_SEAT = text(
    "SELECT count(*), count(completed_at) FROM response"
    " WHERE questionnaire = :questionnaire AND institution = :institution AND pseudonym IS NULL"
)

_BACKGROUNDS = text(
    "SELECT id, background FROM response WHERE questionnaire = :questionnaire AND institution = :institution"
    " AND pseudonym IS NOT NULL ORDER BY id"
)
_SET_BACKGROUND = text(
    "UPDATE response SET background = :background, saves = saves + CASE WHEN saves > 0 THEN 1 ELSE 0 END"
    " WHERE id = :id AND background = :before"
)
"""The number of saves makes processes read the response again; 0 stays 0, because it says that nothing was answered."""
_BATCH = 1000


def find_completion_by_pseudonym(answers: Database, questionnaire: str, pseudonyms: Collection[str]) -> dict[str, bool]:
    """Pseudonym → whether its response is complete; pseudonyms without a response are left out."""
    with answers.read() as connection:
        rows = connection.execute(_COMPLETION, {"questionnaire": questionnaire, "pseudonyms": list(pseudonyms)})
        return {pseudonym: bool(completed) for pseudonym, completed in rows}


def count_without_seat(answers: Database, questionnaire: str, institution: str) -> tuple[int, int]:
    """The numbers of started and completed responses by an institution's open link."""
    with answers.read() as connection:
        row = connection.execute(_WITHOUT_SEAT, {"questionnaire": questionnaire, "institution": institution}).one()
    return row[0], row[1]


def reduce_backgrounds(
    answers: Database, questionnaire: str, institution: str, reduce: Callable[[Mapping[str, Any]], Mapping[str, Any]]
) -> int:
    """Replace the background of responses by personal links by `reduce(background)`; return the number of changed responses.

    They are changed in the order of their random numbers, so that no order of seats is stored.
    """
    with answers.read() as connection:
        rows = connection.execute(_BACKGROUNDS, {"questionnaire": questionnaire, "institution": institution})
        pairs = ((id, stored, json.loads(stored)) for id, stored in rows)
        changed = [
            {"id": id, "before": stored, "background": json.dumps(dict(reduced), ensure_ascii=False)}
            for id, stored, background in pairs
            if (reduced := reduce(background)) != background
        ]
    for start in range(0, len(changed), _BATCH):
        with answers.write() as connection:
            connection.execute(_SET_BACKGROUND, changed[start : start + _BATCH])
    return len(changed)
