"""Multiple choice; an exclusive option ("none of these") excludes the others."""

from __future__ import annotations

from pydantic import Field

from survey_engine.language.definition_fields import ClosedDefinition, CodeField, Flag, NamedCode, OptionsField, WholeNumber
from survey_engine.language.question_types.options import build_options, build_outside, code_variables, read_other_text
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


class MultipleDefinition(ClosedDefinition):
    """A question with any number of chosen options."""

    option_settings = ("namely", "exclusive")
    multiple: CodeField
    at_least: WholeNumber | None = Field(None, ge=1, description="The least number of answers, if there are any.")
    at_most: WholeNumber | None = Field(None, ge=1, description="The largest number of answers.")
    options: OptionsField | None = None
    options_from: NamedCode | None = Field(None, description="The name of a list in the institutions' files.")
    random_order: Flag = Field(False, description="True when each respondent gets the options in a different order.")


def build(definition: MultipleDefinition, builder: Builder) -> Question:
    outside = build_outside(definition.multiple, definition, builder, exclusive=True)
    options = build_options("multiple", definition, builder, outside)
    several = len({option.code for option in options if not option.exclusive})
    low, high = definition.at_least or 0, definition.at_most or 0
    if options and not low <= (high or several) <= several:
        place = definition.place("at_most" if high else "at_least")
        builder.report("number-of-answers", place, code=definition.multiple, low=low or 1, high=high or several, options=several)
    bounds = {"at_least": low, "at_most": high}
    return build_question(
        "multiple", definition, builder, QUESTION_SECONDS, options=options, random_order=definition.random_order, **bounds
    )


def read(question: Question, form: Form) -> Reading:
    """Read the chosen options. An exclusive option beside others is an input error, which occurs without the page's script."""
    reading = Reading()
    posted = {question.written.get(raw) for raw in form.getlist(question.code) if raw}
    chosen = list(dict.fromkeys(option.code for option in question.options if option.code in posted))
    alone = [option.code for option in question.options if option.exclusive and option.code in posted]
    if None in posted:
        reading.errors[question.code] = InputError("option")
    elif alone and len(chosen) > 1:
        reading.errors[question.code] = InputError("exclusive")
    elif not alone and question.at_most and len(chosen) > question.at_most:
        reading.errors[question.code] = InputError("too_many", {"most": question.at_most})
    elif not alone and 0 < len(chosen) < question.at_least:
        reading.errors[question.code] = InputError("too_few", {"least": question.at_least})
    elif chosen:
        reading.values[question.code] = chosen
    read_other_text(question, form, reading)
    return reading


def variables(question: Question) -> tuple[Variable, ...]:
    return code_variables(question, "codes")


MULTIPLE = QuestionType("multiple", MultipleDefinition, build, read, variables, several=True)
