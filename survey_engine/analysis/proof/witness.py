"""Witnesses: respondents found by the solver, and their descriptions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from survey_engine.analysis.proof.exposures import AskedVariable, World
from survey_engine.analysis.proof.formulas import Formula, Valuation
from survey_engine.engine.routing import Respondent
from survey_engine.language.question_types.consent import VERSION_SUFFIX
from survey_engine.model.questionnaire import Questionnaire, Value, Values


@dataclass(frozen=True, slots=True)
class Witness:
    """A respondent, with the answers that routing uses. Missing variables are empty."""

    respondent: Respondent
    answers: Mapping[str, Values]
    """Page code → answers, as stored."""
    started: str
    """The language of the start, in which the modules were assigned."""


def read_witness(world: World, valuation: Valuation) -> Witness:
    """Read the respondent from the solver's valuation."""
    background = {code: value for code, single in world.background.items() for value in _pick(valuation, single.cases)}
    modules: list[str] = []
    for draw in world.draws:
        modules += draw.chosen if valuation.holds(draw.given) else ()
        modules += _pick(valuation, draw.drawn)
    arms = {code: _pick(valuation, single.cases)[0] for code, single in world.arms.items()}
    today = _pick(valuation, world.start_days.cases)[0] if world.start_days else ""
    respondent = Respondent(world.institution.code, world.language, background, tuple(modules), arms, today)
    answers: dict[str, dict[str, Any]] = {}
    for asked in world.asked.values():
        value = _read_value(asked, valuation)
        if value is not None:
            page = answers.setdefault(asked.page, {})
            page[asked.variable.code] = value
            if asked.version:
                page[asked.variable.code + VERSION_SUFFIX] = asked.version
    return Witness(respondent, answers, _pick(valuation, world.started)[0])


def _pick(valuation: Valuation, cases: Mapping[Any, Formula]) -> list[Any]:
    return [value for value, case in cases.items() if valuation.holds(case)]


def _read_value(asked: AskedVariable, valuation: Valuation) -> Value | None:
    chosen = _pick(valuation, asked.cases)
    if asked.variable.kind == "codes":
        return chosen or None
    return chosen[0] if chosen else None


def describe_witness(witness: Witness, questionnaire: Questionnaire) -> str:
    """Describe the respondent in one line: institution, language, background, modules, arms and answers."""
    respondent = witness.respondent
    institution = questionnaire.institutions[respondent.institution]
    said = [f"{name} {value}" for name, value in respondent.background.items()]
    changed = f" (having started in {witness.started})" if witness.started != respondent.language else ""
    parts = [f"a student of {institution.name} in {respondent.language}{changed}", ", ".join(said)]
    if respondent.modules:
        parts.append(f"with the modules {', '.join(respondent.modules)}")
    if respondent.arms:
        parts.append(f"in {', '.join(f'arm {arm} of {code}' for code, arm in respondent.arms.items())}")
    if respondent.started_on:
        parts.append(f"who starts on {respondent.started_on}")
    given = [
        f"{name} = {_show(value)}"
        for answers in witness.answers.values()
        for name, value in answers.items()
        if not name.endswith(VERSION_SUFFIX)
    ]
    if given:
        parts.append(f"who answers {', '.join(given)}")
    return "; ".join(part for part in parts if part)


def _show(value: Value) -> str:
    return " + ".join(map(str, value)) if isinstance(value, list) else str(value)
