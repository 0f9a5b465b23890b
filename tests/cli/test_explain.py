"""The explain command."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from survey_engine.authoring.explanations import format_problems_page
from survey_engine.cli import main
from survey_engine.model.message import Message
from survey_engine.model.messages import MESSAGES


def explain(*words: str) -> Result:
    return CliRunner().invoke(main, ["explain", *words])


def test_a_code_is_explained_with_an_example_and_its_remedy() -> None:
    output = explain("bad-bounds").output

    assert output.startswith("bad-bounds: error\n\n'{code}' runs from {low} to {high}.")
    assert "For example:\n\n    - number: days" in output
    assert "Better:\n\n    - number: days" in output


def test_a_misspelt_code_is_guessed() -> None:
    result = explain("bad-bound")

    assert result.exit_code == 1
    assert "There is no message 'bad-bound' (did you mean 'bad-bounds'?)" in result.output


def test_without_a_code_all_are_listed() -> None:
    assert [line.split()[0] for line in explain().output.splitlines()] == list(MESSAGES)


def test_all_are_written_to_a_file(tmp_path: Path) -> None:
    assert explain("--all", "-o", str(tmp_path / "page.md")).exit_code == 0
    assert (tmp_path / "page.md").read_text("utf-8") == format_problems_page()


def test_all_fails_for_a_message_without_explanation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(MESSAGES, "new-message", Message("error", "this is new", "Explain it."))
    result = explain("--all")
    assert result.exit_code == 1 and "Without an explanation: new-message." in result.output
