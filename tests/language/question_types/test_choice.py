"""Single choice, with "other, namely"."""

from __future__ import annotations

from pathlib import Path

import pytest

from survey_engine.language.question_types.options import OTHER_TEXT_LENGTH
from survey_engine.model.questionnaire import Question
from tests.writing import ask, post, write_questions, write_sections

PRESSURE = """
- choice: pressure
  text: How much is there to do?
  help: Think of this month.
  when: level >= 2
  seconds: 12
  options:
    low: Too little
    high: {text: Too much, when: path == 'bol'}
    other: {text: "Another answer, namely", namely: true}
  source: Own wording.
  purpose: Shows pressure.
  sensitive: health
  indicators: [pressure]
  frozen_until: 2027
  since: 2026
  tested: true
  break_variable: true
  reverse: true
"""


@pytest.fixture
def pressure(tmp_path: Path) -> Question:
    return write_questions(tmp_path, PRESSURE).question


def test_it_is_built_with_every_setting(pressure: Question) -> None:
    assert (pressure.type, pressure.code, pressure.text.wording) == ("choice", "pressure", {"en": "How much is there to do?"})
    assert pressure.help and pressure.help.wording == {"en": "Think of this month."}
    assert pressure.when and pressure.when.names == {"level"}
    assert pressure.seconds == 12
    assert [(option.code, option.namely) for option in pressure.options] == [("low", False), ("high", False), ("other", True)]
    assert pressure.options[1].when and pressure.options[1].when.names == {"path"}
    about = pressure.items[0].about
    assert (about.source, about.purpose, about.sensitive, about.indicators) == (
        "Own wording.",
        "Shows pressure.",
        "health",
        ("pressure",),
    )
    assert (about.frozen_until, about.since, about.tested, about.break_variable, about.reverse) == (2027, 2026, True, True, True)


def test_its_variables_are_the_choice_and_the_other_text(pressure: Question, tmp_path: Path) -> None:
    variables = write_questions(tmp_path, PRESSURE).questionnaire.variables
    assert (variables["pressure"].kind, variables["pressure"].codes) == ("code", ("low", "high", "other"))
    assert variables["pressure__namely"].kind == "text"


def test_number_codes_make_a_number_variable(tmp_path: Path) -> None:
    written = write_questions(tmp_path, "- choice: cups\n  text: Cups?\n  options: {0: None, 1: One, 2: More}")
    assert (written.questionnaire.variables["cups"].kind, written.questionnaire.variables["cups"].codes) == ("number", (0, 1, 2))
    assert post(written.question, cups="2").values == {"cups": 2}
    assert post(written.question, cups="02").values == {}


def test_one_of_its_options_is_read(pressure: Question) -> None:
    assert post(pressure, pressure="low").values == {"pressure": "low"}
    assert post(pressure).values == {} and post(pressure, pressure="").values == {}


@pytest.mark.parametrize("posted", ["Low", "lo", "low ", "0", "'low'", "<script>", "x" * 100_000, "pressure__namely"])
def test_an_option_that_is_not_offered_is_an_input_error(pressure: Question, posted: str) -> None:
    reading = post(pressure, pressure=posted)
    assert reading.values == {} and reading.errors["pressure"].message == "option"


def test_the_first_of_two_posted_answers_counts(pressure: Question) -> None:
    assert post(pressure, pressure=["low", "high"]).values == {"pressure": "low"}


def test_the_text_beside_other_is_read_with_other(pressure: Question) -> None:
    reading = post(pressure, pressure="other", pressure__namely="  Just right ")
    assert reading.values == {"pressure": "other", "pressure__namely": "Just right"} and not reading.errors
    assert post(pressure, pressure="other", pressure__namely="  ").values == {"pressure": "other"}


@pytest.mark.parametrize("chosen", [{}, {"pressure": "low"}], ids=["nothing", "another"])
def test_an_other_text_without_its_option_is_an_input_error(pressure: Question, chosen: dict[str, str]) -> None:
    reading = post(pressure, **chosen, pressure__namely="Just right")
    assert reading.values == chosen
    assert reading.errors["pressure__namely"].message == "unticked" and reading.errors["pressure__namely"].optional
    assert not post(pressure, **chosen, pressure__namely=" ").errors


def test_the_other_text_has_a_maximum_length(pressure: Question) -> None:
    assert not post(pressure, pressure="other", pressure__namely="x" * OTHER_TEXT_LENGTH).errors
    reading = post(pressure, pressure="other", pressure__namely="x" * (OTHER_TEXT_LENGTH + 1))
    assert reading.errors["pressure__namely"].message == "too_long"
    assert reading.errors["pressure__namely"].facts == {"limit": OTHER_TEXT_LENGTH, "count": OTHER_TEXT_LENGTH + 1}
    assert reading.values == {"pressure": "other"}


def test_options_may_come_from_a_scale(tmp_path: Path) -> None:
    question = write_questions(tmp_path, "- choice: c\n  text: C?\n  scale: agree\n  options: {9: No idea}").question
    assert [option.code for option in question.options] == [1, 2, 3, 9]


def test_options_may_come_from_the_institutions_before_those_of_all(tmp_path: Path) -> None:
    question = "- choice: lunch\n  text: Lunch?\n  options_from: places\n  options: {home: At home}"
    north = "institution: north\nname: North\nlists: {places: {bar: The bar, hall: The hall}}"
    south = "institution: south\nname: South\nlists: {places: {bar: Bar}}"
    found = write_sections(tmp_path, ask(question), north, south).question
    offered = [(option.code, option.institutions and sorted(option.institutions)) for option in found.options]
    assert offered == [("bar", ["north"]), ("hall", ["north"]), ("bar", ["south"]), ("home", None)]
    assert post(found, lunch="hall").values == {"lunch": "hall"}


def test_it_needs_options(tmp_path: Path) -> None:
    assert "options: {…}" in write_questions(tmp_path, "- «choice: c\n  text: C?").find("needs-option").remedy


def test_an_institutions_option_may_not_have_the_code_of_one_for_all(tmp_path: Path) -> None:
    question = "- choice: lunch\n  text: Lunch?\n  options_from: places\n  options: {home: At home}"
    north = "institution: north\nname: North\nlists: {places: {home: «Home}}"
    assert write_sections(tmp_path, ask(question), north).find("duplicate-code").facts["code"] == "home"


def test_its_codes_are_numbers_or_words_not_both(tmp_path: Path) -> None:
    questions = "- choice: c\n  text: C?\n  options: «{1: One, two: Two}"
    assert write_questions(tmp_path, questions).find("mixed-codes").facts["code"] == "c"


def test_exclusive_has_no_effect_in_a_single_choice(tmp_path: Path) -> None:
    questions = "- choice: c\n  text: C?\n  options: {a: A, b: {text: «B, exclusive: true}}"
    assert "no effect in a choice question" in write_questions(tmp_path, questions).find("no-effect").wrong


def test_only_one_option_has_an_other_text(tmp_path: Path) -> None:
    questions = "- choice: c\n  text: C?\n  options: «{a: {text: A, namely: true}, b: {text: B, namely: true}}"
    assert write_questions(tmp_path, questions).find("one-namely")


def test_a_yes_without_quotes_is_explained(tmp_path: Path) -> None:
    assert '"yes"' in write_questions(tmp_path, "- choice: c\n  text: C?\n  options: {«yes: Ja}").find("unquoted-word").remedy


def test_a_scale_in_a_random_order_is_a_problem(tmp_path: Path) -> None:
    scale = "- choice: pressure\n  text: Pressure?\n  scale: agree\n  random_order: «true"
    written = write_questions(tmp_path, scale)
    assert written.find("random-scale").place == written.marks[0]


def test_a_fixed_option_without_a_random_order_has_no_effect(tmp_path: Path) -> None:
    fixed = "- choice: way\n  text: Way?\n  options: {foot: {text: On foot, fixed: true}, bus: By bus, car: By car}\n"
    assert write_questions(tmp_path / "without", fixed).find("no-effect").facts["key"] == "fixed"
    found = write_questions(tmp_path / "with", fixed + "  random_order: true").question
    assert (found.random_order, [option.fixed for option in found.options]) == (True, [True, False, False])
