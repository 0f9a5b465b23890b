"""Short texts in the language of another variant, exchanged languages, mail boxes, and titles of other modules."""

from __future__ import annotations

from pathlib import Path

import pytest

from survey_engine.analysis.checks.short_translations import check_short_translations
from tests.analysis.checks.advice import THREE_LANGUAGES, name_codes
from tests.writing import ask, write_questions, write_sections


@pytest.mark.parametrize(
    ("nl", "en", "de", "codes"),
    [
        ("Thuis", "At home", "At home", ["untranslated"]),
        ("De boot", "The boat", "The boat", ["untranslated"]),
        ("De schaakclub", "The chess club", "De schaakclub", ["untranslated"]),
        ("dagen", "days", "dagen", ["untranslated"]),
        ("De Hub", "De Hub", "De Hub", []),
        ("Film", "Films", "Film", []),
        ("In", "In", "An", []),
        ("Assen", "Assen", "Assen", []),
        ("The people take their time", "De mensen nemen de tijd", "Sie nehmen sich Zeit", ["languages-exchanged"]),
        ("De mensen nemen de tijd", "The people take their time", "Sie nehmen sich Zeit", []),
        ("Mail desk@example.org", "Mail desk@example.org", "Mail dest@example.org", ["words-differ"]),
        ("Mail hulp@example.org", "Mail hulp@example.org", "Mail help@example.org", []),
        ("Mail desk@example.org", "Mail help@example.org", "Mail dest@example.org", []),
    ],
)
def test_short_texts_are_in_their_own_language(tmp_path: Path, nl: str, en: str, de: str, codes: list[str]) -> None:
    text = f"- information: i\n  text: {{nl: '{nl}', en: '{en}', de: '{de}'}}"

    assert name_codes(check_short_translations(write_questions(tmp_path, text, THREE_LANGUAGES).questionnaire)) == codes


@pytest.mark.parametrize(("title", "codes"), [("Musik", ["other-module"]), ("Film", []), ("Abteilung", [])])
def test_a_translation_with_the_title_of_another_module_is_reported(tmp_path: Path, title: str, codes: list[str]) -> None:
    module = (
        "module: {0}\ntitle: {{nl: {1}, en: {1}, de: {2}}}\npages: [{{page: {0}, questions: [{{mark: {0}_mark, text: {3}}}]}}]\n"
    )
    films = module.format(
        "films", "Film", "Film", f"{{nl: Hoe goed is de film?, en: How good is the film?, de: 'Wie gut ist {title}?'}}"
    )
    music = module.format("music", "Muziek", "Musik", "{nl: Mooie muziek?, en: Nice muziek?, de: Gute Musik?}")
    section = ask("- information: i\n  text: {nl: Dag, en: Hello, de: Hallo}")

    assert (
        name_codes(check_short_translations(write_sections(tmp_path, section, films, music, head=THREE_LANGUAGES).questionnaire))
        == codes
    )
