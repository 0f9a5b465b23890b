"""Building the model: conditions, scales, background, bank, pages, codes."""

from __future__ import annotations

from pathlib import Path

import pytest

from survey_engine.language.builder import make_slug
from tests.writing import HEAD, change_head, write_head, write_questions, write_sections


def test_a_named_condition_may_be_made_of_those_above_it(tmp_path: Path) -> None:
    conditions = "{student: path == 'bol', late: level >= 3, both: student and not late}"
    written = write_head(tmp_path, {"conditions": conditions})
    both = written.questionnaire.conditions["both"]
    assert both.test({"path": "bol", "level": 2}) and not both.test({"path": "bol", "level": 3})
    assert not written.compilation.errors


def test_an_invalid_condition_is_reported_at_its_place(tmp_path: Path) -> None:
    problem = write_questions(tmp_path, "- mark: week\n  text: W?\n  when: «path = 'bol'").find("condition-syntax")
    assert "compared with `==`" in problem.wrong
    assert write_head(tmp_path, {"conditions": "{late: «level >}"}).find("condition-syntax")


def test_an_empty_condition_is_an_error(tmp_path: Path) -> None:
    assert write_questions(tmp_path, "- mark: week\n  text: W?\n  «when:").find("empty-value")
    assert write_questions(tmp_path, "- mark: week\n  text: W?\n  when: «''").find("condition-syntax")


@pytest.mark.parametrize(
    ("questions", "kind", "guess"),
    [
        ("- grid: g\n  text: G?\n  scale: «agre\n  items: {a: A}", "scale", "agree"),
        ("- open: o\n  text: O?\n  notice: «no_nams", "notice", ""),
        ("- bank: «wek", "bank question", ""),
        ("- choice: c\n  text: C?\n  options_from: «activitis", "list", ""),
        ("- grid: g\n  text: G?\n  scale: agree\n  items_from: «activitis", "list", ""),
    ],
)
def test_an_unknown_name_is_reported_with_a_suggestion(tmp_path: Path, questions: str, kind: str, guess: str) -> None:
    problem = write_questions(tmp_path, questions).find("unknown-name")
    assert f"there is no {kind} '" in problem.wrong
    assert f"did you mean '{guess}'?" in problem.wrong or not guess


def test_background_is_a_list_a_range_or_free_text(tmp_path: Path) -> None:
    written = write_head(tmp_path, {"background": "{a: {text: A, options: {1: One, 2: Two}}, b: {text: B, from: 0, to: 9}}"})
    background = written.questionnaire.background
    assert (background["a"].kind, background["a"].codes) == ("number", (1, 2))
    assert (background["b"].kind, background["b"].low, background["b"].high) == ("number", 0, 9)
    assert {variable.origin for variable in background.values()} == {"background"}


@pytest.mark.parametrize("setting", ["", ", from: 1", ", open: true, from: 1, to: 2", ", options: {a: A}, open: true"])
def test_background_has_exactly_one_of_these_domains(tmp_path: Path, setting: str) -> None:
    problem = write_head(tmp_path, {"background": f"{{«a: {{text: A{setting}}}}}"}).find("needs-one")
    assert "`open: true`" in problem.wrong


def test_the_minimum_of_a_range_is_not_above_its_maximum(tmp_path: Path) -> None:
    assert write_head(tmp_path, {"background": "{a: {text: A, from: «4, to: 1}}"}).find("bad-bounds")


@pytest.mark.parametrize("code", ["a", "done", "l", "q", "static"])
def test_a_questionnaire_may_have_the_name_of_a_site_address(tmp_path: Path, code: str) -> None:
    assert not write_head(tmp_path, {"questionnaire": code}).compilation.errors


@pytest.mark.parametrize("code", ["language", "assigned", "title", "and", "in", "count", "scale", "page"])
def test_a_code_may_not_be_a_word_of_the_language(tmp_path: Path, code: str) -> None:
    assert write_questions(tmp_path, f"- mark: «{code}\n  text: M?").find("reserved-code").severity == "error"


def test_a_code_may_be_a_word_of_python(tmp_path: Path) -> None:
    written = write_questions(tmp_path, "- yes_no: class\n  text: C?\n- yes_no: is\n  text: I?")
    assert not written.compilation.errors


@pytest.mark.parametrize(
    "questions",
    [
        "- mark: week\n  text: W?\n- mark: «week\n  text: W?",
        "- mark: week\n  text: W?\n- grid: g\n  text: G?\n  scale: agree\n  items: {«week: W}",
        "- mark: «path\n  text: P?",
        "- consent: c\n  text: C?\n  parts: {«c: P}",
    ],
)
def test_a_code_is_used_once(tmp_path: Path, questions: str) -> None:
    problem = write_questions(tmp_path, questions).find("duplicate-code")
    assert "is already used at x/" in problem.wrong


def test_conditions_and_terms_share_the_name_space_of_questions(tmp_path: Path) -> None:
    assert write_head(tmp_path, {"conditions": "{week: level == 1}"}).find("duplicate-code")
    assert write_head(tmp_path, {"terms": "{week: month}"}).find("duplicate-code")


def test_two_pages_or_groups_or_sections_do_not_have_one_code(tmp_path: Path) -> None:
    page = "{{page: {}first, questions: [{{mark: {}, text: M}}]}}"
    main = f"section: main\npages: [{page.format('', 'm')}, {page.format('«', 'n')}]"
    assert write_sections(tmp_path / "pages", main).find("duplicate-code")
    main = f"section: main\npages: [{page.format('', 'm')}]"
    assert write_sections(tmp_path / "sections", main, main.replace("main", "«main")).find("duplicate-code")
    order = "[{group: main, sections: [main]}, {group: «main, own_questions: true}]"
    assert write_head(tmp_path / "groups", {"order": order}).find("duplicate-code")


def test_an_option_may_not_have_the_code_help(tmp_path: Path) -> None:
    """Its text and the question's help text would both have the code `c.help`."""
    questions = "- choice: c\n  text: C?\n  help: Choose.\n  options: {help: «I need help, fine: Fine}"
    assert write_questions(tmp_path, questions).find("reserved-code").facts["code"] == "help"


def test_a_list_and_a_grid_may_not_create_the_same_code(tmp_path: Path) -> None:
    north = "institution: north\nname: North\nlists: {l: {b_c: X}, m: {c: Y}}"
    south = "institution: south\nname: South\nlists: {l: {b_c: Z}, m: {c: Y}}"
    grids = "- grid: a\n  text: A?\n  scale: agree\n  items_from: l\n- grid: a_b\n  text: B?\n  scale: agree\n  items_from: «m"
    main = "section: main\npages:\n  - page: p\n    questions:\n" + "\n".join("      " + line for line in grids.splitlines())
    assert write_sections(tmp_path, main, north, south).find("duplicate-code").facts["code"] == "a_b_c"


def test_a_question_is_taken_from_the_bank_unchanged(tmp_path: Path) -> None:
    bank = "bank: more\nquestions:\n  - mark: stress\n    text: Stress?\n    when: level == 1"
    written = write_sections(
        tmp_path, "section: main\npages: [{page: p, questions: [{bank: stress, when: path == 'bol'}]}]", bank
    )
    question = written.question
    assert question.bank and question.type == "mark" and question.code == "stress"
    assert question.when and question.when.source == "(path == 'bol') and (level == 1)"
    assert written.questionnaire.bank["stress"].code == "stress"


def test_a_section_not_asked_this_year_is_a_bank(tmp_path: Path) -> None:
    rested = "section: other\nyears: {every: 2, from: 2027}\npages: [{page: o, questions: [{mark: stress, text: S?}]}]"
    main = "section: main\npages: [{page: p, questions: [{bank: stress}]}]"
    written = write_sections(tmp_path, main, rested, head=HEAD + "edition: 2026\n")
    assert written.question.code == "stress"
    assert written.questionnaire.rested == {"other"} and "other" not in written.questionnaire.sections
    asked = write_sections(tmp_path, main.replace("bank: stress", "mark: m, text: M"), rested, head=HEAD + "edition: 2027\n")
    assert "other" in asked.questionnaire.sections


def test_a_slug_does_not_reveal_the_code_of_its_page() -> None:
    assert make_slug("internship_story") == make_slug("internship_story") != make_slug("internship_stori")
    assert len(make_slug("x")) == 8 and "intern" not in make_slug("internship_story")


def test_an_unknown_language_of_a_section_is_reported_at_its_place(tmp_path: Path) -> None:
    section = "section: main\nlanguages: [en, «enn]\npages: [{page: p, questions: [{mark: m, text: M?}]}]"
    assert "did you mean 'en'?" in write_sections(tmp_path, section).find("unknown-name").wrong


def test_expected_seconds_are_declared_or_the_default(tmp_path: Path) -> None:
    questions = """
    - grid: g
      text: G?
      scale: agree
      items: {a: A, b: B, c: C}
    - open: o
      text: O?
    - mark: m
      text: M?
      seconds: 7.5
    - information: i
      text: I
    """
    page = write_questions(tmp_path, questions).questionnaire.sections["main"].pages[0]
    assert [question.seconds for question in page.questions] == [20.1, 25, 7.5, 8]
    assert page.seconds == pytest.approx(60.6)


def test_a_named_condition_may_be_made_of_those_below_it(tmp_path: Path) -> None:
    written = write_head(tmp_path, {"conditions": "{both: student and late, student: path == 'bol', late: level >= 3}"})
    assert not written.compilation.errors
    assert list(written.questionnaire.conditions) == ["both", "student", "late"]


@pytest.mark.parametrize(
    "conditions",
    ["{a: «a and path == 'bol'}", "{a: «b, b: not c, c: answered(level) or a}", "{a: «a or b, b: level == 1}"],
)
def test_conditions_made_of_each_other_are_said_to_be_so(tmp_path: Path, conditions: str) -> None:
    written = write_head(tmp_path, {"conditions": conditions})
    assert written.marks[0] in [problem.place for problem in written.problems]
    assert set(written.codes) == {"condition-cycle"}


def test_a_language_twice_in_a_list_is_reported(tmp_path: Path) -> None:
    section = "section: main\nlanguages: [en, «en]\npages: [{page: p, questions: [{mark: m, text: M?}]}]"
    assert write_sections(tmp_path, section).find("listed-twice")


@pytest.mark.parametrize(
    "languages",
    ["{en: {name: English, based_on: «en}}", "{en: {name: E, based_on: «us}, us: {name: U, locale: en, based_on: en}}"],
)
def test_a_variant_that_is_based_on_itself_is_reported(tmp_path: Path, languages: str) -> None:
    written = write_head(tmp_path, {"languages": languages})
    assert written.marks[0] == next(problem.place for problem in written.problems if problem.code == "based-on-itself")


RANDOM = """\
section: main
random_order: true
pages:
  - {page: one, questions: [{mark: one, text: One?}]}
  - {page: two, questions: [{mark: two, text: Two?}]}
  - {page: three, questions: [{mark: three, text: Three?}]}
"""


def test_pages_may_have_a_random_order_with_fixed_pages_at_its_ends(tmp_path: Path) -> None:
    section = write_sections(tmp_path, RANDOM.replace("page: three", "page: three, fixed: true")).questionnaire.sections["main"]
    assert (section.random_order, [page.fixed for page in section.pages]) == (True, [False, False, True])


def test_a_fixed_page_without_a_random_order_has_no_effect(tmp_path: Path) -> None:
    plain = RANDOM.replace("random_order: true\n", "").replace("page: one", "page: one, fixed: «true")
    assert write_sections(tmp_path / "section", plain).find("no-effect").facts["key"] == "fixed"
    own = "institution: north\nname: N\nown_questions: {pages: [{page: own, fixed: true, questions: [{mark: own, text: O?}]}]}"
    head = change_head({"order": "[{group: main, sections: [main]}, {group: own, own_questions: true}]"})
    assert "no-effect" in write_sections(tmp_path / "own", RANDOM, own, head=head).codes


def test_a_fixed_question_without_a_random_order_has_no_effect(tmp_path: Path) -> None:
    fixed = RANDOM.replace("mark: one", "mark: one, fixed: «true")
    assert write_sections(tmp_path / "page", fixed).find("no-effect").facts["key"] == "fixed"
    bank = "bank: stock\nquestions: [{mark: four, text: F?, fixed: true}]"
    page = RANDOM.replace("{mark: one, text: One?}", "{bank: four, fixed: true}")
    codes = write_sections(tmp_path / "bank", page, bank).codes
    assert codes.count("no-effect") == 2


def test_a_question_of_the_bank_keeps_its_place_where_its_page_says_so(tmp_path: Path) -> None:
    bank = "bank: stock\nquestions: [{mark: four, text: F?}]"
    more = "questions: [{bank: four, fixed: true}, {mark: five, text: F?}, {mark: six, text: S?}]"
    page = RANDOM.replace("questions: [{mark: one, text: One?}]", f"random_order: true, {more}")
    found = write_sections(tmp_path, page, bank).questionnaire.sections["main"].pages[0]
    assert (found.random_order, [question.fixed for question in found.questions]) == (True, [True, False, False])


@pytest.mark.parametrize(
    ("question", "advice"),
    [
        ("- yes_no: x\n  text: X?", "`x == 'yes'`, or `answered(x)`"),
        ("- choice: x\n  text: X?\n  options: {a: A, b: B}", "`x == 'a'`"),
        ("- multiple: x\n  text: X?\n  options: {a: A, b: B}", "`'a' in x`"),
        ("- number: x\n  text: X?\n  to: 7", "`x == 7`"),
        ("- mark: x\n  text: X?", "`x == 10`"),
        ("- open: x\n  text: X?", "Write `answered(x)`."),
        ("- grid: g\n  text: G\n  scale: agree\n  items: {x: X, y: Y}", "`x == 1`"),
        ("- consent: c\n  text: C\n  parts: {x: X}", "`x == 'yes'`"),
    ],
)
def test_a_lone_variable_gets_the_comparison_of_its_type(tmp_path: Path, question: str, advice: str) -> None:
    """The comparison is valid where the variable stood."""
    asked = f"{question}\n- open: why\n  text: Why?\n  when: "
    remedy = write_questions(tmp_path / "alone", f"{asked}«x").find("condition-syntax").remedy
    assert advice in remedy
    comparison = remedy.split("`")[1]
    assert not write_questions(tmp_path / "compared", f'{asked}"{comparison}"').problems


def test_a_lone_variable_without_answers_gets_no_advice_to_test_one(tmp_path: Path) -> None:
    problem = write_questions(tmp_path, "- mark: week\n  text: W?\n  when: «language").find("condition-syntax")
    assert problem.remedy == "Write `language == 'en'`."
