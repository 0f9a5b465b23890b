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


@dataclass(frozen=True, slots=True)
class Solution:
    """A respondent that the solver found, and the engine's path."""

    witness: Witness
    seen: ReplayedPath
    model: z3.ModelRef = field(repr=False, compare=False)
    """The solver's model of the respondent."""


class UndecidedError(Exception):
    """The witness depends on a condition that cannot be translated, and the engine does not confirm it."""


class Session:
    """A world and its solver; caches the exposures that its witnesses saw."""

    def __init__(self, world: World) -> None:
        self.world = world
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
            UndecidedError: if that is because a condition could not be translated.
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
        return self.find_extreme((), formula) if self.find(formula) else None

    def find_extreme(
        self, weights: Iterable[tuple[Formula, int]], given: Formula = TRUE, *, largest: bool = True
    ) -> Solution | None:
        """Return the respondent with the largest, or smallest, sum of weights among those for whom `given` holds.

        Exact: z3's MaxSAT. Among equals it returns one with as few background values and answers as possible.
        """
        optimize = z3.Optimize()
        optimize.add([rule.formula for rule in self.world.rules])
        optimize.add(given)
        for formula, weight in merge_weights(weights):
            optimize.add_soft(formula if largest else negate(formula), str(weight), "extreme")
        for case in self._iter_cases():
            optimize.add_soft(negate(case), "1", "simple")
        if self._check(optimize) == z3.unsat:
            return None
        return self._confirm(optimize.model())

    def _iter_cases(self) -> Iterator[Formula]:
        """Yield a formula for every background value and answer, and for a start in another language."""
        yield negate(self.world.started[self.world.language])
        for single in self.world.background.values():
            yield from single.cases.values()
        for asked in self.world.asked.values():
            yield from asked.cases.values()

    def _check(self, solver: z3.Solver | z3.Optimize) -> z3.CheckSatResult:
        answer = solver.check()
        if answer == z3.unknown:
            raise UndecidedError(f"The solver gave up: {solver.reason_unknown()}.")
        return answer

    def _confirm(self, model: z3.ModelRef) -> Solution:
        witness = read_witness(self.world, model)
        try:
            seen = check_witness(self.world, self.exposures, model, witness)
        except SolverDiffersError as difference:
            if self.world.untranslated:
                raise UndecidedError(str(difference)) from difference
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
