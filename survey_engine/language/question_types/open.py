"""Open text with a maximum length, and optionally a notice such as "name no teachers"."""

from __future__ import annotations

from pydantic import Field

from survey_engine.language.definition_fields import CodeField, NamedCode, QuestionDefinition, WholeNumber
from survey_engine.language.question_types.question_type import (
    OPEN_SECONDS,
    Builder,
    Form,
    InputError,
    QuestionType,
    Reading,
    build_question,
)
from survey_engine.model.questionnaire import Question, Variable


class OpenDefinition(QuestionDefinition):
    """An answer in the respondent's own words."""

    open: CodeField
    max_length: WholeNumber = Field(1000, ge=1, le=10_000, description="The maximum number of characters.")
    notice: NamedCode | None = Field(None, description="The name of a notice that is shown beside the field.")


def build(definition: OpenDefinition, builder: Builder) -> Question:
    notice = builder.find_notice(definition.notice, definition.place("notice")) if definition.notice else None
    return build_question("open", definition, builder, OPEN_SECONDS, max_length=definition.max_length, notice=notice)


def read(question: Question, form: Form) -> Reading:
    written = form.get(question.code, "").replace("\r\n", "\n").replace("\x00", "").strip()
    if len(written) > question.max_length:
        return Reading(errors={question.code: InputError("too_long", {"limit": question.max_length, "count": len(written)})})
    return Reading({question.code: written}) if written else Reading()


def variables(question: Question) -> tuple[Variable, ...]:
    return (Variable(question.code, "text", question.text, place=question.place),)


OPEN = QuestionType("open", OpenDefinition, build, read, variables, prompts=False, prose=True)
