"""Open questions need a notice in questionnaires with notices."""

from __future__ import annotations

from pathlib import Path

import pytest

from survey_engine.analysis.checks.notices import check_identities, check_notices
from tests.analysis.checks.advice import advise
from tests.writing import HEAD, write_questions

WITH = "- open: a\n  text: A?\n  notice: careful\n"
WITHOUT = "- open: b\n  text: B?\n"


@pytest.mark.parametrize(
    ("questions", "found"),
    [(WITHOUT, []), (WITH, []), (WITH + WITHOUT, [("no-notice", "b")]), (WITH + WITHOUT + "  tested: true\n", [])],
)
def test_an_open_question_without_a_notice_beside_one_with_it_is_found(
    tmp_path: Path, questions: str, found: list[tuple[str, str]]
) -> None:
    assert advise(check_notices, write_questions(tmp_path, questions, f"{HEAD}notices: {{careful: Careful.}}\n")) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("What is your name?", ["asks-identity"]),
        ("Wat is je burgerservicenummer?", ["asks-identity"]),
        ("Wat is je adres?", ["asks-identity"]),
        ("Was ist deine E-Mail-Adresse?", ["asks-identity"]),
        ("What is the name of your programme?", []),
        ("Wat is je postcode?", []),
        ("What is your name for this group?", []),
    ],
)
def test_a_question_does_not_ask_who_the_respondent_is(tmp_path: Path, text: str, found: list[str]) -> None:
    written = write_questions(tmp_path, f"- open: q\n  text: {text}")
    assert [code for code, _ in advise(check_identities, written)] == found
