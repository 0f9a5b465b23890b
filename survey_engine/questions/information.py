"""Information: text to read, nothing to answer."""

from __future__ import annotations

from survey_engine.definitions import Code, QuestionDefinition
from survey_engine.model import Question
from survey_engine.questions.question_type import (
    INFORMATION_SECONDS,
    Builder,
    Form,
    QuestionType,
    Reading,
    build_question,
    no_variables,
)


class InformationDefinition(QuestionDefinition):
    """Something to read."""

    information: Code


def build(definition: InformationDefinition, builder: Builder) -> Question:
    return build_question("information", definition, builder, INFORMATION_SECONDS, items=())


def read(question: Question, form: Form) -> Reading:
    return Reading()


INFORMATION = QuestionType("information", InformationDefinition, build, read, no_variables, prompts=False)
