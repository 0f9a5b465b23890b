"""Consent: separate yes/no parts, each stored with the version of its text."""

from __future__ import annotations

from pydantic import Field

from survey_engine.language.definition_fields import CodeField, ConsentPartField, Flag, QuestionDefinition, WholeNumber
from survey_engine.language.question_types.options import code_variables, read_code
from survey_engine.language.question_types.question_type import (
    QUESTION_SECONDS,
    Builder,
    Form,
    QuestionType,
    Reading,
    build_question,
    inherit_metadata,
)
from survey_engine.language.question_types.yes_no import build_yes_no
from survey_engine.model.questionnaire import Item, Question, Variable

VERSION_SUFFIX = "__version"
"""Suffix of the variable with the version of a part's text: `consent_use__version`."""


class ConsentDefinition(QuestionDefinition):
    """A consent with one or more parts."""

    consent: CodeField
    version: WholeNumber = Field(1, ge=1, description="Raise it when the meaning of a text changes.")
    parts: dict[CodeField, ConsentPartField] = Field(min_length=1, description="code → text, or code → {text, required}.")
    agree_to_all: Flag = Field(False, description="Without effect; published versions may contain it.")


def build(definition: ConsentDefinition, builder: Builder) -> Question:
    options = build_yes_no(definition.place(), builder)
    items = tuple(
        Item(
            code=code,
            text=builder.build_text(code, part.text, definition.place("parts", code, "text")),
            place=definition.key_place("parts", code),
            about=inherit_metadata(part, definition).build_metadata(),
            when=builder.build_condition(part.when, part.place("when")),
            required=part.required,
        )
        for code, part in definition.parts.items()
    )
    return build_question(
        "consent",
        definition,
        builder,
        QUESTION_SECONDS,
        items=items,
        options=options,
        version=definition.version,
    )


def read(question: Question, form: Form) -> Reading:
    """Read the answer to each part and the version of its text. `engine.decisions` checks required parts."""
    reading = Reading()
    for item in question.items:
        read_code(question, item.code, form, reading)
        if item.code in reading.values:
            reading.values[item.code + VERSION_SUFFIX] = question.version
    return reading


def variables(question: Question) -> tuple[Variable, ...]:
    versions = (
        Variable(item.code + VERSION_SUFFIX, "number", item.text, low=1, high=9999, place=item.place) for item in question.items
    )
    return (*code_variables(question), *versions)


CONSENT = QuestionType("consent", ConsentDefinition, build, read, variables, has_paragraphs=True)
