"""Open questions without a notice, if others have one such as "name no teachers"; and questions for the respondent's identity."""

from __future__ import annotations

import re
from collections.abc import Iterator

from survey_engine.analysis.checks.scales import iter_questions
from survey_engine.language.question_types import QUESTION_TYPES
from survey_engine.model.messages import Problem
from survey_engine.model.questionnaire import Questionnaire

_IDENTITY = re.compile(
    r"\bwat is (?:je|jouw|uw) (?:volledige )?(?:(?:achter|voor)?naam|e-?mailadres|telefoonnummer|(?:woon|huis|post)?adres"
    r"|burgerservicenummer|bsn|(?:lid|student|leerling|personeels)nummer)(?=\s*\?)"
    r"|\bwhat is your (?:full |first |last |home )?(?:name|e-?mail address|(?:tele)?phone number|address"
    r"|(?:student|membership|staff|citizen service|social security) number)(?=\s*\?)"
    r"|\bwas ist deine (?:e-?mail-?adresse|telefonnummer|handynummer|adresse|matrikelnummer|anschrift)(?=\s*\?)|\bwie heißt du(?=\s*\?)",
    re.IGNORECASE,
)
_WRITTEN = frozenset({"open", "number"})


def check_identities(questionnaire: Questionnaire) -> Iterator[Problem]:
    """Report questions whose answer identifies the respondent: answers must not contain identities."""
    for _, question in iter_questions(questionnaire):
        for language, wording in question.text.wording.items() if question.type in _WRITTEN else ():
            if found := _IDENTITY.search(wording):
                facts = {"code": question.code, "language": language, "found": found[0]}
                yield Problem("asks-identity", question.text.place_in(language), facts)


def check_notices(questionnaire: Questionnaire) -> Iterator[Problem]:
    opens = {question.code: question for _, question in iter_questions(questionnaire) if QUESTION_TYPES[question.type].prose}
    if any(question.notice for question in opens.values()):
        for code, question in opens.items():
            if question.notice is None and not (question.items and question.items[0].about.tested):
                yield Problem("no-notice", question.place, {"code": code})
