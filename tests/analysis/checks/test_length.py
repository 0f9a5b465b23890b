"""Texts that fit a phone of 360 pixels."""

from __future__ import annotations

from pathlib import Path

import pytest

from survey_engine.analysis.checks.length import check_length
from tests.analysis.checks.advice import name_codes
from tests.writing import write_questions


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        (("word " * 39)[:192], []),
        (("word " * 39)[:193], ["too-long"]),
        ("a" * 32, []),
        ("a" * 33, ["long-word"]),
        ("a" * 20 + "-" + "b" * 20, []),
        ("[here](https://example.org/with/quite/a/long/address/in/it)", []),
    ],
)
def test_a_question_has_six_lines_and_words_that_fit_one(tmp_path: Path, text: str, codes: list[str]) -> None:
    assert name_codes(check_length(write_questions(tmp_path, f'- mark: week\n  text: "{text}"').questionnaire)) == codes


def test_of_information_each_paragraph_may_be_long(tmp_path: Path) -> None:
    paragraph = "word " * 70
    one = f'- information: note\n  text: "{paragraph}"\n'
    two = f'- information: note\n  text: "{paragraph}\\n\\n{paragraph}"\n'

    assert name_codes(check_length(write_questions(tmp_path / "one", one).questionnaire)) == []
    assert name_codes(check_length(write_questions(tmp_path / "two", two).questionnaire)) == []
    assert name_codes(check_length(write_questions(tmp_path / "long", one.replace("word", "words")).questionnaire)) == [
        "too-long"
    ]
