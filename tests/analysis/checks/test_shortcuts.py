"""Constructions from other tools for which the language has a shorter one."""

from __future__ import annotations

from pathlib import Path

import pytest

from survey_engine.analysis.checks.shortcuts import check_other_texts, check_zero_counts
from tests.writing import ask, write_sections

BARRIERS = "- multiple: barriers\n  text: What?\n  options: {money: Money, other: {text: Other, namely: true}}\n"
LAST = "  - {{page: last, when: {}, questions: [{{{}: more, text: More?}}]}}\n"


@pytest.mark.parametrize(
    ("condition", "meant"),
    [
        ("count(barriers) == 0", "not answered(barriers)"),
        ("level == 1 and count(barriers) < 1", "not answered(barriers)"),
        ("not (count(barriers) > 0)", "answered(barriers)"),
        ("count(barriers) >= 1", "answered(barriers)"),
        ("count(barriers) >= 2", ""),
    ],
)
def test_a_count_compared_with_nothing_is_a_test_of_an_answer(tmp_path: Path, condition: str, meant: str) -> None:
    written = write_sections(tmp_path, ask(BARRIERS) + LAST.format(condition, "mark"))

    found = [*check_zero_counts(written.questionnaire)]
    assert [(problem.code, problem.facts["meant"]) for problem in found] == [("zero-count", meant)] * bool(meant)


@pytest.mark.parametrize(
    ("condition", "type_", "found"),
    [
        ("\"'other' in barriers\"", "open", True),
        ("\"'money' in barriers\"", "open", False),
        ("\"'other' in barriers\"", "mark", False),
        ("level == 1", "open", False),
    ],
)
def test_a_question_beside_namely_is_reported(tmp_path: Path, condition: str, type_: str, found: bool) -> None:
    problems = [*check_other_texts(write_sections(tmp_path, ask(BARRIERS) + LAST.format(condition, type_)).questionnaire)]

    assert [problem.facts["column"] for problem in problems] == ["barriers__namely"] * found


def test_a_follow_up_beside_namely_is_reported(tmp_path: Path) -> None:
    follow = "- open: barriers_other\n  text: Which?\n  when: \"'other' in barriers\"\n"
    (problem,) = check_other_texts(write_sections(tmp_path, ask(BARRIERS + follow)).questionnaire)

    assert problem.code == "second-other" and problem.place.line == 8
