"""Open text, with a maximum length and a notice."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from survey_engine.language.question_types.open import OPEN
from survey_engine.model.questionnaire import Question
from tests.writing import HEAD, post, write_questions

STORY = "- open: story\n  text: Tell us more.\n  max_length: 20\n  notice: no_names"
WITH_NOTICE = HEAD + "notices: {no_names: Name nobody.}\n"


@pytest.fixture
def story(tmp_path: Path) -> Question:
    return write_questions(tmp_path, STORY, WITH_NOTICE).question


def test_it_has_a_length_and_a_notice(story: Question, tmp_path: Path) -> None:
    assert story.max_length == 20 and story.notice and story.notice.wording == {"en": "Name nobody."}
    assert write_questions(tmp_path, "- open: o\n  text: O?").question.max_length == 1000
    assert write_questions(tmp_path, "- open: o\n  text: O?").questionnaire.variables["o"].kind == "text"


def test_a_text_is_kept_without_the_space_around_it(story: Question) -> None:
    assert post(story, story="  Fine.\r\nReally. \n").values == {"story": "Fine.\nReally."}


@pytest.mark.parametrize("posted", ["", "   ", "\r\n\t", "\x00"])
def test_white_space_is_empty(story: Question, posted: str) -> None:
    assert post(story, story=posted).values == {}


def test_a_line_break_counts_as_one_character(story: Question) -> None:
    assert not post(story, story="x" * 9 + "\r\n" + "y" * 10).errors


def test_a_text_that_is_too_long_is_an_error_with_its_length(story: Question) -> None:
    assert not post(story, story="é" * 20).errors
    reading = post(story, story="x" * 21)
    assert reading.values == {}
    assert (reading.errors["story"].message, reading.errors["story"].facts) == ("too_long", {"limit": 20, "count": 21})


def test_markup_and_formulas_are_kept_as_they_are(story: Question) -> None:
    assert post(story, story="<b>=1+1</b>").values == {"story": "<b>=1+1</b>"}


@given(st.text())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_is_an_answer_an_error_or_empty(story: Question, text: str) -> None:
    reading = post(story, story=text)
    value = reading.values.get("story")
    assert value is None or (0 < len(value) <= 20 and "\x00" not in value and value == value.strip())
    assert not (value and reading.errors)


def test_an_empty_open_question_causes_no_warning() -> None:
    assert not OPEN.prompts
