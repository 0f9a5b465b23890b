"""Questions, statements and modules that ask the same twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from survey_engine.analysis.checks.duplicates import check_duplicates, check_local_repeats
from tests.analysis.checks.advice import name_codes
from tests.writing import HEAD, change_head, write_head, write_questions, write_sections

PAGES = """\
section: main
pages:
  - page: one
    when: {}
    questions: [{{mark: first, text: What mark do you give your school?}}]
  - page: two
    when: {}
    questions: [{{{}}}]
"""


@pytest.mark.parametrize(
    ("one", "two", "question", "codes"),
    [
        ("level >= 1", "level >= 2", "mark: second, text: what mark do you give your school", ["repeated-question"]),
        ("path == 'bol'", "path == 'bbl'", "mark: second, text: What mark do you give your school?", []),
        ("level >= 1", "level >= 2", "mark: second, text: What mark do you give your work?", []),
        ("level >= 1", "level >= 2", "open: second, text: What mark do you give your school?", []),
    ],
)
def test_a_question_that_somebody_gets_twice_is_reported(
    tmp_path: Path, one: str, two: str, question: str, codes: list[str]
) -> None:
    written = write_sections(tmp_path, PAGES.format(one, two, question))
    assert name_codes(check_duplicates(written.questionnaire)) == codes


@pytest.mark.parametrize(
    ("text", "codes"), [("How was your week at school?", ["repeated-question"]), ("How was your day at work?", [])]
)
def test_no_two_questions_of_the_bank_are_equal(tmp_path: Path, text: str, codes: list[str]) -> None:
    bank = f"bank: more\nquestions: [{{mark: a, text: How was your week at school}}, {{mark: b, text: '{text}'}}]"
    written = write_sections(tmp_path, "section: main\npages: [{page: p, questions: [{bank: a}]}]", bank)
    assert name_codes(check_duplicates(written.questionnaire)) == codes


def test_a_short_question_may_follow_several_others(tmp_path: Path) -> None:
    written = write_questions(tmp_path, "- {yes_no: a, text: Did you report this?}\n- {yes_no: b, text: Did you report this?}")
    assert name_codes(check_duplicates(written.questionnaire)) == []


@pytest.mark.parametrize(
    ("one", "other", "codes"),
    [
        ("{en: It is fun, nl: Het is leuk}", "{en: it is fun., nl: Het is nuttig}", ["same-statement"]),
        ("{en: It is fun, nl: Het is leuk}", "{en: It is useful, nl: Het is leuk}", ["same-statement"]),
        ("{en: It is fun, nl: Het is leuk}", "{en: It is useful, nl: Het is nuttig}", []),
        ("{en: Fun, nl: Leuk}, when: level == 1", "{en: Fun, nl: Leuk}, when: level == 2", []),
    ],
)
def test_statements_of_one_grid_differ_in_every_language(tmp_path: Path, one: str, other: str, codes: list[str]) -> None:
    head = HEAD.replace("{en: {name: English}}", "{en: {name: English}, nl: {name: Nederlands}}")
    items = f"{{a: {{text: {one}}}, b: {{text: {other}}}}}"
    written = write_questions(tmp_path, f"- grid: views\n  text: Views?\n  scale: agree\n  items: {items}", head)
    assert name_codes(check_duplicates(written.questionnaire)) == codes


def test_parts_of_one_consent_differ(tmp_path: Path) -> None:
    written = write_questions(tmp_path, "- consent: c\n  text: May we?\n  parts: {one: You may use it., two: You may use it.}")
    assert name_codes(check_duplicates(written.questionnaire)) == ["same-statement"]


def test_modules_with_the_same_texts_are_reported_once(tmp_path: Path) -> None:
    order = "\n  - {group: main, sections: [main]}\n  - {group: modules, modules: {random: 1}}"
    module = "module: {0}\npages: [{{page: {0}, questions: [{{mark: {0}_mark, text: What mark do you give your {1}?}}]}}]"
    for second, codes in (("home", ["same-module"]), ("work", [])):
        files = [module.format("a", "home"), module.format("b", second)]
        written = write_head(tmp_path / second, {"order": order}, *files)
        assert name_codes(check_duplicates(written.questionnaire)) == codes


@pytest.mark.parametrize(("other", "codes"), [("school", ["repeated-question"]), ("work", [])])
def test_local_questions_do_not_repeat_the_core(tmp_path: Path, other: str, codes: list[str]) -> None:
    """Two institutions may ask the same, because nobody is a student of both."""
    order = "\n  - {group: main, sections: [main, core]}\n  - {group: own, own_questions: true}"
    core = "section: core\npages: [{page: c, questions: [{mark: c_mark, text: What mark do you give your school?}]}]"
    page = "{{page: {0}, questions: [{{mark: {0}_m, text: What mark do you give your {1}?}}]}}"
    own = f"institution: {{0}}\nname: N\nown_questions: {{{{pages: [{page}]}}}}"
    written = write_head(tmp_path, {"order": order}, core, own.format("north", other), own.format("south", "work"))
    assert name_codes(check_duplicates(written.questionnaire)) == codes


def test_a_local_question_with_the_text_of_the_core_is_reported(tmp_path: Path) -> None:
    text = "What was your best lesson this month?"
    order = "[{group: main, sections: [main]}, {group: own, own_questions: true}]"
    north = f"institution: north\nname: N\nown_questions: {{pages: [{{page: n, questions: [{{open: n_best, text: '{text}'}}]}}]}}"
    main = f"section: main\npages: [{{page: p, questions: [{{open: best, text: '{text}'}}]}}]"
    written = write_sections(tmp_path, main, north, head=change_head({"order": order}))
    (problem,) = check_local_repeats(written.questionnaire)
    assert (problem.code, problem.facts["other"]) == ("repeated-question", "best")
