"""Questions whose words ask for another type of answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from survey_engine.analysis.checks.asked_types import check_asked_types
from tests.analysis.checks.advice import name_codes
from tests.writing import change_head, write_questions

_REST = {
    "date": "from: 1950-01-01\n  to: 2026-12-31",
    "number": "to: 20",
    "panel": "notice: no_names",
    "mark": "purpose: x",
    "yes_no": "purpose: x",
}


def check(tmp_path: Path, kind: str, text: str, spoken: str, rest: str = "") -> list[str]:
    head = change_head({"source_language": spoken, "languages": f"{{{spoken}: {{name: X}}}}"})
    written = write_questions(tmp_path, f"- {kind}: q\n  text: '{text}'\n  {rest or _REST[kind]}", head)
    return name_codes(check_asked_types(written.questionnaire))


@pytest.mark.parametrize(
    ("kind", "spoken", "text"),
    [
        ("date", "nl", "Hoe oud ben je?"),
        ("date", "en", "How often do you train?"),
        ("date", "de", "Wie viele Tage warst du krank?"),
        ("number", "en", "Why do you train?"),
        ("number", "nl", "Wie helpt je?"),
        ("mark", "nl", "Hoeveel uur train je?"),
        ("mark", "en", "How many hours do you train?"),
        ("panel", "en", "What is your telephone number?"),
        ("yes_no", "nl", "Wat vind je van de training?"),
        ("yes_no", "nl", "Je hebt een trainer. Welke trainer heb je?"),
        ("yes_no", "en", "How many coaches do you have?"),
        ("yes_no", "de", "Warum war das Training gut?"),
        ("yes_no", "en", "On a scale of 1 to 10, how happy are you?"),
        ("yes_no", "nl", "Op een schaal van 1 tot 10: hoe blij ben je?"),
        ("yes_no", "nl", "Was de training goed of slecht?"),
        ("yes_no", "de", "Bist du zufrieden oder unzufrieden?"),
    ],
)
def test_question_words_ask_for_the_type(tmp_path: Path, kind: str, spoken: str, text: str) -> None:
    assert check(tmp_path, kind, text, spoken) == ["setting-differs"]


@pytest.mark.parametrize(
    ("kind", "spoken", "text"),
    [
        ("date", "nl", "Op welke dag werd je lid?"),
        ("date", "en", "How many weeks ago, and on which date, did you join?"),
        ("date", "en", "Who told you, and when?"),
        ("number", "de", "Wie viele Stunden trainierst du?"),
        ("number", "de", "Wie alt bist du?"),
        ("mark", "en", "How much do you like it?"),
        ("mark", "de", "Wie findest du das Training?"),
        ("panel", "en", "May we mail you? We ask for no telephone number."),
        ("yes_no", "en", "Do you know who helps you?"),
        ("yes_no", "en", "When you are ill, do you call school?"),
        ("yes_no", "nl", "Waarom niet? Zou je het willen?"),
        ("yes_no", "nl", "Wat denk je: is dit goed?"),
        ("yes_no", "en", "Was it good or not?"),
        ("yes_no", "nl", "Waar of niet waar: de aarde is rond?"),
    ],
)
def test_question_words_that_fit_the_type_are_right(tmp_path: Path, kind: str, spoken: str, text: str) -> None:
    assert check(tmp_path, kind, text, spoken) == []


def test_a_mark_with_named_ends_may_ask_how_often(tmp_path: Path) -> None:
    assert check(tmp_path, "mark", "How often do you train?", "en", "from_label: Never\n  to_label: Always") == []
