"""Local questions: they use allowed question types and shared scales, and nothing outside them depends on them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from survey_engine.analysis.local_questions import list_local_references
from survey_engine.engine.routing import list_question_variables
from survey_engine.language.question_types import QUESTION_TYPES
from survey_engine.model.messages import Problem
from survey_engine.model.questionnaire import Institution, Question, Questionnaire

_NEVER_OWN = frozenset({"consent", "panel"})
"""Question types that institutions may not use: the organiser is responsible for consent and e-mail addresses."""


def check_own_types(questionnaire: Questionnaire) -> Iterator[Problem]:
    for institution, question in _iter_own(questionnaire):
        if question.type in _NEVER_OWN:
            facts = {"code": question.code, "institution": institution.code, "type": question.type}
            yield Problem("own-type", question.place, facts)


def check_own_scales(questionnaire: Questionnaire) -> Iterator[Problem]:
    """Report local statements without marks or a shared scale, if the questionnaire's statements use shared scales."""
    if any(QUESTION_TYPES[question.type].statements and _is_shared(question) for question in _iter_core(questionnaire)):
        for institution, question in _iter_own(questionnaire):
            if QUESTION_TYPES[question.type].statements and not _is_shared(question):
                yield Problem("own-scale", question.place, {"code": question.code, "institution": institution.code})


def check_own_references(questionnaire: Questionnaire) -> Iterator[Problem]:
    """Report conditions outside local questions that use one. Allowed if all institutions ask it, or the condition names institutions."""
    institutions = questionnaire.institutions
    shared = {name for question in _iter_core(questionnaire) for name in list_question_variables(question)}
    asking = Counter(name for institution in institutions.values() for name in {*_iter_names(institution)})
    shared |= {name for name, count in asking.items() if 1 < count == len(institutions)}
    for institution in institutions.values():
        for reference in list_local_references(questionnaire, institution):
            condition = reference.condition
            if reference.name not in shared and "institution" not in condition.names:
                facts = {"condition": condition.source, "name": reference.name, "institution": institution.code}
                yield Problem("local-reference", condition.place, facts)


def _iter_names(institution: Institution) -> Iterator[str]:
    for section in institution.own_sections:
        for question in section.iter_questions():
            yield from list_question_variables(question)


def _iter_own(questionnaire: Questionnaire) -> Iterator[tuple[Institution, Question]]:
    for institution in questionnaire.institutions.values():
        for section in institution.own_sections:
            yield from ((institution, question) for question in section.iter_questions())


def _iter_core(questionnaire: Questionnaire) -> Iterator[Question]:
    for section in (*questionnaire.sections.values(), *questionnaire.modules.values()):
        yield from section.iter_questions()


def _is_shared(question: Question) -> bool:
    if question.low is not None:
        return True  # a grid of marks
    return all(option.text.code.startswith("scale.") for option in question.options if not option.outside_scale)
