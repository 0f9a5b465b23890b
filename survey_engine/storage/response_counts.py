"""Statements on responses by pseudonym or institution: counts, and labels to hide or show."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from typing import Any, NamedTuple

from sqlalchemy import bindparam, text

from survey_engine.storage.database import Database
from survey_engine.storage.samples import find_by_key

_WITHOUT_SEAT = text(
    "SELECT count(*), count(completed_at) FROM response"
    " WHERE questionnaire = :questionnaire AND institution = :institution"
    " AND (pseudonym IS NULL OR pseudonym LIKE 'lms-%')"
)
_INCOMPLETE = text(
    "SELECT count(*) FROM response WHERE questionnaire = :questionnaire AND institution IN :institutions AND completed_at IS NULL"
).bindparams(bindparam("institutions", expanding=True))

_ANSWERED = text("SELECT DISTINCT questionnaire, institution FROM response WHERE questionnaire <> ''")
_LABELS = text(
    "SELECT id, pseudonym, background, sealed_labels FROM response WHERE questionnaire = :questionnaire AND institution = :institution"
    " AND pseudonym NOT LIKE 'lms-%' ORDER BY id"
)
_SET_LABELS = text(
    "UPDATE response SET background = CASE WHEN background = :before THEN :background ELSE background END,"
    " sealed_labels = CASE WHEN background = :before THEN :sealed ELSE sealed_labels END,"
    " saves = saves + CASE WHEN saves > 0 THEN 1 ELSE 0 END"
    " WHERE id = :id AND questionnaire = :questionnaire AND institution = :institution"
)
"""A higher number of saves makes processes read the response again; 0 remains 0, because it means that nothing was answered.

The number is raised in all responses, so that it does not reveal whose labels changed. A response that was erased meanwhile has an empty
`questionnaire`.
"""
_SEALED = text("SELECT id, sealed_labels FROM response WHERE sealed_labels IS NOT NULL ORDER BY id")
_RENEW = text("UPDATE response SET sealed_labels = :sealed WHERE id = :id AND sealed_labels = :before")
_BATCH = 1000


class StoredLabels(NamedTuple):
    """The labels of a response."""

    background: Mapping[str, Any]
    """The background, with the labels that are shown."""
    sealed: str | None
    """All labels that the response had at its start, encrypted; None before the first change."""


class SettledResponses(NamedTuple):
    """Numbers of responses."""

    hidden: int
    shown: int
    """Number of responses that got labels back."""
    changed: int
    """Number of responses whose labels changed."""


def find_completion_by_pseudonym(answers: Database, questionnaire: str, pseudonyms: Collection[str]) -> dict[str, bool]:
    """Return pseudonym → whether its response is complete; pseudonyms without a response are left out."""
    with answers.read() as connection:
        rows = find_by_key(connection, "pseudonym, completed_at", questionnaire, "response.pseudonym", pseudonyms)
        return {row.pseudonym: row.completed_at is not None for row in rows}


def find_institution_by_pseudonym(answers: Database, questionnaire: str, pseudonyms: Collection[str]) -> dict[str, str]:
    """Return pseudonym → institution of its response; pseudonyms without a response are left out."""
    with answers.read() as connection:
        rows = find_by_key(connection, "pseudonym, institution", questionnaire, "response.pseudonym", pseudonyms)
        return {row.pseudonym: row.institution for row in rows}


def find_completed(answers: Database, questionnaire: str, pseudonyms: Collection[str]) -> set[str]:
    """The pseudonyms whose response is complete."""
    found = find_completion_by_pseudonym(answers, questionnaire, pseudonyms)
    return {pseudonym for pseudonym, completed in found.items() if completed}


def count_answered(answers: Database, questionnaire: str, pseudonyms: Collection[str]) -> int:
    """The number of these pseudonyms with answers."""
    with answers.read() as connection:
        rows = find_by_key(connection, "saves, completed_at", questionnaire, "response.pseudonym", pseudonyms)
        return sum(row.saves > 0 or row.completed_at is not None for row in rows)


def count_without_seat(answers: Database, questionnaire: str, institution: str) -> tuple[int, int]:
    """Return the numbers of (started, completed) responses by an institution's open link or a learning environment."""
    with answers.read() as connection:
        row = connection.execute(_WITHOUT_SEAT, {"questionnaire": questionnaire, "institution": institution}).one()
    return row[0], row[1]


def count_incomplete(answers: Database, questionnaire: str, institutions: Collection[str]) -> int:
    """The number of responses at these institutions that are not complete."""
    with answers.read() as connection:
        return int(
            connection.execute(_INCOMPLETE, {"questionnaire": questionnaire, "institutions": [*institutions]}).scalar_one()
        )


def map_answered_institutions(answers: Database) -> dict[str, list[str]]:
    """Return questionnaire → institutions with responses."""
    found: dict[str, list[str]] = {}
    with answers.read() as connection:
        for questionnaire, institution in connection.execute(_ANSWERED):
            found.setdefault(questionnaire, []).append(institution)
    return found


def map_backgrounds(answers: Database, questionnaire: str, institution: str) -> dict[str, StoredLabels]:
    """Return pseudonym → labels, for responses by personal links."""
    with answers.read() as connection:
        rows = connection.execute(_LABELS, {"questionnaire": questionnaire, "institution": institution})
        return {row.pseudonym: StoredLabels(json.loads(row.background), row.sealed_labels) for row in rows}


def settle_backgrounds(
    answers: Database, questionnaire: str, institution: str, settle: Callable[[str, StoredLabels], StoredLabels]
) -> SettledResponses:
    """Replace the labels of responses by personal links.

    If one response changes, all are written, in the order of their random ids: the stored rows reveal neither the changed responses
    nor the order of seats.

    Args: settle: takes the pseudonym and labels of a response, returns its new labels.
    """
    with answers.read() as connection:
        stored = connection.execute(_LABELS, {"questionnaire": questionnaire, "institution": institution}).all()
    rows, growths, changes = [], list[int](), list[bool]()
    for id, pseudonym, written, sealed in stored:
        before = json.loads(written)
        after = settle(pseudonym, StoredLabels(before, sealed))
        growths.append(len(after.background) - len(before))
        changes.append(after.background != before)
        rows.append(
            {
                "id": id,
                "before": written,
                "background": json.dumps(dict(after.background), ensure_ascii=False),
                "sealed": after.sealed,
                "questionnaire": questionnaire,
                "institution": institution,
            }
        )
    if not any(changes):
        return SettledResponses(0, 0, 0)
    for start in range(0, len(rows), _BATCH):
        with answers.write() as connection:
            connection.execute(_SET_LABELS, rows[start : start + _BATCH])
    corrected = sum(changed and not growth for changed, growth in zip(changes, growths, strict=True))
    return SettledResponses(sum(growth < 0 for growth in growths), sum(growth > 0 for growth in growths), corrected)


def renew_labels(answers: Database, renew: Callable[[str], str]) -> int:
    """Replace the encrypted labels of each response by `renew(labels)`; return the number of changed ones."""
    with answers.write() as connection:
        rows = connection.execute(_SEALED).all()
        changed = [{"id": id, "before": sealed, "sealed": renewed} for id, sealed in rows if (renewed := renew(sealed)) != sealed]
        if changed:
            connection.execute(_RENEW, changed)
    return len(changed)
