"""Panel sign-up: an e-mail address that is stored where it cannot be joined to the answers."""

from __future__ import annotations

import re

from survey_engine.language.definition_fields import Code, QuestionDefinition
from survey_engine.language.question_types.question_type import (
    QUESTION_SECONDS,
    Builder,
    Fault,
    Form,
    QuestionType,
    Reading,
    build_question,
    no_variables,
)
from survey_engine.model.questionnaire import Question

_ADDRESS = re.compile(r"[^@\s\x00-\x1f<>\",;]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24}")


class PanelDefinition(QuestionDefinition):
    """Sign up for a panel."""

    panel: Code


def build(definition: PanelDefinition, builder: Builder) -> Question:
    return build_question("panel", definition, builder, QUESTION_SECONDS, items=())


def read(question: Question, form: Form) -> Reading:
    """The address is no answer: it has no variable, and `answering` hands it on apart from the values."""
    written = form.get(question.code, "").strip()
    if not written or _ADDRESS.fullmatch(written):
        return Reading()
    return Reading(faults={question.code: Fault("address")})


PANEL = QuestionType("panel", PanelDefinition, build, read, no_variables, prompts=False)
