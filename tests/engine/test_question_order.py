"""Questions of a page in a random order: blocks that stay together, and the order of one response."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_engine.engine.follow_ups import arrange_questions, list_blocks
from survey_engine.model.questionnaire import Page
from tests.writing import write_sections

PAGE = """\
section: main
pages:
  - page: first
    random_order: true
    questions:
      - {information: intro, text: Hello, fixed: true}
      - {yes_no: job, text: Job?}
      - {mark: week, text: Week?}
      - {number: hours, text: Hours?, from: 0, to: 60, when: job == 'yes'}
      - grid: views
        text: Views?
        scale: agree
        items: {pay: Pay, far: {text: Far, when: hours >= 10}}
      - {choice: colour, comment: true, text: Colour?, options: {red: Red, blue: Blue}}
      - {open: why, text: Why?, fixed: true}
"""


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Page:
    return write_sections(tmp_path_factory.mktemp("questions"), PAGE).questionnaire.sections["main"].pages[0]


def order(page: Page, seed: int | None) -> list[str]:
    return [question.code for question in arrange_questions(page, seed)]


def test_a_question_and_its_follow_ups_are_one_block(page: Page) -> None:
    blocks = [[question.code for question in block] for block in list_blocks(page)]
    assert blocks == [["intro"], ["job", "hours", "views"], ["week"], ["colour", "colour__comment"], ["why"]]


def test_a_follow_up_of_two_questions_joins_their_blocks(tmp_path: Path) -> None:
    both = PAGE.replace("{mark: week, text: Week?}", "{mark: week, text: Week?, when: answered(job)}")
    both = both.replace("text: Colour?", "text: Colour?, when: week >= 5")
    joined = write_sections(tmp_path, both).questionnaire.sections["main"].pages[0]
    blocks = [[question.code for question in block] for block in list_blocks(joined)]
    assert blocks == [["intro"], ["job", "week", "hours", "views", "colour", "colour__comment"], ["why"]]


def test_every_order_of_the_blocks_that_move_is_equally_frequent(page: Page) -> None:
    """Chi-square of 6,000 responses over 6 orders, 5 degrees of freedom: above 20.5 with a probability of 0.001."""
    found = Counter(" ".join(order(page, seed)) for seed in range(6000))
    assert len(found) == 6 and sum((count - 1000) ** 2 / 1000 for count in found.values()) < 20.5


@given(seed=st.integers(1, 2**62))
def test_fixed_questions_and_blocks_keep_their_place(page: Page, seed: int) -> None:
    found = order(page, seed)
    assert (found[0], found[-1]) == ("intro", "why") and "job hours views" in " ".join(found)


def test_without_a_random_number_questions_keep_the_defined_order(page: Page) -> None:
    assert order(page, None) == [question.code for question in page.questions]
