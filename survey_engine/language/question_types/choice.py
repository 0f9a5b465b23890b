"""Single choice, optionally with "other, namely"."""

from __future__ import annotations

from pydantic import Field

from survey_engine.language.definition_fields import ClosedDefinition, CodeField, Flag, NamedCode, OptionsField
from survey_engine.language.question_types.options import (
    build_options,
    build_outside,
    code_variables,
    read_code,
    read_other_text,
)
from survey_engine.language.question_types.question_type import (
    QUESTION_SECONDS,
    Builder,
    Form,
    QuestionType,
    Reading,
    build_question,
)
from survey_engine.model.questionnaire import Question


class ChoiceDefinition(ClosedDefinition):
    """A question with one chosen option."""

    option_settings = ("namely",)
    choice: CodeField
    options: OptionsField | None = None
    scale: NamedCode | None = Field(None, description="The name of a scale, instead of or before options.")
    options_from: NamedCode | None = Field(None, description="The name of a list in the institutions' files.")
    random_order: Flag = Field(False, description="True when each respondent gets the options in a different order.")


def build(definition: ChoiceDefinition, builder: Builder) -> Question:
    outside = build_outside(definition.choice, definition, builder)
    options = build_options("choice", definition, builder, outside)
    more = {"options": options, "random_order": definition.random_order, "on_scale": definition.scale is not None}
    return build_question("choice", definition, builder, QUESTION_SECONDS, **more)


def read(question: Question, form: Form) -> Reading:
    reading = Reading()
    read_code(question, question.code, form, reading)
    read_other_text(question, form, reading)
    return reading


CHOICE = QuestionType("choice", ChoiceDefinition, build, read, code_variables)
