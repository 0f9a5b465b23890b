"""Statements on releases: which responses a delivery had that became final."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import text

from survey_engine.storage.database import Database, make_id

_ADD = text("INSERT INTO release (id, questionnaire, institution, hashes) VALUES (:id, :questionnaire, :institution, :hashes)")
_LIST = text("SELECT hashes FROM release WHERE questionnaire = :questionnaire AND institution = :institution")


class Release(NamedTuple):
    """The responses that were released of an institution, or of all if it is empty."""

    questionnaire: str
    institution: str
    hashes: str
    """Keyed hashes, sorted, with spaces."""


def add_release(answers: Database, release: Release) -> None:
    if release.hashes not in list_releases(answers, release.questionnaire, release.institution):
        with answers.write() as connection:
            connection.execute(_ADD, {"id": make_id(), **release._asdict()})


def list_releases(answers: Database, questionnaire: str, institution: str) -> list[str]:
    """The hashes of all releases."""
    with answers.read() as connection:
        return list(connection.execute(_LIST, {"questionnaire": questionnaire, "institution": institution}).scalars())
