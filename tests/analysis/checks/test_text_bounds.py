"""Bounds of numbers and dates that their texts exclude."""

from __future__ import annotations

from pathlib import Path

import pytest

from survey_engine.analysis.checks.options import check_options
from survey_engine.analysis.checks.text_bounds import check_text_bounds
from tests.analysis.checks.advice import name_codes
from tests.writing import change_head, write_questions

HEAD = change_head({"edition": "2026"})


def check(tmp_path: Path, text: str, rest: str, kind: str = "number") -> list[str]:
    written = write_questions(tmp_path, f"- {kind}: q\n  text: '{text}'\n  {rest}", HEAD)
    return name_codes(check_text_bounds(written.questionnaire))


@pytest.mark.parametrize(
    ("text", "high"),
    [
        ("Hoeveel dagen per week sport je?", 31),
        ("How many days do you play a week?", 70),
        ("Wie viele Tage pro Woche trainierst du?", 10),
        ("Kuantu dia pa siman bo ta traha?", 31),
        ("Hoeveel uur slaap je per dag?", 48),
        ("How many hours a week do you train?", 1680),
        ("How many minutes an hour do you rest?", 600),
        ("Hoeveel maanden per jaar ben je weg?", 52),
        ("How many weeks a year are you away?", 520),
        ("Hoeveel procent van de tijd sport je?", 200),
        ("What percentage of the time do you play?", 200),
        ("How old are you?", 2015),
        ("Hoe oud ben je?", 200),
        ("In welk jaar werd je lid?", 120),
        ("In which year did you join?", 120),
    ],
)
def test_a_period_or_age_has_a_greatest_number(tmp_path: Path, text: str, high: int) -> None:
    assert check(tmp_path, text, f"to: {high}") == ["setting-differs"]


@pytest.mark.parametrize(
    ("text", "high"),
    [
        ("How many days a week do you play?", 7),
        ("How many days a week do you play?", 5),
        ("How many hours a week do you train?", 168),
        ("How many hours a week do you and your team train together?", 400),
        ("How many hours a week does your school teach?", 900),
        ("How many days did you work more than 8 hours a day?", 60),
        ("How many days of leave did you book last week?", 25),
        ("How many days is your course of two days a week?", 60),
        ("How many times a week do you play?", 30),
        ("How many days in a row did you play?", 100),
        ("By what percentage did your income change?", 200),
        ("Hoeveel procent van je oude loon verdien je nu?", 150),
        ("How old are you?", 120),
        ("How old is the building?", 900),
        ("In which year are you of your programme?", 6),
        ("In which year did you join?", 2026),
        ("In which year did you join (two digits)?", 99),
        ("In which year did you do your placement?", 4),
    ],
)
def test_numbers_that_a_text_allows_are_right(tmp_path: Path, text: str, high: int) -> None:
    assert check(tmp_path, text, f"to: {high}") == []


def test_a_unit_names_a_period_too(tmp_path: Path) -> None:
    assert check(tmp_path, "How much do you play?", "to: 31\n  unit: days a week") == ["setting-differs"]
    assert check(tmp_path / "x", "How old are you?", "to: 1200\n  unit: months") == []


@pytest.mark.parametrize(
    ("text", "latest", "codes"),
    [
        ("On which day did you join?", "2036-12-18", ["setting-differs"]),
        ("Wanneer ben je geboren?", "2100-12-31", ["setting-differs"]),
        ("Op welke dag werd je lid?", "2036-12-18", ["setting-differs"]),
        ("Wann bist du umgezogen?", "2036-12-18", ["setting-differs"]),
        ("On which day did you join?", "2026-12-18", []),
        ("On which day did you join?", "2027-12-31", []),
        ("Wanneer ben je klaar?", "2036-12-18", []),
        ("Wanneer heb je tentamen?", "2036-12-18", []),
        ("When will you be ready?", "2036-12-18", []),
    ],
)
def test_a_day_in_the_past_is_not_years_after_the_edition(tmp_path: Path, text: str, latest: str, codes: list[str]) -> None:
    assert check(tmp_path, text, f"from: 1950-01-01\n  to: {latest}", "date") == codes


def test_a_number_has_more_than_one_answer(tmp_path: Path) -> None:
    written = write_questions(tmp_path, "- number: q\n  text: How many?\n  from: 5\n  to: 5")
    assert name_codes(check_options(written.questionnaire)) == ["single-option"]
