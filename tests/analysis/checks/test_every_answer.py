"""Comparisons that let every answer through, and named conditions with one meaning."""

from __future__ import annotations

from pathlib import Path

import pytest

from survey_engine.analysis.checks.every_answer import check_every_answer, check_same_meaning
from tests.writing import change_head, write_head, write_questions, write_sections

ASKED = """\
section: main
pages:
  - page: first
    questions:
      - {mark: week, text: Week?}
      - {choice: cups, text: Cups?, options: {1: One, 2: Two, 3: More}}
      - {choice: coffee, text: Coffee?, options: {1: One, 2: Two}, dont_know: true}
      - {number: hours, text: Hours?, from: 0, to: 40}
      - {number: travel, text: Travel?, from: 0, to: 40}
      - {date: born, text: Born?, from: 2000-01-01, to: 2010-12-31}
      - {multiple: likes, text: Likes?, options: {art: Art, sport: Sport}}
  - page: second
    when: CONDITION
    questions: [{mark: day, text: Day?}]
"""
HEAD = (
    change_head({})
    + """\
edition: 2026
derived:
  age: {years: [born, today]}
  away: {sum: [hours, travel]}
  given: {count: [hours, travel]}
"""
)


@pytest.mark.parametrize(
    ("condition", "meant"),
    [
        ("week <= 10", "answered(week)"),
        ("week <= 9", ""),
        ("cups <= 3", "answered(cups)"),
        ("cups in [1, 2, 3]", "answered(cups)"),
        ("cups in [2, 3]", ""),
        ("coffee <= 2", ""),
        ("hours >= 0", "answered(hours)"),
        ("0 <= hours", "answered(hours)"),
        ("hours >= 1", ""),
        ("level >= 1 and cups == 1", "answered(level)"),
        ("path in ['bol', 'bbl']", "answered(path)"),
        ("path != 'bol'", ""),
        ("age >= 10", "answered(born)"),
        ("age >= 20", ""),
        ("away <= 80", "answered(hours) or answered(travel)"),
        ("away <= 79", ""),
        ("given >= 1", ""),
        ("given >= 0", "answered(hours) or answered(travel)"),
        ("given <= 2", "answered(hours) or answered(travel)"),
        ("given <= 1", ""),
        ("given >= 2", ""),
        ("hours >= 21 or hours <= 40", "answered(hours)"),
        ("hours >= 21 or hours < 21", "answered(hours)"),
        ("hours >= 21 or hours <= 10", ""),
        ("hours >= 21 or travel <= 40", "answered(travel)"),
        ("level == 1 and (cups == 1 or cups == 2 or cups == 3)", "answered(cups)"),
        ("away >= 40 or away < 40", "answered(hours) or answered(travel)"),
        ("count(likes) >= 1", ""),
    ],
)
def test_a_comparison_that_is_true_for_every_answer_is_reported(tmp_path: Path, condition: str, meant: str) -> None:
    written = write_sections(tmp_path, ASKED.replace("CONDITION", f'"{condition}"'), head=HEAD)
    found = [(problem.code, problem.facts["meant"]) for problem in check_every_answer(written.questionnaire)]
    assert found == ([("true-if-answered", meant)] if meant else [])


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("path == 'bol'", "path == 'bol'", True),
        ("level >= 2", "level in [2, 3, 4]", True),
        ("path == 'bol'", "path == 'bbl'", False),
        ("path == 'bol'", "path != 'bbl'", False),
        ("path == 'bol'", "not (path == 'bbl')", False),
        ("level >= 2 and path == 'bol'", "path == 'bol' and not (level < 2 or not answered(level))", True),
    ],
)
def test_two_names_have_two_meanings(tmp_path: Path, first: str, second: str, same: bool) -> None:
    head = {"conditions": f'{{one: "{first}", two: "{second}"}}'}
    found = [(problem.code, problem.facts) for problem in check_same_meaning(write_head(tmp_path, head).questionnaire)]
    assert found == ([("same-meaning", {"name": "two", "other": "one"})] if same else [])


def test_a_named_comparison_is_reported_once(tmp_path: Path) -> None:
    questions = "- mark: week\n  text: W?\n  when: any_level\n- mark: day\n  text: D?\n  when: any_level"
    written = write_questions(tmp_path, questions, change_head({"conditions": "{any_level: level >= 1}"}))
    assert len(list(check_every_answer(written.questionnaire))) == 1
