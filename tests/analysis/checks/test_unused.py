"""Unused definitions are found."""

from __future__ import annotations

from pathlib import Path

import pytest

from survey_engine.analysis.checks.unused import check_unused
from tests.writing import HEAD, write, write_questions

USING = """\
- grid: views
  text: Views?
  scale: agree
  items: {fun: Fun}
"""
INSTITUTION = "institution: north\nname: North\nlists: {clubs: {choir: Choir}}\n"


def find(tmp_path: Path, head: str = "", questions: str = USING, **files: str) -> list[tuple[str, str]]:
    page = write_questions(tmp_path / "page", questions, HEAD + head)
    assert page.compilation.questionnaire
    texts = {path.name: path.read_text() for path in (tmp_path / "page" / "q" / "x").iterdir()}
    written = write(tmp_path / "all", {**texts, **{f"{name}.yaml": text for name, text in files.items()}})
    return [(str(p.facts.get("kind", p.code)), str(p.facts["name"])) for p in check_unused(written.compilation.definitions)]


def test_a_questionnaire_that_uses_everything_has_no_problem(tmp_path: Path) -> None:
    assert find(tmp_path) == []


@pytest.mark.parametrize(
    ("head", "found"),
    [
        ("terms: {school: school}\n", [("term", "school")]),
        ("notices: {careful: Careful.}\n", [("notice", "careful")]),
        ("conditions: {intern: path == 'bol'}\n", [("condition", "intern")]),
        ("experiments: [{experiment: layout, arms: {fold: 1, list: 1}}]\n", [("experiment", "layout")]),
        (
            "experiments: [{experiment: a, arms: {x: 1, y: 1}}]\nconditions: {in_x: experiment.a == 'x'}\n",
            [("condition", "in_x")],
        ),
    ],
)
def test_a_definition_that_nothing_mentions_is_named(tmp_path: Path, head: str, found: list[tuple[str, str]]) -> None:
    assert find(tmp_path, head) == found


def test_a_scale_that_no_question_has_is_named(tmp_path: Path) -> None:
    assert find(tmp_path, questions="- mark: week\n  text: Week?") == [("scale", "agree")]


def test_a_condition_used_by_another_is_used_but_a_quoted_word_is_no_use(tmp_path: Path) -> None:
    head = "conditions:\n  bol: path == 'bol'\n  intern: bol and level >= 2\n"
    questions = USING + "- mark: week\n  text: Week?\n  when: intern\n"

    assert find(tmp_path, head, questions) == []
    assert find(
        tmp_path / "quoted", "conditions: {bol: level > 2}\n", USING + "- mark: q\n  text: Q?\n  when: path == 'bol'\n"
    ) == [("condition", "bol")]


def test_a_term_in_a_translation_alone_is_used(tmp_path: Path) -> None:
    assert find(tmp_path, "terms: {school: school}\n", USING + '- mark: week\n  text: {en: "Week at {school}?"}\n') == []


def test_a_list_of_an_institution_is_used_by_the_question_that_takes_it(tmp_path: Path) -> None:
    more = "section: more\npages: [{page: b, questions: [{multiple: joined, text: Joined?, options_from: clubs}]}]"

    assert find(tmp_path, north=INSTITUTION) == [("list", "clubs")]
    assert find(tmp_path / "used", north=INSTITUTION, more=more) == []


def test_a_bank_is_used_when_one_of_its_questions_is(tmp_path: Path) -> None:
    bank = "bank: stock\nquestions: [{mark: energy, text: Energy?}, {mark: sleep, text: Sleep?}]\n"

    assert find(tmp_path, stock=bank) == [("unused-bank", "stock")]
    assert find(tmp_path / "used", questions=USING + "- bank: sleep\n", stock=bank) == []
