"""Random orders: a permutation that depends on the response, and on nothing that changes during it."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_engine.engine.random_order import arrange, arrange_parts, list_order
from survey_engine.model.questionnaire import Question
from tests.writing import ask, write_sections

CODES = st.lists(st.sampled_from("abcdefgh"), min_size=1, unique=True)
SEEDS = st.integers(0, 2**63 - 1)


def order(seed: int, codes: list[str], fixed: str = "", question: str = "q") -> list[str]:
    return [codes[index] for index in arrange(seed, question, codes, [code in fixed for code in codes])]


@given(SEEDS, CODES, st.text("abcdefgh"))
def test_every_code_is_shown_once_and_fixed_codes_keep_their_place(seed: int, codes: list[str], fixed: str) -> None:
    found = order(seed, codes, fixed)
    assert sorted(found) == sorted(codes)
    assert [one for one in zip(codes, found, strict=True) if one[0] in fixed and one[0] != one[1]] == []


@given(SEEDS, CODES, st.sampled_from("abcdefgh"))
def test_a_code_that_is_not_offered_leaves_the_order_of_the_others(seed: int, codes: list[str], gone: str) -> None:
    without = [code for code in codes if code != gone]
    assert order(seed, without) == [code for code in order(seed, codes) if code != gone]


def test_every_order_is_equally_frequent() -> None:
    """Chi-square of 6,000 responses over 6 orders, 5 degrees of freedom: above 20.5 with a probability of 0.001."""
    found = Counter("".join(order(seed, list("abc"))) for seed in range(6000))
    assert len(found) == 6
    assert sum((count - 1000) ** 2 / 1000 for count in found.values()) < 20.5


def test_two_questions_of_one_response_have_independent_orders() -> None:
    same = sum(order(seed, list("abc"), question="one") == order(seed, list("abc"), question="two") for seed in range(6000))
    assert 880 < same < 1120


def test_a_stored_response_keeps_its_order_in_every_release() -> None:
    """An export computes the orders of stored responses again: another hash would report orders that nobody saw."""
    assert ["".join(order(seed, list("abcdef"))) for seed in (1, 2, 2**62)] == ["dcafeb", "fcaedb", "befcda"]


QUESTIONS = """\
- choice: one
  text: One?
  random_order: true
  options: {a: A, b: B, c: C, d: D}
  options_from: clubs
  dont_know: Do not know
- choice: two
  text: Two?
  random_order: true
  options: {a: A, b: B, c: C, d: D}
- multiple: several
  text: Several?
  random_order: true
  options: {none: {text: None, exclusive: true}, a: A, b: B, c: C}
- choice: plain
  text: Plain?
  options: {a: A, b: B, c: C, d: D}
"""
NORTH = "institution: north\nname: North\nlists: {clubs: {chess: Chess}}"
SOUTH = "institution: south\nname: South\nlists: {clubs: {rowing: Rowing}}"


@pytest.fixture(scope="module")
def questions(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Question]:
    written = write_sections(tmp_path_factory.mktemp("random"), ask(QUESTIONS), NORTH, SOUTH)
    return {question.code: question for question in written.questionnaire.sections["main"].pages[0].questions}


@given(seed=SEEDS)
def test_an_option_outside_the_scale_or_exclusive_keeps_its_place(questions: dict[str, Question], seed: int) -> None:
    found = [str(code) for code in list_order(questions["one"], seed, "north")]
    assert found[-1] == questions["one"].options[-1].code and sorted(found[:-1]) == ["a", "b", "c", "chess", "d"]
    assert list_order(questions["several"], seed, "north")[0] == "none"


def test_an_order_has_the_options_of_its_institution_only(questions: dict[str, Question]) -> None:
    offered = {institution: set(list_order(questions["one"], 1, institution)) for institution in ("north", "south")}
    assert offered["north"] - offered["south"] == {"chess"} and offered["south"] - offered["north"] == {"rowing"}


def test_options_of_two_questions_have_independent_orders(questions: dict[str, Question]) -> None:
    parts = questions["two"].options
    orders = [[arrange_parts(questions[code], parts, seed) for code in ("one", "two")] for seed in range(2400)]
    assert 60 < sum(one == two for one, two in orders) < 140


@pytest.mark.parametrize(("code", "seed"), [("two", None), ("plain", 1), ("plain", None)])
def test_without_a_random_order_or_number_options_keep_theirs(
    questions: dict[str, Question], code: str, seed: int | None
) -> None:
    assert arrange_parts(questions[code], questions[code].options, seed) == questions[code].options
