"""Why a value is missing, as numbers that stand for no answer to this questionnaire."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import count

from survey_engine.model.questionnaire import Questionnaire, Variable

MEANINGS = {
    "not_asked": "Not asked: a condition, language or institution without this question",
    "not_assigned": "Module not assigned",
    "skipped": "Skipped: the page was finished without an answer",
    "broken_off": "Broken off: the page was not finished",
    "withdrawn": "Withdrawn: the personal link was withdrawn before the page was finished",
}
"""Reason → what the codebook says of it."""


@dataclass(frozen=True, slots=True)
class Missing:
    """The number of each reason."""

    not_asked: int = -1
    not_assigned: int = -2
    skipped: int = -3
    broken_off: int = -4
    withdrawn: int = -5

    def numbers(self) -> dict[str, int]:
        return {reason: getattr(self, reason) for reason in MEANINGS}


def choose_missing(questionnaire: Questionnaire) -> Missing:
    """-1 to -5; -91 to -95 when some variable can have one of those as an answer, then -991 to -995, and so on."""
    variables = [variable for variable in questionnaire.variables.values() if variable.origin != "built-in"]
    return next(missing for missing in _list_choices() if not _is_used(missing, variables))


def _list_choices() -> Iterator[Missing]:
    for digits in count(1):
        start = 10**digits - 10
        yield Missing(*(-start - number for number in range(1, len(MEANINGS) + 1)))


def _is_used(missing: Missing, variables: Iterable[Variable]) -> bool:
    return any(can_be(variable, number) for variable in variables for number in missing.numbers().values())


def can_be(variable: Variable, number: int) -> bool:
    """Whether a respondent can give this number as an answer.

    >>> can_be(Variable("degrees", "number", low=-20, high=40), -3)
    True
    """
    if variable.options:
        return number in variable.codes or str(number) in variable.codes
    return variable.kind == "number" and (variable.low or 0) <= number <= (variable.high or 0)
