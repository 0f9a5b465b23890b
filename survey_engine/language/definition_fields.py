"""Field types and base classes of the definition language, as pydantic models that keep their place in the file.

Question types define their classes in `question_types/`; classes of files and sections are in `documents.py`.
"""

from __future__ import annotations

import datetime
import re
from functools import partial
from typing import Annotated, Any, ClassVar, Self, TypeAlias

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

from survey_engine.language.synonyms import find_key_synonym
from survey_engine.language.yaml_reader import BareWord, SourceMapping, find_place
from survey_engine.model.questionnaire import ItemMetadata, Place

CODE_LENGTH = 32
_TEXT_LENGTH = 8000
_BIGGEST_NUMBER = 1_000_000
CODE_PATTERN = rf"^(?=.{{1,{CODE_LENGTH}}}$)[a-z][a-z0-9]*(_[a-z0-9]+)*$"
"""No double underscore: such codes are reserved for variables that the engine adds, such as transport__namely."""
NAME_PATTERN = r"^[a-z0-9][a-z0-9-]{0,39}$"
RIO_PATTERN = r"^([0-9]{2}[A-Z]{2}([0-9]{2})?|[0-9]{3}A[0-9]{3})$"
"""A code of RIO or BRIN: of an institution, a branch, or a provider of education."""


def expected_error(expected: str) -> PydanticCustomError:
    """Return an error that names the expected value; `validation` turns it into a problem."""
    return PydanticCustomError("expected", "{expected}", {"expected": expected})


def _convert_number(value: Any) -> Any:
    """Convert a number to a text where a text is expected: `title: 2026`."""
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def match_pattern(pattern: str, expected: str) -> PlainValidator:
    """Accept strings that match the pattern; `expected` describes them to authors."""

    def check(value: Any) -> str:
        if isinstance(value, str) and re.fullmatch(pattern, value):
            return value
        raise expected_error(expected)

    return PlainValidator(check)


def _check_text(value: Any) -> Any:
    value = _convert_number(value)
    if isinstance(value, str) and 0 < len(value.strip()) <= _TEXT_LENGTH:
        return value
    if (
        isinstance(value, dict)
        and value
        and all(isinstance(_convert_number(v), str) and _convert_number(v).strip() for v in value.values())
    ):
        return value
    raise expected_error(f"a text of at most {_TEXT_LENGTH} characters, or a mapping with a text for every language")


def _check_filled(value: Any) -> Any:
    value = _convert_number(value)
    if isinstance(value, str) and value.strip():
        return value
    raise expected_error("a text that is not empty")


def _check_code(value: Any) -> str:
    if isinstance(value, str) and re.fullmatch(CODE_PATTERN, value):
        return str(value)
    raise PydanticCustomError("code", "a code")


def _check_named_code(value: Any) -> str:
    """Check a code that refers to a definition elsewhere. An unquoted `yes` is an error: the author must write the code."""
    if isinstance(value, BareWord):
        raise PydanticCustomError("code", "a code")
    return _check_code(value)


def _check_option_code(value: Any) -> str | int:
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) <= _BIGGEST_NUMBER:
        return value
    if isinstance(value, str) and re.fullmatch(CODE_PATTERN, value):
        return str(value)
    raise PydanticCustomError("option_code", "a code or a whole number")


def _check_comment(value: Any) -> Any:
    if isinstance(value, bool):
        return value
    if isinstance(value, dict) and not {"text", "notice"}.isdisjoint(value):
        raise expected_error("true, or the text itself; its `notice` is a key of the question")
    if isinstance(value, BareWord):
        raise expected_error(f"`{str(value.meant).lower()}` or `{str(not value.meant).lower()}`, or a text")
    try:
        return _check_text(value)
    except PydanticCustomError:
        raise expected_error("true, or a text") from None


def _check_label(value: Any) -> Any:
    if isinstance(value, bool | BareWord):
        raise expected_error("the text of this option, such as Not applicable; without the key there is no such option")
    return _check_text(value)


def _check_condition(value: Any) -> str:
    word = str(value.meant if isinstance(value, BareWord) else value).lower()
    if word == "true":
        raise expected_error("a condition such as path == 'bol'; what everybody is asked has none")
    if word == "false":
        raise expected_error("a condition such as path == 'bol'; move what nobody is asked to a file that begins with `bank:`")
    if isinstance(value, str):
        return value
    raise expected_error("a condition such as path == 'bol'; put it in quotes if it begins with a punctuation mark")


def _check_whole_number(value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) <= _BIGGEST_NUMBER:
        return value
    raise expected_error(f"a whole number of at most {_BIGGEST_NUMBER}, without quotes")


def _check_date(value: Any) -> datetime.date:
    if isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        try:
            return datetime.date.fromisoformat(value)
        except ValueError:
            pass
    raise expected_error("a date like 2026-01-31")


def _expand_short_form(short_for: type[BaseModel], value: Any) -> Any:
    """Expand `code: text` to `code: {text: text}`. A mapping with a key of the long form, or a synonym of one, is unchanged."""
    known = short_for.model_fields
    if isinstance(value, dict) and any(key in known or find_key_synonym(key, known) for key in value):
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
_NAME_SCHEMA = {"type": "string", "pattern": NAME_PATTERN, "description": "Letters, digits and -; used in links."}
_CONDITION_SCHEMA = {"type": "string", "description": "A condition such as path == 'bol' and level >= 2."}

CodeField: TypeAlias = Annotated[str, PlainValidator(_check_code), WithJsonSchema(_CODE_SCHEMA)]
NamedCode: TypeAlias = Annotated[str, PlainValidator(_check_named_code), WithJsonSchema(_CODE_SCHEMA)]
NameField: TypeAlias = Annotated[
    str,
    match_pattern(NAME_PATTERN, "lower-case letters, digits and -, at most 40 characters: it is used in links"),
    WithJsonSchema(_NAME_SCHEMA),
]
RioCode: TypeAlias = Annotated[
    str,
    match_pattern(
        RIO_PATTERN, "a code of RIO or BRIN in capitals: an institution such as 27DV, a branch 27DV00, or a provider 110A133"
    ),
    WithJsonSchema({"type": "string", "pattern": RIO_PATTERN, "description": "A code of RIO or BRIN, such as 27DV."}),
]
FilledText: TypeAlias = Annotated[str, PlainValidator(_check_filled), WithJsonSchema({"type": ["string", "number"]})]
PlainText: TypeAlias = Annotated[str, BeforeValidator(_convert_number)]
Flag: TypeAlias = Annotated[bool, Field(strict=True)]
WholeNumber: TypeAlias = Annotated[int, BeforeValidator(_check_whole_number)]
Number: TypeAlias = Annotated[float, Field(strict=True)]
Date: TypeAlias = Annotated[datetime.date, PlainValidator(_check_date), WithJsonSchema({"type": "string", "format": "date"})]
OptionCode: TypeAlias = Annotated[
    int | str, PlainValidator(_check_option_code), WithJsonSchema({"anyOf": [{"type": "integer"}, _CODE_SCHEMA]})
]
TextSource: TypeAlias = Annotated[str | dict[str, str], PlainValidator(_check_text), WithJsonSchema(_TEXT_SCHEMA)]
LabelSource: TypeAlias = Annotated[str | dict[str, str], PlainValidator(_check_label), WithJsonSchema(_TEXT_SCHEMA)]
CommentSource: TypeAlias = Annotated[
    bool | str | dict[str, str],
    PlainValidator(_check_comment),
    WithJsonSchema({"anyOf": [{"type": "boolean"}, *_TEXT_SCHEMA["anyOf"]]}),
]
ConditionSource: TypeAlias = Annotated[str, PlainValidator(_check_condition), WithJsonSchema(_CONDITION_SCHEMA)]


class Definition(BaseModel):
    """A mapping in the YAML. `place()` returns its place, `place(key, …)` the place of a value in it."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)
    _node: SourceMapping = PrivateAttr(default_factory=lambda: SourceMapping(Place("")))

    @model_validator(mode="wrap")
    @classmethod
    def _store_node(cls, data: Any, handler: ValidatorFunctionWrapHandler) -> Self:
        definition: Self = handler(data)
        if isinstance(data, SourceMapping):
            definition._node = data
        return definition

    def place(self, *path: object) -> Place:
        return find_place(self._node, path, Place(""))

    def key_place(self, *path: object) -> Place:
        return find_place(self._node, path, Place(""), key=True)


class MetadataDefinition(Definition):
    """Documentation of an item for researchers; respondents do not see it."""

    source: PlainText = Field("", description="The source of the item or its scale.")
    purpose: PlainText = Field("", description="The reason for asking it.")
    reverse: Flag = Field(False, description="True when a high score means the opposite of the rest of its scale.")
    sensitive: PlainText = Field("", description="A short reason why its answers are sensitive, such as health.")
    indicators: list[str] = Field(default_factory=list, description="The indicators that use it.")
    frozen_until: WholeNumber | None = Field(None, description="The last edition in which its wording may not change.")
    break_variable: Flag = Field(False, description="True when results are split on it.")
    since: WholeNumber | None = Field(None, ge=1900, le=2200, description="The first edition that has it.")
    tested: Flag | None = Field(None, description="Whether it was tested with students.")
    note: PlainText = Field("", description="A remark for reviewers, in the preview and in print; respondents do not see it.")

    def build_metadata(self) -> ItemMetadata:
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
            note=self.note,
        )


class ItemDefinition(MetadataDefinition):
    """A row of a grid, in its long form."""

    text: TextSource
    when: ConditionSource | None = None
    fixed: Flag = Field(False, description="True to keep its place in a random order.")


class ConsentPartDefinition(ItemDefinition):
    """One statement that a respondent may consent to."""

    required: Flag = Field(False, description="True when respondents must answer yes to continue.")


class OptionDefinition(Definition):
    """A response option, in its long form."""

    text: TextSource
    when: ConditionSource | None = None
    namely: Flag = Field(False, description="True when it has a text field, as in 'other, namely'.")
    exclusive: Flag = Field(False, description="True when it excludes all other options.")
    fixed: Flag = Field(False, description="True to keep its place in a random order, as namely and exclusive options do.")


ItemField: TypeAlias = Annotated[ItemDefinition, BeforeValidator(partial(_expand_short_form, ItemDefinition))]
ConsentPartField: TypeAlias = Annotated[
    ConsentPartDefinition, BeforeValidator(partial(_expand_short_form, ConsentPartDefinition))
]
Option: TypeAlias = Annotated[OptionDefinition, BeforeValidator(partial(_expand_short_form, OptionDefinition))]
OptionsField: TypeAlias = Annotated[
    dict[OptionCode, Option],
    Field(min_length=1, description="The response options: code → text, or code → {text, namely, exclusive, fixed, when}."),
]


class QuestionDefinition(MetadataDefinition):
    """Keys that every type of question has.

    Attributes:
        option_settings: which of the settings `namely` and `exclusive` its response options may have.
    """

    option_settings: ClassVar[tuple[str, ...]] = ()
    text: TextSource = Field(description="What is asked.")
    help: TextSource | None = Field(None, description="A short explanation under the question.")
    when: ConditionSource | None = None
    seconds: Number | None = Field(None, gt=0, le=600, description="Expected time to answer, in seconds.")
    fixed: Flag = Field(False, description="True to keep its place, first or last, on a page with a random order.")


class ClosedDefinition(QuestionDefinition):
    """Keys of questions with response options."""

    does_not_apply: LabelSource | None = Field(None, description="An option outside the scale, with the code na.")
    dont_know: LabelSource | None = Field(None, description="An option outside the scale, with the code dk.")
    comment: CommentSource = Field(False, description="True, or a text, for an optional open field under the question.")
    notice: NamedCode | None = Field(None, description="The name of a notice that is shown beside the comment.")
