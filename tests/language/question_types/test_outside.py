"""Options outside the scale: does not apply, don't know."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.writing import post, write_questions

OUTSIDE = "text: T?, does_not_apply: Not for me, dont_know: No idea"
TYPES = {
    "choice": f"- {{choice: q, {OUTSIDE}, options: {{a: A, b: B}}}}",
    "yes_no": f"- {{yes_no: q, {OUTSIDE}}}",
    "mark": f"- {{mark: q, {OUTSIDE}}}",
    "grid": f"- {{grid: g, {OUTSIDE}, scale: agree, items: {{q: Q}}}}",
}


@pytest.mark.parametrize("code", ["na", "dk"])
@pytest.mark.parametrize("type_", TYPES)
def test_every_closed_type_can_offer_them(tmp_path: Path, type_: str, code: str) -> None:
    question = write_questions(tmp_path, TYPES[type_]).question
    assert [option.code for option in question.options if option.outside_scale] == ["na", "dk"]
    assert post(question, q=code).values == {"q": code}


def test_they_exclude_all_answers_of_a_multiple_question(tmp_path: Path) -> None:
    question = write_questions(tmp_path, f"- {{multiple: q, {OUTSIDE}, at_least: 2, options: {{a: A, b: B}}}}").question
    assert post(question, q=["a", "dk"]).errors["q"].message == "exclusive"
    assert post(question, q=["na"]).values == {"q": ["na"]}


def test_an_option_may_not_have_their_code(tmp_path: Path) -> None:
    question = "- choice: q\n  text: Q?\n  options: {dk: D, a: A}\n  dont_know: «No idea"
    assert write_questions(tmp_path, question).find("duplicate-code")


def test_they_keep_their_place_in_a_random_order(tmp_path: Path) -> None:
    question = f"- {{choice: q, {OUTSIDE}, random_order: true, options: {{a: A, b: B}}}}"
    assert write_questions(tmp_path, question).codes == []
