"""Reports an introduction with a fixed number of minutes; `{minutes}` would show each respondent their own estimate."""

from __future__ import annotations

import re
from collections.abc import Iterator

from survey_engine.model.messages import Problem
from survey_engine.model.questionnaire import Questionnaire

MINUTES = "minutes"
"""Placeholder for the respondent's number of minutes in an introduction."""
_WORD = re.compile(r"\bmin(?:u|ü|ú)t\w*|\bmin\.|\bмин\w*|хвилин\w*|دقيق\w*|دقائق|\bdakika\w*", re.IGNORECASE)
"""The word for minutes in the languages of questionnaires."""
_FILLED = re.compile(r"\{\w+\}[\s*]*\w*")
_SENTENCE = re.compile(r".+?(?:[.!?](?=\s+[^\Wa-z])|$)", re.DOTALL)
"""A placeholder with the word after it. An unknown placeholder, such as {minute}, has its own message."""
_WORDS_BEFORE = 4
_LASTS = re.compile(
    r"\b(?:duur|duren|kost|invul|vul|tak(?:es?|ing)\b|lasts?\b|spend|fill|complet|dauer|brauch|benötig|ausfüll|dura|tuma)",
    re.IGNORECASE,
)
"""Beginnings of words for the duration of a questionnaire, in its usual languages."""


def names_minutes(wording: str) -> bool:
    """Whether a text mentions minutes.

    >>> names_minutes("It takes 10 minutes"), names_minutes("A minority")
    (True, False)
    """
    return bool(_WORD.search(wording))


def check_minutes(questionnaire: Questionnaire) -> Iterator[Problem]:
    text = questionnaire.introduction
    for language, wording in text.wording.items() if text else ():
        found = _find_by_hand(wording)
        if text and found:
            facts = {"code": text.code, "language": language, "found": found}
            yield Problem("minutes-by-hand", text.place_in(language), facts)


def _find_by_hand(wording: str) -> str:
    """Return the words around a fixed number of minutes for the questionnaire; an empty string if there is none.

    In a text with the placeholder, only sentences about the duration count: the text may also mention, for example, a break.
    """
    filled = _FILLED.search(wording)
    bare = _FILLED.sub(lambda found: " " * len(found[0]), wording)
    for sentence in _SENTENCE.finditer(bare):
        found = _WORD.search(sentence[0])
        if found and (not filled or _LASTS.search(sentence[0])):
            start, end = sentence.start() + found.start(), sentence.start() + found.end()
            before = wording[sentence.start() : start].split()[-_WORDS_BEFORE:]
            return " ".join([*before, wording[start:end]])
    return ""
