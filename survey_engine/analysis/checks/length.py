"""Texts that are too long for a phone with a width of 360 px.

Measurement: 360 px minus margins of 2 × 16 px is 328 px. Over all texts of the shipped questionnaires, a
character is on average 0.48 em wide in Noto Sans and 0.52 em in DejaVu Sans, 0.51 and 0.58 em in bold (Chromium, canvas
`measureText`). With the wider font and the sizes of `static/style.css`, a line has `_ROOM` characters.
"""

from __future__ import annotations

from collections.abc import Iterator

from survey_engine.analysis.shown_texts import ShownText, TextKind, iter_shown_texts
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
"""Kind of text → (characters per line, maximum number of lines per paragraph)."""


def count_room(kind: TextKind) -> int | None:
    """Return the maximum number of characters per paragraph for this kind of text; None if there is no maximum."""
    return _ROOM[kind][0] * _ROOM[kind][1] if kind in _ROOM else None


def count_longest(wording: str) -> int:
    """Return the number of characters of the longest paragraph, without markup."""
    return max(len(part.strip()) for part in strip_markup(wording).split("\n\n"))


def check_length(questionnaire: Questionnaire) -> Iterator[Problem]:
    for shown in iter_shown_texts(questionnaire):
        if shown.kind in _ROOM:
            yield from _check_text(shown)


def _check_text(shown: ShownText) -> Iterator[Problem]:
    room, lines = _ROOM[shown.kind]
    for language, wording in shown.wordings():
        place = shown.text.place_in(language)
        facts: dict[str, object] = {"code": shown.text.code, "language": language}
        plain, longest = strip_markup(wording), count_longest(wording)
        if longest > room * lines:
            counted = {"count": longest, "lines": -(-longest // room), "limit": room * lines}
            yield Problem("too-long", place, {**facts, **counted})
        word = max(plain.replace("/", " ").replace("-", " ").split(), key=len, default="")
        if len(word) > room and "{" not in word:
            yield Problem("long-word", place, {**facts, "word": word, "limit": room})
