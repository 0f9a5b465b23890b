"""The words of the definition language: what may stand in the YAML, as pydantic models that remember their lines.

Question types add their own in `questions/`; files and sections are in `documents.py`.
"""

from __future__ import annotations

from typing import Annotated, Any, Self, TypeAlias

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    PrivateAttr,
    ValidatorFunctionWrapHandler,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import PydanticCustomError

from survey_engine.model import About, Place
from survey_engine.source import Node, find_place

CODE_LENGTH = 32
TEXT_LENGTH = 8000
CODE_PATTERN = rf"^[a-z][a-z0-9_]{{0,{CODE_LENGTH - 1}}}$"
NAME_PATTERN = r"^[a-z0-9][a-z0-9-]{0,39}$"


def _plain(value: Any) -> Any:
    """A bare number is fine where a text is wanted: `title: 2026`."""
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def _text(value: Any) -> Any:
    value = _plain(value)
    if isinstance(value, str) and 0 < len(value) <= TEXT_LENGTH:
        return value
    if isinstance(value, dict) and value and all(isinstance(_plain(v), str) and _plain(v) for v in value.values()):
        return value
    raise PydanticCustomError("text", "a text in quotes, or a mapping with a text for every language")


def _long_form(value: Any) -> Any:
    """`code: text` is short for `code: {text: text}`."""
    if isinstance(value, dict) and "text" in value:
        return value
    long = Node(getattr(value, "place", Place("")))
    long["text"] = value
    return long


_TEXT_SCHEMA = {
    "anyOf": [
        {"type": ["string", "number"]},
        {"type": "object", "additionalProperties": {"type": "string"}, "minProperties": 1},
    ],
    "description": "A text in the source language, or a mapping with every language.",
}

Code: TypeAlias = Annotated[str, Field(pattern=CODE_PATTERN, description="A stable code: letters, digits and _.")]
Name: TypeAlias = Annotated[
    str, Field(pattern=NAME_PATTERN, description="A name that may stand in a link: letters, digits and -.")
]
Plain: TypeAlias = Annotated[str, BeforeValidator(_plain)]
OptionCode: TypeAlias = Annotated[int | str, Field(union_mode="left_to_right")]
TextSource: TypeAlias = Annotated[str | dict[str, str], PlainValidator(_text), WithJsonSchema(_TEXT_SCHEMA)]
ConditionSource: TypeAlias = Annotated[
    str,
    BeforeValidator(_plain),
    Field(max_length=1000, description="Who is asked: a condition like path == 'bol' and level >= 2."),
]


class Definition(BaseModel):
    """A mapping in the YAML; `place(key, …)` says where it, or what stands in it, begins."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)
    _node: Node = PrivateAttr(default_factory=lambda: Node(Place("")))

    @model_validator(mode="wrap")
    @classmethod
    def _remember(cls, data: Any, handler: ValidatorFunctionWrapHandler) -> Self:
        definition: Self = handler(data)
        if isinstance(data, Node):
            definition._node = data
        return definition

    def place(self, *path: object) -> Place:
        return find_place(self._node, path, Place(""))


class AboutDefinition(Definition):
    """What researchers know of an item; it changes nothing for the respondent."""

    source: Plain = Field("", description="Where the item or its scale comes from.")
    purpose: Plain = Field("", description="Why it is asked.")
    reverse: bool = Field(False, description="True when a high score means the opposite of the rest of its scale.")
    sensitive: Plain = Field("", description="A short word that says why answers need extra care, such as health.")
    indicators: list[str] = Field(default_factory=list, description="The indicators that it serves.")
    frozen_until: int | None = Field(None, description="The last edition in which its wording may not change.")
    break_variable: bool = Field(False, description="True when results are split on it.")
    since: int | None = Field(None, description="The first edition that has it.")
    tested: bool | None = Field(None, description="Whether it was tested with students.")

    def about(self) -> About:
        return About(
            source=self.source,
            purpose=self.purpose,
            reverse=self.reverse,
            sensitive=self.sensitive,
            indicators=tuple(self.indicators),
            frozen_until=self.frozen_until,
            break_variable=self.break_variable,
            since=self.since,
            tested=self.tested,
        )


class ItemDefinition(AboutDefinition):
    """A row of a grid, in its long form."""

    text: TextSource
    when: ConditionSource | None = None


class ConsentPartDefinition(ItemDefinition):
    """One thing that a respondent may agree to."""

    required: bool = Field(False, description="True when the questionnaire cannot go on without a yes.")


class OptionDefinition(Definition):
    """A response option, in its long form."""

    text: TextSource
    when: ConditionSource | None = None
    namely: bool = Field(False, description="True when it has a field to write what is meant.")
    exclusive: bool = Field(False, description="True when it excludes all other options.")


Item: TypeAlias = Annotated[ItemDefinition, BeforeValidator(_long_form)]
Part: TypeAlias = Annotated[ConsentPartDefinition, BeforeValidator(_long_form)]
Option: TypeAlias = Annotated[OptionDefinition, BeforeValidator(_long_form)]
Options: TypeAlias = Annotated[
    dict[OptionCode, Option],
    Field(min_length=1, description="What may be chosen: code → text, or code → {text, namely, exclusive, when}."),
]


class QuestionDefinition(AboutDefinition):
    """What every type of question may have."""

    text: TextSource = Field(description="What is asked.")
    help: TextSource | None = Field(None, description="A short explanation under the question.")
    when: ConditionSource | None = None
    seconds: float | None = Field(None, gt=0, le=600, description="Expected time to answer, in seconds.")
