"""Statements on versions of questionnaires: all stored versions, and the published ones."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from sqlalchemy import text

from survey_engine.storage.database import Database
from survey_engine.storage.snapshot import list_answered_versions as list_begun

_ADD = text(
    "INSERT INTO questionnaire_version (questionnaire, version, files, digest)"
    " VALUES (:questionnaire, :version, :files, :digest)"
    " ON CONFLICT (questionnaire, version) DO UPDATE SET files = excluded.files, digest = excluded.digest,"
    " served_at = CURRENT_TIMESTAMP"
)
_PUBLISH = text(
    "INSERT INTO service (questionnaire, version) VALUES (:questionnaire, :version)"
    " ON CONFLICT (questionnaire) DO UPDATE SET version = excluded.version, published_at = CURRENT_TIMESTAMP"
)
_REPLACE = text(f"{_PUBLISH.text} WHERE service.version IN (:compared, excluded.version)")
_LOAD = text("SELECT files, digest FROM questionnaire_version WHERE questionnaire = :questionnaire AND version = :version")
_LIST = text("SELECT questionnaire, version FROM questionnaire_version ORDER BY questionnaire, served_at DESC, version")
_SERVICE = text("SELECT questionnaire, version FROM service")
_ORPHANS = text(
    "SELECT r.questionnaire, r.version, count(*) FROM response r WHERE r.questionnaire <> '' AND NOT EXISTS"
    " (SELECT 1 FROM questionnaire_version v WHERE v.questionnaire = r.questionnaire AND v.version = r.version)"
    " GROUP BY r.questionnaire, r.version"
)


class StoredVersion(NamedTuple):
    questionnaire: str
    version: str
    files: bytes
    """Zip archive of all source files."""
    digest: str
    """Digest of the pages and the routing."""


def store_version(answers: Database, stored: StoredVersion, *, publish: bool = False) -> None:
    """Store or overwrite a version, and publish it with `publish`, in one transaction."""
    with answers.write() as connection:
        connection.execute(_ADD, stored._asdict())
        if publish:
            connection.execute(_PUBLISH, {"questionnaire": stored.questionnaire, "version": stored.version})


def publish_compared(answers: Database, stored: StoredVersion, service: str | None, compared: Collection[str]) -> bool:
    """Store and publish a version in one transaction, unless the store has something that it was not compared with.

    Args:
        service: the version that was in service when it was compared; None if there was none.
        compared: the versions that it was compared with. Others must have no responses.

    Returns: false, without a change, if another version was published, or has responses.
    """
    with answers.write() as connection:
        if {*list_begun(connection, stored.questionnaire)}.difference(compared):
            return False
        replaced = {"questionnaire": stored.questionnaire, "version": stored.version, "compared": service}
        if not connection.execute(_REPLACE, replaced).rowcount:  # a transaction that publishes at the same time waits here
            return False
        connection.execute(_ADD, stored._asdict())
    return True


def load_version(answers: Database, questionnaire: str, version: str) -> StoredVersion | None:
    with answers.read() as connection:
        row = connection.execute(_LOAD, {"questionnaire": questionnaire, "version": version}).first()
    return StoredVersion(questionnaire, version, bytes(row[0]), row[1]) if row else None


def map_versions(answers: Database) -> dict[str, list[str]]:
    """Return questionnaire → versions, the most recently served first."""
    found: dict[str, list[str]] = {}
    with answers.read() as connection:
        for questionnaire, version in connection.execute(_LIST):
            found.setdefault(questionnaire, []).append(version)
    return found


def read_service(answers: Database) -> dict[str, str]:
    """Return questionnaire → published version."""
    with answers.read() as connection:
        return {row[0]: row[1] for row in connection.execute(_SERVICE)}


def list_orphans(answers: Database) -> list[tuple[str, str, int]]:
    """List (questionnaire, version, number of responses) for versions that have responses but are not stored."""
    with answers.read() as connection:
        return [(row[0], row[1], row[2]) for row in connection.execute(_ORPHANS)]
