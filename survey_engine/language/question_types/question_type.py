"""What every question type is made of: its YAML, how it builds, what it asks, and how it reads a posted form."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Protocol

from survey_engine.language.definition_fields import AboutDefinition, OptionDefinition, QuestionDefinition
from survey_engine.model.questionnaire import NAMELY, Code, Condition, Item, Place, Question, ResponseOption, Text, Variable

STATEMENT_SECONDS = 6.7
QUESTION_SECONDS = 20.0
OPEN_SECONDS = 25.0
INFORMATION_SECONDS = 8.0
FIELD_PREFIX = "q."
"""A variable's form field is called by its code behind this, so that no code meets a field or a property of the form."""


class Builder(Protocol):
    """What the compiler lends to a question type while it builds: texts, conditions, names to look up."""

    def text(self, code: str, source: Any, place: Place) -> Text: ...
    def condition(self, source: str | None, place: Place) -> Condition | None: ...
    def scale(self, name: str, place: Place) -> tuple[ResponseOption, ...]: ...
    def notice(self, name: str, place: Place) -> Text | None: ...
    def entries(self, name: str, place: Place) -> Iterable[tuple[str, Code, Text]]:
        """Institution, code and text of every entry in the institutions' lists of that name."""
        ...

    def option(self, code: Code, text_code: str, option: OptionDefinition, place: Place) -> ResponseOption: ...
    def interface(self, message: str, place: Place) -> Text:
        """One of the interface's own texts, in every language."""
        ...

    def problem(self, code: str, place: Place, /, **facts: object) -> None: ...


class Form(Protocol):
    """What was posted under the names that a question's type declares: a name → its strings."""

    def get(self, name: str, default: str, /) -> str:
        """The first string."""
        ...

    def getlist(self, name: str, /) -> list[str]: ...


@dataclass(frozen=True, slots=True)
class InputError:
    """A respondent's invalid input: which message of the interface, and what it must mention."""

    message: str
    facts: dict[str, Any] = field(default_factory=dict)
    optional: bool = False
    """Whether one may go on without mending it once it was pointed out."""


@dataclass(slots=True)
class Reading:
    """What a posted form says on one question: valid values, faults by variable; a variable in neither was left empty."""

    values: dict[str, Any] = field(default_factory=dict)
    faults: dict[str, InputError] = field(default_factory=dict)


def list_fields(question: Question) -> tuple[str, ...]:
    """The variables under whose names a question is posted: the question, the text beside "other", and its items."""
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
    """Whether an unanswered item is pointed out, once."""
    asks: bool = True
    """Whether there is something to answer; otherwise its text is read in paragraphs."""
    several: bool = False
    """Whether one answer holds several codes."""
    statements: bool = False
    """Whether its items are statements that share its options."""
    prose: bool = False
    """Whether respondents answer in their own words."""
    apart: bool = False
    """Whether its answer is an address, which is stored apart from the response."""
    fields: Callable[[Question], tuple[str, ...]] = list_fields
    """The names of its fields in a page's form, without `FIELD_PREFIX`."""


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


def inherit_about(item: AboutDefinition, question: AboutDefinition) -> AboutDefinition:
    """What is said of the question holds for its items, unless they say so themselves."""
    said = {name: getattr(item, name) for name in item.model_fields_set & set(AboutDefinition.model_fields)}
    base = {name: getattr(question, name) for name in AboutDefinition.model_fields}
    return AboutDefinition(**{**base, **said})


def no_variables(question: Question) -> tuple[Variable, ...]:
    return ()
