"""Panel sign-up: an e-mail address that is stored separately and cannot be joined to the answers."""

from __future__ import annotations

import re
from unicodedata import category

from survey_engine.language.definition_fields import CodeField, QuestionDefinition
from survey_engine.language.question_types.question_type import (
    QUESTION_SECONDS,
    Builder,
    Form,
    InputError,
    QuestionType,
    Reading,
    build_question,
    no_variables,
)
from survey_engine.model.questionnaire import Question

_LABEL = r"[^\s\x00-\x2c\x2e\x2f\x3a-\x40\x5b-\x60\x7b-\x9f]{1,63}"
"""A label of a domain name: letters and digits of any script, and hyphens."""
_ADDRESS = re.compile(
    rf"(?!mailto:)[^@\s\x00-\x1f\x7f-\x9f<>\",:;()\[\]\\]{{1,64}}@(?:{_LABEL}\.){{1,8}}(?![\d-]){_LABEL}", re.IGNORECASE
)


class PanelDefinition(QuestionDefinition):
    """Sign-up for a panel."""

    panel: CodeField


def build(definition: PanelDefinition, builder: Builder) -> Question:
    return build_question("panel", definition, builder, QUESTION_SECONDS, items=())


def read(question: Question, form: Form) -> Reading:
    """Validate the address. It is no value of a variable; `engine.decisions` returns it separately."""
    written = form.get(question.code, "").strip()
    if not written or is_email_address(written):
        return Reading()
    return Reading(errors={question.code: InputError("address")})


def is_email_address(written: str) -> bool:
    """Whether a string looks like an e-mail address of any script, without invisible characters from copying.

    >>> is_email_address("jörg@exämple.de"), is_email_address("mailto:jan@example.org"), is_email_address("jan@example.org\u200b")
    (True, False, False)
    """
    return (
        bool(_ADDRESS.fullmatch(written))
        and len(written.rpartition("@")[2].rpartition(".")[2]) > 1
        and (written.isascii() or not any(category(c) == "Cf" for c in written))
    )


PANEL = QuestionType("panel", PanelDefinition, build, read, no_variables, prompts=False, apart=True)
