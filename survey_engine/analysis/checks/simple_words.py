"""Abbreviations, figurative expressions and incomplete sentences in variants with `based_on`, in every kind of text.

The lists follow the usual advice for Dutch at level A2: no abbreviations, literal words, and complete sentences.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from survey_engine.analysis.shown_texts import ShownText, iter_shown_texts
from survey_engine.language.markup import strip_markup
from survey_engine.model.messages import Problem
from survey_engine.model.questionnaire import Questionnaire


@dataclass(frozen=True, slots=True)
class _Words:
    """Words of one language that are hard for readers of simple language."""

    abbreviations: re.Pattern[str]
    figures: re.Pattern[str]
    half_sentences: re.Pattern[str]
    """Beginnings of a statement that continues the sentence of its stem."""


def _any_of(words: str, end: str = r"(?!\w)") -> re.Pattern[str]:
    return re.compile(rf"(?<![\w.])(?:{words}){end}", re.IGNORECASE)


_WORDS: Mapping[str, _Words] = {
    "nl": _Words(
        abbreviations=_any_of(
            r"bijv\.|bv\.|d\.w\.z\.|dwz|o\.a\.|m\.b\.t\.|mbt|m\.b\.v\.|i\.v\.m\.|ivm|t\.a\.v\.|t\.o\.v\.|i\.p\.v\.|ipv|z\.s\.m\.|a\.u\.b\."
            r"|m\.a\.w\.|n\.v\.t\.|nvt|e\.d\.|enz\.?|etc\.?|evt\.|incl\.|excl\.|resp\.|gem\.|min\.|max\.|t/m|ca\.|blz\.|nr\.|tel\."
        ),
        figures=_any_of(
            "aan bod (?:komen|komt|kwam)|aan de hand van|achter de rug|baat bij|bij de hand|door de vingers|er tegenaan (?:lopen|loopt)"
            "|het gevoel krijgen|hoge eisen|in aanmerking (?:komen|komt|kom)|in de gaten|in de loop van|in het oog|in je vel|in staat"
            "|kijk op|met vallen en opstaan|na aan het hart|onder de knie|onder druk staan|onder ogen|onder vier ogen|op de hoogte|op maat"
            "|op prijs|op weg (?:helpen|helpt)|over het hoofd|rekening (?:houden|houdt|gehouden) met|rode draad|stap voor stap"
            "|te maken (?:hebben|hebt|heb|krijgen|krijgt) met|te wijten|ten opzichte van|ter beschikking|ter sprake|tot je recht"
            "|uit de weg|van belang|voor de hand|zwart op wit"
        ),
        half_sentences=re.compile(r"Of (?:je|jij|u|de|het|er)\b"),
    )
}


def check_simple_words(questionnaire: Questionnaire) -> Iterator[Problem]:
    for shown in iter_shown_texts(questionnaire):
        for code, wording in shown.wordings():
            language = questionnaire.languages[code]
            words = _WORDS.get(language.spoken) if language.based_on else None
            if words:
                yield from _check_text(shown, code, strip_markup(wording), words)


def _check_text(shown: ShownText, language: str, wording: str, words: _Words) -> Iterator[Problem]:
    facts, place = {"code": shown.text.code, "language": language}, shown.text.place_in(language)
    for name, pattern in (("abbreviation", words.abbreviations), ("figure-of-speech", words.figures)):
        if found := pattern.search(wording):
            yield Problem(name, place, {**facts, "word": found.group()})
    if shown.kind == "item" and words.half_sentences.match(wording):
        yield Problem("half-sentence", place, facts)
