"""A first group of the order that is named after the end of the questionnaire, in English, Dutch, German or Papiamento."""

from __future__ import annotations

import re
from collections.abc import Iterator

from survey_engine.model.messages import Problem
from survey_engine.model.questionnaire import Questionnaire

_CLOSING = re.compile(
    r"clos(?:e|ing)|end|ending|final(?:e)?|wrap_?up|slot|afsluiting|afronding|einde|(?:ab)?schluss|ende|sera|final_?page"
)


def check_closing(questionnaire: Questionnaire) -> Iterator[Problem]:
    """Report the first group if others follow and it, or its only section, is the closing."""
    first, *others = questionnaire.order or (None,)
    if first and others:
        names = [first.code, *(section.code for section in first.sections if len(first.sections) == 1)]
        if any(_CLOSING.fullmatch(name) for name in names):
            yield Problem("closing-first", first.place, {"group": first.code})
