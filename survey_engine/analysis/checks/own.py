"""Local questions use only question types and scales of the questionnaire."""

from __future__ import annotations

from collections.abc import Iterator

from survey_engine.language.question_types import QUESTION_TYPES
from survey_engine.model.messages import Problem
from survey_engine.model.questionnaire import Institution, Question, Questionnaire

_NEVER_OWN = frozenset({"consent", "panel"})
"""Consent and e-mail addresses are the responsibility of the organiser, not of an institution."""


def check_own_types(questionnaire: Questionnaire) -> Iterator[Problem]:
    for institution, question in _list_own(questionnaire):
        if question.type in _NEVER_OWN:
            facts = {"code": question.code, "institution": institution.code, "type": question.type}
            yield Problem("own-type", question.place, facts)


def check_own_scales(questionnaire: Questionnaire) -> Iterator[Problem]:
    """Report local statements without marks or a scale of the questionnaire, if its own statements use scales."""
    if any(QUESTION_TYPES[question.type].statements and _is_shared(question) for question in _list_core(questionnaire)):
        for institution, question in _list_own(questionnaire):
            if QUESTION_TYPES[question.type].statements and not _is_shared(question):
                yield Problem("own-scale", question.place, {"code": question.code, "institution": institution.code})


def _list_own(questionnaire: Questionnaire) -> Iterator[tuple[Institution, Question]]:
    for institution in questionnaire.institutions.values():
        for section in institution.own_sections:
            yield from ((institution, question) for question in section.list_questions())


def _list_core(questionnaire: Questionnaire) -> Iterator[Question]:
    for section in (*questionnaire.sections.values(), *questionnaire.modules.values()):
        yield from section.list_questions()


def _is_shared(question: Question) -> bool:
    if question.low is not None:
        return True  # a grid of marks
    return all(option.text.code.startswith("scale.") for option in question.options if not option.outside_scale)
