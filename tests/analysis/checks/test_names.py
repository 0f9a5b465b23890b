"""Column names are unique and valid in SPSS."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.writing import write_questions

LONG = "a" * 32


@pytest.mark.parametrize(
    ("questions", "codes"),
    [
        ("- open: with\n  text: With whom?", ["reserved-name"]),
        (f"- multiple: {LONG}\n  text: M?\n  options: {{{'b' * 31}: B, c: C}}", []),
        (f"- multiple: {LONG}\n  text: M?\n  options: {{{'b' * 32}: B, c: C}}", ["name-too-long"]),
        ("- multiple: travel\n  text: T?\n  options: {train: A, foot: B}\n- mark: travel_train\n  text: T?", ["name-clash"]),
        ("- choice: travel\n  text: T?\n  options: {train: A, foot: B}\n- mark: travel_train\n  text: T?", []),
    ],
)
def test_a_column_name_is_unique_and_short_enough(tmp_path: Path, questions: str, codes: list[str]) -> None:
    assert write_questions(tmp_path, questions).codes == codes
