"""Statements on releases: the responses of deliveries that became final, and the groups in their tables."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import text

from survey_engine.storage.database import Database, make_id

_ADD = text(
    "INSERT INTO release (id, questionnaire, institution, hashes, shown_groups)"
    " VALUES (:id, :questionnaire, :institution, :hashes, :shown_groups)"
)
_LIST = text("SELECT questionnaire, institution, hashes, shown_groups FROM release WHERE questionnaire = :questionnaire")


class Release(NamedTuple):
    """The responses that were released of an institution, or of all if it is empty."""

    questionnaire: str
    institution: str
    hashes: str
    """Keyed hashes, sorted, with spaces; of all, each with its institution and a slash before it."""
    shown_groups: str | None = ""
    """The counts of groups that the tables show, as JSON; empty for rows, None for a release of an older program."""


def add_release(answers: Database, release: Release) -> None:
    if release not in list_releases(answers, release.questionnaire):
        with answers.write() as connection:
            connection.execute(_ADD, {"id": make_id(), **release._asdict()})


def list_releases(answers: Database, questionnaire: str) -> list[Release]:
    """All releases, of institutions and of all."""
    with answers.read() as connection:
        return [Release(*row) for row in connection.execute(_LIST, {"questionnaire": questionnaire})]
