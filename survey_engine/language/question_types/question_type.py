"""The interface of a question type: definition, build, variables and form reader."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Protocol

from survey_engine.language.definition_fields import MetadataDefinition, OptionDefinition, QuestionDefinition
from survey_engine.model.questionnaire import NAMELY, Code, Condition, Item, Place, Question, ResponseOption, Text, Variable

STATEMENT_SECONDS = 6.7
QUESTION_SECONDS = 20.0
OPEN_SECONDS = 25.0
INFORMATION_SECONDS = 8.0
FIELD_PREFIX = "q."
"""Prefix of form field names, so that no code equals the name of another field or of a property of the form."""


class Builder(Protocol):
    """What question types need from the builder: texts, conditions, named scales and lists."""

    def build_text(self, code: str, source: Any, place: Place) -> Text: ...
    def build_condition(self, source: str | None, place: Place) -> Condition | None: ...
    def find_scale(self, name: str, place: Place) -> tuple[ResponseOption, ...]: ...
    def find_notice(self, name: str, place: Place) -> Text | None: ...
    def iter_list_entries(self, name: str, place: Place) -> Iterable[tuple[str, Code, Text]]:
        """Yield (institution, code, text) of each entry in the institutions' lists with that name."""
        ...

    def repeat_text(self, wording: str, place: Place) -> Text:
        """Return a text that is the same in every language, such as a number."""
        ...

    def build_option(self, code: Code, text_code: str, option: OptionDefinition, place: Place) -> ResponseOption: ...
    def find_interface_text(self, message: str, place: Place) -> Text:
        """Return a text of the interface in every language."""
        ...

    def report(self, code: str, place: Place, /, **facts: object) -> None: ...


class Form(Protocol):
    """The posted fields of one question: name → strings."""

    def get(self, name: str, default: str, /) -> str:
        """Return the first string with that name, or `default`."""
        ...

    def getlist(self, name: str, /) -> list[str]: ...


@dataclass(frozen=True, slots=True)
class InputError:
    """A respondent's invalid input: a message of the interface and the values that it contains."""

    message: str
    facts: dict[str, Any] = field(default_factory=dict)
    optional: bool = False
    """Whether the respondent may continue without correcting it, after one warning."""


@dataclass(slots=True)
class Reading:
    """Values and input errors of one question, by variable. An empty field has neither."""

    values: dict[str, Any] = field(default_factory=dict)
    errors: dict[str, InputError] = field(default_factory=dict)


def list_fields(question: Question) -> tuple[str, ...]:
    """Return the codes of a question's fields: the question, its other text, and its items."""
    beside = (question.code + NAMELY,) if any(option.namely for option in question.options) else ()
    return tuple(dict.fromkeys((question.code, *beside, *(item.code for item in question.items))))


@dataclass(frozen=True, slots=True)
class QuestionType:
    name: str
    definition: type[QuestionDefinition]
    build: Callable[[Any, Builder], Question]
    read: Callable[[Question, Form], Reading]
    variables: Callable[[Question], tuple[Variable, ...]]
    prompts: bool = True
    """Whether a page warns about an unanswered item, once."""
    asks: bool = True
    """Whether such a question has an answer."""
    has_paragraphs: bool = False
    """Whether its text is shown as paragraphs instead of as one line."""
    several: bool = False
    """Whether one answer consists of several codes."""
    statements: bool = False
    """Whether its items are statements with shared options."""
    prose: bool = False
    """Whether the answer is free text."""
    apart: bool = False
    """Whether the answer is an address that is stored separately from the response."""
    fields: Callable[[Question], tuple[str, ...]] = list_fields
    """The names of its form fields, without `FIELD_PREFIX`."""


def build_question(name: str, definition: QuestionDefinition, builder: Builder, seconds: float, **more: Any) -> Question:
    """Build a question from the keys that all types share; `more` contains the fields that its type adds."""
    code = getattr(definition, name)
    place = definition.place()
    text = builder.build_text(code, definition.text, definition.place("text"))
    items = more.pop("items", None)
    if items is None:
        items = (Item(code, None, place, definition.build_metadata()),)
    return Question(
        type=name,
        code=code,
        text=text,
        place=place,
        help=builder.build_text(f"{code}.help", definition.help, definition.place("help")) if definition.help else None,
        when=builder.build_condition(definition.when, definition.place("when")),
        seconds=definition.seconds or seconds,
        items=items,
        **more,
    )


def inherit_metadata(item: MetadataDefinition, question: MetadataDefinition) -> MetadataDefinition:
    """Return the documentation of an item; the question's documentation fills in missing fields."""
    own = {name: getattr(item, name) for name in item.model_fields_set & set(MetadataDefinition.model_fields)}
    base = {name: getattr(question, name) for name in MetadataDefinition.model_fields if name != "note"}
    return MetadataDefinition(**{**base, **own})


def no_variables(question: Question) -> tuple[Variable, ...]:
    return ()
