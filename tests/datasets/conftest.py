"""A SQLite store for each test. Differences on PostgreSQL are tested in tests/storage."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.databases import open_sqlite
from tests.datasets.filling import IN_DAYS, Exported, Store, fill_every_case, write_example


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    database = open_sqlite(tmp_path / "answers.db")
    yield Store(database, write_example(tmp_path))
    database.close()


@pytest.fixture
def filled(store: Store) -> Store:
    fill_every_case(store)
    return store


@pytest.fixture
def export_units(filled: Store, tmp_path: Path) -> Callable[[str], tuple[Exported, str, str]]:
    """Return a function that exports responses to two versions, the second in service, whose numbers have other units and ranges.

    It takes a format and returns the export, in the folder `units`, and the names of both versions.
    """

    def export(format: str) -> tuple[Exported, str, str]:
        old, new = filled.questionnaire, write_example(tmp_path / "days", main=IN_DAYS)
        filled.questionnaire = new
        filled.start()
        versions = {each.version: each for each in (old, new)}
        return filled.export(tmp_path / "units", versions=versions, formats=[format]), old.version, new.version

    return export
