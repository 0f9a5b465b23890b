"""Open questions without a notice, in questionnaires that define notices (such as "name no teachers")."""

from __future__ import annotations

from collections.abc import Iterator

from survey_engine.analysis.checks.scales import iter_questions
from survey_engine.language.question_types import QUESTION_TYPES
from survey_engine.model.messages import Problem
from survey_engine.model.questionnaire import Questionnaire


def check_notices(questionnaire: Questionnaire) -> Iterator[Problem]:
    opens = {question.code: question for _, question in iter_questions(questionnaire) if QUESTION_TYPES[question.type].prose}
    if any(question.notice for question in opens.values()):
        for code, question in opens.items():
            if question.notice is None and not (question.items and question.items[0].about.tested):
                yield Problem("no-notice", question.place, {"code": code})
