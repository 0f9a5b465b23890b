"""Translations that exchange a number in words, a period, a day or a mail box, and forms of address."""

from __future__ import annotations

from pathlib import Path

import pytest

from survey_engine.analysis.checks.translated_words import check_translated_words
from tests.analysis.checks.advice import name_codes
from tests.writing import change_head, write_questions

HEAD = change_head(
    {
        "source_language": "nl",
        "title": "{nl: X, en: X, de: X, nt2: X}",
        "languages": "{nl: {name: N}, en: {name: E}, de: {name: D}, nt2: {name: S, based_on: nl, locale: nl}}",
        "background": "",
        "scales": "",
    }
)


def check(tmp_path: Path, source: str, language: str, wording: str) -> list[str]:
    texts = {"nl": source, "en": "", "de": "", "nt2": ""} | {language: wording}
    written = "".join(f"\n    {code}: '{text or 'x'}'" for code, text in texts.items())
    return name_codes(
        check_translated_words(write_questions(tmp_path, f"- information: i\n  text: {written}", HEAD).questionnaire)
    )


@pytest.mark.parametrize(
    ("odd", "codes"),
    [
        ("Wofür kommen Sie?", ["other-address"]),
        ("Was sagt Ihnen das?", ["other-address"]),
        ("Die Leute sind nett. Sie helfen.", []),
        ("Wofür kommst du?", []),
    ],
)
def test_german_sie_among_du_is_reported(tmp_path: Path, odd: str, codes: list[str]) -> None:
    texts = [*(f"Kennst du Text {number}?" for number in range(12)), odd]
    rows = "".join(f"    row_{number}: {{nl: Tekst {number}, de: '{text}'}}\n" for number, text in enumerate(texts))
    questions = f"- grid: know\n  text: {{nl: Tekst, de: Text}}\n  scale: agree\n  items:\n{rows}"
    head = change_head(
        {
            "source_language": "nl",
            "title": "{nl: X, de: X}",
            "languages": "{nl: {name: N}, de: {name: D}}",
            "background": "",
            "scales": "{agree: {1: {nl: Nee, de: Nein}, 2: {nl: Ja, de: Ja}}}",
        }
    )
    assert name_codes(check_translated_words(write_questions(tmp_path, questions, head).questionnaire)) == codes


@pytest.mark.parametrize(
    ("source", "language", "wording"),
    [
        ("Was je de afgelopen vier weken ziek?", "en", "Were you ill in the past two weeks?"),
        ("De club heeft honderd leden.", "en", "The club has a thousand members."),
        ("Drie keer per jaar", "de", "Fünf Mal im Jahr"),
        ("Train je elke week?", "en", "Do you train every month?"),
        ("Was je dit jaar ziek?", "de", "Warst du diesen Monat krank?"),
        ("Was je de afgelopen week ziek?", "nt2", "Was je de laatste maand ziek?"),
        ("Hoeveel uur per week train je?", "en", "How many hours a day do you train?"),
        ("Drie keer per jaar", "en", "Three times a month"),
        ("5 tot 10 km", "en", "5 to 10 miles"),
        ("Het toernooi is in mei.", "en", "The cup is in March."),
        ("Het toernooi is in maart.", "en", "The cup is in May."),
        ("Het toernooi is op zaterdag.", "de", "Das Turnier ist am Sonntag."),
        ("Mail [ons](mailto:sport@example.org).", "en", "Mail [us](mailto:sports@example.org)."),
    ],
)
def test_a_translation_exchanges_no_words_of_number_time_or_place(
    tmp_path: Path, source: str, language: str, wording: str
) -> None:
    assert check(tmp_path, source, language, wording) == ["words-differ"]


@pytest.mark.parametrize(
    ("source", "language", "wording"),
    [
        ("De afgelopen twee weken", "en", "In the past two weeks"),
        ("De afgelopen twee weken", "en", "In the past 14 days"),
        ("Het afgelopen half jaar", "en", "In the past six months"),
        ("Anderhalf jaar", "de", "18 Monate"),
        ("Zeven dagen", "en", "One week"),
        ("Om half zes", "en", "At half past five"),
        ("Om vijf voor zes", "en", "At five to six"),
        ("Een paar dagen", "en", "Some time this week"),
        ("Vorige week", "nt2", "De laatste dagen"),
        ("Elke week twee keer", "en", "Twice every week"),
        ("Hoeveel uur per week?", "en", "How many hours a week?"),
        ("Per maand, in maart", "en", "Each month, in March"),
        ("In maart ben je klaar", "en", "May be you are ready in March"),
        ("In maart ben je klaar", "en", "You may be ready"),
        ("Mail [ons](mailto:hulp@example.org).", "en", "Mail [us](mailto:help@example.org)."),
        ("Mail [ons](mailto:info-nl@example.org).", "en", "Mail [us](mailto:info-en@example.org)."),
        ("Een op de vijf", "en", "One in five"),
        ("Overdag, min of meer", "en", "By day, more or less"),
    ],
)
def test_a_translation_may_say_it_otherwise(tmp_path: Path, source: str, language: str, wording: str) -> None:
    assert check(tmp_path, source, language, wording) == []


def test_the_minutes_of_a_text_are_no_hours(tmp_path: Path) -> None:
    assert check(tmp_path, "Het duurt {minutes} uur.", "en", "It takes {minutes} minutes.") == ["setting-differs"]


@pytest.mark.parametrize(
    ("odd", "codes"),
    [("Luistert u naar uw trainer?", ["other-address"]), ("Zegt je trainer “u” tegen je?", []), ("Hier is de U-bocht.", [])],
)
def test_most_texts_say_which_form_of_address_is_meant(tmp_path: Path, odd: str, codes: list[str]) -> None:
    head = change_head({"source_language": "nl", "languages": "{nl: {name: N}}"})
    many = "".join(f"- information: i{number}\n  text: 'Dit is je tekst {number}.'\n" for number in range(10))
    written = write_questions(tmp_path, f"{many}- information: odd\n  text: '{odd}'", head)
    assert name_codes(check_translated_words(written.questionnaire)) == codes
