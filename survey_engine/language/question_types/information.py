"""Information: a text without a question."""

from __future__ import annotations

from survey_engine.language.definition_fields import CodeField, QuestionDefinition
from survey_engine.language.question_types.question_type import (
    INFORMATION_SECONDS,
    Builder,
    Form,
    QuestionType,
    Reading,
    build_question,
    no_variables,
)
from survey_engine.model.questionnaire import Question


class InformationDefinition(QuestionDefinition):
    """A text without a question."""

    information: CodeField


def build(definition: InformationDefinition, builder: Builder) -> Question:
    return build_question("information", definition, builder, INFORMATION_SECONDS, items=())


def read(question: Question, form: Form) -> Reading:
    return Reading()


INFORMATION = QuestionType(
    "information", InformationDefinition, build, read, no_variables, prompts=False, asks=False, has_paragraphs=True
)
