"""Statements that count responses by pseudonym or institution."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import bindparam, text

from survey_engine.storage.database import Database

_COMPLETION = text(
    "SELECT pseudonym, completed_at IS NOT NULL FROM response WHERE questionnaire = :questionnaire AND pseudonym IN :pseudonyms"
).bindparams(bindparam("pseudonyms", expanding=True))
_WITHOUT_SEAT = text(
    "SELECT count(*), count(completed_at) FROM response"
    " WHERE questionnaire = :questionnaire AND institution = :institution AND pseudonym IS NULL"
)


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
