"""Bounds of questions with several answers."""

from __future__ import annotations

from pathlib import Path

import pytest

from survey_engine.analysis.checks.several_answers import check_several_answers
from tests.analysis.checks.advice import name_codes
from tests.writing import Written, write_head, write_questions

NORTH = "institution: north\nname: N\nlists: {clubs: {choir: Choir}}"


def ask(folder: Path, rest: str) -> Written:
    page = f"section: extra\npages: [{{page: e, questions: [{{multiple: m, text: T?, {rest}}}]}}]"
    return write_head(folder, {"order": "[{group: main, sections: [extra]}]"}, page, NORTH)


@pytest.mark.parametrize(
    ("options", "codes"),
    [
        ("{a: {text: A, when: level == 1}, b: {text: B, when: level == 1}, c: C}", ["too-few-offered"]),
        ("{a: {text: A, when: level == 1}, b: {text: B, when: level == 1}}", []),
        ("{a: {text: A, when: level == 1}, b: B, c: C}", []),
    ],
)
def test_options_fit_the_least_number_of_answers(tmp_path: Path, options: str, codes: list[str]) -> None:
    written = ask(tmp_path, f"at_least: 2, options: {options}")
    assert name_codes(check_several_answers(written.questionnaire)) == codes


def test_a_short_list_of_an_institution_is_reported(tmp_path: Path) -> None:
    south = "institution: south\nname: S\nlists: {clubs: {chess: Chess, ball: Ball}}"
    page = "section: extra\npages: [{page: e, questions: [{multiple: m, text: T?, at_least: 2, options_from: clubs}]}]"
    written = write_head(tmp_path, {"order": "[{group: main, sections: [extra]}]"}, page, NORTH, south)
    (problem,) = check_several_answers(written.questionnaire)
    assert (problem.facts["institution"], problem.facts["count"]) == ("north", 1)


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Choose at most three answers.", ["setting-differs"]),
        ("Choose at most two answers.", []),
        ("Kies precies drie dingen.", ["setting-differs"]),
        ("Wähle genau zwei Dinge.", []),
        ("Kies maximaal 3 redenen.", ["setting-differs"]),
        ("Which trains take at most three hours?", []),
        ("Which three kinds of support do you want?", ["setting-differs"]),
        ("Welke drie redenen had je?", ["setting-differs"]),
        ("Which two matter most?", []),
        ("Which of these three do you want?", []),
    ],
)
def test_the_text_names_the_largest_number_of_answers(tmp_path: Path, text: str, codes: list[str]) -> None:
    question = f"- multiple: m\n  text: {text}\n  at_most: 2\n  options: {{a: A, b: B, c: C, d: D}}"
    assert name_codes(check_several_answers(write_questions(tmp_path, question).questionnaire)) == codes
