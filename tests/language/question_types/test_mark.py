"""A report mark from 1 to 10."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.writing import post, write_questions

MARK = "- mark: school\n  text: Which mark do you give?"


def test_its_variable_runs_from_1_to_10(tmp_path: Path) -> None:
    variable = write_questions(tmp_path, MARK).questionnaire.variables["school"]
    assert (variable.kind, variable.low, variable.high) == ("number", 1, 10)


@pytest.mark.parametrize("mark", range(1, 11))
def test_each_mark_is_read_as_a_number(tmp_path: Path, mark: int) -> None:
    assert post(write_questions(tmp_path, MARK).question, school=str(mark)).values == {"school": mark}


@pytest.mark.parametrize("posted", ["0", "11", "7.5", "7,5", "01", " 7", "-1", "seven", "٧"])
def test_anything_else_is_no_mark(tmp_path: Path, posted: str) -> None:
    reading = post(write_questions(tmp_path, MARK).question, school=posted)
    assert reading.values == {} and reading.errors["school"].message == "option"


def test_an_empty_choice_is_no_answer_and_no_error(tmp_path: Path) -> None:
    reading = post(write_questions(tmp_path, MARK).question, school="")
    assert reading.values == {} and reading.errors == {}
