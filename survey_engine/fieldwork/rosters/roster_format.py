"""Formats of files with students, as YAML: columns, values, checks, and what a file makes. Shipped ones are in `formats/`."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Field, PlainValidator, WithJsonSchema

from survey_engine.fieldwork.names import PERSON
from survey_engine.fieldwork.rosters.findings import ROSTER_CHECKS, ROSTER_SEVERITIES
from survey_engine.language.definition_fields import (
    CodeField,
    Definition,
    Flag,
    NameField,
    PlainText,
    WholeNumber,
    expected_error,
)
from survey_engine.language.validation import read_document
from survey_engine.model.messages import join_names, suggest_name

FOLDER = Path(__file__).parent / "formats"
PLAIN = "plain"
COLUMN_KINDS = {
    "institution": "the institution of the person",
    "language": "the language of the start page",
    "background": "a variable of the questionnaire; conditions use it",
    "response_label": "a label that only counts response, such as a class",
    "analysis_label": "a label by which results are split",
    "contact": "an address or name of the person",
    "birth_date": "the birth date, for the login by name",
    "surname": "the surname, for the login by name",
    "surname_prefix": "the prefix of the surname, such as van der",
    "first_name": "the first name or names, for the login by name",
    "mail_text": "a text or signature of invitations",
    "exclusion": "the reason why the person is not asked",
    "copied": "copied to the list of links",
    "ignored": "checked and not used",
}
"""What a column becomes."""


def _one_of(*names: str) -> PlainValidator:
    def check(value: Any) -> str:
        if isinstance(value, str) and value in names:
            return value
        raise expected_error(f"one of {join_names(names, 20)}")

    return PlainValidator(check, json_schema_input_type=Literal[names])


ColumnKindField: TypeAlias = Annotated[str, _one_of(*COLUMN_KINDS)]
SeverityField: TypeAlias = Annotated[str, _one_of(*ROSTER_SEVERITIES, "off")]
CheckField: TypeAlias = Annotated[str, _one_of(*ROSTER_CHECKS)]


def _check_spellings(value: Any) -> list[str]:
    listed = value if isinstance(value, list) else [value]
    if listed and all(isinstance(one, str | int) and not isinstance(one, bool) and str(one).strip() for one in listed):
        return [str(one) for one in listed]
    raise expected_error("the ways to write this value, such as [VT, voltijd]")


Spellings: TypeAlias = Annotated[
    list[str], PlainValidator(_check_spellings), WithJsonSchema({"type": ["array", "string"], "items": {"type": "string"}})
]


class ColumnDefinition(Definition):
    """One column of a file."""

    becomes: ColumnKindField = Field("ignored", description="What the cells become.")
    variable: CodeField | None = Field(None, description="The background variable that it becomes.")
    label: CodeField | None = Field(None, description="The code of the label that it becomes; default: made of the heading.")
    aliases: list[PlainText] = Field(default_factory=list, description="Other headings of the same column.")
    required: Flag = Field(False, description="True if the file must have this column.")
    filled: Flag = Field(False, description="True if each row must have a value.")
    values: dict[PlainText, Spellings] = Field(
        default_factory=dict, description="Allowed values: the value → the ways to write it; the first is shown in templates."
    )
    shapes: list[PlainText] = Field(
        default_factory=list,
        description="The forms of a value: 9 is a digit, A a capital letter; or e-mail, or name (letters, digits, dots, hyphens).",
    )
    digits: WholeNumber | None = Field(None, ge=1, le=20, description="The number of digits: lost leading zeros are added again.")
    low: WholeNumber | None = Field(None, alias="from", description="The smallest whole number.")
    high: WholeNumber | None = Field(None, alias="to", description="The largest whole number.")
    example: PlainText = Field("", description="An example for messages and templates.")
    meaning: PlainText = Field("", description="An explanation for templates.")
    of_person: Flag = Field(
        False, description="True if all rows of a person have one value; language, contact, names and birth date always do."
    )
    begins_with: PlainText = Field("", description="The column whose value this code begins with, if the code is longer.")
    reference: Annotated[str | None, Field(description="The code in RIO that it is.")] = None

    def code_of(self, name: str) -> str:
        """The code of a label, address or name in a column of this name."""
        if self.becomes in PERSON:
            return self.becomes
        return self.label or re.sub(r"[\W_]+", "_", name.casefold()).strip("_")

    @property
    def is_personal(self) -> bool:
        """Whether all rows of a person have the same value."""
        return self.of_person or self.becomes in ("language", "contact", *PERSON)

    @property
    def shown(self) -> list[str]:
        """The allowed values as shown to people."""
        if self.values:
            return [spellings[0] for spellings in self.values.values()]
        if self.low is not None and self.high is not None and self.high - self.low < 50:
            return [str(number) for number in range(self.low, self.high + 1)]
        return []


class MainRowDefinition(Definition):
    """Which row of a person is used, if a person has several."""

    column: PlainText
    value: PlainText = Field(description="The value, as in `values`, of the row that is used.")


class RosterDefinition(Definition):
    """The format of a file with students."""

    roster: NameField
    title: PlainText
    makes: Annotated[str, _one_of("seats", "labels")] = Field(
        "seats", description="Seats: who may answer. Labels: of existing seats."
    )
    person: list[PlainText] = Field(default_factory=list, description="The columns that together identify a person.")
    row: list[PlainText] = Field(default_factory=list, description="The columns that together are different in each row.")
    main_row: MainRowDefinition | None = None
    columns: dict[PlainText, ColumnDefinition] = Field(min_length=1)
    others: Annotated[str, _one_of("background", "copied", "ignored")] = Field(
        "ignored", description="What other columns become."
    )
    smallest: WholeNumber = Field(5, ge=1, le=1000, description="Smallest number of persons with the same analysis labels.")
    jump: WholeNumber = Field(50, ge=1, le=1000, description="Change in percent from last year that is reported.")
    checks: dict[CheckField, SeverityField] = Field(default_factory=dict, description="Severities other than the usual ones.")

    def iter_kind(self, *kinds: str) -> Iterator[str]:
        """The columns that become one of these kinds."""
        return (name for name, column in self.columns.items() if column.becomes in kinds)

    def list_required(self, given: Collection[str]) -> list[str]:
        """The columns that a file with the columns `given` must have. A label file that only excludes persons needs no labels."""
        labelling = {*self.iter_kind("analysis_label", "response_label", "background")}
        excludes = self.makes == "labels" and not {*self.iter_kind("exclusion")}.isdisjoint(given)
        left_out = labelling if excludes and labelling.isdisjoint(given) else ()
        return [name for name, column in self.columns.items() if column.required and name not in left_out]

    def get_severity(self, check: str) -> str:
        severity: str = self.checks.get(check, ROSTER_CHECKS[check].severity)
        return severity

    @property
    def is_plain(self) -> bool:
        """Whether columns have the names and values of the questionnaire, so that nothing is translated."""
        return bool(self.others == "background")

    @property
    def headings(self) -> list[str]:
        """All names of columns."""
        return [heading for name, column in self.columns.items() for heading in (name, *column.aliases)]

    @property
    def required(self) -> list[str]:
        """All names of required columns."""
        return [heading for name, column in self.columns.items() if column.required for heading in (name, *column.aliases)]


class UnknownFormatError(Exception):
    """There is no such format, or its file has mistakes; the message has them with their lines."""


def list_formats() -> list[str]:
    """The names of the shipped formats."""
    return sorted(path.stem for path in FOLDER.glob("*.yaml"))


def load_format(name: str) -> RosterDefinition:
    """Load a shipped format by name, or any format by the path of its YAML file.

    Raises:
        UnknownFormatError: when there is none, or it has mistakes.
    """
    path = FOLDER / f"{name}.yaml" if name in list_formats() else Path(name)
    if not path.is_file():
        known = join_names(list_formats())
        raise UnknownFormatError(
            f"There is no format '{name}'{suggest_name(name, list_formats())}. Known: {known}; or give a YAML file."
        )
    document = read_document(path.name, path.read_bytes(), {"roster": RosterDefinition})
    definition = document.definition
    problems = [str(problem) for problem in document.problems]
    if isinstance(definition, RosterDefinition):
        problems += _iter_unknown(definition)
        if not problems:
            return definition
    raise UnknownFormatError("\n".join([f"The format {name} has mistakes.", *problems]))


def _iter_unknown(definition: RosterDefinition) -> Iterator[str]:
    named = [*definition.person, *definition.row, *([definition.main_row.column] if definition.main_row else [])]
    for name in named:
        if name not in definition.columns:
            yield f"There is no column '{name}'{suggest_name(name, definition.columns)}."
    for name, column in definition.columns.items():
        if column.begins_with and column.begins_with not in definition.columns:
            yield f"There is no column '{column.begins_with}'{suggest_name(column.begins_with, definition.columns)}."
        if column.becomes == "background" and column.variable is None:
            yield f"The column '{name}' becomes background: add `variable:`."
