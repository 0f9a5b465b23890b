"""Column names that SPSS rejects: over 64 bytes, reserved words, or duplicates.

Source: SPSS Statistics command syntax, which lists thirteen reserved keywords.
"""

from __future__ import annotations

from collections.abc import Iterator

from survey_engine.analysis.checks.scales import iter_questions
from survey_engine.language.question_types import QUESTION_TYPES
from survey_engine.model.messages import Problem
from survey_engine.model.questionnaire import Place, Questionnaire

_LONGEST_NAME = 64
_RESERVED = frozenset({"all", "and", "by", "eq", "ge", "gt", "le", "lt", "ne", "not", "or", "to", "with"})


def check_names(questionnaire: Questionnaire) -> Iterator[Problem]:
    columns: dict[str, str] = {}
    for name, owner, place in iter_columns(questionnaire):
        if name in _RESERVED:
            yield Problem("reserved-name", place, {"name": name})
        if len(name.encode()) > _LONGEST_NAME:
            yield Problem("name-too-long", place, {"name": name, "count": len(name.encode()), "limit": _LONGEST_NAME})
        other = columns.setdefault(name.casefold(), owner)
        if other != owner:
            yield Problem("name-clash", place, {"name": name, "owner": owner, "other": other})


def iter_columns(questionnaire: Questionnaire) -> Iterator[tuple[str, str, Place]]:
    """Yield (name, owner, place) of every column. A question with several answers has one column per option."""
    for code, variable in questionnaire.background.items():
        yield code, f"background '{code}'", variable.place
    for _, question in iter_questions(questionnaire):
        for variable in QUESTION_TYPES[question.type].variables(question):
            owner = f"question '{question.code}'"
            yield variable.code, owner, variable.place
            if variable.kind == "codes":
                for option in variable.options:
                    yield f"{variable.code}_{option.code}", owner, option.text.place
