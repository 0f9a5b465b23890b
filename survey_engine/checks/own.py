"""What institutions add keeps to the format of the questionnaire: its kinds of question, its scales, its notices."""

from __future__ import annotations

from collections.abc import Iterator

from survey_engine.model import Institution, Question, Questionnaire, Section
from survey_engine.problems import Problem

_NEVER_OWN = frozenset({"consent", "panel"})
"""Consent and e-mail addresses belong to whoever runs the survey, not to one institution."""


def check_own_questions(questionnaire: Questionnaire) -> Iterator[Problem]:
    scaled = any(question.type == "grid" and _has_named_scale(question) for question in _list_core(questionnaire))
    notices = any(question.notice for question in _list_core(questionnaire))
    for institution in questionnaire.institutions.values():
        for section in list_own(institution):
            for question in _list_questions(section):
                yield from _check_question(question, institution, scaled=scaled, notices=notices)


def list_own(institution: Institution) -> Iterator[Section]:
    """The sections that an institution wrote itself."""
    if institution.own_questions:
        yield institution.own_questions
    yield from (block.section for block in institution.blocks if not block.theme)


def _list_core(questionnaire: Questionnaire) -> Iterator[Question]:
    for section in (*questionnaire.sections.values(), *questionnaire.modules.values()):
        yield from _list_questions(section)


def _list_questions(section: Section) -> Iterator[Question]:
    for page in section.pages:
        yield from page.questions


def _check_question(question: Question, institution: Institution, *, scaled: bool, notices: bool) -> Iterator[Problem]:
    facts = {"code": question.code, "institution": institution.code}
    if question.type in _NEVER_OWN:
        yield Problem("own-type", question.place, {**facts, "type": question.type})
    if question.type == "grid" and scaled and not _has_named_scale(question):
        yield Problem("own-scale", question.place, facts)
    if question.type == "open" and notices and question.notice is None and not question.bank:
        yield Problem("own-notice", question.place, facts)


def _has_named_scale(question: Question) -> bool:
    return all(option.text.code.startswith("scale.") for option in question.options if not option.outside_scale)
