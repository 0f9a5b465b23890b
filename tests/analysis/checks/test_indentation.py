"""Keys of questions that are indented too deep."""

from __future__ import annotations

from pathlib import Path

import pytest

from survey_engine.analysis.checks.indentation import check_indentation
from tests.analysis.checks.advice import name_codes
from tests.writing import write_questions


@pytest.mark.parametrize(
    ("question", "codes"),
    [
        ("- grid: g\n  text: T\n  scale: agree\n  items: {a: A, when: level == 2}", ["key-as-code"]),
        ("- grid: g\n  text: T\n  scale: agree\n  items: {a: A, seconds: 12}", ["key-as-code"]),
        ("- choice: c\n  text: T\n  options: {a: A, dont_know: No idea}", ["key-as-code"]),
        ("- choice: c\n  text: T\n  options: {source: A, unit: B, from: C}", []),
    ],
)
def test_a_key_among_statements_or_options_is_reported(tmp_path: Path, question: str, codes: list[str]) -> None:
    assert name_codes(check_indentation(write_questions(tmp_path, question).questionnaire)) == codes
