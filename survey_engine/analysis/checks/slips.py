"""Slips of the keyboard and of copying in texts: foreign placeholders, invisible and garbled characters, unfinished texts.

To add one, add a row to SLIPS.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from survey_engine.analysis.checks.references import PLACEHOLDERS
from survey_engine.analysis.shown_texts import iter_shown_texts
from survey_engine.language.wordings import PLACEHOLDER
from survey_engine.model.messages import Problem
from survey_engine.model.questionnaire import Questionnaire

SLIPS: dict[str, re.Pattern[str]] = {
    "foreign-placeholder": re.compile(r"\$\{\w+\}?|%\(\w+\)[a-z]?|(?<!\d)(?<!\d )%[sd]\b|\{\{?[^{}]*\}?\}?|\}+"),
    "invisible-character": re.compile(
        "[\u115f\u180e\u200b\u2060-\u2064\u2800\u3164\ufeff\ue000-\uf8ff\ufff9-\ufffb]|(?<=[A-Za-z])[\u200c\u200d](?=[A-Za-z])"
    ),
    "garbled-text": re.compile("\ufffd|ï¿½|[ÃÂ][\u0080-\u00bf‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]|â€."),
    "open-bracket": re.compile(r"(?<![:;])\((?![^()]*(?:\([^()]*\)[^()]*)*\))"),
    "unfinished-text": re.compile(r"\b(?:TODO|FIXME|TBD|XXX+)\b|(?i:\blorem ipsum\b)|\?{3,}"),
}
"""Message → what it finds. Soft hyphens, and joiners in other scripts and emoji, are legitimate."""
_AROUND = 12


def check_slips(questionnaire: Questionnaire) -> Iterator[Problem]:
    bracketed = re.compile(rf"\[(?:{'|'.join(sorted({*PLACEHOLDERS, *questionnaire.terms}))})\](?!\()")
    for shown in iter_shown_texts(questionnaire):
        for language, wording in shown.wordings():
            facts = {"code": shown.text.code, "language": language}
            for code, found in iter_slips(wording, bracketed):
                yield Problem(code, shown.text.place_in(language), {**facts, "found": found})


def iter_slips(wording: str, bracketed: re.Pattern[str]) -> Iterator[tuple[str, str]]:
    """Yield the message of each kind of slip and the words around it; `bracketed` finds placeholders in square brackets."""
    for code, pattern in SLIPS.items():
        found = next((each for each in pattern.finditer(wording) if not PLACEHOLDER.fullmatch(each[0])), None)
        if found is None and code == "foreign-placeholder":
            found = bracketed.search(wording)
        if found:
            yield code, wording[max(0, found.start() - _AROUND) : found.end() + _AROUND].strip()
