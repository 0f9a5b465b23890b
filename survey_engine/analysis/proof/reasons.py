"""Reasons why nobody sees a part: a minimal set of contradictory conditions, with file and line."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import TypeAlias

import z3

from survey_engine.analysis.proof.domains import Distinctions
from survey_engine.analysis.proof.exposures import ExposureReason, World
from survey_engine.analysis.proof.formulas import Formula
from survey_engine.analysis.proof.solver import MAX_STEPS
from survey_engine.analysis.proof.world import build_world
from survey_engine.model.questionnaire import Questionnaire

_Rules: TypeAlias = tuple[tuple[Formula, bool], ...]
"""(Formula, whether it has a reason) of each rule."""
Cores: TypeAlias = dict[tuple[_Rules, Formula], tuple[int, ...]]
"""(Rules, unsatisfiable formula) → the indexes of the rules that contradict the formula."""
_WORD, _QUOTED = re.compile(r"[a-z][a-z0-9_]*"), re.compile(r"'[^']*'|\"[^\"]*\"")


def find_reasons(
    world: World, choose: Callable[[World], Formula], distinctions: Distinctions, cores: Cores
) -> tuple[ExposureReason, ...]:
    """Return a minimal set of reasons why no respondent of this world satisfies the formula that `choose` returns.

    The formula must be unsatisfiable. The reasons are z3's minimised unsatisfiable core: without any one of them, some
    respondent would satisfy the formula. An empty result means that the solver reached its limit. Worlds with equal formulas
    share `cores`, and each describes the rules in its own words.
    """
    explained = build_world(world.questionnaire, world.institution, world.language, distinctions, explaining=True)
    wanted = choose(explained)
    rules = tuple((rule.formula, rule.reason is not None) for rule in explained.rules)
    if (rules, wanted) not in cores:
        cores[rules, wanted] = _find_core(rules, wanted)
    reasons = (explained.rules[number].reason for number in cores[rules, wanted])
    core = {reason for reason in reasons if reason}
    return tuple(sorted({*core, *_iter_unasked(world, core), *_iter_named(world.questionnaire, core)}))


def _find_core(rules: _Rules, wanted: Formula) -> tuple[int, ...]:
    """Return the indexes of rules with a reason that together contradict a formula; empty if the solver reached its limit."""
    solver = z3.Solver()
    solver.set("core.minimize", True)
    for number, (formula, has_reason) in enumerate(rules):
        if has_reason:
            solver.assert_and_track(formula.solver_form, f"reason {number}")
        else:
            solver.add(formula.solver_form)
    solver.add(wanted.solver_form)
    solver.set("rlimit", MAX_STEPS)
    answer = solver.check()
    if answer == z3.unknown:
        return ()
    if answer != z3.unsat:
        raise ValueError("some respondent satisfies the formula, so there is no reason")
    return tuple(int(str(name).split()[1]) for name in solver.unsat_core())


def _iter_unasked(world: World, core: set[ExposureReason]) -> Iterator[ExposureReason]:
    """Yield a reason for each variable in the core's conditions that is never asked in this world."""
    variables = world.questionnaire.variables
    asked = {code for (_, code), case in world.asked.items() if case.cases}
    for name in sorted({name for reason in core for name in reason.names}):
        variable = variables.get(name)
        if variable and variable.origin == "answer" and name not in asked:
            who = f"students of {world.institution.name} in {world.language}"
            yield ExposureReason(variable.place, f"'{name}' is not asked of {who}")


def _iter_named(questionnaire: Questionnaire, reasons: Iterable[ExposureReason]) -> Iterator[ExposureReason]:
    """Yield the definitions of named conditions in the reasons, including names that these conditions use."""
    words = {word for reason in reasons for word in _WORD.findall(_QUOTED.sub("", reason.text))}
    named = [
        ExposureReason(c.place, f"{name} means {c.source}", c.names)
        for name, c in questionnaire.conditions.items()
        if name in words
    ]
    deeper = [reason for reason in named if reason not in reasons]
    if deeper:
        yield from deeper
        yield from _iter_named(questionnaire, {*reasons, *deeper})
