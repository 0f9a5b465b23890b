"""Pages prepared once per (questionnaire, page, language, institution); a request only fills in what is the respondent's.

A template is rendered with slots in it: `Slots` writes markers, `PageTemplate` turns the text between them into pieces and
each marker into a small function of the page's state.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Any, NamedTuple, TypeAlias

from markupsafe import Markup

from survey_engine.model.questionnaire import NAMELY, Code, Condition, Values
from survey_engine.rendering.page_plan import SLOT_BETWEEN, SLOT_CLOSE, SLOT_OPEN, show_value


@dataclass(slots=True)
class PageState:
    """What fills the slots of one page for one respondent."""

    known: Values
    values: Mapping[str, Any] = field(default_factory=dict)
    """What is stored for this page, or was typed and could not be stored."""
    faults: Mapping[str, str] = field(default_factory=dict)
    """Variable → message as text."""
    missing: frozenset[str] = frozenset()
    plain: dict[str, str] = field(default_factory=dict)
    """Named pieces of HTML: ticket, time left, summary …"""
    labels: Mapping[str, Mapping[Code, str]] = field(default_factory=dict)


_UNANSWERED = PageState(known={})
Fill: TypeAlias = Callable[[PageState], str]
Piece: TypeAlias = str | Fill
_STORED_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MARKER = re.compile(f"{SLOT_OPEN}([^{SLOT_OPEN}{SLOT_CLOSE}]*){SLOT_CLOSE}")


def _mark(*words: object) -> Markup:
    return Markup(SLOT_OPEN + SLOT_BETWEEN.join(map(str, words)) + SLOT_CLOSE)  # noqa: S704 - only our own words


class Slots:
    """What a template may leave open; each method writes one marker."""

    def __init__(self) -> None:
        self.conditions: list[Condition] = []

    def plain(self, name: str) -> Markup:
        """A named piece of HTML."""
        return _mark("plain", name)

    def checked(self, name: str, code: Code) -> Markup:
        return _mark("checked", name, code)

    def ticked(self, name: str, code: Code) -> Markup:
        """`checked` for one of several values."""
        return _mark("ticked", name, code)

    def value(self, name: str) -> Markup:
        """What was written, escaped."""
        return _mark("value", name)

    def date(self, name: str) -> Markup:
        """A date as people write it; anything else as it was written."""
        return _mark("date", name)

    def namely(self, name: str) -> Markup:
        return _mark("value", name + NAMELY)

    def chosen(self, name: str, options: Mapping[Code, str]) -> Markup:
        """The label of the chosen option."""
        return _mark("chosen", name, *(f"{code}={label}" for code, label in options.items()))

    def state(self, name: str) -> Markup:
        """An attribute that tells that the item is missing or faulty."""
        return _mark("state", name)

    def fault(self, name: str) -> Markup:
        """The message on an item, or nothing."""
        return _mark("fault", name)

    def described(self, name: str, *others: str) -> Markup:
        """`aria-describedby` with the ids of what explains the field, and `aria-invalid` when it is faulty."""
        return _mark("described", name, *(other for other in others if other))

    def begin(self, condition: Condition | None) -> Markup:
        """What follows, up to `end`, is there only when the condition holds."""
        if condition is None:
            return _mark("begin", "")
        self.conditions.append(condition)
        return _mark("begin", len(self.conditions) - 1)

    def end(self) -> Markup:
        return _mark("end")


def _checked(name: str, code: str) -> Fill:
    return lambda state: " checked" if str(state.values.get(name, "")) == code else ""


def _ticked(name: str, code: str) -> Fill:
    return lambda state: " checked" if code in map(str, state.values.get(name) or ()) else ""


def _value(name: str) -> Fill:
    return lambda state: escape(str(state.values.get(name, "")))


def _date(name: str) -> Fill:
    def show(state: PageState) -> str:
        written = str(state.values.get(name, ""))
        return f"{int(written[8:])}-{int(written[5:7])}-{written[:4]}" if _STORED_DATE.fullmatch(written) else escape(written)

    return show


def _plain(name: str) -> Fill:
    return lambda state: state.plain.get(name, "")


def _known(name: str) -> Fill:
    return lambda state: show_value(state.labels, name, state.known.get(name), state.known.get(name + NAMELY))


def _chosen(name: str, *options: str) -> Fill:
    labels = dict(option.split("=", 1) for option in options)
    return lambda state: labels.get(str(state.values.get(name, "")), "")


def _state(name: str) -> Fill:
    def show(state: PageState) -> str:
        return " data-faulty" if name in state.faults else " data-missing" if name in state.missing else ""

    return show


def _fault(name: str) -> Fill:
    def show(state: PageState) -> str:
        message = state.faults.get(name) or (state.plain.get("missing") if name in state.missing else "")
        return f'<p class="fault" id="fault-{name}">{message}</p>' if message else ""

    return show


def _described(name: str, *others: str) -> Fill:
    def show(state: PageState) -> str:
        faulty = name in state.faults
        ids = " ".join([f"fault-{name}", *others] if faulty or name in state.missing else others)
        return (f' aria-describedby="{ids}"' if ids else "") + (' aria-invalid="true"' if faulty else "")

    return show


_SLOTS: dict[str, Callable[..., Fill]] = {
    "checked": _checked,
    "ticked": _ticked,
    "value": _value,
    "date": _date,
    "plain": _plain,
    "known": _known,
    "chosen": _chosen,
    "state": _state,
    "fault": _fault,
    "described": _described,
}
_WITHOUT_ANSWERS = {"plain", "known"}
"""The slots that do not look at what was answered on the page."""


class PageTemplate:
    """A rendered template with slots, ready to be filled many times; `fresh` has nothing to say of answers any more."""

    def __init__(self, html: str, conditions: list[Condition]) -> None:
        parts = _MARKER.split(html)
        marked = list(zip(parts[::2], [*parts[1::2], "end"], strict=True))
        self._answered = _weld(_read(iter(marked), conditions))
        self._fresh = _weld(_read(iter(marked), conditions, fresh=True))

    def fill(self, state: PageState) -> bytes:
        answered = state.values or state.faults or state.missing
        return (self._answered if answered else self._fresh).fill(state)


class _Part(NamedTuple):
    """A part of a template: texts, ready to be sent, among which those of the slots are empty."""

    texts: list[bytes]
    slots: tuple[tuple[int, Fill], ...]
    """Which text each of them fills."""

    def fill(self, state: PageState) -> bytes:
        filled = self.texts.copy()
        for index, slot in self.slots:
            filled[index] = slot(state).encode()
        return b"".join(filled)


def _read(marked: Iterator[tuple[str, str]], conditions: list[Condition], *, fresh: bool = False) -> Iterator[Piece]:
    """The pieces up to the matching end marker.

    Args:
        marked: pairs of a text and the marker behind it.
        fresh: whether the page has no answers yet.
    """
    for text, marker in marked:
        yield text
        kind, *words = marker.split(SLOT_BETWEEN)
        if kind == "end":
            return
        if kind == "begin":
            inside = _read(marked, conditions, fresh=fresh)
            if words[0]:
                yield _when(conditions[int(words[0])], _weld(inside))
            else:
                yield from inside
        else:
            piece = _SLOTS[kind](*words)
            yield piece(_UNANSWERED) if fresh and kind not in _WITHOUT_ANSWERS else piece


def _weld(pieces: Iterable[Piece]) -> _Part:
    """Texts beside each other become one."""
    texts: list[str] = [""]
    slots: list[tuple[int, Fill]] = []
    for piece in pieces:
        if isinstance(piece, str):
            texts[-1] += piece
        else:
            slots.append((len(texts), piece))
            texts += ["", ""]
    return _Part([text.encode() for text in texts], tuple(slots))


def _when(condition: Condition, inside: _Part) -> Fill:
    return lambda state: inside.fill(state).decode() if condition.test(state.known) else ""
