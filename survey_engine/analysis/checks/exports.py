"""Codes that an export must rename or recode, reported before fieldwork."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from survey_engine.analysis.checks.names import iter_columns
from survey_engine.model.messages import Problem
from survey_engine.model.missing_values import Missing, can_stand_for, iter_coded_variables
from survey_engine.model.questionnaire import Place, Questionnaire, Variable
from survey_engine.model.variables import RESPONSE_COLUMNS


def check_exports(questionnaire: Questionnaire) -> Iterator[Problem]:
    yield from _check_columns(questionnaire)
    sharing = defaultdict[tuple[Place, ...], list[Variable]](list)
    for variable in iter_coded_variables(questionnaire):
        if can_stand_for(variable, Missing()):
            sharing[tuple(option.text.place for option in variable.options) or (variable.place,)].append(variable)
    for first, *rest in sharing.values():
        others = tuple(variable.place for variable in rest)
        yield Problem("missing-codes", first.place, {"code": first.code}, others)


def _check_columns(questionnaire: Questionnaire) -> Iterator[Problem]:
    taken = {*RESPONSE_COLUMNS, *(f"module_{code}" for code in questionnaire.modules)}
    taken |= {f"experiment_{code}" for code in questionnaire.experiments}
    found = {name: place for name, _, place in iter_columns(questionnaire) if name in taken}
    for name, place in found.items():
        yield Problem("column-renamed", place, {"code": name, "column": f"{name}_"})
