"""A SQLite store for each test. Differences on PostgreSQL are tested in tests/storage."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.databases import open_sqlite
from tests.datasets.filling import Store, fill_every_case, write_example


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    database = open_sqlite(tmp_path / "answers.db")
    yield Store(database, write_example(tmp_path))
    database.close()


@pytest.fixture
def filled(store: Store) -> Store:
    fill_every_case(store)
    return store
