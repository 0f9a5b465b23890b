"""Missing values: one negative number for each reason, the same in all formats, and never a possible answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from itertools import count

from survey_engine.model.derived import NOT_APPLICABLE, NOT_KNOWN
from survey_engine.model.questionnaire import Code, Questionnaire, ResponseOption, Variable
from survey_engine.model.variables import can_have

MEANINGS = {
    "not_asked": "Not asked: a condition, language, institution or version without this question",
    "not_assigned": "Module not assigned",
    "skipped": "Skipped: the page was finished without an answer",
    "broken_off": "Broken off: the page, or an earlier page that decides whether this question is asked, was not finished",
    "withdrawn": "Withdrawn: as broken off, and the personal link was withdrawn",
    "does_not_apply": "Does not apply: the respondent chose the option outside the scale",
    "dont_know": "Don't know: the respondent chose this option outside the scale",
}
"""Reason → its label in the codebook."""
OUTSIDE_REASONS: Mapping[Code, str] = {NOT_APPLICABLE: "does_not_apply", NOT_KNOWN: "dont_know"}
"""Code of an option outside the scale → the reason that it stands for."""


@dataclass(frozen=True, slots=True)
class Missing:
    """The missing value (a negative number) of each reason."""

    not_asked: int = -1
    not_assigned: int = -2
    skipped: int = -3
    broken_off: int = -4
    withdrawn: int = -5
    does_not_apply: int = -8
    dont_know: int = -6

    def describe(self) -> str:
        return ", ".join(f"{MEANINGS[reason].partition(':')[0].lower()} {number}" for reason, number in self.numbers().items())

    def numbers(self) -> dict[str, int]:
        return {reason: getattr(self, reason) for reason in MEANINGS}

    def number_outside(self, options: Iterable[ResponseOption]) -> dict[Code, int]:
        """Return the code of each given option outside the scale → its missing value."""
        return {option.code: getattr(self, OUTSIDE_REASONS[option.code]) for option in options if option.outside_scale}


def choose_missing(questionnaires: Iterable[Questionnaire]) -> Missing:
    """Choose -1 to -8. If an answer may be one of these, choose -91 to -98, then -991 to -998, and so on."""
    variables = [variable for questionnaire in questionnaires for variable in iter_coded_variables(questionnaire)]
    return next(m for m in _iter_choices() if not any(can_stand_for(variable, m) for variable in variables))


def iter_coded_variables(questionnaire: Questionnaire) -> Iterator[Variable]:
    """Yield the variables whose answers are numbers or codes."""
    for variable in questionnaire.variables.values():
        if variable.origin != "built-in" and (variable.options or variable.kind == "number"):
            yield variable


def _iter_choices() -> Iterator[Missing]:
    usual = [getattr(Missing(), each.name) for each in fields(Missing)]
    for digits in count(1):
        yield Missing(*(number - 10**digits + 10 for number in usual))


def can_stand_for(variable: Variable, missing: Missing) -> bool:
    """Whether a missing value is also a possible answer to the variable."""
    return any(can_have(variable, each) for number in missing.numbers().values() for each in (number, str(number)))
