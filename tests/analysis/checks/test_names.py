"""Names of columns that SPSS takes, and that are one column's alone."""

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
def test_a_column_has_a_name_of_its_own_that_fits(tmp_path: Path, questions: str, codes: list[str]) -> None:
    assert write_questions(tmp_path, questions).codes == codes
