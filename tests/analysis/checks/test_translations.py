"""Translations have the markup and the numbers of their source."""

from __future__ import annotations

from pathlib import Path

import pytest

from survey_engine.analysis.checks.translations import check_translations
from tests.analysis.checks.advice import name_codes
from tests.writing import HEAD, write_questions

HEADS = {
    "nl": HEAD.replace("{en: {name: English}}", "{en: {name: English}, nl: {name: Nederlands}}"),
    "simple": HEAD.replace("{en: {name: English}}", "{en: {name: English}, nl: {name: Simple, based_on: en}}"),
}


@pytest.mark.parametrize(
    ("source", "wording", "codes"),
    [
        ("How *was* it?", "Hoe *was* het?", []),
        ("How *was* it?", "Hoe was het?", ["markup-differs"]),
        ("How *was* it?", "Hoe **was** het?", []),
        ("See [this](https://a.example)", "Zie [dit](https://a.example)", []),
        ("See [this](https://a.example)", "Zie [dit](https://b.example)", ["markup-differs"]),
        ("So 2 * 3 is 6", "Dus 2 * 3 is 6", []),
        ("From 10 to 15 minutes", "Van 10 tot 20 minuten", ["numbers-differ"]),
        ("From 10 to 15 minutes", "Ongeveer 10 minuten", ["numbers-differ"]),
        ("About 1,000 people", "Ongeveer 1.000 mensen", []),
        ("One cup", "1 kopje", []),
        ("At 5 p.m.", "Om 17.00 uur", []),
        ("From 5 to 7 p.m.", "Van 17.00 tot 19.00 uur", []),
        ("Before 9 a.m.", "Voor 9.00 uur", []),
        ("After 9:30 pm", "Na 21:30 uur", []),
        ("At 5 p.m.", "Om 17 uur", []),
        ("At 5 p.m.", "Om 18.00 uur", ["numbers-differ"]),
        ("At 9:30 am", "Om 21.30 uur", ["numbers-differ"]),
        ("At 17:00", "Om 17:30", ["numbers-differ"]),
        ("In 17.00 cases", "In 1700 gevallen", []),
        ("See [this](https://a.example/en/work)", "Zie [dit](https://a.example/nl/werk)", []),
        ("See [this](https://a.example/work)", "Zie [dit](https://a.example/werk?lang=nl)", []),
        ("See [this](https://www.a.example/work)", "Zie [dit](https://nl.a.example/werk)", []),
        ("See [this](https://a.example/work)", "Zie [dit](https://a.example/werk)", ["markup-differs"]),
        ("See [this](https://a.example/en/work)", "Zie [dit](https://b.example/nl/werk)", ["markup-differs"]),
        ("See [this](https://a.example/en/work)", "Zie *[dit](https://a.example/nl/werk)*", ["markup-differs"]),
        ("Write to [us](mailto:help@a.example)", "Mail [ons](mailto:hulp@a.example)", []),
        ("Write to [us](mailto:help@a.example)", "Mail [ons](mailto:help@a.test)", ["markup-differs"]),
        ("How was your week?", "How was your week?", ["untranslated"]),
        ("How was it?", "How was it?", ["untranslated"]),
        ("Word, Excel?", "Word, Excel?", []),
    ],
)
def test_markup_and_numbers_are_those_of_the_source(tmp_path: Path, source: str, wording: str, codes: list[str]) -> None:
    questions = f'- mark: week\n  text: {{en: "{source}", nl: "{wording}"}}'

    assert name_codes(check_translations(write_questions(tmp_path, questions, HEADS["nl"]).questionnaire)) == codes


def test_a_variant_of_the_same_language_may_keep_a_text(tmp_path: Path) -> None:
    head = HEADS["simple"].replace("{name: Simple,", "{name: Simple, locale: en,")
    questions = '- mark: week\n  text: {en: "How was your week?", nl: "How was your week?"}'

    assert name_codes(check_translations(write_questions(tmp_path, questions, head).questionnaire)) == []


@pytest.mark.parametrize(("wording", "codes"), [("About 10 minutes", []), ("About 20 minutes", ["numbers-differ"])])
def test_a_simpler_variant_may_leave_a_number_out_but_not_bring_one_in(tmp_path: Path, wording: str, codes: list[str]) -> None:
    questions = f'- mark: week\n  text: {{en: "From 10 to 15 minutes", nl: "{wording}"}}'

    assert name_codes(check_translations(write_questions(tmp_path, questions, HEADS["simple"]).questionnaire)) == codes


def test_a_text_that_equals_a_third_language_is_reported(tmp_path: Path) -> None:
    languages = "{en: {name: English}, nl: {name: Nederlands}, de: {name: Deutsch}, at: {name: Austrian, locale: de_AT}}"
    texts = "{en: How was your week?, nl: Hoe was je week?, de: Hoe was je week?, at: Wie war die Woche?}"
    head = HEAD.replace("{en: {name: English}}", languages)
    (problem,) = check_translations(write_questions(tmp_path, f"- mark: week\n  text: {texts}", head).questionnaire)
    assert (problem.code, problem.facts["language"], problem.facts["same"]) == ("untranslated", "de", "nl")


@pytest.mark.parametrize(
    ("source", "language", "codes"),
    [
        ("Is the food any good?", "nl", ["same-translation"]),
        ("What else do you want us to know?", "nl", []),
        ("Is the food any good?", "simple", []),
    ],
)
def test_a_translation_belongs_to_one_source(tmp_path: Path, source: str, language: str, codes: list[str]) -> None:
    texts = ("What else would you like to tell us?", source)
    questions = "\n".join(
        f'- open: q{number}\n  text: {{en: "{text}", nl: "Wat wil je nog vertellen?"}}' for number, text in enumerate(texts)
    )
    assert name_codes(check_translations(write_questions(tmp_path, questions, HEADS[language]).questionnaire)) == codes
