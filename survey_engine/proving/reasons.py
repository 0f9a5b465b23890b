"""Why nobody can see something: the smallest set of conditions that contradict each other, with file and line."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import z3

from survey_engine.proving.domains import Distinctions
from survey_engine.proving.formulas import Formula
from survey_engine.proving.sights import Reason, World
from survey_engine.proving.world import build_world


def find_reasons(world: World, choose: Callable[[World], Formula], distinctions: Distinctions) -> tuple[Reason, ...]:
    """What keeps everybody of a world from what `choose` picks in it; nobody may get there.

    The core is z3's, minimised: leave any one of the reasons out, and somebody gets there.
    """
    explained = build_world(world.questionnaire, world.institution, world.language, distinctions, explaining=True)
    solver = z3.Solver()
    solver.set("core.minimize", True)
    reasons: dict[str, Reason] = {}
    for number, rule in enumerate(explained.rules):
        if rule.reason is None:
            solver.add(rule.formula)
        else:
            name = f"reason {number}"
            reasons[name] = rule.reason
            solver.assert_and_track(rule.formula, name)
    solver.add(choose(explained))
    if solver.check() != z3.unsat:
        raise ValueError("somebody gets there, so there is no reason")
    core = {reasons[str(name)] for name in solver.unsat_core()}
    return tuple(sorted(core | set(_list_unasked(world, core))))


def _list_unasked(world: World, core: set[Reason]) -> Iterator[Reason]:
    """Variables of the conditions that are never asked in this world."""
    variables = world.questionnaire.variables
    asked = {code for (_, code), case in world.asked.items() if case.cases}
    for name in sorted({name for reason in core for name in reason.names}):
        variable = variables.get(name)
        if variable and variable.origin == "answer" and name not in asked:
            who = f"students of {world.institution.name} in {world.language}"
            yield Reason(variable.place, f"'{name}' is not asked of {who}")
