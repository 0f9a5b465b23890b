"""Pages in a random order must not depend on each other."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.writing import Written, change_head, write_sections

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
