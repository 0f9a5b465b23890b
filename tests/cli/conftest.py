"""Fixtures of command tests; some modules override `desk`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from survey_engine.storage.database import Database
from tests.command import Desk
from tests.datasets.filling import write_example


@pytest.fixture
def desk(tmp_path, monkeypatch) -> Desk:
    desk = Desk(tmp_path, monkeypatch)
    write_example(tmp_path)
    (tmp_path / "q" / "x").rename(tmp_path / "q" / "example")
    return desk


@pytest.fixture
def stores(desk: Desk) -> Iterator[tuple[Database, Database]]:
    """The answers and the identity of the desk."""
    with (
        closing(Database(desk.settings.database_url, "answers")) as answers,
        closing(Database(desk.settings.identity_url, "identity")) as identity,
    ):
        yield answers, identity
