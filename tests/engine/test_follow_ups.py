"""Follow-ups of an answer on the same page: what a form showed decides what is asked again, and what is kept."""

from __future__ import annotations

from collections.abc import Set

import pytest

from survey_engine.engine.decisions import Decision
from survey_engine.engine.follow_ups import find_follow_ups, list_unshown
from survey_engine.engine.response_state import Response, StoredPage
from survey_engine.engine.routing import Respondent
from survey_engine.model.questionnaire import Page, Questionnaire, Values
from tests.engine.test_decisions import submit
from tests.writing import write_sections

MAIN = """\
section: main
pages:
  - page: first
    questions:
      - {yes_no: job, text: Job?}
      - {number: hours, text: Hours?, from: 0, to: 60, when: job == 'yes'}
      - grid: views
        text: Views?
        scale: agree
        items: {pay: Pay, far: {text: Far, when: job == 'yes'}}
        items_from: clubs
      - {choice: colour, text: Colour?, when: job == 'no', options: {red: Red, other: {text: Other, namely: true}}}
  - page: last
    questions: [{mark: week, text: Week?}]
"""
NORTH = "institution: north\nname: North\nlists: {clubs: {chess: Chess}}"
SOUTH = "institution: south\nname: South\nlists: {clubs: {rowing: Rowing}}"


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Questionnaire:
    return write_sections(tmp_path_factory.mktemp("follow"), MAIN, NORTH, SOUTH).questionnaire


@pytest.fixture(scope="module")
def page(example: Questionnaire) -> Page:
    return example.sections["main"].pages[0]


def post(example: Questionnaire, form: dict[str, object], shown: Set[str] | None, stored: Values | None = None) -> Decision:
    pages = {"first": StoredPage(dict(stored), writer="before", number=1)} if stored else {}
    response = Response(1, "example", "v", Respondent("north", "en", {"level": 3}), pages)
    return submit(example, response, "first", form, shown=None if shown is None else frozenset(shown), wish="next")


def test_a_follow_up_contains_its_question_or_statement_and_variables(page: Page) -> None:
    found = {code: set(inside) for code, inside in find_follow_ups(page, "north").items()}
    assert found == {"hours": {"hours"}, "far": {"far"}, "colour": {"colour", "colour__namely"}}


def test_what_is_inside_a_follow_up_that_was_not_shown_is_unshown(page: Page) -> None:
    assert list_unshown(page, "north", None) == frozenset()
    assert list_unshown(page, "north", {"hours", "far", "colour"}) == frozenset()
    assert list_unshown(page, "north", {"hours"}) == {"far", "colour", "colour__namely"}
    assert list_unshown(page, "north", set()) == {"hours", "far", "colour", "colour__namely"}


ALL = {"job": "yes", "hours": "8", "pay": "1", "far": "2", "views_chess": "3"}


def test_next_asks_again_if_a_follow_up_opened_that_was_not_shown(example: Questionnaire) -> None:
    before = {name: value for name, value in ALL.items() if name not in ("hours", "far")}
    closed = post(example, before, shown=set())
    assert (closed.outcome, closed.unseen, closed.missing) == ("again", {"hours", "far"}, [])
    opened = post(example, before, shown={"hours", "far"})
    assert (opened.outcome, opened.unseen, opened.missing) == ("again", set(), ["hours", "far"])
    assert post(example, ALL, shown={"hours", "far"}).outcome == "next"
    assert post(example, {**before, "job": "no", "colour": "red"}, shown={"colour"}).outcome == "next"


def test_an_answer_in_a_follow_up_that_was_not_shown_is_kept(example: Questionnaire) -> None:
    stored = {"job": "yes", "hours": 8, "far": 2, "pay": 1}
    form = {"job": "yes", "pay": "3"}
    assert post(example, form, set(), stored).save.answers == {**stored, "pay": 3}
    assert post(example, form, {"hours", "far"}, stored).save.answers == {"job": "yes", "pay": 3}
    assert post(example, form, {"hours"}, stored).save.answers == {"job": "yes", "far": 2, "pay": 3}


def test_a_warning_names_the_statements_of_the_respondents_institution(example: Questionnaire) -> None:
    decision = post(example, {"job": "yes"}, None)
    assert decision.missing == ["hours", "pay", "far", "views_chess"]
