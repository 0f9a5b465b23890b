"""A date between two bounds."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_engine.language.question_types.date import parse_date
from survey_engine.model.questionnaire import Question
from tests.writing import post, write_questions

STARTED = "- date: started\n  text: When did you start?\n  from: 2020-02-01\n  to: 2026-12-31"


@pytest.fixture
def started(tmp_path: Path) -> Question:
    return write_questions(tmp_path, STARTED).question


def test_it_has_bounds_or_wide_ones(started: Question, tmp_path: Path) -> None:
    assert (started.earliest, started.latest) == ("2020-02-01", "2026-12-31")
    free = write_questions(tmp_path, "- date: d\n  text: D?").question
    assert (free.earliest, free.latest) == ("1900-01-01", "2100-12-31")
    assert write_questions(tmp_path, STARTED).questionnaire.variables["started"].kind == "date"


@pytest.mark.parametrize(
    "posted", ["2024-03-05", "5-3-2024", "05/03/2024", "5.3.2024", " 5 3 2024 ", "2024-3-5", "05032024", "5\u20113\u20112024"]
)
def test_a_date_is_read_as_people_write_it(started: Question, posted: str) -> None:
    assert post(started, started=posted).values == {"started": "2024-03-05"}


@pytest.mark.parametrize(
    "posted",
    [
        "2020-01-31",
        "2027-01-01",
        "31-2-2024",
        "2024",
        "5-3-27",
        "5-3-224",
        "31-2-24",
        "050324",
        "yesterday",
        "2024-03-05T10:00",
        "0-0-0000",
        "31-02",
        "5-",
        "5-3",
        "5-3-",
        "31022024",
    ],
)
def test_any_other_input_is_an_error_that_names_the_bounds(started: Question, posted: str) -> None:
    reading = post(started, started=posted)
    assert reading.values == {} and reading.errors["started"].message == "date"
    assert reading.errors["started"].facts == {"earliest": "2020-02-01", "latest": "2026-12-31"}


@pytest.mark.parametrize("posted", ["5-3-24", "05/03/24", "5.3.24", "05 03 24"])
def test_a_year_of_two_digits_is_read_if_one_century_is_possible(started: Question, posted: str, tmp_path: Path) -> None:
    assert post(started, started=posted).values == {"started": "2024-03-05"}

    free = write_questions(tmp_path, "- date: d\n  text: D?").question
    reading = post(free, d=posted)
    assert reading.values == {} and reading.errors["d"].message == "year"


def test_an_empty_field_is_no_answer_and_no_error(started: Question) -> None:
    assert post(started).values == {} and not post(started, started=" ").errors


@given(st.dates())
def test_every_date_is_read_as_it_was_written(date: object) -> None:
    assert parse_date(str(date)) == str(date)


@given(st.text(max_size=12))
def test_no_input_raises_an_exception(text: str) -> None:
    assert parse_date(text) is None or len(str(parse_date(text))) == 10


@pytest.mark.parametrize("bound", ["«2026", "«2026-13-01", "«yesterday", "«01-02-2026", "«2026-01-01T00:00:00", "«1767225600"])
def test_a_bound_is_a_full_date(tmp_path: Path, bound: str) -> None:
    assert "2026-01-31" in write_questions(tmp_path, f"- date: d\n  text: D?\n  from: {bound}").find("wrong-value").remedy


def test_the_lower_bound_is_not_above_the_upper_one(tmp_path: Path) -> None:
    assert write_questions(tmp_path, "- date: d\n  text: D?\n  from: «2026-01-02\n  to: 2026-01-01").find("bad-bounds")
