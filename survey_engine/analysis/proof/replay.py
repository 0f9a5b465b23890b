"""Replays every witness through the engine, whose path must be exactly the one that the solver predicts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from survey_engine.analysis.proof.durations import count_answers, measure_item, measure_text
from survey_engine.analysis.proof.exposures import ExposureKey, World
from survey_engine.analysis.proof.formulas import Formula, Valuation
from survey_engine.analysis.proof.witness import Witness, describe_witness
from survey_engine.engine.asked_items import find_asked_codes
from survey_engine.engine.assignment import list_draws
from survey_engine.engine.routing import Path, Step, list_possible_steps, route
from survey_engine.language.question_types.yes_no import YES
from survey_engine.model.questionnaire import NAMELY, Questionnaire, Values
from survey_engine.model.variables import is_asked, is_offered


class SolverDiffersError(Exception):
    """Solver and engine disagree about a witness: a bug in this program, not an error in the questionnaire."""

    def __init__(self, witness: Witness, questionnaire: Questionnaire, differences: list[str]) -> None:
        self.witness, self.differences = witness, differences
        shown = "; ".join(differences[:5]) + (f" … ({len(differences)} in all)" if len(differences) > 5 else "")
        super().__init__(
            f"The solver and the engine disagree about {describe_witness(witness, questionnaire)}: {shown}. "
            f"Nothing is proved until this is fixed; report it with the questionnaire '{questionnaire.code}'."
        )


@dataclass(frozen=True, slots=True)
class ReplayedPath:
    """The path of one respondent through the engine, from the first page to the last."""

    keys: frozenset[ExposureKey]
    pages: tuple[str, ...]
    items: int
    """The number of visible statements and questions; a panel counts, information does not."""
    milliseconds: int
    known: Values
    required: frozenset[str]
    """Required consents on the path."""

    @property
    def minutes(self) -> float:
        return self.milliseconds / 60_000


def replay(questionnaire: Questionnaire, witness: Witness) -> ReplayedPath:
    """Route a witness through the engine."""
    path = route(questionnaire, witness.respondent, witness.answers)
    institution = witness.respondent.institution
    keys: set[ExposureKey] = set()
    required: set[str] = set()
    items = milliseconds = 0
    for step in path.steps:
        keys.update(_iter_keys(step, path, institution))
        for question in step.page.questions:
            if ("question", step.page.code, question.code) in keys:
                asked = [item for item in question.items if ("item", step.page.code, question.code, item.code) in keys]
                required.update(item.code for item in asked if item.required)
                items += count_answers(question, len(asked))
                milliseconds += len(asked) * measure_item(question) + measure_text(question)
    pages = tuple(step.page.code for step in path.steps)
    return ReplayedPath(frozenset(keys), pages, items, milliseconds, path.known, frozenset(required))


def _iter_keys(step: Step, path: Path, institution: str) -> Iterator[ExposureKey]:
    page = step.page
    asked = find_asked_codes(page, path, institution)
    yield ("section", step.section.code)
    yield ("page", page.code)
    for question in page.questions:
        if not is_asked(question, path.known, institution):
            continue
        yield ("question", page.code, question.code)
        yield from (("item", page.code, question.code, item.code) for item in question.items if item.code in asked)
        offered = (option for option in question.options if is_offered(option, path.known, institution))
        yield from (("option", page.code, question.code, option.code) for option in offered)


def check_witness(world: World, exposures: Mapping[ExposureKey, Formula], valuation: Valuation, witness: Witness) -> ReplayedPath:
    """Replay a witness, with and without stale answers off the path, and compare every exposure with the solver's.

    Raises:
        SolverDiffersError: if solver and engine disagree.
    """
    questionnaire = world.questionnaire
    seen = replay(questionnaire, witness)
    differences = [
        f"{' '.join(map(str, key))} is {'not ' if key in seen.keys else ''}seen according to the solver"
        for key, formula in exposures.items()
        if valuation.holds(formula) != (key in seen.keys)
    ]
    differences += [f"{key} is no exposure" for key in seen.keys - set(exposures)]
    differences += iter_impossibilities(questionnaire, witness, seen)
    differences += _iter_dropped(world, witness, seen)
    if not differences:
        stale = replay(questionnaire, add_stale(world, witness, seen))
        differences += [f"an answer off the path changes {' '.join(map(str, key))}" for key in stale.keys ^ seen.keys]
    if differences:
        raise SolverDiffersError(witness, questionnaire, differences)
    return seen


def iter_impossibilities(questionnaire: Questionnaire, witness: Witness, seen: ReplayedPath) -> Iterator[str]:
    """Yield reasons why the respondent cannot exist: modules or arms that `assign` would not give, or a refused required consent."""
    institution = questionnaire.institutions[witness.respondent.institution]
    before = replace(witness.respondent, language=witness.started, modules=()).known()
    left = witness.respondent.modules
    for chosen, pool in list_draws(questionnaire, institution, before):
        number = len(chosen) + bool(pool)
        first, drawn, left = left[: len(chosen)], left[len(chosen) : number], left[number:]
        if first != chosen or len(drawn) != bool(pool) or not set(drawn) <= set(pool):
            yield f"the modules {', '.join(drawn) or '–'} are drawn from {', '.join(pool) or 'nothing'}"
    if left:
        yield f"the modules {', '.join(left)} are drawn from nothing"
    for code, experiment in questionnaire.experiments.items():
        if witness.respondent.arms.get(code) not in experiment.arms:
            yield f"no arm of {code} is drawn"
    given = _map_given(witness)
    yield from (f"{code} is not agreed to" for code in sorted(seen.required) if given.get(code) != YES)


def _map_given(witness: Witness) -> dict[str, Any]:
    return {name: value for answers in witness.answers.values() for name, value in answers.items()}


def _iter_dropped(world: World, witness: Witness, seen: ReplayedPath) -> Iterator[str]:
    """Yield answers of the witness that the engine does not count."""
    steps = list_possible_steps(world.questionnaire, witness.respondent)
    watched = {name for step in steps for each in step.watched for name in each.names}
    for name, value in _map_given(witness).items():
        if name in watched and seen.known.get(name) != value:
            yield f"the answer {name} = {value} counts as {seen.known.get(name)}"


def add_stale(world: World, witness: Witness, seen: ReplayedPath) -> Witness:
    """Add stale answers to items off the path, which must not change anything."""
    answers = {page: dict(given) for page, given in witness.answers.items()}
    asked = {(key[1], key[3]) for key in seen.keys if key[0] == "item"}
    for (page, code), case in world.asked.items():
        beside = code.endswith(NAMELY) and page in seen.pages
        if (page, code) not in asked and not beside:
            first = next(iter(case.cases))
            answers.setdefault(page, {})[code] = [first] if case.variable.kind == "codes" else first
    return replace(witness, answers=answers)
