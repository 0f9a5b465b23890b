"""The responses in a delivery, as keyed hashes: two releases of one institution must not differ in a few.

An export writes them beside its files, in any format and with any background; they are not handed out.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from survey_engine.datasets.row_order import hash_name
from survey_engine.storage.database import Database
from survey_engine.storage.releases import Release, add_release, list_releases
from survey_engine.storage.snapshot import Record

NAME = "released-rows.json"


class ReleasedRows(NamedTuple):
    """The responses to a questionnaire at one institution, or at all if it is empty."""

    questionnaire: str
    institution: str
    hashes: frozenset[str]
    institutions: tuple[str, ...] = ("",)
    """Institutions of these responses; an empty code stands for unknown ones."""

    def count_changed(self, earlier: frozenset[str]) -> int:
        """The number of responses that were added, changed or removed."""
        return max(len(self.hashes - earlier), len(earlier - self.hashes))


def hash_row(key: str, record: Record, *, withdrawn: bool) -> str:
    """A hash of all that an export can tell of a response."""
    told = (record.completed, withdrawn, record.languages, record.answers, sorted(record.done), record.paradata)
    content = json.dumps(told, sort_keys=True)
    return hash_name(key, "released row", record.id, content).hex()


def write_rows(folder: Path, rows: ReleasedRows) -> None:
    stored = {**rows._asdict(), "hashes": sorted(rows.hashes)}
    (folder / NAME).write_text(json.dumps(stored) + "\n", encoding="utf-8")


def read_rows(folder: Path) -> list[ReleasedRows]:
    """Read those of all exports in a folder."""
    stored = (json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.rglob(NAME)))
    return [
        ReleasedRows(
            each["questionnaire"],
            each["institution"],
            frozenset(each["hashes"]),
            tuple(each.get("institutions", [each["institution"]])),
        )
        for each in stored
    ]


def find_few_changed(answers: Database, released: Iterable[ReleasedRows], least: int) -> tuple[ReleasedRows, int] | None:
    """The first rows that differ from an earlier release in fewer than `least` responses, and in how many."""
    for rows in released:
        for earlier in list_releases(answers, rows.questionnaire, rows.institution):
            if 0 < (changed := rows.count_changed(frozenset(earlier.split()))) < least:
                return rows, changed
    return None


def record_rows(answers: Database, released: Iterable[ReleasedRows]) -> None:
    """Record a release."""
    for rows in released:
        add_release(answers, Release(rows.questionnaire, rows.institution, " ".join(sorted(rows.hashes))))
