"""`survey-engine doctor`: problems of an installation."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.command import Desk
from tests.language.test_interface_catalogues import FORMS, MINUTES, write_interface
from tests.writing import HEAD, ask, write_questions


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


def test_a_folder_that_waits_for_its_publication_is_named(desk: Desk) -> None:
    folder = desk.folder / "q" / "example"
    for code in ("example", "later"):
        folder.with_name(code).mkdir(parents=True)
        (folder.with_name(code) / "questionnaire.yaml").write_text(HEAD.replace(": example", f": {code}"))
        (folder.with_name(code) / "main.yaml").write_text(ask("- mark: week\n  text: How was your week?"))
    desk.make_stores()
    assert desk.run("publish", str(folder)).exit_code == 0
    desk.set(SURVEY_QUESTIONNAIRES=str(folder.parent))
    said = desk.run("doctor").output
    assert "later: not served" in said and f"survey-engine publish {folder.with_name('later')}" in said
    assert "example: not served" not in said
