"""Texts that are too long for a phone that is 360 pixels wide.

How the room was measured: 360 px less 2 × 16 px of margin leaves 328 px. Over all texts of the shipped questionnaires a
character is on average 0.48 em wide in Noto Sans and 0.52 em in DejaVu Sans, 0.51 and 0.58 em in bold (Chromium, canvas
`measureText`). With the wider of the two, and the sizes of `static/style.css`, a line holds `_ROOM` characters.
"""

from __future__ import annotations

from collections.abc import Iterator

from survey_engine.analysis.shown_texts import ShownText, TextKind, list_shown
from survey_engine.language.markup import strip_markup
from survey_engine.model.messages import Problem
from survey_engine.model.questionnaire import Questionnaire

_ROOM: dict[TextKind, tuple[int, int]] = {
    "title": (23, 3),
    "question": (32, 6),
    "item": (35, 4),
    "option": (33, 3),
    "help": (39, 5),
    "notice": (39, 4),
    "unit": (16, 1),
    "paragraphs": (39, 9),
}
"""Kind of text → characters in a line, and lines that still read well; of paragraphs each may have so many."""


def check_length(questionnaire: Questionnaire) -> Iterator[Problem]:
    for shown in list_shown(questionnaire):
        if shown.kind in _ROOM:
            yield from _check_text(shown)


def _check_text(shown: ShownText) -> Iterator[Problem]:
    room, lines = _ROOM[shown.kind]
    for language, wording in shown.wordings():
        place = shown.text.place_in(language)
        facts: dict[str, object] = {"code": shown.text.code, "language": language}
        plain = strip_markup(wording)
        longest = max((len(part.strip()) for part in plain.split("\n\n")), default=0)
        if longest > room * lines:
            counted = {"count": longest, "lines": -(-longest // room), "limit": room * lines}
            yield Problem("too-long", place, {**facts, **counted})
        word = max(plain.replace("/", " ").replace("-", " ").split(), key=len, default="")
        if len(word) > room and "{" not in word:
            yield Problem("long-word", place, {**facts, "word": word, "limit": room})
