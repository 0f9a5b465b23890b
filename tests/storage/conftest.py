"""Stores for the tests of statements."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from survey_engine.storage.database import Database


@pytest.fixture
def identity(identity_url: str) -> Iterator[Database]:
    database = Database(identity_url, "identity")
    yield database
    database.close()
