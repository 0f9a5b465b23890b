"""A number of minutes that is written by hand in an introduction: it is the same for all, and the engine knows each one's."""

from __future__ import annotations

import re
from collections.abc import Iterator

from survey_engine.model.messages import Problem
from survey_engine.model.questionnaire import Questionnaire

MINUTES = "minutes"
"""The placeholder in an introduction for how many minutes it takes this respondent."""
_WORD = re.compile(r"\bmin(?:u|ü|ú)t|\bmin\.|\bмин|хвилин|دقيق|دقائق|\bdakika", re.IGNORECASE)
"""How the word for minutes begins in languages that questionnaires have, or may get."""
_FILLED = re.compile(rf"\{{{MINUTES}\}}[\s*]*\w*")


def names_minutes(wording: str) -> bool:
    """Whether a text says itself how many minutes something takes, so that a second number beside it would differ.

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
