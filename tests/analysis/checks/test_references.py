"""Conditions and placeholders may use only existing variables of earlier pages."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.writing import HEAD, Written, write_head, write_sections

PAGES = """\
section: main
pages:
  - page: first
    questions:
      - choice: travel
        text: T?
        options: {walk: On foot, bike: By bike}
      - grid: canteen
        text: C?
        scale: agree
        items: {canteen_food: Food, canteen_price: Price}
  - page: second
    title: TITLE
    when: WHEN
    questions:
      - open: why
        text: "TEXT"
"""


def write_page(folder: Path, when: str = "level == 1", text: str = "Why?", title: str = "Second", more: str = "") -> Written:
    """Write a second page with this condition and these texts."""
    return write_sections(folder, PAGES.replace("WHEN", when).replace("TEXT", text).replace("TITLE", title) + more)


@pytest.mark.parametrize("when", ["travle == bike", "bike == travle", "leevl > travle_time"])
def test_a_bare_value_of_a_misspelt_variable_is_no_second_message(tmp_path: Path, when: str) -> None:
    written = write_page(tmp_path, when)
    assert "did you mean" in written.find("unknown-name").wrong


@pytest.mark.parametrize(
    "when",
    ["travel == 'bike'", "canteen_food <= 2", "path == 'bol'", "answered(programme)", "language == 'en'", "assigned_to_none"],
)
def test_a_condition_may_use_earlier_variables(tmp_path: Path, when: str) -> None:
    written = write_page(tmp_path, when.replace("assigned_to_none", "count(assigned) != 1"))
    assert not [
        problem for problem in written.problems if problem.code in ("unknown-name", "forward-reference", "condition-type")
    ]


def test_an_unknown_variable_is_reported_with_a_suggestion(tmp_path: Path) -> None:
    problem = write_page(tmp_path, "«travl == 'bike'").find("unknown-name")
    assert "there is no variable 'travl' (did you mean 'travel'?)" in problem.wrong


def test_an_answer_of_a_section_outside_the_order_is_located(tmp_path: Path) -> None:
    more = "section: more\npages: [{page: c, questions: [{mark: living, text: L?}]}]"
    problem = write_sections(tmp_path, PAGES.replace("WHEN", "«living == 3"), more).find("unknown-name")
    assert problem.wrong == "there is no variable 'living': it is asked in section 'more', which `order` lacks"


def test_a_condition_on_a_grid_gets_its_statements_suggested(tmp_path: Path) -> None:
    problem = write_page(tmp_path, "«answered(canteen)").find("no-answer")
    assert "'canteen' is of type grid" in problem.wrong and "canteen_food, canteen_price" in problem.remedy


def test_a_value_without_quotes_gets_quotes_suggested(tmp_path: Path) -> None:
    assert "'bike'" in write_page(tmp_path, "«travel == bike").find("unquoted-value").remedy
    assert write_page(tmp_path, "«bol == path").find("unquoted-value").facts["name"] == "path"


def test_an_unknown_word_beside_a_variable_counts_as_an_unknown_value(tmp_path: Path) -> None:
    problem = write_page(tmp_path, "«path == school").find("condition-value")
    assert problem.wrong == "'school' is not a value of path" and problem.remedy == "Its values: bbl, bol."
    assert write_page(tmp_path, "«path == traval").find("unknown-name").facts["name"] == "traval"


def test_a_question_that_is_only_in_the_bank_is_not_asked(tmp_path: Path) -> None:
    bank = "bank: more\nquestions: [{mark: stress, text: S?}]"
    written = write_sections(tmp_path, PAGES.replace("WHEN", "«stress > 5"), bank)
    assert "- bank: stress" in written.find("only-in-bank").remedy


def test_a_condition_may_not_use_its_own_page(tmp_path: Path) -> None:
    assert "asked on this page" in write_page(tmp_path, "«answered(why)").find("forward-reference").wrong


def test_a_condition_may_not_use_later_pages(tmp_path: Path) -> None:
    later = "  - page: third\n    questions: [{mark: week, text: W?}]\n"
    problem = write_page(tmp_path, "«week > 5", more=later).find("forward-reference")
    assert "asked at x/1.yaml:19" in problem.wrong


@pytest.mark.parametrize(
    "where",
    [
        "- {mark: m, text: M?, when: «late == 1}",
        "- {grid: m, text: M?, scale: agree, items: {m1: {text: M, when: «late == 1}}}",
        "- {choice: m, text: M?, options: {a: A, b: {text: B, when: «late == 1}}}",
        "- {consent: m, text: M?, parts: {m1: {text: M, when: «late == 1}}}",
    ],
)
def test_conditions_of_parts_may_use_only_earlier_pages(tmp_path: Path, where: str) -> None:
    section = f"section: main\npages:\n  - page: a\n    questions:\n      {where}\n"
    section += "  - page: b\n    questions: [{choice: late, text: L?, options: {1: A, 2: B}}]"
    assert write_sections(tmp_path, section).find("forward-reference")


def test_a_section_may_not_use_its_own_pages(tmp_path: Path) -> None:
    section = "section: main\nwhen: «m > 1\npages: [{page: a, questions: [{mark: m, text: M?}]}]"
    assert write_sections(tmp_path, section).find("forward-reference")


def test_a_named_condition_is_checked_at_its_definition_and_its_uses(tmp_path: Path) -> None:
    assert write_head(tmp_path / "defined", {"conditions": "{a: «nobody == 1}"}).find("unknown-name")
    head = HEAD + "conditions: {cycles: travel == 'bike'}\n"
    page = "section: main\npages: [{page: a, when: «cycles, questions: [{choice: travel, text: T?, options: {bike: B, bus: C}}]}]"
    assert write_sections(tmp_path / "used", page, head=head).find("forward-reference")


MODULE = "module: {code}\npages: [{{page: {code}_page, {when}questions: [{{mark: {code}_mark, text: {text}}}]}}]"


def write_modules(folder: Path, when: str = "", text: str = "M?") -> Written:
    order = "[{group: main, sections: [main]}, {group: m, modules: {random: 1}}]"
    one, other = MODULE.format(code="one", when="", text="M?"), MODULE.format(code="other", when=when, text=text)
    return write_head(folder, {"order": order}, one, other)


def test_a_module_may_not_use_another_module(tmp_path: Path) -> None:
    """A respondent may get one without the other, and in any order."""
    assert write_modules(tmp_path, "when: «one_mark > 5, ").find("forward-reference")
    assert not write_modules(tmp_path / "core", "when: week > 5, ").compilation.errors
    assert write_modules(tmp_path / "text", text='"{one_mark}?"').find("early-placeholder")


def test_local_questions_may_use_the_core_not_other_institutions(tmp_path: Path) -> None:
    order = "[{group: main, sections: [main]}, {group: own, own_questions: true}]"
    own = "institution: {0}\nname: N\nown_questions: {{pages: [{{page: {0}_p, {1}questions: [{{mark: {0}_mark, text: M?}}]}}]}}"
    north, south = own.format("north", "when: week > 5, "), own.format("south", "when: «north_mark > 5, ")
    assert write_head(tmp_path, {"order": order}, north, south).find("forward-reference")


def test_a_placeholder_is_institution_term_background_or_earlier_answer(tmp_path: Path) -> None:
    head = HEAD + "terms: {school: school}\n"
    text = "{institution} {school} {programme} {travel} {canteen_food}"
    written = write_sections(tmp_path, PAGES.replace("WHEN", "level == 1").replace("TEXT", text), head=head)
    assert not written.compilation.errors


def test_a_placeholder_of_its_own_page_is_too_early(tmp_path: Path) -> None:
    assert write_page(tmp_path, text="For {why}?").find("early-placeholder").facts["name"] == "why"


@pytest.mark.parametrize("name", ["travl", "canteen", "School", "language", "0", "travel!r", "a.b"])
def test_any_other_placeholder_is_unknown(tmp_path: Path, name: str) -> None:
    problem = write_page(tmp_path, text=f"For {{{name}}}?").find("unknown-placeholder")
    assert f"{{{name}}}" in problem.wrong and (name != "travl" or "did you mean 'travel'?" in problem.wrong)


@pytest.mark.parametrize(
    "setting",
    [
        {"title": "Example {x}"},
        {"introduction": "Hello {x}"},
        {"thanks": "Bye {x}"},
        {"contact": "Mail {x}"},
        {"scales": '{agree: {1: "No {x}", 2: "So {x}", 3: "Yes {x}"}}'},
    ],
)
def test_every_text_is_searched_for_placeholders(tmp_path: Path, setting: dict[str, str]) -> None:
    grid = "section: more\npages: [{page: p, questions: [{grid: g, text: G?, scale: agree, items: {i: I}}]}]"
    order = "[{group: main, sections: [main, more]}]"
    assert "unknown-placeholder" in write_head(tmp_path, {**setting, "order": order}, grid).codes


def test_the_title_help_and_unit_of_a_page_are_searched_too(tmp_path: Path) -> None:
    assert write_page(tmp_path, title='«"For {x}"').find("unknown-placeholder")
    questions = '[{number: n, text: N?, to: 9, unit: "{x}", help: "{x}", when: level == 1}]'
    section = f"section: main\npages: [{{page: p, questions: {questions}}}]"
    assert write_sections(tmp_path, section).codes.count("unknown-placeholder") == 2


@pytest.mark.parametrize(
    "change",
    [
        {"terms": '{school: «"the {institution}"}'},
        {"background": '{path: {text: Path, options: {bol: «"At {institution}", bbl: Work}}, level: {text: L, from: 1, to: 4}}'},
    ],
)
def test_a_term_may_not_contain_a_placeholder(tmp_path: Path, change: dict[str, str]) -> None:
    assert write_head(tmp_path, change).find("nested-placeholder")


def test_an_institutions_term_may_not_contain_a_placeholder(tmp_path: Path) -> None:
    institution = 'institution: north\nname: N\nterms: {school: {en: «"{mentor}"}}'
    assert "nested-placeholder" in write_head(tmp_path, {"terms": "{school: school}"}, institution).codes


SUM = HEAD + "derived: {spent: {sum: [rent, food]}}\n"
PAID = """\
section: main
pages:
  - page: first
    questions:
      - {number: rent, text: Rent?, to: 900}
      - {number: food, text: Food?, to: 500}
      - {open: job, text: Job?}
  - page: second
    when: WHEN
    questions: [{yes_no: dear, text: "Is {spent} a lot?"}]
"""


def test_a_sum_of_an_invalid_question_is_no_unknown_placeholder(tmp_path: Path) -> None:
    paid = PAID.replace("    when: WHEN\n", "")
    assert write_sections(tmp_path / "right", paid, head=SUM).codes == []
    assert write_sections(tmp_path / "wrong", paid.replace("900", "900 pounds"), head=SUM).codes == ["wrong-value"]


def test_a_sum_with_a_part_of_another_type_accuses_no_page(tmp_path: Path) -> None:
    late = PAID.replace("WHEN", "spent >= 300") + "  - page: third\n    questions: [{open: late, text: Late?}]\n"
    head = SUM.replace("food]", "late]")
    assert write_sections(tmp_path, late, head=head).codes == ["early-placeholder", "derived-type"]
