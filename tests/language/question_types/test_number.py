"""A whole number between two bounds."""

from __future__ import annotations

from pathlib import Path

import pytest

from survey_engine.model.questionnaire import Question
from tests.writing import post, write_questions

DAYS = "- number: days\n  text: How many days?\n  from: -2\n  to: 40\n  unit: days"


@pytest.fixture
def days(tmp_path: Path) -> Question:
    return write_questions(tmp_path, DAYS).question


def test_it_has_bounds_and_a_unit(days: Question, tmp_path: Path) -> None:
    assert (days.low, days.high) == (-2, 40)
    assert days.unit and days.unit.code == "days.unit" and days.unit.wording == {"en": "days"}
    variable = write_questions(tmp_path, DAYS).questionnaire.variables["days"]
    assert (variable.kind, variable.low, variable.high, variable.options) == ("number", -2, 40, ())


def test_its_default_minimum_is_0(tmp_path: Path) -> None:
    assert write_questions(tmp_path, "- number: n\n  text: N?\n  to: 9").question.low == 0


@pytest.mark.parametrize(("posted", "value"), [("0", 0), ("40", 40), ("-2", -2), (" 7 ", 7), ("007", 7)])
def test_a_whole_number_within_the_bounds_is_read(days: Question, posted: str, value: int) -> None:
    assert post(days, days=posted).values == {"days": value}


@pytest.mark.parametrize("posted", ["7 days", "7days", "7 DAYS"])
def test_the_unit_may_be_written_behind_the_number(days: Question, posted: str) -> None:
    assert post(days, days=posted).values == {"days": 7}


@pytest.mark.parametrize(
    ("unit", "posted"),
    [
        ("minutes", "7 min"),
        ("minutes", "7 mins."),
        ("minuten", "7 minuut"),
        ("hours", "7h"),
        ("hours", "7 hrs"),
        ("weken", "7 week"),
    ],
)
def test_the_unit_may_be_abbreviated(tmp_path: Path, unit: str, posted: str) -> None:
    question = write_questions(tmp_path, DAYS.replace("unit: days", f"unit: {unit}")).question
    assert post(question, days=posted).values == {"days": 7}


def test_a_unit_may_be_a_sign(tmp_path: Path) -> None:
    question = write_questions(tmp_path, DAYS.replace("unit: days", 'unit: "%"')).question
    assert post(question, days="7 %").values == {"days": 7} and post(question, days="7 €").errors


@pytest.mark.parametrize("posted", ["days", "7 weeks", "7 days days", "7 yd", "7 years", "7.", "7 -", "7 d 2", "7 hours"])
def test_another_unit_or_no_number_is_an_error(days: Question, posted: str) -> None:
    assert post(days, days=posted).errors["days"].message == "number"


def test_an_empty_field_is_no_answer_and_no_error(days: Question) -> None:
    assert post(days).values == {} and not post(days, days="  ").errors


@pytest.mark.parametrize("posted", ["41", "-3", "2.5", "2,5", "1e1", "two", "+3", "--1", "٣", "0x1", "9" * 5000, "1 2", "1\n2"])
def test_any_other_input_is_an_error_that_names_the_bounds(days: Question, posted: str) -> None:
    reading = post(days, days=posted)
    assert reading.values == {}
    assert (reading.errors["days"].message, reading.errors["days"].facts) == ("number", {"low": -2, "high": 40})


def test_the_lower_bound_is_not_above_the_upper_one(tmp_path: Path) -> None:
    assert write_questions(tmp_path, "- number: n\n  text: N?\n  from: «9\n  to: 1").find("bad-bounds").facts["code"] == "n"
