"""Fixtures of command tests; some modules override `desk`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from survey_engine.storage.database import Database
from tests.command import Desk
from tests.datasets.filling import place_example


@pytest.fixture
def engine(request: pytest.FixtureRequest) -> str:
    """SQLite, unless a test is marked ON_BOTH: those together execute all statements of commands on PostgreSQL."""
    return str(getattr(request, "param", "sqlite"))


@pytest.fixture
def desk(tmp_path, monkeypatch) -> Desk:
    desk = Desk(tmp_path, monkeypatch)
    place_example(tmp_path)
    return desk


@pytest.fixture
def stores(desk: Desk) -> Iterator[tuple[Database, Database]]:
    """The answers and the identity of the desk."""
    with (
        closing(Database(desk.settings.database_url, "answers")) as answers,
        closing(Database(desk.settings.identity_url, "identity")) as identity,
    ):
        yield answers, identity
