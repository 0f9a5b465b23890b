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


@pytest.mark.parametrize(
    ("labels", "codes"),
    [
        ("Oneens, Neutraal, Eens", []),
        ("Eens, Neutraal, Oneens", ["label-exchanged"]),
        ("Niet mee eens, Weet niet, Wel mee eens", []),
        ("Nee, Misschien, Ja", []),
        ("Klein, Groot, Enorm", []),
    ],
)
def test_a_scale_that_is_turned_round_in_one_language_is_reported(tmp_path: Path, labels: str, codes: list[str]) -> None:
    assert check_labels(tmp_path, "Disagree, Neutral, Agree", labels) == codes


@pytest.mark.parametrize(
    ("source", "labels", "codes"),
    [
        ("Very bad, Bad, Good, Very good", "Heel slecht, Slecht, Goed, Heel goed", []),
        ("Very bad, Bad, Good, Very good", "Slecht, Heel slecht, Goed, Heel goed", ["label-exchanged"]),
        ("Very bad, Bad, Good, Very good", "Slecht, Matig, Goed, Heel goed", []),
        ("Yes, No", "Ja, Nee", []),
        ("Yes, No", "Nee, Ja", ["label-exchanged"]),
        ("Yes, No, I do not know", "Ja, Nee, Weet ik niet", []),
    ],
)
def test_labels_that_are_exchanged_in_one_language_are_reported(
    tmp_path: Path, source: str, labels: str, codes: list[str]
) -> None:
    assert check_labels(tmp_path, source, labels) == codes


GERMAN = DUTCH.replace("nl: {name: Nederlands}", "nl: {name: Deutsch, locale: de}")
PAPIAMENTO = DUTCH.replace("nl: {name: Nederlands}", "nl: {name: Papiamentu, locale: pap}")


@pytest.mark.parametrize(
    ("head", "source", "labels", "codes"),
    [
        (GERMAN, "Strongly disagree, Agree", "Stimme überhaupt nicht zu, Stimme eher zu", []),
        (GERMAN, "Strongly disagree, Strongly agree", "Stimme völlig zu, Stimme überhaupt nicht zu", ["label-exchanged"]),
        (GERMAN, "Slightly disagree, Slightly agree", "Stimme eher zu, Stimme eher nicht zu", ["label-exchanged"]),
        (GERMAN, "Not like me, Very much like me", "Passt nicht zu mir, Passt sehr gut zu mir", []),
        (GERMAN, "Not like me, Very much like me", "Passt sehr gut zu mir, Passt nicht zu mir", ["label-exchanged"]),
        (GERMAN, "Not difficult at all, Very difficult", "Überhaupt nicht, Sehr", []),
        (GERMAN, "Very unpleasant, Very pleasant", "Sehr angenehm, Sehr unangenehm", ["label-exchanged"]),
        (
            GERMAN,
            "Several days, More than half the days",
            "An mehr als der Hälfte der Tage, An einzelnen Tagen",
            ["label-exchanged"],
        ),
        (PAPIAMENTO, "Disagree, Agree", "Na desakuerdo, Di akuerdo", []),
        (PAPIAMENTO, "Disagree, Agree", "Di akuerdo, Na desakuerdo", ["label-exchanged"]),
        (PAPIAMENTO, "Never, Rarely", "Rara bes, Nunka", ["label-exchanged"]),
    ],
)
def test_degrees_rise_alike_in_all_languages(tmp_path: Path, head: str, source: str, labels: str, codes: list[str]) -> None:
    assert check_labels(tmp_path, source, labels, head) == codes


def check_labels(tmp_path: Path, source: str, labels: str, head: str = DUTCH) -> list[str]:
    pairs = zip(source.split(", "), labels.split(", "), strict=True)
    options = ", ".join(f"{n}: {{text: {{en: '{one}', nl: '{other}'}}}}" for n, (one, other) in enumerate(pairs, 1))
    written = write_questions(tmp_path, f"- choice: view\n  text: {{en: View?, nl: T?}}\n  options: {{{options}}}", head)
    return name_codes(check_opposites(written.questionnaire))
