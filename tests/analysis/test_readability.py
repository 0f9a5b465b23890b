"""Readability of a whole variant, measured by textstat."""

from __future__ import annotations

from pathlib import Path

import pytest

from survey_engine.analysis.checks.readability import Readability
from survey_engine.analysis.readability import check_variants, measure_readability
from tests.writing import HEAD, write_questions

HARD = "Desalniettemin bemoeilijken administratieve verantwoordingsverplichtingen onderwijsverbeteringen aanzienlijk."
HEAD_NL = HEAD.replace("source_language: en", "source_language: nl").replace(
    "{en: {name: English}}", "{nl: {name: Nederlands}, simple: {name: Simpel, locale: nl@nt2, based_on: nl}}"
)


def measure(tmp_path: Path, nl: str, simple: str) -> dict[str, Readability]:
    written = write_questions(tmp_path, f'- open: story\n  text: {{nl: "{nl}", simple: "{simple}"}}', HEAD_NL)
    assert written.compilation.questionnaire
    return measure_readability(written.compilation.questionnaire)


def test_words_sentences_and_long_words_are_counted_over_all_that_is_read(tmp_path: Path) -> None:
    figures = measure(tmp_path, "Dit is kort. Dit is wat langer geschreven.", "Dit is kort.")["nl"]

    assert (figures.words, figures.words_per_sentence, figures.long_words) == (8, 4, 1 / 8)


def test_simple_dutch_reads_easier_than_officialese(tmp_path: Path) -> None:
    figures = measure(tmp_path, HARD, "Dit is kort. Dat is fijn.")
    hard, easy = figures["nl"], figures["simple"]

    assert hard.lix and easy.lix and (hard.lix > 60, easy.lix < 30) == (True, True)
    assert hard.flesch and easy.flesch and (hard.flesch < 0, easy.flesch > 90) == (True, True)


def test_english_has_no_score_because_it_would_need_a_download(tmp_path: Path) -> None:
    figures = measure_readability(write_questions(tmp_path, "- open: story\n  text: This is short.").questionnaire)["en"]

    assert (figures.lix, figures.flesch) == (None, None)
    assert str(figures) == "3.0 words a sentence, 0% long words"


@pytest.mark.parametrize(
    ("lix", "flesch", "hard"),
    [(30, 70, []), (31, 70, ["simple"]), (30, 69, ["simple"]), (46, 44, ["nl", "simple"]), (None, None, [])],
)
def test_a_simplified_variant_has_stricter_limits(
    tmp_path: Path, lix: float | None, flesch: float | None, hard: list[str]
) -> None:
    written = write_questions(tmp_path, "- open: story\n  text: {nl: Kort., simple: Kort.}", HEAD_NL)
    assert written.compilation.questionnaire
    figures = dict.fromkeys(("nl", "simple"), Readability(100, 6, 0.1, lix, flesch))

    assert [p.facts["language"] for p in check_variants(written.compilation.questionnaire, figures)] == hard


@pytest.mark.parametrize(("words", "hard"), [(99, []), (100, ["nl", "simple"])])
def test_a_variant_with_few_texts_is_not_judged(tmp_path: Path, words: int, hard: list[str]) -> None:
    written = write_questions(tmp_path, "- open: story\n  text: {nl: Kort., simple: Kort.}", HEAD_NL)
    figures = dict.fromkeys(("nl", "simple"), Readability(words, 6, 0.1, 65, 10))

    assert [p.facts["language"] for p in check_variants(written.questionnaire, figures)] == hard
