"""Mark: a report mark from 1 to 10."""

from __future__ import annotations

from survey_engine.language.definition_fields import Code, QuestionDefinition
from survey_engine.language.question_types.question_type import (
    QUESTION_SECONDS,
    Builder,
    Form,
    InputError,
    QuestionType,
    Reading,
    build_question,
)
from survey_engine.model.questionnaire import Question, Variable

LOWEST, HIGHEST = 1, 10
_MARKS = {str(mark): mark for mark in range(LOWEST, HIGHEST + 1)}


class MarkDefinition(QuestionDefinition):
    """A report mark, 1–10."""

    mark: Code


def build(definition: MarkDefinition, builder: Builder) -> Question:
    return build_question("mark", definition, builder, QUESTION_SECONDS, low=LOWEST, high=HIGHEST)


def read(question: Question, form: Form) -> Reading:
    written = form.get(question.code, "")
    if written in _MARKS:
        return Reading({question.code: _MARKS[written]})
    return Reading(errors={question.code: InputError("option")} if written else {})


def variables(question: Question) -> tuple[Variable, ...]:
    return (Variable(question.code, "number", question.text, low=LOWEST, high=HIGHEST, place=question.place),)


MARK = QuestionType("mark", MarkDefinition, build, read, variables)
