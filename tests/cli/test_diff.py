"""The diff command."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from survey_engine.cli import main
from tests import SHIPPED
from tests.writing import HEAD, ask

QUESTION = "- mark: week\n  text: Week?\n"


def write(folder: Path, questions: str, head: str = HEAD) -> str:
    folder.mkdir()
    (folder / "questionnaire.yaml").write_text(head)
    (folder / "main.yaml").write_text(ask(questions))
    return str(folder)


def diff(*words: str) -> Result:
    return CliRunner().invoke(main, ["diff", *words])


def test_two_editions_are_compared_as_text_and_as_json(tmp_path: Path) -> None:
    folders = write(tmp_path / "old", QUESTION), write(tmp_path / "new", QUESTION + "- mark: day\n  text: Day?\n")

    assert "Added (1)\n  main" in diff(*folders).output
    assert json.loads(diff(*folders, "--format", "json").output)["changes"][0]["code"] == "day"


def test_a_questionnaire_with_errors_is_not_compared(tmp_path: Path) -> None:
    result = diff(write(tmp_path / "old", QUESTION), write(tmp_path / "new", QUESTION * 2))

    assert result.exit_code == 1
    assert "new has errors. Fix them first." in result.output
    assert "[duplicate-code]" in result.output


LANGUAGES = "{en: {name: English}, nl: {name: Nederlands, draft: true}}"
HALF, WHOLE = "- {mark: week, text: {en: Week?}}\n", "- {mark: week, text: {en: Week?, nl: Week?}}\n"


def test_a_draft_without_all_wordings_is_not_reported_as_removed(tmp_path: Path) -> None:
    head = "questionnaire: example\ntitle: {en: A, nl: A}\nsource_language: en\n"
    head += f"languages: {LANGUAGES}\norder: [{{group: main, sections: [main]}}]\n"
    whole, half = write(tmp_path / "whole", WHOLE, head), write(tmp_path / "half", HALF + HALF.replace("week", "day"), head)

    assert "~ language nl: not complete in example (2 texts missing)" in diff(whole, half).output
    assert "~ language nl (draft): not complete in example (2 texts missing), complete in example" in diff(half, whole).output


def test_the_help_has_an_example() -> None:
    assert "Example: survey-engine diff questionnaires/job-2026 questionnaires/job-2027" in diff("--help").output


def test_editions_are_found_by_their_ids(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SURVEY_QUESTIONNAIRES", str(SHIPPED))
    monkeypatch.chdir(tmp_path)
    assert "job-2026 → job-2027" in diff("job-2026", "job-2027").output
    for command in ("diff", "prove", "preview", "screenshots"):
        more = ["job-2027"] if command == "diff" else ["--out", "pictures"] if command == "screenshots" else []
        refused = CliRunner().invoke(main, [command, "job-2025", *more])
        assert refused.exit_code == 1 and "did you mean 'job-2027'" in refused.output
