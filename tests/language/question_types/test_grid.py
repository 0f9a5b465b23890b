"""Grid: statements with one shared scale."""

from __future__ import annotations

from pathlib import Path

import pytest

from survey_engine.model.derived import NOT_APPLICABLE
from survey_engine.model.questionnaire import Question
from tests.writing import ask, post, write_questions, write_sections

CANTEEN = """
- grid: canteen
  text: What do you think of the canteen?
  scale: agree
  does_not_apply: I never go there
  source: Own wording.
  indicators: [food]
  items:
    canteen_food: The food is good
    canteen_noise: {text: It is noisy, when: level >= 3, reverse: true, indicators: [noise], source: Smith 2019}
"""


@pytest.fixture
def canteen(tmp_path: Path) -> Question:
    return write_questions(tmp_path, CANTEEN).question


def test_it_is_built_with_every_setting(canteen: Question) -> None:
    assert [option.code for option in canteen.options] == [1, 2, 3, NOT_APPLICABLE]
    assert [option.outside_scale for option in canteen.options] == [False, False, False, True]
    food, noise = canteen.items
    assert food.text and food.text.wording == {"en": "The food is good"} and food.when is None
    assert noise.when and noise.when.names == {"level"}
    assert canteen.seconds == 13.4


def test_items_inherit_the_metadata_of_their_grid(canteen: Question) -> None:
    food, noise = (item.about for item in canteen.items)
    assert (food.source, food.indicators, food.reverse) == ("Own wording.", ("food",), False)
    assert (noise.source, noise.indicators, noise.reverse) == ("Smith 2019", ("noise",), True)


def test_every_statement_is_a_variable_and_the_grid_is_none(tmp_path: Path) -> None:
    variables = write_questions(tmp_path, CANTEEN).questionnaire.variables
    assert "canteen" not in variables
    assert (variables["canteen_food"].kind, variables["canteen_food"].codes) == ("number", (1, 2, 3, "na"))


def test_each_statement_has_its_own_answer(canteen: Question) -> None:
    reading = post(canteen, canteen_food="3", canteen_noise="na")
    assert reading.values == {"canteen_food": 3, "canteen_noise": "na"} and not reading.errors
    assert post(canteen, canteen_noise="1").values == {"canteen_noise": 1}
    assert post(canteen).values == {}


@pytest.mark.parametrize("posted", ["0", "4", "3.0", " 3", "Agree", "NA", "", "-1", "9" * 5000])
def test_an_option_that_is_not_offered_is_an_input_error(canteen: Question, posted: str) -> None:
    assert post(canteen, canteen_food=posted, other="3").values == {}


def test_statements_may_come_from_the_institutions(tmp_path: Path) -> None:
    grid = '- grid: known\n  text: K?\n  options: {"yes": Yes I do, "no": No}\n  items: {known_all: All}\n  items_from: clubs'
    grid = grid.replace("No}", "Not at all}")
    north = "institution: north\nname: North\nlists: {clubs: {choir: Choir, chess: Chess}}"
    south = "institution: south\nname: South\nlists: {clubs: {choir: Choir}}"
    found = write_sections(tmp_path, ask(grid), north, south).question
    items = [(item.code, item.institutions and sorted(item.institutions)) for item in found.items]
    assert items == [("known_all", None), ("known_choir", ["north"]), ("known_chess", ["north"]), ("known_choir", ["south"])]
    assert found.seconds == pytest.approx(6.7 * 3, abs=0.05), "as long as the longest list takes"
    assert post(found, known_chess="yes").values == {"known_chess": "yes"}


def test_it_needs_statements_and_a_scale(tmp_path: Path) -> None:
    written = write_questions(tmp_path, "- grid: g\n  text: G?\n- mark: m\n  text: M?")
    assert [p.remedy for p in written.problems if p.code == "needs-option"] == [
        "Give it `scale: <name>` or `options: {…}`.",
        "Give it `items: {…}`.",
    ]


def test_the_code_na_is_reserved(tmp_path: Path) -> None:
    grid = "- grid: g\n  text: G?\n  options: {na: Never, some: Some}\n  does_not_apply: «None\n  items: {a: A}"
    assert "duplicate-code" in write_questions(tmp_path, grid).codes


@pytest.mark.parametrize("setting", ["namely", "exclusive"])
def test_a_scale_has_no_other_text(tmp_path: Path, setting: str) -> None:
    grid = f"- grid: g\n  text: G?\n  options: {{1: A, 2: {{text: «B, {setting}: true}}}}\n  items: {{a: A}}"
    assert write_questions(tmp_path, grid).find("no-effect").facts["key"] == setting


def test_an_option_of_a_scale_may_depend_on_who_is_asked(tmp_path: Path) -> None:
    grid = "- grid: g\n  text: G?\n  options: {1: A, 2: {text: B, when: level == 1}}\n  items: {a: A}"
    option = write_questions(tmp_path, grid).question.options[1]
    assert option.when and option.when.names == {"level"}


def test_statements_may_have_a_random_order_with_fixed_places(tmp_path: Path) -> None:
    grid = "- grid: views\n  text: V?\n  options: {1: A, 2: B}\n  items: {one: One, more: More, two: {text: Two, fixed: true}}\n"
    assert write_questions(tmp_path / "without", grid).find("no-effect").facts["key"] == "fixed"
    found = write_questions(tmp_path / "with", grid + "  random_order: true").question
    assert (found.random_order, [item.fixed for item in found.items]) == (True, [False, False, True])


MARKS = (
    "- grid: g\n  text: G?\n  from: 0\n  to: 3\n  from_label: Bad\n  to_label: Good\n  items: {a: A, b: B}\n  dont_know: No idea"
)


def test_statements_may_be_answered_with_marks(tmp_path: Path) -> None:
    written = write_questions(tmp_path, MARKS)
    assert written.codes == [] and (written.question.low, written.question.high) == (0, 3)
    assert written.questionnaire.variables["a"].codes == (0, 1, 2, 3, "dk")
    assert post(written.question, a="0", b="dk").values == {"a": 0, "b": "dk"}


@pytest.mark.parametrize("more", ["scale: agree", "options: {1: A, 2: B}"])
def test_a_grid_has_marks_or_a_scale(tmp_path: Path, more: str) -> None:
    assert "needs-one" in write_questions(tmp_path, f"{MARKS}\n  {more}").codes


def test_options_that_repeat_the_points_of_a_scale_replace_it(tmp_path: Path) -> None:
    grid = "- grid: g\n  text: G?\n  scale: agree\n  options: «{1: No, 2: Yes}\n  items: {a: A}"
    written = write_questions(tmp_path, grid)
    assert written.find("needs-one").facts["code"] == "g"
    assert "duplicate-code" not in written.codes
