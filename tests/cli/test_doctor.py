"""`survey-engine doctor`: problems of an installation."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.command import Desk
from tests.language.test_interface_catalogues import FORMS, MINUTES, write_interface
from tests.writing import write_questions


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    write_questions(tmp_path, "- mark: week\n  text: How was your week?")
    return Desk(tmp_path, monkeypatch)


def test_an_error_in_any_catalogue_of_the_interface_is_found(desk: Desk) -> None:
    write_interface(desk.folder / "translations", MINUTES + FORMS.replace("s хвилини", "x хвилини"))
    result = desk.run("doctor")
    assert result.exit_code == 1 and "✗ interface in uk:" in result.output and "interface.po:6" in result.output


def test_valid_catalogues_are_not_mentioned(desk: Desk) -> None:
    write_interface(desk.folder / "translations", MINUTES + FORMS)
    assert "interface" not in desk.run("doctor").output
