"""Limits for sentences and words; stricter for simplified language variants."""

from __future__ import annotations

from pathlib import Path

import pytest

from survey_engine.analysis.checks.readability import check_readability, list_sentences
from tests.writing import HEAD, write_questions

SIMPLER = HEAD.replace("{en: {name: English}}", "{en: {name: English}, simple: {name: Simple, locale: en, based_on: en}}")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("one " * 12, []),
        ("one " * 13, [("long-sentence", "simple")]),
        ("one " * 25, [("long-sentence", "simple")]),
        ("one " * 26, [("long-sentence", "en"), ("long-sentence", "simple")]),
        ("one " * 12 + ". " + "one " * 12, []),
        ("one " * 7 + ": " + "one " * 7, [("long-sentence", "simple")]),
        ("a" * 18, []),
        (f"See [this](https://example.org/{'a' * 27}) or {'a' * 27}@example.org", []),
        ("a" * 19, [("hard-word", "simple")]),
        ("a" * 27, [("hard-word", "en"), ("hard-word", "simple")]),
    ],
)
def test_the_limit_is_lower_in_a_variant_that_simplifies(tmp_path: Path, text: str, found: list[tuple[str, str]]) -> None:
    questions = f'- mark: week\n  text: {{en: "{text}", simple: "{text}"}}'
    problems = check_readability(write_questions(tmp_path, questions, SIMPLER).questionnaire)

    assert [(problem.code, problem.facts["language"]) for problem in problems] == found


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Ken je de vertrouwenspersoon?", ["vertrouwenspersoon"]),
        ("Praat met de vertrouwenspersoon van {school}. Die luistert.", []),
        ("De studentenraad (studenten die praten met de school)", []),
        ("De lessen burgerschap. Wat vind je?", ["burgerschap"]),
        ("Ken je je mentor?", []),
    ],
)
def test_a_variant_that_simplifies_explains_words_of_education(tmp_path: Path, text: str, words: list[str]) -> None:
    head = SIMPLER.replace("locale: en, based_on", "locale: nl@nt2, based_on") + "terms: {school: {en: school, simple: school}}\n"
    questions = f'- mark: a\n  text: {{en: "{text}", simple: "{text}"}}\n- mark: b\n  text: {{en: "{text}", simple: "{text}"}}'
    problems = check_readability(write_questions(tmp_path, questions, head).questionnaire)

    assert [p.facts["word"] for p in problems if p.code == "unexplained-word"] == words


def test_response_options_are_not_read_as_sentences(tmp_path: Path) -> None:
    questions = f"- choice: size\n  text: Size?\n  options: {{a: {'one ' * 30}, b: B}}"

    assert list(check_readability(write_questions(tmp_path, questions).questionnaire)) == []


def test_a_sentence_ends_at_a_full_stop_and_a_placeholder_is_one_word() -> None:
    assert list_sentences("Think of {school}. Was *it* good?\n\nSay [so](https://a.example)!") == [
        "Think of x",
        "Was it good",
        "Say so",
    ]
