"""A whole number between two bounds."""

from __future__ import annotations

import re

from pydantic import Field

from survey_engine.language.definition_fields import Code, QuestionDefinition, TextSource, WholeNumber
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

_WHOLE = re.compile(r"-?[0-9]{1,9}")


class NumberDefinition(QuestionDefinition):
    """A whole number."""

    number: Code
    low: WholeNumber = Field(0, alias="from", description="The smallest number that is allowed.")
    high: WholeNumber = Field(alias="to", description="The largest number that is allowed.")
    unit: TextSource | None = Field(None, description="The unit, shown beside the field.")


def build(definition: NumberDefinition, builder: Builder) -> Question:
    if definition.low > definition.high:
        builder.report("bad-bounds", definition.place("from"), code=definition.number, low=definition.low, high=definition.high)
    unit = builder.build_text(f"{definition.number}.unit", definition.unit, definition.place("unit")) if definition.unit else None
    return build_question("number", definition, builder, QUESTION_SECONDS, low=definition.low, high=definition.high, unit=unit)


def read(question: Question, form: Form) -> Reading:
    written = _drop_unit(question, form.get(question.code, "").strip())
    if not written:
        return Reading()
    low, high = question.low or 0, question.high or 0
    if not (_WHOLE.fullmatch(written) and low <= int(written) <= high):
        return Reading(errors={question.code: InputError("number", {"low": low, "high": high})})
    return Reading({question.code: int(written)})


def _drop_unit(question: Question, written: str) -> str:
    """Return the number in "45 minutes", where the unit also stands beside the field."""
    units = question.unit.wording.values() if question.unit else ()
    number = next((written[: -len(unit)] for unit in units if unit and written.casefold().endswith(unit.casefold())), "")
    return number.strip() or written


def variables(question: Question) -> tuple[Variable, ...]:
    return (Variable(question.code, "number", question.text, low=question.low, high=question.high, place=question.place),)


NUMBER = QuestionType("number", NumberDefinition, build, read, variables)
