"""A solver session for one world: finds respondents and extreme paths; the engine checks each of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

import z3

from survey_engine.analysis.proof.durations import count_answers, measure_item, measure_text
from survey_engine.analysis.proof.exposures import Key, PageExposure, World
from survey_engine.analysis.proof.formulas import TRUE, Formula, negate
from survey_engine.analysis.proof.replay import ReplayedPath, SolverDiffersError, check_witness
from survey_engine.analysis.proof.witness import Witness, read_witness

MAX_STEPS = 5_000_000
"""Limit of one search in z3's resource units, about 10 seconds; unlike a time limit, it has equal results on all machines."""
MAX_FAILURES = 3
"""Searches of one claim that may reach the limit; the rest of the claim is undecided."""


@dataclass(frozen=True, slots=True)
class Solution:
    """A respondent that the solver found, and the engine's path."""

    witness: Witness
    seen: ReplayedPath
    model: z3.ModelRef = field(repr=False, compare=False)
    """The solver's model of the respondent."""


class UndecidedError(Exception):
    """The solver exceeded its limit, or the witness depends on a condition that cannot be translated."""


@dataclass(slots=True)
class Effort:
    """The searches of one claim that reached the solver's limit."""

    failures: int = 0


class Session:
    """A world and its solver; caches the exposures that its witnesses saw."""

    def __init__(self, world: World, effort: Effort | None = None) -> None:
        self.world = world
        self.effort = effort or Effort()
        self.exposures = world.collect_exposures()
        self.seen: set[Key] = set()
        self.witnesses: list[Solution] = []

    @cached_property
    def _solver(self) -> z3.Solver:
        solver = z3.Solver()
        solver.add([rule.formula for rule in self.world.rules])
        return solver

    def find(self, formula: Formula) -> Solution | None:
        """Return a respondent who satisfies the formula; None if there is none.

        Raises:
            SolverDiffersError: if the engine shows the witness something else.
            UndecidedError: if the solver reached its limit, or a condition could not be translated.
        """
        if z3.is_false(formula):
            return None
        self._solver.push()
        try:
            self._solver.add(formula)
            if self._check(self._solver) == z3.unsat:
                return None
            return self._confirm(self._solver.model())
        finally:
            self._solver.pop()

    def find_simplest(self, formula: Formula) -> Solution | None:
        """Return a respondent as `find` does, with as few background values and answers as possible, for readers."""
        found = self.find(formula)
        try:
            return self.find_extreme((), formula) if found else None
        except UndecidedError:
            return found

    def find_extreme(
        self, weights: Iterable[tuple[Formula, int]], given: Formula = TRUE, *, largest: bool = True
    ) -> Solution | None:
        """Return the respondent with the largest, or smallest, sum of weights among those for whom `given` holds.

        Exact: z3's MaxSAT. Among equals it returns one with as few background values and answers as possible, unless
        the solver reaches its limit with this wish.
        """
        optimize = z3.Optimize()
        optimize.add([rule.formula for rule in self.world.rules])
        optimize.add(given)
        for formula, weight in merge_weights(weights):
            optimize.add_soft(formula if largest else negate(formula), str(weight), "extreme")
        optimize.push()
        for case in self._iter_cases():
            optimize.add_soft(negate(case), "1", "simple")
        failures = self.effort.failures
        try:
            answer = self._check(optimize, share=0.1)
        except UndecidedError:
            self.effort.failures = failures  # a wish is no part of the claim
            optimize.pop()
            answer = self._check(optimize)
        return None if answer == z3.unsat else self._confirm(optimize.model())

    def _iter_cases(self) -> Iterator[Formula]:
        """Yield a formula for every background value and answer, and for a start in another language."""
        yield negate(self.world.started[self.world.language])
        for single in self.world.background.values():
            yield from single.cases.values()
        for asked in self.world.asked.values():
            yield from asked.cases.values()

    def _check(self, solver: z3.Solver | z3.Optimize, share: float = 1) -> z3.CheckSatResult:
        if self.effort.failures >= MAX_FAILURES:
            raise UndecidedError(f"The solver already failed {MAX_FAILURES} times for this claim.")
        solver.set("rlimit", int(MAX_STEPS * share))
        answer = solver.check()
        if answer == z3.unknown:
            self.effort.failures += 1
            raise UndecidedError("The solver reached its limit.")
        return answer

    def _confirm(self, model: z3.ModelRef) -> Solution:
        witness = read_witness(self.world, model)
        try:
            seen = check_witness(self.world, self.exposures, model, witness)
        except SolverDiffersError as difference:
            if self.world.untranslated:
                unknown = ", ".join(f"`{each.condition.source}`" for each in self.world.untranslated)
                raise UndecidedError(f"It depends on a condition that cannot be translated: {unknown}.") from difference
            raise
        found = Solution(witness, seen, model)
        self.witnesses.append(found)
        self.seen |= seen.keys
        return found


def merge_weights(weights: Iterable[tuple[Formula, int]]) -> list[tuple[Formula, int]]:
    """Sum the weights per formula; drop formulas that are true for everybody."""
    merged: dict[int, tuple[Formula, int]] = {}
    for formula, weight in weights:
        if weight and not z3.is_true(formula) and not z3.is_false(formula):
            before = merged.get(formula.get_id(), (formula, 0))[1]
            merged[formula.get_id()] = formula, before + weight
    return list(merged.values())


def iter_minute_weights(pages: Iterable[PageExposure]) -> Iterator[tuple[Formula, int]]:
    """Yield the time of each visible part, in milliseconds."""
    for page in pages:
        for exposure in page.questions:
            yield exposure.seen, measure_text(exposure.question)
            yield from ((seen, measure_item(exposure.question)) for seen in exposure.items.values())


def iter_item_weights(pages: Iterable[PageExposure]) -> Iterator[tuple[Formula, int]]:
    """Yield the number of answers of each visible part."""
    for page in pages:
        for exposure in page.questions:
            yield exposure.seen, 0 if exposure.question.items else count_answers(exposure.question, 0)
            yield from ((seen, 1) for seen in exposure.items.values())
