"""The publish command: summary of changes, and rejections."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.command import Desk
from tests.writing import HEAD, ask

HOURS = "- number: hours\n  text: Hours?\n  to: 60\n"


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    desk = Desk(tmp_path, monkeypatch)
    desk.make_stores()
    return desk


def publish(desk: Desk, questions: str) -> tuple[int, str]:
    folder = desk.folder / "q" / "example"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "questionnaire.yaml").write_text(HEAD)
    (folder / "main.yaml").write_text(ask(questions))
    result = desk.run("publish", str(folder))
    return result.exit_code, result.output


def test_changes_since_the_previous_version_are_printed(desk: Desk) -> None:
    publish(desk, HOURS)
    code, said = publish(desk, HOURS + "- mark: week\n  text: Week?\n")
    assert code == 0 and "Added (1)" in said and "within five seconds" in said


def test_codes_of_another_type_are_listed_with_both_types_and_a_remedy(desk: Desk) -> None:
    publish(desk, HOURS)
    code, said = publish(desk, "- date: hours\n  text: Hours?\n")
    assert code == 1 and "is not published" in said and "has errors" not in said
    assert "main.yaml:5: 'hours' was of type number in version" in said and "is of type date here. Give it another code" in said
