"""Properties that change names or codes in an export."""

from __future__ import annotations

from pathlib import Path

import pytest

from survey_engine.analysis.checks.exports import check_exports
from tests.analysis.checks.advice import advise
from tests.writing import HEAD, write_head, write_questions

NUMBER = "- number: cold\n  text: How cold?\n  from: {}\n  to: 40"


@pytest.mark.parametrize(("low", "moved"), [(-10, True), (-1, True), (0, False)])
def test_a_number_that_moves_the_missing_codes_is_pointed_out(tmp_path: Path, low: int, moved: bool) -> None:
    written = write_questions(tmp_path, NUMBER.format(low))
    assert advise(check_exports, written) == ([("missing-codes", "cold")] if moved else [])


@pytest.mark.parametrize("code", ["respondent", "version", "edition", "started", "completed", "status", "before_switch"])
def test_a_question_named_like_a_column_of_the_response_is_pointed_out(tmp_path: Path, code: str) -> None:
    written = write_questions(tmp_path, f"- mark: {code}\n  text: How?")
    assert advise(check_exports, written) == [("column-renamed", code)]


def test_background_named_like_a_column_of_the_response_is_pointed_out(tmp_path: Path) -> None:
    written = write_head(tmp_path, {"background": "{status: {text: S, options: {a: A}}}"})
    assert advise(check_exports, written) == [("column-renamed", "status")]


def test_a_question_named_like_the_column_of_a_module_is_pointed_out(tmp_path: Path) -> None:
    module = "module: food\ntitle: Food\npages: [{page: food_page, questions: [{mark: module_food, text: How?}]}]"
    order = "[{group: main, sections: [main]}, {group: more, modules: {random: 1}}]"
    assert advise(check_exports, write_head(tmp_path, {"order": order}, module)) == [("column-renamed", "module_food")]


def test_a_scale_that_moves_the_missing_codes_is_pointed_out_once(tmp_path: Path) -> None:
    head = HEAD.replace("1: Disagree", "-2: Disagree")
    grid = "- grid: g\n  text: G\n  scale: agree\n  items: {a: A, b: B}\n- choice: c\n  text: C?\n  scale: agree"
    (problem,) = check_exports(write_questions(tmp_path, grid, head).questionnaire)
    assert problem.facts["code"] == "a" and len(problem.others) == 2
