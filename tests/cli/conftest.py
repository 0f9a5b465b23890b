"""Fixtures of command tests; some modules override `desk`."""

from __future__ import annotations

import pytest

from tests.command import Desk
from tests.datasets.filling import write_example


@pytest.fixture
def desk(tmp_path, monkeypatch) -> Desk:
    desk = Desk(tmp_path, monkeypatch)
    write_example(tmp_path)
    (tmp_path / "q" / "x").rename(tmp_path / "q" / "example")
    return desk
