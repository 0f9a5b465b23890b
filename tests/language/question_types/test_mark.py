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


OWN = f"{MARK}\n  from: 0\n  to: 10\n  from_label: Bad\n  to_label: Good"


def test_a_plain_mark_has_no_options(tmp_path: Path) -> None:
    assert write_questions(tmp_path, MARK).question.options == ()


def test_own_bounds_give_an_option_per_mark_with_labelled_ends(tmp_path: Path) -> None:
    options = write_questions(tmp_path, OWN).question.options
    assert [option.code for option in options] == list(range(11))
    assert [options[at].text.wording["en"] for at in (0, 1, 10)] == ["Bad", "1", "Good"]


@pytest.mark.parametrize(("posted", "value"), [("0", 0), ("10", 10), ("dk", "dk"), ("11", None), ("na", None)])
def test_marks_between_own_bounds_and_outside_options_are_read(tmp_path: Path, posted: str, value: object) -> None:
    reading = post(write_questions(tmp_path, f"{OWN}\n  dont_know: No idea").question, school=posted)
    assert reading.values == ({} if value is None else {"school": value}) and bool(reading.errors) == (value is None)


def test_a_plain_mark_may_have_an_option_outside_the_scale(tmp_path: Path) -> None:
    variable = write_questions(tmp_path, f"{MARK}\n  dont_know: No idea").questionnaire.variables["school"]
    assert (variable.kind, variable.low, variable.high, variable.codes) == ("number", 1, 10, (*range(1, 11), "dk"))


@pytest.mark.parametrize(("low", "high"), [(0, 0), (5, 1), (-5, 6)])
def test_a_scale_has_2_to_11_marks(tmp_path: Path, low: int, high: int) -> None:
    assert write_questions(tmp_path, f"{MARK}\n  from: {low}\n  to: {high}").codes == ["mark-steps"]


@pytest.mark.parametrize("labels", ["", "\n  to_label: Good"])
def test_both_ends_of_own_bounds_need_a_label(tmp_path: Path, labels: str) -> None:
    assert "unlabelled-ends" in write_questions(tmp_path, f"{MARK}\n  from: 0\n  to: 5{labels}").codes


@pytest.mark.parametrize("condition", ["school >= 9", "school == 'dk'", "not (school <= 0)"])
def test_conditions_can_test_marks_and_dont_know(tmp_path: Path, condition: str) -> None:
    more = f'- open: why\n  text: Why?\n  when: "{condition}"'
    assert write_questions(tmp_path, f"{OWN}\n  dont_know: No idea\n{more}").codes == []
