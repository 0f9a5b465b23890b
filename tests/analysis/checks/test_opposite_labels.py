"""Labels that contradict their codes, their place on the scale or the labels around them."""

from __future__ import annotations

from pathlib import Path

import pytest

from survey_engine.analysis.checks.options import check_options
from tests.analysis.checks.advice import name_codes
from tests.writing import change_head, write_questions


def check(tmp_path: Path, question: str) -> list[str]:
    return name_codes(check_options(write_questions(tmp_path, question).questionnaire))


def check_labels(tmp_path: Path, options: str) -> list[str]:
    return check(tmp_path, f"- choice: which\n  text: Which?\n  options: {{{options}}}")


@pytest.mark.parametrize(
    ("options", "codes"),
    [
        ("low: Too high, high: Too low", ["label-opposite"]),
        ("laag: Te hoog, goed: Goed, hoog: Te laag", ["label-opposite"]),
        ("in_agreement: Oneens, disagree: Eens", ["label-opposite"]),
        ("more: Minder, less: Meer", ["label-opposite"]),
        ("young: Älter, old: Jünger", ["label-opposite"]),
        ("daily: Elke week, weekly: Elke dag", ["label-opposite"]),
        ("yes_please: Nee, no_thanks: Ja", ["label-opposite"]),
        ("yes_please: 'Nee, bedankt', no_thanks: 'Ja, graag'", ["label-opposite"]),
        ("monday: Dinsdag, tuesday: Woensdag, wednesday: Maandag", ["label-opposite"]),
        ("january: Februar, february: Januar", ["label-opposite"]),
        ("north: Zuid, south: Noord", ["label-opposite"]),
        ("morning: Avond, evening: Ochtend", ["label-opposite"]),
        ("first: Zweite, second: Erste", ["label-opposite"]),
        ("y2024: '2025', y2025: '2024'", ["label-opposite"]),
        ("under_6: Meer dan 5, over_5: 5 of minder", ["label-opposite"]),
        ("old: Nieuw, new: Oud", ["label-opposite"]),
        ("inside: Pafó, outside: Paden", ["label-opposite"]),
        ("before: Na de les, after: Voor de les", ["label-opposite"]),
        ("three: Vier, four: Drie", ["label-opposite"]),
        ("1: Vijf, 5: Een", ["label-opposite"]),
        ("1: Three times, 2: Twice, 3: One time", []),
        ("monday: Dinsdag, other: Anders", []),
        ("y2024: 2024–2025, y2025: 2025–2026", []),
        ("first: Eerste jaar, second: Tweede jaar", []),
        ("no_change: 'Yes, it is good', yes_change: 'No, it must change'", []),
        ("old_school: New books, new_books: School", []),
        ("low: Too low, high: Too high", []),
        ("more_free: Less work, other: Something else", []),
        ("more_time: Less work, less_travel: Shorter trips", []),
        ("not_more: Less, not_less: More", []),
        ("less_or_more: Less, other: More", []),
    ],
)
def test_a_label_does_not_say_the_opposite_of_its_code(tmp_path: Path, options: str, codes: list[str]) -> None:
    assert check_labels(tmp_path, options) == codes


@pytest.mark.parametrize(
    ("options", "codes"),
    [
        ("1: Nooit, 2: Zelden, 3: Tevreden, 4: Vaak, 5: Altijd", ["other-kind-label"]),
        ("1: Very dissatisfied, 2: Dissatisfied, 3: Neutral, 4: Satisfied, 5: Always", ["other-kind-label"]),
        ("1: Never, 2: Rarely, 3: Neutral, 4: Often, 5: Always", []),
        ("1: I am satisfied with all my lessons, 2: Never, 3: Often, 4: Always", []),
        ("1: Very bad, 2: Bad, 3: Neither good nor bad, 4: Rather bad, 5: Very good", ["label-opposite"]),
        ("1: Very bad, 2: Bad, 3: Neither good nor bad, 4: Rather good, 5: Very good", []),
        ("1: Very bad, 2: Bad, 3: Rather bad, 4: Good, 5: Very good", []),
    ],
)
def test_the_points_of_a_scale_are_of_one_kind(tmp_path: Path, options: str, codes: list[str]) -> None:
    assert check_labels(tmp_path, options) == codes


@pytest.mark.parametrize(
    ("text", "low", "high", "codes"),
    [
        ("How likely is it that you stay?", "Very likely", "Not at all likely", ["label-opposite"]),
        ("How satisfied are you?", "Very satisfied", "Very dissatisfied", ["label-opposite"]),
        ("How satisfied are you?", "Very dissatisfied", "Very satisfied", []),
        ("How was the test?", "Very easy", "Very difficult", []),
        ("How good or bad was it?", "Very good", "Very bad", []),
        ("How anxious are you?", "Not at all anxious", "Completely anxious", []),
    ],
)
def test_the_highest_mark_is_not_the_worst(tmp_path: Path, text: str, low: str, high: str, codes: list[str]) -> None:
    question = f"- mark: m\n  text: {text}\n  from: 0\n  to: 10\n  from_label: {low}\n  to_label: {high}"
    assert check(tmp_path, question) == codes


def test_a_yes_is_no_no_in_a_translation(tmp_path: Path) -> None:
    head = change_head({"languages": "{en: {name: E}, nl: {name: N}}", "title": "{en: X, nl: X}", "background": "", "scales": ""})
    options = "{{sure: {{en: 'Yes', nl: '{}'}}, x: {{en: Perhaps, nl: Misschien}}}}"
    question = f"- choice: c\n  text: {{{{en: Do you?, nl: Doe je het?}}}}\n  options: {options}"
    for label, codes in (("Nee", ["label-opposite"]), ("Ja", [])):
        written = write_questions(tmp_path / label, question.format(label), head)
        assert name_codes(check_options(written.questionnaire)) == codes
