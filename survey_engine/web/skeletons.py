"""Pages prepared once per (questionnaire, page, language, institution); a request only fills in what is the respondent's.

A template is rendered with slots in it: `Slots` writes markers, `Skeleton` turns the text between them into pieces and
each marker into a small function of the page's state.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Any, TypeAlias

from markupsafe import Markup

from survey_engine.model import NAMELY, Code, Condition, Values
from survey_engine.pages import SLOT_BETWEEN, SLOT_CLOSE, SLOT_OPEN, show_value


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


Piece: TypeAlias = str | Callable[[PageState], str]
_MARKER = re.compile(f"{SLOT_OPEN}([^{SLOT_OPEN}{SLOT_CLOSE}]*){SLOT_CLOSE}")


def _mark(*words: object) -> Markup:
    return Markup(SLOT_OPEN + SLOT_BETWEEN.join(map(str, words)) + SLOT_CLOSE)  # noqa: S704 - only our own words  # nosec B704


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


def _checked(name: str, code: str) -> Piece:
    return lambda state: " checked" if str(state.values.get(name, "")) == code else ""


def _ticked(name: str, code: str) -> Piece:
    return lambda state: " checked" if code in map(str, state.values.get(name) or ()) else ""


def _value(name: str) -> Piece:
    return lambda state: escape(str(state.values.get(name, "")))


def _plain(name: str) -> Piece:
    return lambda state: state.plain.get(name, "")


def _known(name: str) -> Piece:
    return lambda state: show_value(state.labels, name, state.known.get(name))


def _chosen(name: str, *options: str) -> Piece:
    labels = dict(option.split("=", 1) for option in options)
    return lambda state: labels.get(str(state.values.get(name, "")), "")


def _state(name: str) -> Piece:
    def show(state: PageState) -> str:
        return " data-faulty" if name in state.faults else " data-missing" if name in state.missing else ""

    return show


def _fault(name: str) -> Piece:
    def show(state: PageState) -> str:
        message = state.faults.get(name) or (state.plain.get("missing") if name in state.missing else "")
        return f'<p class="fault" id="fault-{name}">{message}</p>' if message else ""

    return show


def _described(name: str, *others: str) -> Piece:
    def show(state: PageState) -> str:
        faulty = name in state.faults
        ids = " ".join([f"fault-{name}", *others] if faulty or name in state.missing else others)
        return (f' aria-describedby="{ids}"' if ids else "") + (' aria-invalid="true"' if faulty else "")

    return show


_SLOTS: dict[str, Callable[..., Piece]] = {
    "checked": _checked,
    "ticked": _ticked,
    "value": _value,
    "plain": _plain,
    "known": _known,
    "chosen": _chosen,
    "state": _state,
    "fault": _fault,
    "described": _described,
}


class Skeleton:
    """A rendered template with slots, ready to be filled many times."""

    def __init__(self, html: str, conditions: list[Condition]) -> None:
        parts = _MARKER.split(html)
        self._pieces = _build(iter(zip(parts[::2], [*parts[1::2], "end"], strict=True)), conditions)

    def fill(self, state: PageState) -> str:
        return "".join([piece if type(piece) is str else piece(state) for piece in self._pieces])  # type: ignore[operator]


def _build(parts: Any, conditions: list[Condition]) -> tuple[Piece, ...]:
    """The pieces up to the matching end; `parts` yields (text, marker)."""
    pieces: list[Piece] = []
    for text, marker in parts:
        if text:
            pieces.append(text)
        kind, *words = marker.split(SLOT_BETWEEN)
        if kind == "end":
            break
        if kind == "begin":
            inside = _build(parts, conditions)
            pieces += inside if not words[0] else [_when(conditions[int(words[0])], inside)]
        else:
            pieces.append(_SLOTS[kind](*words))
    return tuple(pieces)


def _when(condition: Condition, pieces: tuple[Piece, ...]) -> Piece:
    def show(state: PageState) -> str:
        if not condition.test(state.known):
            return ""
        return "".join([piece if type(piece) is str else piece(state) for piece in pieces])  # type: ignore[operator]

    return show
