"""Texts of questions that contradict their settings."""

from __future__ import annotations

from pathlib import Path

import pytest

from survey_engine.analysis.checks.options import check_options
from survey_engine.analysis.checks.text_settings import check_text_settings
from tests.analysis.checks.advice import name_codes
from tests.writing import HEAD, write_questions

SATISFIED = HEAD.replace("agree: {1: Disagree, 2: Neutral, 3: Agree}", "satisfied: {1: Dissatisfied, 2: Neutral, 3: Satisfied}")


def check(tmp_path: Path, text: str, rest: str, kind: str = "number", head: str = HEAD) -> list[str]:
    written = write_questions(tmp_path, f"- {kind}: q\n  text: '{text}'\n  {rest}", head)
    return name_codes(check_text_settings(written.questionnaire))


@pytest.mark.parametrize(
    ("text", "unit", "codes"),
    [
        ("How many minutes do you work?", "hours", ["setting-differs"]),
        ("Hoeveel uur duurt je reis?", "minuten", ["setting-differs"]),
        ("How many hours a week do you work?", "hours", []),
        ("How many hours do you work?", "per week", []),
        ("How many hours do you work? Write it in minutes.", "minutes", []),
        ("How many times a week do you cook?", "times per week", []),
        ("How many friends do you have?", "friends", []),
        ("How many euros of rent do you pay?", "pounds", ["setting-differs"]),
        ("How far is it? Enter the number of miles.", "km", ["setting-differs"]),
        ("How long is it? Enter minutes.", "hours", ["setting-differs"]),
        ("Hoe lang duurt het? Vul het aantal minuten in.", "uur", ["setting-differs"]),
        ("How long is it? Give the hours that you work in most weeks.", "weeks", []),
    ],
)
def test_a_text_asks_for_the_unit_of_its_number(tmp_path: Path, text: str, unit: str, codes: list[str]) -> None:
    assert check(tmp_path, text, f"to: 60\n  unit: {unit}") == codes


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("How many days a week (0 to 80)?", ["setting-differs"]),
        ("How many days a week (0 to 7)?", []),
        ("How many hours at work (9 to 17)?", []),
        ("How many of weeks 1 to 3?", []),
        ("How many days a week? Enter a number from 0 to 10.", ["setting-differs"]),
        ("Hoeveel dagen? Vul een getal in van 0 tot en met 10.", ["setting-differs"]),
        ("Wie viele Tage? Von 1 bis 20.", ["setting-differs"]),
        ("How many days? From 0 to 7.", []),
        ("How many days were you there from 9 to 17?", []),
        ("How many of your children are aged 5 to 15?", []),
    ],
)
def test_a_text_names_the_bounds_of_its_number(tmp_path: Path, text: str, codes: list[str]) -> None:
    assert check(tmp_path, text, "to: 7") == codes


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Tell us in at most 500 characters.", ["setting-differs"]),
        ("Vertel het in hoogstens 200 tekens.", []),
        ("Tell us in at most 40 words.", []),
        ("Tell us in 100 words.", ["setting-differs"]),
        ("Vertel het in honderd woorden.", ["setting-differs"]),
        ("Vertel het in hoogstens 140 tekens.", ["setting-differs"]),
        ("Please keep to 1000 characters.", ["setting-differs"]),
        ("Bitte innerhalb von 300 Zeichen.", ["setting-differs"]),
        ("Gebruik maximaal 80 tekens.", ["setting-differs"]),
        ("Gebruik maximaal 150 tekens.", []),
        ("Tell us in a few sentences.", []),
    ],
)
def test_a_text_does_not_promise_more_characters(tmp_path: Path, text: str, codes: list[str]) -> None:
    assert check(tmp_path, text, "max_length: 200", "open") == codes


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("When did you start (after 1 January 2020)?", ["setting-differs"]),
        ("Wanneer begon je, sinds 2021?", ["setting-differs"]),
        ("When did you start, after 31 December 2021?", []),
        ("When did you start, after 2021?", []),
        ("When did you start, from 2022?", []),
        ("When did you start, after 31 February 2020?", []),
    ],
)
def test_a_text_does_not_promise_an_earlier_date(tmp_path: Path, text: str, codes: list[str]) -> None:
    assert check(tmp_path, text, "from: 2022-01-01\n  to: 2026-12-31", "date") == codes


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("How? You may choose more than one answer.", ["setting-differs"]),
        ("Hoe? Je mag meer antwoorden kiezen.", ["setting-differs"]),
        ("How? Select all that apply.", ["setting-differs"]),
        ("Hoe? Meerdere antwoorden mogelijk.", ["setting-differs"]),
        ("Do you have more than one job?", []),
        ("Did more than one answer change?", []),
        ("Er zijn meer opties dan je denkt. Wat kies je?", []),
        ("How? You may not choose more than one answer.", []),
    ],
)
def test_a_text_does_not_promise_several_answers(tmp_path: Path, text: str, codes: list[str]) -> None:
    assert check(tmp_path, text, "options: {bike: By bike, train: By train}", "choice") == codes


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Which do you want? Tick one box only.", ["setting-differs"]),
        ("Welke wil je? Kies één antwoord.", ["setting-differs"]),
        ("Was willst du? Wähle nur eine Antwort.", ["setting-differs"]),
        ("Which do you want? Choose at least one answer.", []),
        ("Which do you want? Choose more than one answer.", []),
        ("Which do you want? Choose one or two.", []),
    ],
)
def test_a_text_does_not_promise_a_single_answer(tmp_path: Path, text: str, codes: list[str]) -> None:
    assert check(tmp_path, text, "options: {bike: By bike, train: By train}", "multiple") == codes


@pytest.mark.parametrize(
    ("text", "scale", "codes"),
    [
        ("How often is this true?", "agree", ["setting-differs"]),
        ("How satisfied are you?", "agree", ["setting-differs"]),
        ("How often is this true?", "satisfied", ["setting-differs"]),
        ("How satisfied are you?", "satisfied", []),
        ("What do you think?", "agree", []),
        ("How important is this?", "agree", ["setting-differs"]),
        ("To what extent do you agree or disagree?", "satisfied", ["setting-differs"]),
        ("To what extent do you agree or disagree?", "agree", []),
        ("In hoeverre ben je het eens met deze zinnen?", "satisfied", ["setting-differs"]),
        ("Ben je tevreden of ontevreden?", "agree", ["setting-differs"]),
        ("Ben je tevreden of ontevreden?", "satisfied", []),
    ],
)
def test_a_scale_answers_its_question(tmp_path: Path, text: str, scale: str, codes: list[str]) -> None:
    head = SATISFIED if scale == "satisfied" else HEAD
    assert check(tmp_path, text, f"scale: {scale}", "choice", head) == codes


def test_a_number_of_times_answers_how_often(tmp_path: Path) -> None:
    assert check(tmp_path, "How often do you agree?", "options: {a: Once, b: I agree daily, c: I agree weekly}", "choice") == []


def test_satisfaction_is_not_answered_by_problems(tmp_path: Path) -> None:
    options = "options: {1: Not a problem, 2: A small problem, 3: A big problem}"
    assert check(tmp_path, "How satisfied are you with your home?", options, "choice") == ["setting-differs"]
    assert check(tmp_path / "x", "How much of a problem is your home?", options, "choice") == []


@pytest.mark.parametrize(
    ("kind", "text", "rest", "codes"),
    [
        ("open", "Vertel het in een paar zinnen.", "max_length: 5", ["setting-differs"]),
        ("open", "Tell us in one word.", "max_length: 20", []),
        ("open", "What stood out? (required)", "max_length: 200", ["setting-differs"]),
        ("open", "Wat viel op? (verplicht)", "max_length: 200", ["setting-differs"]),
        ("open", "Welke vakken zijn verplicht?", "max_length: 200", []),
        ("number", "Welk cijfer geef je de club van 1 tot 10?", "to: 100", ["setting-differs"]),
        ("number", "Welk cijfer geef je de club van 1 tot 10?", "from: 1\n  to: 10", []),
        ("number", "How many of your marks were from 1 to 10%?", "to: 100", []),
        ("mark", "How was it?", "help: Give a mark from 0 to 10.", ["bounds-differ"]),
        ("mark", "How was it?", "help: Give a mark from 1 to 10.", []),
        ("mark", "Geef een cijfer van nul tot tien.", "tested: true", ["bounds-differ"]),
        ("mark", "Geef een cijfer van één tot tien.", "tested: true", []),
        ("mark", "How was it?", "help: 1 is very bad and 5 is very good.", ["bounds-differ"]),
        ("mark", "How was it?", "help: A 1 is very bad and a 10 is very good.", []),
        ("mark", "How was it?", "help: A 6 is enough and an 8 is very good.", []),
        ("mark", "How was it?", "help: It takes 0 to 5 minutes.", []),
    ],
)
def test_help_and_text_agree_with_the_field(tmp_path: Path, kind: str, text: str, rest: str, codes: list[str]) -> None:
    questionnaire = write_questions(tmp_path, f"- {kind}: q\n  text: '{text}'\n  {rest}").questionnaire
    assert name_codes((*check_text_settings(questionnaire), *check_options(questionnaire))) == codes


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("What do you think of these five statements?", ["setting-differs"]),
        ("Wat vind je van deze 3 zinnen?", ["setting-differs"]),
        ("What do you think of these two statements?", []),
        ("What do you think of these statements on five topics?", []),
    ],
)
def test_a_text_names_the_number_of_statements(tmp_path: Path, text: str, codes: list[str]) -> None:
    assert check(tmp_path, text, "scale: agree\n  items: {a: The pitch is level, b: The grass is short}", "grid") == codes
