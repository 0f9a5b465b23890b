"""Texts in another language, and words that are there twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from survey_engine.analysis.checks.languages import check_languages, find_doubled, find_foreign_language
from tests.analysis.checks.advice import advise
from tests.writing import write_questions


@pytest.mark.parametrize(
    ("wording", "spoken", "other"),
    [
        ("Gehst du oft in die Bibliothek?", "nl", "de"),
        ("Ich fühle mich sicher an der {school}", "en", "de"),
        ("Is it quiet there?", "de", "en"),
        ("Kom je in de bibliotheek?", "nl", ""),
        ("This list is also in English, and deze tekst niet", "nl", ""),
        ("On the job", "nl", ""),
        ("Bo ta bai na e biblioteka?", "nl", "pap"),
        ("Do you go there?", "pap", "en"),
        ("Bo ta bai na e biblioteka?", "pap", ""),
        ("Planst du, in den nächsten Monaten umzuziehen?", "en", "de"),
        ("Hochschule für Musik und Theater", "en", ""),
        ("À qui avez-vous parlé de votre situation?", "de", "fr"),
        ("¿Con quién habla usted de su situación?", "nl", "es"),
        ("Le Cordon Bleu de la Haye", "nl", ""),
        ("Gaat u vaak de Rue de la Paix op?", "nl", ""),
        ("Ken je het lied “This is the end of it”?", "nl", ""),
    ],
)
def test_another_language_is_found_only_where_it_is_certain(wording: str, spoken: str, other: str) -> None:
    assert find_foreign_language(wording, spoken) == other


@pytest.mark.parametrize(
    ("wording", "spoken", "found"),
    [
        ("Sport with with others", "en", "with with"),
        ("I feel safe I feel safe", "en", "I feel safe I feel safe"),
        ("Voel je je veilig?", "nl", ""),
        ("Bon bon", "pap", ""),
        ("Teils teils", "de", ""),
        ("Half half", "nl", ""),
        ("Sport. Sport is good", "en", ""),
    ],
)
def test_words_that_are_there_twice_are_found(wording: str, spoken: str, found: str) -> None:
    assert find_doubled(wording, spoken) == found


def test_texts_of_questions_are_checked(tmp_path: Path) -> None:
    written = write_questions(
        tmp_path, "- yes_no: a\n  text: Voel je je niet veilig met met anderen?\n- yes_no: b\n  text: Is is it it?"
    )
    assert ("doubled-words", "b") in advise(check_languages, written) and ("other-language", "a") in advise(
        check_languages, written
    )
