"""Options of one question with one meaning."""

from __future__ import annotations

from pathlib import Path

import pytest

from survey_engine.analysis.checks.options import check_options
from tests.analysis.checks.advice import name_codes
from tests.writing import write_questions


@pytest.mark.parametrize(
    ("options", "more", "codes"),
    [
        ("b: Geen van deze, c: Geen van bovenstaande", "", ["option-repeated"]),
        ("b: 'Anders, namelijk', c: Iets anders", "", ["other-without-text", "option-repeated"]),
        ("b: Work, c: No idea", "dont_know: I do not know", ["option-repeated"]),
        ("b: Werk, c: N.v.t.", "does_not_apply: Niet van toepassing", ["option-repeated"]),
        ("b: Werk, c: Geen idee", "dont_know: Geen mening", []),
        ("b: 'None of these', c: Something else", "dont_know: I do not know\n  does_not_apply: Not applicable", []),
        ("b: {text: Other, when: level == 1}, c: Something else", "", []),
        ("b: Geen van de docenten, c: Geen van de lessen", "", []),
    ],
)
def test_no_two_options_have_one_meaning(tmp_path: Path, options: str, more: str, codes: list[str]) -> None:
    written = write_questions(tmp_path, f"- choice: c\n  text: T?\n  options: {{a: School, {options}}}\n  {more}")
    assert name_codes(check_options(written.questionnaire)) == codes
