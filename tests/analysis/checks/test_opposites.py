"""Translated labels that are exchanged."""

from __future__ import annotations

from pathlib import Path

import pytest

from survey_engine.analysis.checks.opposites import check_opposites
from tests.analysis.checks.advice import name_codes
from tests.writing import HEAD, write_questions

DUTCH = HEAD.replace("{en: {name: English}}", "{en: {name: English}, nl: {name: Nederlands}}")


@pytest.mark.parametrize(
    ("labels", "codes"),
    [
        ((("Too low", "Te hoog"), ("Too high", "Te laag")), ["label-exchanged"]),
        ((("Too low", "Te laag"), ("Good", "Goed"), ("Too high", "Te hoog")), []),
        ((("Hard", "Makkelijk"), ("Easy", "Moeilijk")), ["label-exchanged"]),
        ((("Rarely", "Niet vaak"), ("Often", "Vaak")), []),
        ((("A coach", "Een begeleider"), ("Nobody", "Iedereen")), ["label-exchanged"]),
        ((("Everything", "Niets"), ("The food", "Het eten")), ["label-exchanged"]),
        ((("Nobody told me", "Iedereen weet het"), ("Nobody", "Niemand")), []),
        ((("Certainly not", "Zeker wel"), ("Perhaps", "Misschien"), ("Certainly", "Zeker niet")), ["label-exchanged"]),
        ((("Certainly not", "Zeker niet"), ("Certainly", "Zeker wel")), []),
        ((("Not safe", "Onveilig"), ("Unhappy", "Niet blij")), []),
        ((("Less often", "Minder vaak"), ("More often", "Vaker")), []),
    ],
)
def test_exchanged_ends_in_a_translation_are_reported(tmp_path: Path, labels: tuple, codes: list[str]) -> None:
    options = ", ".join(f"o{number}: {{text: {{en: {en}, nl: {nl}}}}}" for number, (en, nl) in enumerate(labels))
    written = write_questions(tmp_path, f"- choice: c\n  text: {{en: T?, nl: T?}}\n  options: {{{options}}}", DUTCH)
    assert name_codes(check_opposites(written.questionnaire)) == codes
