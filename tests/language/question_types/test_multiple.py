"""Multiple choice, with exclusive options."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from survey_engine.model.questionnaire import Question
from tests.writing import ask, post, write_questions, write_sections

BARRIERS = """
- multiple: barriers
  text: What holds you back?
  options:
    money: Money
    travel: Travel time
    other: {text: "Something else, namely", namely: true}
    none: {text: None of these, exclusive: true}
    unsure: {text: I do not know, exclusive: true}
"""


@pytest.fixture
def barriers(tmp_path: Path) -> Question:
    return write_questions(tmp_path, BARRIERS).question


def test_its_variable_has_several_codes(tmp_path: Path) -> None:
    variables = write_questions(tmp_path, BARRIERS).questionnaire.variables
    assert variables["barriers"].kind == "codes" and variables["barriers__namely"].kind == "text"


def test_answers_are_read_in_the_order_of_the_options_and_once(barriers: Question) -> None:
    assert post(barriers, barriers=["travel", "money", "travel"]).values == {"barriers": ["money", "travel"]}


def test_nothing_chosen_is_empty_not_an_empty_list(barriers: Question) -> None:
    assert post(barriers).values == {} and post(barriers, barriers=[""]).values == {}


@pytest.mark.parametrize("posted", [["gold"], ["money", "gold", "<b>"]])
def test_an_option_that_is_not_offered_is_an_input_error(barriers: Question, posted: list[str]) -> None:
    reading = post(barriers, barriers=posted)
    assert reading.values == {} and reading.errors["barriers"].message == "option"


@pytest.mark.parametrize("posted", [["money", "none"], ["unsure", "none"], ["unsure", "none", "money"]])
def test_an_exclusive_option_beside_others_is_an_input_error(barriers: Question, posted: list[str]) -> None:
    """The page's script clears them; without it nobody can know which was meant."""
    reading = post(barriers, barriers=posted)
    assert reading.values == {} and reading.errors["barriers"].message == "exclusive"
    assert post(barriers, barriers=["none"]).values == {"barriers": ["none"]}


def test_the_other_text_counts_only_with_its_option(barriers: Question) -> None:
    other = {"barriers__namely": "Sleep"}
    assert post(barriers, barriers=["other"], **other).values == {"barriers": ["other"], "barriers__namely": "Sleep"}
    for chosen in (["money"], ["none"], []):
        reading = post(barriers, barriers=chosen, **other)
        assert reading.values.get("barriers", []) == chosen
        assert reading.errors["barriers__namely"].message == "unticked"


def test_the_other_text_has_a_maximum_length(barriers: Question) -> None:
    assert post(barriers, barriers=["other"], barriers__namely="x" * 201).errors["barriers__namely"].message == "too_long"


@given(st.lists(st.sampled_from(["money", "travel", "other", "none", "unsure", "gold", ""])))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_post_gives_a_valid_answer_or_an_error(barriers: Question, posted: list[str]) -> None:
    reading = post(barriers, barriers=posted)
    values = reading.values
    alone = {"none", "unsure"} & {*posted}
    assert bool(reading.errors) == ("gold" in posted or (bool(alone) and len({*posted} - {""}) > 1))
    chosen = values.get("barriers", [])
    assert set(chosen) <= {option.code for option in barriers.options} & set(posted)
    assert len(chosen) == len(set(chosen))
    assert len(chosen) == 1 or not set(chosen) & {"none", "unsure"}
    assert chosen or not values


def test_options_of_the_institution_precede_common_options(tmp_path: Path) -> None:
    question = "- multiple: clubs\n  text: Clubs?\n  options_from: clubs\n  options: {none: {text: None, exclusive: true}}"
    north = "institution: north\nname: North\nlists: {clubs: {choir: Choir}}"
    found = write_sections(tmp_path, ask(question), north).question
    assert [option.code for option in found.options] == ["choir", "none"]
    assert post(found, clubs=["choir", "none"]).errors["clubs"].message == "exclusive"


def test_it_needs_options(tmp_path: Path) -> None:
    assert write_questions(tmp_path, "- «multiple: m\n  text: M?").find("needs-option")


def bound(tmp_path: Path, bounds: str) -> Question:
    options = "{a: A, b: B, c: C, d: D, none: {text: None, exclusive: true}}"
    return write_questions(tmp_path, f"- multiple: best\n  text: Best?\n  options: {options}\n  {bounds}").question


@pytest.mark.parametrize(
    ("bounds", "posted", "error"),
    [
        ("at_most: 2", "abc", "too_many"),
        ("at_most: 2", "ab", ""),
        ("at_most: 2", "", ""),
        ("at_least: 2", "a", "too_few"),
        ("at_least: 2", "", ""),
        ("at_least: 2\n  at_most: 3", "abcd", "too_many"),
        ("at_least: 2\n  at_most: 3", "abc", ""),
    ],
)
def test_the_number_of_answers_is_bounded(tmp_path: Path, bounds: str, posted: str, error: str) -> None:
    reading = post(bound(tmp_path, bounds), best=list(posted))
    assert [found.message for found in reading.errors.values()] == ([error] if error else [])
    assert reading.values == ({} if error or not posted else {"best": list(posted)})


def test_an_exclusive_option_has_no_bound(tmp_path: Path) -> None:
    question = bound(tmp_path, "at_least: 2\n  at_most: 3")
    assert post(question, best=["none"]).values == {"best": ["none"]}


@pytest.mark.parametrize("bounds", ["at_least: 5", "at_most: 5", "at_least: 3\n  at_most: 2"])
def test_a_number_of_answers_that_nobody_can_give_is_a_problem(tmp_path: Path, bounds: str) -> None:
    question = f"- multiple: best\n  text: Best?\n  options: {{a: A, b: B, c: C, d: D}}\n  {bounds}"
    assert write_questions(tmp_path, question).find("number-of-answers")
