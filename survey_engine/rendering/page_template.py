"""Page templates, rendered once per questionnaire, page, language and institution. A request only fills in the respondent's state.

Jinja renders a page with `Slots`, which write markers. `PageTemplate` splits the result into constant pieces and one
function of the page's state per marker.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from html import escape
from typing import Any, NamedTuple, TypeAlias

from markupsafe import Markup

from survey_engine.engine.random_order import arrange
from survey_engine.model.conditions import (
    And,
    Answered,
    Compare,
    Constant,
    Count,
    Name,
    Not,
    Operand,
    Or,
    Tree,
    evaluate_partially,
    simplify_tree,
)
from survey_engine.model.derived import Derived
from survey_engine.model.questionnaire import NAMELY, Code, Condition, Values
from survey_engine.rendering.page_plan import (
    SLOT_BETWEEN,
    SLOT_CLOSE,
    SLOT_OPEN,
    BlockPlan,
    ItemPlan,
    OptionPlan,
    PagePlan,
    QuestionPlan,
    format_derived_value,
    format_value,
)


@dataclass(slots=True)
class PageState:
    """The values for the slots of one page of one respondent."""

    known: Values
    values: Mapping[str, Any] = field(default_factory=dict)
    """Variable → stored answer of this page, or invalid input that was not stored."""
    errors: Mapping[str, str] = field(default_factory=dict)
    """Variable → error message."""
    missing: frozenset[str] = frozenset()
    plain: dict[str, str] = field(default_factory=dict)
    """Name → piece of HTML: ticket, remaining time, summary …"""
    labels: Mapping[str, Mapping[Code, str]] = field(default_factory=dict)
    hidden: frozenset[str] = frozenset()
    """Variables whose answers placeholders must not show."""
    seed: int | None = None
    """The number that random orders depend on; None keeps the order of the definition."""


_UNANSWERED = PageState(known={})
Fill: TypeAlias = Callable[[PageState], str]
Piece: TypeAlias = str | Fill
_STORED_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MARKER = re.compile(f"{SLOT_OPEN}([^{SLOT_OPEN}{SLOT_CLOSE}]*){SLOT_CLOSE}")


def _write_marker(*words: object) -> Markup:
    return Markup(SLOT_OPEN + SLOT_BETWEEN.join(map(str, words)) + SLOT_CLOSE)  # noqa: S704 - only constant words of this module


class Slots:
    """The slots of a template. Each method writes one marker."""

    def __init__(self, here: Set[str] = frozenset()) -> None:
        """Args: here: the variables that the page itself asks."""
        self.conditions: list[Condition] = []
        self.here = here

    def plain(self, name: str) -> Markup:
        """Slot for a named piece of HTML."""
        return _write_marker("plain", name)

    def checked(self, name: str, code: Code) -> Markup:
        return _write_marker("checked", name, code)

    def ticked(self, name: str, code: Code) -> Markup:
        """The attribute `checked` of an option in a question with several answers."""
        return _write_marker("ticked", name, code)

    def value(self, name: str) -> Markup:
        """The entered text, escaped."""
        return _write_marker("value", name)

    def date(self, name: str) -> Markup:
        """A date as day-month-year, or other text as it was entered; escaped."""
        return _write_marker("date", name)

    def namely(self, name: str) -> Markup:
        return _write_marker("value", name + NAMELY)

    def opened(self, name: str) -> Markup:
        """The attribute that opens the details of a comment if it has a text or an error."""
        return _write_marker("opened", name)

    def chosen(self, name: str, options: Mapping[Code, str]) -> Markup:
        """The label of the selected option."""
        return _write_marker("chosen", name, *(f"{code}={label}" for code, label in options.items()))

    def state(self, name: str) -> Markup:
        """An attribute that marks a missing or invalid answer."""
        return _write_marker("state", name)

    def error(self, name: str) -> Markup:
        """The error message of a variable, or nothing."""
        return _write_marker("error", name)

    def described(self, name: str, *others: str) -> Markup:
        """The attribute `aria-describedby` with the ids of help and error message, and `aria-invalid` for an invalid answer."""
        return _write_marker("described", name, *(other for other in others if other))

    def begin(self, condition: Condition | None) -> Markup:
        """Start a part that ends with `end` and is shown only if the condition is true."""
        if condition is None:
            return _write_marker("begin", "")
        self.conditions.append(condition)
        return _write_marker("begin", len(self.conditions) - 1)

    def follow(self, condition: Condition | None) -> Markup:
        """The attributes of a fieldset that an answer on the same page opens; nothing for other conditions."""
        if condition is None or self.here.isdisjoint(condition.names):
            return Markup()
        self.conditions.append(condition)
        return _write_marker("follow", len(self.conditions) - 1)

    def begin_order(self, whole: PagePlan | QuestionPlan | None) -> Markup:
        """Start a list of parts: blocks of a page, or statements or options of a question. Each response has its own random order."""
        return _write_marker("order", whole.code) if whole and whole.random_order else Markup()

    def begin_part(self, whole: PagePlan | QuestionPlan | None, part: BlockPlan | ItemPlan | OptionPlan) -> Markup:
        """Start one part of a list. Only white space may be between parts."""
        return _write_marker("part", part.code, int(part.fixed)) if whole and whole.random_order else Markup()

    def end_part(self, whole: PagePlan | QuestionPlan | None) -> Markup:
        """End the part or list that `begin_part` or `begin_order` started."""
        return self.end() if whole and whole.random_order else Markup()

    def end(self) -> Markup:
        return _write_marker("end")


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
    def show(state: PageState) -> str:
        known = state.known if name not in state.hidden else {}
        return format_value(state.labels, name, known.get(name), known.get(name + NAMELY))

    return show


def _derived(name: str, decimal: str, *parts: str) -> Fill:
    return lambda state: "…" if state.hidden.intersection(parts) else format_derived_value(state.known.get(name), decimal)


def _chosen(name: str, *options: str) -> Fill:
    labels = dict(option.split("=", 1) for option in options)
    return lambda state: labels.get(str(state.values.get(name, "")), "")


def _opened(name: str) -> Fill:
    return lambda state: " open" if state.values.get(name) or name in state.errors else ""


def _state(name: str) -> Fill:
    def show(state: PageState) -> str:
        return " data-faulty" if name in state.errors else " data-missing" if name in state.missing else ""

    return show


def _error(name: str) -> Fill:
    def show(state: PageState) -> str:
        message = state.errors.get(name) or (state.plain.get("missing") if name in state.missing else "")
        return f'<p class="fault" id="fault-{name}">{message}</p>' if message else ""

    return show


def _described(name: str, *others: str) -> Fill:
    def show(state: PageState) -> str:
        invalid = name in state.errors
        ids = " ".join([f"fault-{name}", *others] if invalid or name in state.missing else others)
        return (f' aria-describedby="{ids}"' if ids else "") + (' aria-invalid="true"' if invalid else "")

    return show


_SLOTS: dict[str, Callable[..., Fill]] = {
    "checked": _checked,
    "ticked": _ticked,
    "value": _value,
    "date": _date,
    "plain": _plain,
    "known": _known,
    "derived": _derived,
    "chosen": _chosen,
    "opened": _opened,
    "state": _state,
    "error": _error,
    "described": _described,
}
_ANSWER_INDEPENDENT = {"plain", "known", "derived"}
"""Slots that do not depend on the answers of the page."""


class PageTemplate:
    """A rendered template with slots. It can be filled many times."""

    def __init__(self, html: str, slots: Slots) -> None:
        parts = _MARKER.split(html)
        marked = list(zip(parts[::2], [*parts[1::2], "end"], strict=True))
        self._answered = _merge_texts(_read_pieces(iter(marked), slots))
        self._fresh = _merge_texts(_read_pieces(iter(marked), slots, fresh=True))

    def fill(self, state: PageState) -> bytes:
        answered = state.values or state.errors or state.missing
        return (self._answered if answered else self._fresh).fill(state)


class _Part(NamedTuple):
    """A part of a template: encoded texts. The texts at the positions of slots are empty."""

    texts: list[bytes]
    slots: tuple[tuple[int, Fill], ...]
    """(position of the empty text, function that fills it) of each slot."""

    def fill(self, state: PageState) -> bytes:
        filled = self.texts.copy()
        for index, slot in self.slots:
            filled[index] = slot(state).encode()
        return b"".join(filled)


def _read_pieces(marked: Iterator[tuple[str, str]], slots: Slots, *, fresh: bool = False) -> Iterator[Piece]:
    """Yield the pieces up to the matching end marker.

    Args:
        marked: (text, marker after it).
        slots: the slots that wrote the markers.
        fresh: whether the page has no answers yet. Slots for answers are then constant.
    """
    for text, marker in marked:
        yield text
        kind, *words = marker.split(SLOT_BETWEEN)
        if kind == "end":
            return
        if kind == "begin":
            inside = _read_pieces(marked, slots, fresh=fresh)
            if words[0]:
                yield _when(slots.conditions[int(words[0])], slots.here, _merge_texts(inside))
            else:
                yield from inside
        elif kind == "order":
            yield _order(words[0], list(_read_parts(marked, slots, fresh=fresh)))
        elif kind == "follow":
            yield _follow(slots.conditions[int(words[0])], slots.here)
        else:
            piece = _SLOTS[kind](*words)
            yield piece(_UNANSWERED) if fresh and kind not in _ANSWER_INDEPENDENT else piece


def _read_parts(marked: Iterator[tuple[str, str]], slots: Slots, *, fresh: bool) -> Iterator[tuple[str, bool, _Part]]:
    """Yield the parts of a list with a random order: (code, whether the part has a fixed position, content)."""
    for _, marker in marked:
        kind, *words = marker.split(SLOT_BETWEEN)
        if kind == "end":
            return
        yield words[0], words[1] == "1", _merge_texts(_read_pieces(marked, slots, fresh=fresh))


def _merge_texts(pieces: Iterable[Piece]) -> _Part:
    """Merge adjacent texts."""
    texts: list[str] = [""]
    slots: list[tuple[int, Fill]] = []
    for piece in pieces:
        if isinstance(piece, str):
            texts[-1] += piece
        else:
            slots.append((len(texts), piece))
            texts += ["", ""]
    return _Part([text.encode() for text in texts], tuple(slots))


def _when(condition: Condition, here: Set[str], inside: _Part) -> Fill:
    if here.isdisjoint(condition.names):
        return lambda state: inside.fill(state).decode() if condition.test(state.known) else ""
    return lambda state: "" if evaluate_partially(condition, state.known, here) is False else inside.fill(state).decode()


def _order(name: str, parts: list[tuple[str, bool, _Part]]) -> Fill:
    codes, fixed = [code for code, _, _ in parts], [stays for _, stays, _ in parts]

    def show(state: PageState) -> str:
        order = range(len(parts)) if state.seed is None else arrange(state.seed, name, codes, fixed)
        return b"".join(parts[index][2].fill(state) for index in order).decode()

    return show


def _follow(condition: Condition, here: Set[str]) -> Fill:
    """Return the slot with the condition as data for the script; conditions that the page's answers do not decide are evaluated first."""

    def show(state: PageState) -> str:
        # answers that the page does not show must not open follow-ups, which would reveal them
        known = {name: value for name, value in state.known.items() if name not in here or name in state.values}
        left = simplify_tree(condition.tree, known, here)
        if isinstance(left, bool):
            return ""
        data = escape(json.dumps(encode_condition(left), separators=(",", ":"), ensure_ascii=False))
        return f' data-when="{data}"' + ("" if condition.test(known) else " disabled hidden")

    return show


def encode_condition(tree: Tree) -> list[Any]:
    """Return a condition as a list: a word or sign, then its operands. Operands are values, names and counts.

    >>> encode_condition(And((Answered("q1"), Compare("in", Name("q2"), Constant((1, 2))))))
    ['and', ['answered', 'q1'], ['in', ['name', 'q2'], ['value', (1, 2)]]]
    """
    match tree:
        case Answered(code):
            return ["answered", code]
        case Not(part):
            return ["not", encode_condition(part)]
        case And(parts):
            return ["and", *map(encode_condition, parts)]
        case Or(parts):
            return ["or", *map(encode_condition, parts)]
        case Compare(operator, left, right):
            return [operator, _encode_operand(left), _encode_operand(right)]


def _encode_operand(operand: Operand) -> list[Any]:
    match operand:
        case Name(code) | Derived(code):  # a check ensures that no page shows a derived value of its own answers
            return ["name", code]
        case Count(code):
            return ["count", code]
        case Constant(value):
            return ["value", value]
