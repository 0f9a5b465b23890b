"""Words and sentences that readers of simple Dutch stumble over, in every kind of text."""

from __future__ import annotations

from pathlib import Path

import pytest

from survey_engine.analysis.checks.simple_words import check_simple_words
from tests.writing import HEAD, write_questions

SIMPLER = HEAD.replace("{en: {name: English}}", "{en: {name: English}, nt2: {name: Makkelijk, locale: nl@nt2, based_on: en}}")


def find(folder: Path, questions: str, head: str = SIMPLER) -> list[tuple[str, object]]:
    problems = check_simple_words(write_questions(folder, questions, head).questionnaire)
    return [(problem.code, problem.facts.get("word")) for problem in problems]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Praat met iemand, bijv. je mentor.", [("abbreviation", "bijv.")]),
        ("Op school of stage, enz.", [("abbreviation", "enz.")]),
        ("Van week 1 t/m week 4.", [("abbreviation", "t/m")]),
        ("Wat vind je o.a. van je mentor?", [("abbreviation", "o.a.")]),
        ("De school houdt je op de hoogte.", [("figure-of-speech", "op de hoogte")]),
        ("Houdt je school rekening met jou?", []),
        ("Kan de school rekening houden met jou?", [("figure-of-speech", "rekening houden met")]),
        ("Bijvoorbeeld je mentor, of maximaal twee.", []),
        ("Ken je de nr. 1?", [("abbreviation", "nr.")]),
        ("Ben je blij op de hoogteboerderij?", []),
    ],
)
def test_abbreviations_and_figures_of_speech_are_named(tmp_path: Path, text: str, found: list[tuple[str, str]]) -> None:
    assert find(tmp_path, f'- mark: week\n  text: {{en: "{text}", nt2: "{text}"}}') == found


def test_titles_and_options_are_read_too(tmp_path: Path) -> None:
    questions = "- choice: week\n  text: {en: A, nt2: B}\n  options: {a: {en: A, nt2: 1 t/m 3}, b: {en: B, nt2: Dag}}"
    assert find(tmp_path, questions) == [("abbreviation", "t/m")]


@pytest.mark.parametrize(("text", "count"), [("Of je de lessen snapt.", 1), ("Offertes snap ik.", 0), ("Ik weet of je komt.", 0)])
def test_a_statement_is_a_whole_sentence(tmp_path: Path, text: str, count: int) -> None:
    head = SIMPLER + "scales:\n  agree: {1: {en: No, nt2: Nee}, 2: {en: Yes, nt2: Ja}}\n"
    questions = (
        f"- grid: week\n  text: {{en: A, nt2: Of je het leuk vindt?}}\n  scale: agree\n  items:\n    one: {{en: A, nt2: {text}}}"
    )
    assert find(tmp_path, questions, head) == [("half-sentence", None)] * count


def test_a_language_that_simplifies_no_other_may_have_them(tmp_path: Path) -> None:
    head = SIMPLER.replace("locale: nl@nt2, based_on: en", "locale: nl")
    assert not find(tmp_path, "- mark: week\n  text: {en: Bijv. op de hoogte, nt2: Bijv. op de hoogte}", head)
