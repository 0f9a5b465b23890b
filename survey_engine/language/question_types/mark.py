"""A report mark, from 1 to 10 or between other bounds."""

from __future__ import annotations

from dataclasses import replace

from survey_engine.language.definition_fields import ClosedDefinition, CodeField
from survey_engine.language.question_types.mark_scale import HIGHEST, LOWEST, MarkScaleDefinition, build_marks
from survey_engine.language.question_types.options import build_outside, code_variables
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


class MarkDefinition(MarkScaleDefinition, ClosedDefinition):
    """A report mark: 1–10, or other whole numbers."""

    mark: CodeField


def build(definition: MarkDefinition, builder: Builder) -> Question:
    """Build a mark. A plain mark from 1 to 10 has no options."""
    low, high = definition.bounds
    outside = build_outside(definition.mark, definition, builder)
    options = (*build_marks(definition, definition.mark, builder), *outside) if definition.has_own_scale or outside else ()
    return build_question("mark", definition, builder, QUESTION_SECONDS, low=low, high=high, options=options)


def read(question: Question, form: Form) -> Reading:
    written = form.get(question.code, "")
    marks = question.written or {str(mark): mark for mark in range(LOWEST, HIGHEST + 1)}
    if written in marks:
        return Reading({question.code: marks[written]})
    return Reading(errors={question.code: InputError("option")} if written else {})


def variables(question: Question) -> tuple[Variable, ...]:
    """Return the variable: a number with bounds, with options if the question has any."""
    return tuple(replace(each, kind="number", low=question.low, high=question.high) for each in code_variables(question))


MARK = QuestionType("mark", MarkDefinition, build, read, variables)
