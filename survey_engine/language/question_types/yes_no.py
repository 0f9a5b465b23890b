"""Yes or no; the labels are texts of the interface."""

from __future__ import annotations

from survey_engine.language.definition_fields import ClosedDefinition, CodeField
from survey_engine.language.question_types.options import build_outside, code_variables, read_code
from survey_engine.language.question_types.question_type import (
    QUESTION_SECONDS,
    Builder,
    Form,
    QuestionType,
    Reading,
    build_question,
)
from survey_engine.model.questionnaire import Place, Question, ResponseOption, Variable

YES, NO = "yes", "no"


class YesNoDefinition(ClosedDefinition):
    """Yes or no."""

    yes_no: CodeField


def build(definition: YesNoDefinition, builder: Builder) -> Question:
    options = (*build_yes_no(definition.place(), builder), *build_outside(definition.yes_no, definition, builder))
    return build_question("yes_no", definition, builder, QUESTION_SECONDS, options=options)


def build_yes_no(place: Place, builder: Builder) -> tuple[ResponseOption, ...]:
    return ResponseOption(YES, builder.find_interface_text("Yes", place)), ResponseOption(
        NO, builder.find_interface_text("No", place)
    )


def read(question: Question, form: Form) -> Reading:
    reading = Reading()
    read_code(question, question.code, form, reading)
    return reading


def variables(question: Question) -> tuple[Variable, ...]:
    return code_variables(question)


YES_NO = QuestionType("yes_no", YesNoDefinition, build, read, variables)
