"""Reports an introduction that states a fixed number of minutes; `{minutes}` is exact for each respondent."""

from __future__ import annotations

import re
from collections.abc import Iterator

from survey_engine.model.messages import Problem
from survey_engine.model.questionnaire import Questionnaire

MINUTES = "minutes"
"""Placeholder for the respondent's number of minutes in an introduction."""
_WORD = re.compile(r"\bmin(?:u|ü|ú)t|\bmin\.|\bмин|хвилин|دقيق|دقائق|\bdakika", re.IGNORECASE)
"""Beginnings of the word for minutes in the languages of questionnaires."""
_FILLED = re.compile(rf"\{{{MINUTES}\}}[\s*]*\w*")


def names_minutes(wording: str) -> bool:
    """Whether a text mentions minutes; a second number beside it could differ.

    >>> names_minutes("It takes 10 minutes"), names_minutes("A minority")
    (True, False)
    """
    return bool(_WORD.search(wording))


def check_minutes(questionnaire: Questionnaire) -> Iterator[Problem]:
    text = questionnaire.introduction
    for language, wording in text.wording.items() if text else ():
        found = _WORD.search(_FILLED.sub("", wording))
        if text and found:
            said = found.string[max(0, found.start() - 20) : found.end() + 4].strip()
            yield Problem("minutes-by-hand", text.place_in(language), {"code": text.code, "language": language, "found": said})
