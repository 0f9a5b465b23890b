"""Answers outside the scale that are given twice or are points."""

from __future__ import annotations

from pathlib import Path

import pytest

from survey_engine.analysis.checks.outside_scale import check_outside_scale
from tests.analysis.checks.advice import name_codes
from tests.writing import change_head, write_questions


@pytest.mark.parametrize(
    ("rest", "codes"),
    [
        ("options: {1: Bad, 2: Good, 3: I do not know}", ["outside-as-point"]),
        ("options: {1: Bad, 2: Good, 9: Not applicable}", ["outside-as-point"]),
        ("options: {bad: Bad, good: Good, unsure: I do not know}", []),
        ("options: {1: Bad, 2: Good, 3: I would rather not say}", ["outside-as-point"]),
        ("options: {1: Bad, 2: Good, 99: Not stated}", ["outside-as-point"]),
        ("options: {-1: Item not applicable, 1: Bad, 2: Good}", ["outside-as-point"]),
        ('options: {1: Bad, 2: Good, 98: "Can\'t say"}', ["outside-as-point"]),
        ("options: {1: Slecht, 2: Goed, 3: Dat kan ik niet zeggen}", ["outside-as-point"]),
        ("options: {1: Schlecht, 2: Gut, 3: Keine Angabe}", ["outside-as-point"]),
        ("options: {1: Malu, 2: Bon, 3: Mi ta preferá di no bisa}", ["outside-as-point"]),
        ("options: {1: Bad, 2: Good, 8: Refused}", ["outside-as-point"]),
        ("options: {0: Not answered, 1: Bad, 2: Good}", ["outside-as-point"]),
        ("options: {1: Schlecht, 2: Gut, 9: Keine Antwort}", ["outside-as-point"]),
        ("options: {1: Accepted, 2: Refused}", []),
        ("options: {1: Answered, 2: Busy, 3: No answer}", []),
        ("options: {0: Not answered, 1: Answered}", []),
        ("options: {bad: Bad, good: Good, unsure: No idea}\n  dont_know: No idea", ["same-label"]),
        ("options: {1: Bad, 2: Good}\n  dont_know: None\n  does_not_apply: None", ["same-label"]),
        ("options: {1: Bad, 2: Good}\n  dont_know: No idea\n  does_not_apply: Not for me", []),
        ("options: {1: Bad, 2: Good}\n  dont_know: Geldt niet voor mij", ["label-opposite"]),
        ("options: {1: Bad, 2: Good}\n  does_not_apply: I do not know\n  dont_know: No opinion", ["label-opposite"]),
        ("options: {1: Bad, 2: Good}\n  does_not_apply: I do not know", []),
        ("options: {1: Bad, 2: Good}\n  dont_know: Not applicable\n  does_not_apply: Weiß nicht", ["label-opposite"] * 2),
        ("options: {1: Bad, 2: Good}\n  dont_know: I would rather not say\n  does_not_apply: No opinion", []),
        ("options: {1: Bad, 2: Good}\n  does_not_apply: I do not know them\n  dont_know: I cannot say", []),
    ],
)
def test_an_answer_outside_the_scale_is_given_once(tmp_path: Path, rest: str, codes: list[str]) -> None:
    written = write_questions(tmp_path, f"- choice: c\n  text: T?\n  {rest}")
    assert name_codes(check_outside_scale(written.questionnaire)) == codes


@pytest.mark.parametrize(("label", "codes"), [("Weiß ich nicht", ["label-opposite"]), ("Trifft nicht auf mich zu", [])])
def test_does_not_apply_is_not_unknown_in_another_language(tmp_path: Path, label: str, codes: list[str]) -> None:
    head = change_head({"languages": "{en: {name: English}, de: {name: Deutsch}}"})
    question = f"- mark: m\n  text: {{en: Mark?, de: Note?}}\n  does_not_apply: {{en: Does not apply to me, de: {label}}}\n"

    assert name_codes(check_outside_scale(write_questions(tmp_path, question, head).questionnaire)) == codes
