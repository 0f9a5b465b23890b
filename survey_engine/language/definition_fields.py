"""The words of the definition language: what may stand in the YAML, as pydantic models that remember their lines.

Question types add their own in `question_types/`; files and sections are in `documents.py`.
"""

from __future__ import annotations

import datetime
import re
from functools import partial
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

from survey_engine.language.yaml_reader import SourceMapping, find_place
from survey_engine.model.questionnaire import ItemMetadata, Place

CODE_LENGTH = 32
TEXT_LENGTH = 8000
BIGGEST_NUMBER = 1_000_000
CODE_PATTERN = rf"^(?=.{{1,{CODE_LENGTH}}}$)[a-z][a-z0-9]*(_[a-z0-9]+)*$"
"""A doubled _ is kept for the variables that the engine adds, such as transport__namely."""
NAME_PATTERN = r"^[a-z0-9][a-z0-9-]{0,39}$"


def wanted(expected: str) -> PydanticCustomError:
    """Names what should have stood there instead; `validation` makes the author's message of it."""
    return PydanticCustomError("wanted", "{expected}", {"expected": expected})


def _plain(value: Any) -> Any:
    """A bare number is fine where a text is wanted: `title: 2026`."""
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def matching(pattern: str, expected: str) -> PlainValidator:
    """Lets texts of this form through; `expected` says in an author's words what they look like."""

    def check(value: Any) -> str:
        if isinstance(value, str) and re.fullmatch(pattern, value):
            return value
        raise wanted(expected)

    return PlainValidator(check)


def _text(value: Any) -> Any:
    value = _plain(value)
    if isinstance(value, str) and 0 < len(value.strip()) <= TEXT_LENGTH:
        return value
    if isinstance(value, dict) and value and all(isinstance(_plain(v), str) and _plain(v).strip() for v in value.values()):
        return value
    raise wanted(f"a text of at most {TEXT_LENGTH} characters, or a mapping with a text for every language")


def _code(value: Any) -> str:
    if isinstance(value, str) and re.fullmatch(CODE_PATTERN, value):
        return value
    raise PydanticCustomError("code", "a code")


def _option_code(value: Any) -> str | int:
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) <= BIGGEST_NUMBER:
        return value
    if isinstance(value, str) and re.fullmatch(CODE_PATTERN, value):
        return value
    raise PydanticCustomError("option_code", "a code or a whole number")


def _condition(value: Any) -> str:
    if isinstance(value, str):
        return value
    raise wanted("a condition such as path == 'bol'; put it in quotes if it begins with a sign")


def _whole(value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) <= BIGGEST_NUMBER:
        return value
    raise wanted(f"a whole number of at most {BIGGEST_NUMBER}, without quotes")


def _date(value: Any) -> datetime.date:
    if isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        try:
            return datetime.date.fromisoformat(value)
        except ValueError:
            pass
    raise wanted("a date like 2026-01-31")


def _long_form(short_for: type[BaseModel], value: Any) -> Any:
    """`code: text` is short for `code: {text: text}`; a mapping is long as soon as it has one key of the long form."""
    if isinstance(value, dict) and not short_for.model_fields.keys().isdisjoint(value):
        return value
    long = SourceMapping(getattr(value, "place", Place("")))
    long["text"], long.places["text"], long.key_places["text"] = value, long.place, long.place
    return long


_TEXT_SCHEMA = {
    "anyOf": [
        {"type": ["string", "number"]},
        {"type": "object", "additionalProperties": {"type": "string"}, "minProperties": 1},
    ],
    "description": "A text in the source language, or a mapping with every language.",
}
_CODE_SCHEMA = {"type": "string", "pattern": CODE_PATTERN, "description": "A stable code: letters, digits and _."}
_NAME_SCHEMA = {"type": "string", "pattern": NAME_PATTERN, "description": "Letters, digits and -; it stands in links."}
_CONDITION_SCHEMA = {"type": "string", "description": "Who is asked: a condition like path == 'bol' and level >= 2."}

Code: TypeAlias = Annotated[str, PlainValidator(_code), WithJsonSchema(_CODE_SCHEMA)]
Name: TypeAlias = Annotated[
    str,
    matching(NAME_PATTERN, "lower-case letters, digits and -, at most 40 characters: it stands in links"),
    WithJsonSchema(_NAME_SCHEMA),
]
Plain: TypeAlias = Annotated[str, BeforeValidator(_plain)]
Flag: TypeAlias = Annotated[bool, Field(strict=True)]
Whole: TypeAlias = Annotated[int, BeforeValidator(_whole)]
Number: TypeAlias = Annotated[float, Field(strict=True)]
Date: TypeAlias = Annotated[datetime.date, PlainValidator(_date), WithJsonSchema({"type": "string", "format": "date"})]
OptionCode: TypeAlias = Annotated[
    int | str, PlainValidator(_option_code), WithJsonSchema({"anyOf": [{"type": "integer"}, _CODE_SCHEMA]})
]
TextSource: TypeAlias = Annotated[str | dict[str, str], PlainValidator(_text), WithJsonSchema(_TEXT_SCHEMA)]
ConditionSource: TypeAlias = Annotated[str, PlainValidator(_condition), WithJsonSchema(_CONDITION_SCHEMA)]


class Definition(BaseModel):
    """A mapping in the YAML; `place(key, …)` says where it, or what stands in it, begins."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)
    _node: SourceMapping = PrivateAttr(default_factory=lambda: SourceMapping(Place("")))

    @model_validator(mode="wrap")
    @classmethod
    def _remember(cls, data: Any, handler: ValidatorFunctionWrapHandler) -> Self:
        definition: Self = handler(data)
        if isinstance(data, SourceMapping):
            definition._node = data
        return definition

    def place(self, *path: object) -> Place:
        return find_place(self._node, path, Place(""))

    def key_place(self, *path: object) -> Place:
        return find_place(self._node, path, Place(""), key=True)


class AboutDefinition(Definition):
    """What researchers know of an item; it changes nothing for the respondent."""

    source: Plain = Field("", description="Where the item or its scale comes from.")
    purpose: Plain = Field("", description="Why it is asked.")
    reverse: Flag = Field(False, description="True when a high score means the opposite of the rest of its scale.")
    sensitive: Plain = Field("", description="A short word that says why answers need extra care, such as health.")
    indicators: list[str] = Field(default_factory=list, description="The indicators that it serves.")
    frozen_until: Whole | None = Field(None, description="The last edition in which its wording may not change.")
    break_variable: Flag = Field(False, description="True when results are split on it.")
    since: Whole | None = Field(None, description="The first edition that has it.")
    tested: Flag | None = Field(None, description="Whether it was tested with students.")

    def about(self) -> ItemMetadata:
        return ItemMetadata(
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

    required: Flag = Field(False, description="True when the questionnaire cannot go on without a yes.")


class OptionDefinition(Definition):
    """A response option, in its long form."""

    text: TextSource
    when: ConditionSource | None = None
    namely: Flag = Field(False, description="True when it has a field to write what is meant.")
    exclusive: Flag = Field(False, description="True when it excludes all other options.")


Item: TypeAlias = Annotated[ItemDefinition, BeforeValidator(partial(_long_form, ItemDefinition))]
Part: TypeAlias = Annotated[ConsentPartDefinition, BeforeValidator(partial(_long_form, ConsentPartDefinition))]
Option: TypeAlias = Annotated[OptionDefinition, BeforeValidator(partial(_long_form, OptionDefinition))]
Options: TypeAlias = Annotated[
    dict[OptionCode, Option],
    Field(min_length=1, description="What may be chosen: code → text, or code → {text, namely, exclusive, when}."),
]


class QuestionDefinition(AboutDefinition):
    """What every type of question may have."""

    text: TextSource = Field(description="What is asked.")
    help: TextSource | None = Field(None, description="A short explanation under the question.")
    when: ConditionSource | None = None
    seconds: Number | None = Field(None, gt=0, le=600, description="Expected time to answer, in seconds.")
