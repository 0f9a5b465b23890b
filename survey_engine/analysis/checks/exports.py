"""Properties that change names or codes in an export, reported before fieldwork."""

from __future__ import annotations

from collections.abc import Iterator

from survey_engine.analysis.checks.names import iter_columns
from survey_engine.model.messages import Problem
from survey_engine.model.missing_values import Missing, can_stand_for, iter_coded_variables
from survey_engine.model.questionnaire import Questionnaire
from survey_engine.model.variables import RESPONSE_COLUMNS


def check_exports(questionnaire: Questionnaire) -> Iterator[Problem]:
    yield from _check_columns(questionnaire)
    for variable in iter_coded_variables(questionnaire):
        if can_stand_for(variable, Missing()):
            yield Problem("missing-codes", variable.place, {"code": variable.code})


def _check_columns(questionnaire: Questionnaire) -> Iterator[Problem]:
    taken = {*RESPONSE_COLUMNS, *(f"module_{code}" for code in questionnaire.modules)}
    taken |= {f"experiment_{code}" for code in questionnaire.experiments}
    found = {name: place for name, _, place in iter_columns(questionnaire) if name in taken}
    for name, place in found.items():
        yield Problem("column-renamed", place, {"code": name, "column": f"{name}_"})
