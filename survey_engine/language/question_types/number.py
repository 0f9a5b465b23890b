"""A whole number between two bounds."""

from __future__ import annotations

import re

from pydantic import Field

from survey_engine.language.definition_fields import CodeField, QuestionDefinition, TextSource, WholeNumber
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

_WRITTEN = re.compile(r"(-?[0-9]{1,9})(\D*)")
_NO_LETTER_OR_TWICE = re.compile(r"[\W\d_]|(.)(?=\1)")


class NumberDefinition(QuestionDefinition):
    """A whole number."""

    number: CodeField
    low: WholeNumber = Field(0, alias="from", description="The smallest number that is allowed.")
    high: WholeNumber = Field(alias="to", description="The largest number that is allowed.")
    unit: TextSource | None = Field(None, description="The unit, shown beside the field.")


def build(definition: NumberDefinition, builder: Builder) -> Question:
    if definition.low > definition.high:
        builder.report("bad-bounds", definition.place("from"), code=definition.number, low=definition.low, high=definition.high)
    unit = builder.build_text(f"{definition.number}.unit", definition.unit, definition.place("unit")) if definition.unit else None
    return build_question("number", definition, builder, QUESTION_SECONDS, low=definition.low, high=definition.high, unit=unit)


def read(question: Question, form: Form) -> Reading:
    written = form.get(question.code, "").strip()
    if not written:
        return Reading()
    low, high, found = question.low or 0, question.high or 0, _WRITTEN.fullmatch(written)
    units = question.unit.wording.values() if question.unit else ()
    if found and low <= int(found[1]) <= high and (not found[2] or any(_is_unit(found[2].strip(), unit) for unit in units)):
        return Reading({question.code: int(found[1])})
    return Reading(errors={question.code: InputError("number", {"low": low, "high": high})})


def _is_unit(written: str, unit: str) -> bool:
    """Whether a text is the unit beside the field or an abbreviation: some of its letters in the same order, beginning with the first.

    >>> [_is_unit(written, "minuten") for written in ("Minuten", "min.", "m", "minuut", "uur", "maanden")]
    [True, True, True, True, False, False]
    """
    if written.casefold() == unit.casefold():
        return True
    short, rest = (_NO_LETTER_OR_TWICE.sub("", text.casefold()) for text in (written, unit))
    letters = iter(rest)
    return bool(short) and short[0] == rest[:1] and all(letter in letters for letter in short)


def variables(question: Question) -> tuple[Variable, ...]:
    return (Variable(question.code, "number", question.text, low=question.low, high=question.high, place=question.place),)


NUMBER = QuestionType("number", NumberDefinition, build, read, variables)
