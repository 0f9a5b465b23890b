"""Yes or no, with labels of the interface."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.writing import post, write_questions

JOB = "- yes_no: has_job\n  text: Do you have a job?"


def test_its_options_are_yes_and_no_with_the_labels_of_the_interface(tmp_path: Path) -> None:
    written = write_questions(tmp_path, JOB)
    assert [(option.code, option.text.wording) for option in written.question.options] == [
        ("yes", {"en": "Yes"}),
        ("no", {"en": "No"}),
    ]
    variable = written.questionnaire.variables["has_job"]
    assert (variable.kind, variable.codes) == ("code", ("yes", "no"))


@pytest.mark.parametrize(
    ("posted", "value"), [("yes", "yes"), ("no", "no"), ("Yes", None), ("true", None), ("1", None), ("", None)]
)
def test_only_yes_and_no_are_answers(tmp_path: Path, posted: str, value: str | None) -> None:
    reading = post(write_questions(tmp_path, JOB).question, has_job=posted)
    assert reading.values.get("has_job") == value and bool(reading.errors) == (value is None and posted != "")
