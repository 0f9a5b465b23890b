"""Answers outside the scale that are given twice or are points."""

from __future__ import annotations

from pathlib import Path

import pytest

from survey_engine.analysis.checks.outside_scale import check_outside_scale
from tests.analysis.checks.advice import name_codes
from tests.writing import write_questions


@pytest.mark.parametrize(
    ("rest", "codes"),
    [
        ("options: {1: Bad, 2: Good, 3: I do not know}", ["outside-as-point"]),
        ("options: {1: Bad, 2: Good, 9: Not applicable}", ["outside-as-point"]),
        ("options: {bad: Bad, good: Good, unsure: I do not know}", []),
        ("options: {bad: Bad, good: Good, unsure: No idea}\n  dont_know: No idea", ["same-label"]),
        ("options: {1: Bad, 2: Good}\n  dont_know: None\n  does_not_apply: None", ["same-label"]),
        ("options: {1: Bad, 2: Good}\n  dont_know: No idea\n  does_not_apply: Not for me", []),
    ],
)
def test_an_answer_outside_the_scale_is_given_once(tmp_path: Path, rest: str, codes: list[str]) -> None:
    written = write_questions(tmp_path, f"- choice: c\n  text: T?\n  {rest}")
    assert name_codes(check_outside_scale(written.questionnaire)) == codes
