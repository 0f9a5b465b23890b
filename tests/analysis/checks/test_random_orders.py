"""Random orders: pages that depend on each other, and parts that keep their place."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.writing import Written, change_head, write_questions, write_sections

HEAD = change_head({"derived": "{sports: {count: [sport]}}"})
PAGES = """\
section: main
random_order: true
pages:
  - page: one
    questions: [{multiple: sport, text: S?, options: {ball: Ball, water: Water}}]
  - page: two
    when: WHEN
    questions: [{mark: two, text: "TEXT", when: INNER}]
  - page: three
    questions: [{mark: three, text: Three?}]
"""


def write_pages(
    folder: Path, when: str = "level == 1", text: str = "Two?", inner: str = "path == 'bol'", **change: str
) -> Written:
    """Write the pages with these conditions and this text, and `old` replaced by `new`."""
    pages = PAGES.replace("WHEN", when).replace("TEXT", text).replace("INNER", inner)
    return write_sections(folder, pages.replace(change["old"], change["new"]) if change else pages, head=HEAD)


@pytest.mark.parametrize(
    "change",
    [{"when": "«count(sport) >= 1"}, {"inner": "«answered(sport)"}, {"when": "«sports >= 1"}],
    ids=["page", "question", "derived"],
)
def test_a_page_that_depends_on_another_in_a_random_order_is_reported(tmp_path: Path, change: dict[str, str]) -> None:
    problem = write_pages(tmp_path, **change).find("random-reference")
    assert problem.facts == {"name": "sport", "page": "one"}


@pytest.mark.parametrize("name", ["sport", "sports"])
def test_a_text_that_repeats_an_answer_in_a_random_order_is_reported(tmp_path: Path, name: str) -> None:
    assert write_pages(tmp_path, text=f"Two of {{{name}}}?").find("random-reference").facts["name"] == "sport"


def test_a_page_may_depend_on_a_fixed_page_before_it(tmp_path: Path) -> None:
    written = write_pages(tmp_path, "answered(sport)", old="page: one\n", new="page: one\n    fixed: true\n")
    assert written.codes == []


def test_a_fixed_page_may_depend_on_all_before_it(tmp_path: Path) -> None:
    fixed = "page: three\n    fixed: true\n    when: two >= 5 and answered(sport)\n"
    assert write_pages(tmp_path, old="page: three\n", new=fixed).codes == []


def test_a_later_page_of_a_random_order_is_a_forward_reference(tmp_path: Path) -> None:
    codes = write_pages(tmp_path, "three >= 5").codes
    assert "forward-reference" in codes and "random-reference" not in codes


def test_pages_in_the_order_of_the_definition_may_depend_on_each_other(tmp_path: Path) -> None:
    assert write_pages(tmp_path, "answered(sport)", old="random_order: true\n", new="").codes == []


ORDERED = """\
section: main
random_order: true
pages:
  - {page: one, questions: [{mark: one, text: One?}]}
  - {page: two, questions: [{mark: two, text: Two?}]}
  - page: three
    random_order: true
    questions: [{yes_no: q1, text: Q1?}, {mark: q2, text: Q2?, when: q1 == 'yes'}, {mark: q3, text: Q3?}, {mark: q4, text: Q4?}]
"""


@pytest.mark.parametrize(
    ("old", "code", "parts"),
    [("page: two", "two", "pages"), ("mark: q3", "q3", "questions")],
)
def test_a_fixed_part_between_parts_that_move_is_reported(tmp_path: Path, old: str, code: str, parts: str) -> None:
    problem = write_sections(tmp_path, ORDERED.replace(old, f"{old}, fixed: true")).find("fixed-between")
    assert problem.facts == {"code": code, "parts": parts}


def test_parts_at_either_end_may_keep_their_place(tmp_path: Path) -> None:
    assert write_sections(tmp_path, ORDERED).codes == []
    for old in ("page: one", "mark: q4"):
        assert write_sections(tmp_path / old[-2:], ORDERED.replace(old, f"{old}, fixed: true")).codes == []


def test_a_random_order_of_fewer_than_two_pages_that_move_is_reported(tmp_path: Path) -> None:
    fixed = ORDERED.replace("page: one", "page: one, fixed: true").replace("page: two", "page: two, fixed: true")
    assert write_sections(tmp_path, fixed).find("nothing-to-order").facts == {"code": "main", "parts": "pages"}


def test_a_question_with_only_follow_ups_beside_it_has_nothing_to_order(tmp_path: Path) -> None:
    less = ORDERED.replace(", {mark: q3, text: Q3?}, {mark: q4, text: Q4?}", "")
    assert write_sections(tmp_path, less).find("nothing-to-order").facts == {"code": "three", "parts": "questions"}


@pytest.mark.parametrize(
    "options", ["{a: {text: A, fixed: true}, b: {text: B, fixed: true}}", "{a: A, b: {text: B, fixed: true}}"]
)
def test_two_options_move_in_a_random_order(tmp_path, options):
    question = f"- choice: c\n  text: T?\n  random_order: true\n  options: {options}"
    assert write_questions(tmp_path, question).find("nothing-to-order").facts["parts"] == "options"
