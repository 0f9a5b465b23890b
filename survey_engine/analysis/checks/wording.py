"""Wording that reduces measurement quality: double-barrelled statements, negations, leading words, one-sided stems.

Word lists are short to avoid false alarms. Items with `tested: true` are skipped.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import islice

from survey_engine.analysis.shown_texts import ShownText, iter_shown_texts
from survey_engine.language.question_types import QUESTION_TYPES
from survey_engine.model.messages import Problem
from survey_engine.model.questionnaire import Questionnaire

_DOUBLE: Mapping[str, str] = {"nl": "en|of|en/of", "en": "and|or|and/or", "de": "und|oder|und/oder"}
_PAIRS: Mapping[str, str] = {"nl": "tussen|zowel", "en": "between|both", "de": "zwischen|sowohl"}
"""Words that join two things into one, as in "the contact between school and company"."""
_NEGATED: Mapping[str, str] = {
    "nl": "niet|geen|nooit|niemand|nergens|zonder",
    "en": "not|no|never|nobody|without|cannot|[a-z]+n['’]t",
    "de": "nicht|kein|keine|keinen|keiner|keinem|nie|niemand|ohne",
}
_STEERING: Mapping[str, str] = {
    "nl": "natuurlijk|uiteraard|vanzelfsprekend|toch zeker|vind je ook|vind je niet|ben je het ermee eens dat|iedereen weet"
    "|(?<!hoeverre )ben je (?:tevreden|het eens)(?!.*\\bof\\b)",
    "en": "of course|obviously|surely|(?<!\\w )(?:clearly|naturally)|(?:clearly|naturally)(?=,)|don['’]t you|isn['’]t it"
    "|do you agree that|everyone knows"
    "|(?<!extent )(?<!far )(?<!much )(?:are you satisfied|do you agree)(?!.*\\bor\\b)",
    "de": "natürlich|selbstverständlich|offensichtlich|bekanntlich|finden sie nicht auch|findest du nicht auch|nicht wahr"
    "|(?:(?:bist du|sind sie) zufrieden|stimm(?:st du|en sie) zu)(?!.*\\boder\\b)",
}
"""The last of each: a stem that names one end of a scale alone, such as `Are you satisfied with`."""
_SAID: Mapping[str, str] = {
    "nl": "meer(?: dan één| dan een|dere)? antwoord(?:en)?",
    "en": "more than one|(?:several|multiple) answers|all that apply",
    "de": "mehr als eine|mehrere antworten",
}
"""What the page itself says beside a question with several answers."""


def check_wording(questionnaire: Questionnaire) -> Iterator[Problem]:
    for shown in iter_shown_texts(questionnaire):
        if not shown.about.tested:
            for code, words in _list_rules(shown):
                yield from islice(_find(code, words, shown, questionnaire), 1)


def _list_rules(shown: ShownText) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Yield message code and word lists of the rules for this kind of text."""
    type_ = shown.question.type if shown.question else ""
    if type_ == "multiple" and shown.kind in ("question", "help"):
        yield "said-by-page", _SAID
    if shown.kind not in ("question", "item"):
        return
    statement = shown.kind == "item" and type_ in QUESTION_TYPES and QUESTION_TYPES[type_].statements
    if statement:
        yield "double-barrelled", _DOUBLE
    if statement or type_ == "yes_no":
        yield "negated", _NEGATED
    yield "steering", _STEERING


def _find(code: str, words: Mapping[str, str], shown: ShownText, questionnaire: Questionnaire) -> Iterator[Problem]:
    """Yield violations of a rule, in the source language first; a translation repeats its source."""
    source = questionnaire.source_language
    for language, wording in sorted(shown.wordings(), key=lambda each: each[0] != source):
        spoken = questionnaire.languages[language].spoken
        found = find_word(words.get(spoken, ""), wording)
        if code == "double-barrelled" and (find_word(_PAIRS.get(spoken, ""), wording) or not joins(found, wording)):
            continue
        if found:
            yield Problem(code, shown.text.place_in(language), {"code": shown.text.code, "language": language, "word": found})


def joins(word: str, wording: str) -> bool:
    """Whether a word is between others; Dutch `of` at the beginning means "whether"."""
    return bool(word) and not wording.startswith(word)


def find_word(words: str, wording: str) -> str:
    """Return the first of some words, separated by `|`, in a wording.

    >>> find_word("of|en", "Rust en regelmaat op een bed")
    'en'
    >>> find_word("of|en", "Een bed")
    ''
    """
    found = re.search(rf"(?<!\w)(?:{words})(?!\w)", wording, re.IGNORECASE) if words else None
    return found[0] if found else ""
