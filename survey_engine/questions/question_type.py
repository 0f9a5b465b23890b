"""What every question type is made of: its YAML, how it builds, what it asks, and how it reads a posted form."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Protocol

from survey_engine.definitions import AboutDefinition, OptionDefinition, QuestionDefinition
from survey_engine.model import NAMELY, Code, Condition, Item, Place, Question, ResponseOption, Text, Variable

STATEMENT_SECONDS = 6.7
QUESTION_SECONDS = 20.0
OPEN_SECONDS = 25.0
INFORMATION_SECONDS = 8.0
NAMELY_LENGTH = 200


class Builder(Protocol):
    """What the compiler lends to a question type while it builds: texts, conditions, names to look up."""

    def text(self, code: str, source: Any, place: Place) -> Text: ...
    def condition(self, source: str | None, place: Place) -> Condition | None: ...
    def scale(self, name: str, place: Place) -> tuple[ResponseOption, ...]: ...
    def notice(self, name: str, place: Place) -> Text | None: ...
    def entries(self, name: str, place: Place) -> Iterable[tuple[str, Code, Text]]:
        """Institution, code and text of every entry in the institutions' lists of that name."""
        ...

    def interface(self, message: str, place: Place) -> Text:
        """One of the interface's own texts, in every language."""
        ...

    def problem(self, code: str, place: Place, /, **facts: object) -> None: ...


class Form(Protocol):
    """A posted form."""

    def get(self, name: str, default: str = "") -> str: ...
    def getlist(self, name: str) -> list[str]: ...


@dataclass(frozen=True, slots=True)
class Fault:
    """A respondent's invalid input: which message of the interface, and what it must mention."""

    message: str
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Reading:
    """What a posted form says on one question: valid values, faults by variable."""

    values: dict[str, Any] = field(default_factory=dict)
    faults: dict[str, Fault] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class QuestionType:
    name: str
    definition: type[QuestionDefinition]
    build: Callable[[Any, Builder], Question]
    read: Callable[[Question, Form], Reading]
    variables: Callable[[Question], tuple[Variable, ...]]
    prompts: bool = True
    """Whether an unanswered item is pointed out, once."""


def build_question(name: str, definition: QuestionDefinition, builder: Builder, seconds: float, **more: Any) -> Question:
    """The part of a question that all types share; `more` is what the type adds."""
    code = getattr(definition, name)
    place = definition.place()
    text = builder.text(code, definition.text, definition.place("text"))
    items = more.pop("items", None)
    if items is None:
        items = (Item(code, None, place, definition.about()),)
    return Question(
        type=name,
        code=code,
        text=text,
        place=place,
        help=builder.text(f"{code}.help", definition.help, definition.place("help")) if definition.help else None,
        when=builder.condition(definition.when, definition.place("when")),
        seconds=definition.seconds or seconds,
        items=items,
        **more,
    )


def build_options(definition: QuestionDefinition, code: str, builder: Builder) -> tuple[ResponseOption, ...]:
    """The options of a question: written out, from a scale, or from the institutions' lists."""
    options: dict[Code, OptionDefinition] | None = getattr(definition, "options", None)
    scale: str | None = getattr(definition, "scale", None)
    listed: str | None = getattr(definition, "options_from", None)
    found: list[ResponseOption] = []
    if scale:
        found += builder.scale(scale, definition.place("scale"))
    for key, option in (options or {}).items():
        place = definition.place("options", key)
        found.append(
            ResponseOption(
                code=key,
                text=builder.text(f"{code}.{key}", option.text, place),
                namely=option.namely,
                exclusive=option.exclusive,
                when=builder.condition(option.when, option.place("when")),
            )
        )
    if listed:
        entries = list(builder.entries(listed, definition.place("options_from")))
        offered = [ResponseOption(key, text, institutions=frozenset({institution})) for institution, key, text in entries]
        found = offered + found
    if not found and not scale:
        builder.problem("needs-option", definition.place(), code=code, keys="options: {…}")
    if len({isinstance(option.code, int) for option in found}) > 1:
        builder.problem("mixed-codes", definition.place("options"), code=code)
    return tuple(found)


def inherit_about(item: AboutDefinition, question: AboutDefinition) -> AboutDefinition:
    """What is said of the question holds for its items, unless they say so themselves."""
    said = {name: getattr(item, name) for name in item.model_fields_set & set(AboutDefinition.model_fields)}
    base = {name: getattr(question, name) for name in AboutDefinition.model_fields}
    return AboutDefinition(**{**base, **said})


def read_code(raw: str, options: Iterable[ResponseOption]) -> Code | None:
    """The option that a form value names; None for what nobody offered."""
    return next((option.code for option in options if str(option.code) == raw), None)


def read_namely(question: Question, form: Form, chosen: Iterable[Code], reading: Reading) -> None:
    """The text beside "other, namely", kept only where that option is chosen."""
    if not any(option.namely and option.code in chosen for option in question.options):
        return
    written = form.get(question.code + NAMELY, "").strip()
    if len(written) > NAMELY_LENGTH:
        reading.faults[question.code + NAMELY] = Fault("too_long", {"limit": NAMELY_LENGTH, "count": len(written)})
    elif written:
        reading.values[question.code + NAMELY] = written


def code_variables(question: Question, kind: Any = "code") -> tuple[Variable, ...]:
    """One variable per item, with the question's options as its domain; one more for "other, namely"."""
    numeric = bool(question.options) and all(isinstance(o.code, int) or o.outside_scale for o in question.options)
    found = {
        item.code: Variable(
            code=item.code,
            kind="number" if numeric and kind == "code" else kind,
            text=item.text or question.text,
            options=question.options,
            place=item.place,
        )
        for item in question.items
    }
    if any(option.namely for option in question.options):
        found[question.code + NAMELY] = Variable(question.code + NAMELY, "text", question.text, place=question.place)
    return tuple(found.values())


def no_variables(question: Question) -> tuple[Variable, ...]:
    return ()
