"""Statements on releases: the responses of deliveries that became final, and the groups in their tables."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import text

from survey_engine.storage.database import Database, make_id

_ADD = text(
    "INSERT INTO release (id, questionnaire, institution, hashes, shown_groups, shown_columns)"
    " VALUES (:id, :questionnaire, :institution, :hashes, :shown_groups, :shown_columns)"
)
_LIST = text(
    "SELECT questionnaire, institution, hashes, shown_groups, shown_columns FROM release WHERE questionnaire = :questionnaire"
)


class Release(NamedTuple):
    """The released responses of an institution, or of all institutions if `institution` is empty."""

    questionnaire: str
    institution: str
    hashes: str
    """Sorted keyed hashes, separated by spaces. In a release of all institutions, each hash follows its institution and a slash."""
    shown_groups: str | None = ""
    """The counts of groups that the tables show, as JSON; empty for rows, None for a release of an older program."""
    shown_columns: str | None = None
    """Which responses the columns of an institution's rows show alike, as JSON; empty for others, None for an older program."""


def add_release(answers: Database, release: Release) -> None:
    if release not in list_releases(answers, release.questionnaire):
        with answers.write() as connection:
            connection.execute(_ADD, {"id": make_id(), **release._asdict()})


def list_releases(answers: Database, questionnaire: str) -> list[Release]:
    """List the releases of a questionnaire: those of single institutions and those of all."""
    with answers.read() as connection:
        return [Release(*row) for row in connection.execute(_LIST, {"questionnaire": questionnaire})]
