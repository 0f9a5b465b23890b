"""A solver for one set of rules, with a cache of its searches.

Rules contain no names of institutions, so institutions with equal rules share one solver.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import z3

from survey_engine.analysis.proof.formulas import FALSE, TRUE, Formula, Valuation, negate, read_valuation

MAX_STEPS = 5_000_000
"""Limit of one search in z3's resource units, about 10 seconds. Unlike a time limit, it gives equal results on all machines."""
_MAX_FAILURES = 3
"""How many searches of one claim may reach the limit; after that, the rest of the claim is undecided."""

WeightedFormulas: TypeAlias = Iterable[tuple[Formula, int]]


class UndecidedError(Exception):
    """The solver exceeded its limit, or the witness depends on a condition that cannot be translated."""


@dataclass(slots=True)
class Effort:
    """Counts the searches of one claim that reached the solver's limit."""

    failures: int = 0


class Solver:
    """Finds valuations that satisfy all rules. The result of each search is cached, including failures."""

    def __init__(self, rules: Sequence[Formula], effort: Effort) -> None:
        self.effort = effort
        self._rules = rules
        self._results: dict[Hashable, Valuation | UndecidedError | None] = {}

    @cached_property
    def _solver(self) -> z3.Solver:
        solver = z3.Solver()
        solver.add([rule.solver_form for rule in self._rules])
        return solver

    def find(self, formula: Formula) -> Valuation | None:
        """Return a valuation that satisfies the formula; None if there is none.

        Raises:
            UndecidedError: if the solver reached its limit.
        """
        return None if formula is FALSE else self._remember(formula, lambda: self._find(formula))

    def _find(self, formula: Formula) -> Valuation | None:
        self._solver.push()
        try:
            self._solver.add(formula.solver_form)
            return None if self._check(self._solver) == z3.unsat else read_valuation(self._solver.model())
        finally:
            self._solver.pop()

    def find_extreme(
        self, weights: WeightedFormulas, given: Formula, wishes: Iterable[Formula], *, largest: bool = True
    ) -> Valuation | None:
        """Return the valuation with the largest, or smallest, sum of weights among those that satisfy `given`.

        The result is exact (z3's MaxSAT). Of several such valuations, return one that satisfies most wishes, unless the
        solver then reaches its limit.
        """
        merged, wished = merge_weights(weights), tuple(wishes)
        key = (tuple(merged.items()), given, wished, largest)
        return self._remember(key, lambda: self._find_extreme(merged, given, wished, largest))

    def _find_extreme(
        self, weights: dict[Formula, int], given: Formula, wishes: Sequence[Formula], largest: bool
    ) -> Valuation | None:
        optimize = z3.Optimize()
        optimize.add([rule.solver_form for rule in self._rules])
        optimize.add(given.solver_form)
        for formula, weight in weights.items():
            optimize.add_soft((formula if largest else negate(formula)).solver_form, str(weight), "extreme")
        optimize.push()
        for wish in wishes:
            optimize.add_soft(wish.solver_form, "1", "simple")
        failures = self.effort.failures
        try:
            answer = self._check(optimize, share=0.1)
        except UndecidedError:
            self.effort.failures = failures  # a failure with wishes does not count: they are not part of the claim
            optimize.pop()
            answer = self._check(optimize)
        return None if answer == z3.unsat else read_valuation(optimize.model())

    def _remember(self, key: Hashable, search: Callable[[], Valuation | None]) -> Valuation | None:
        if key not in self._results:
            if self.effort.failures >= _MAX_FAILURES:
                raise UndecidedError(f"The solver already failed {_MAX_FAILURES} times for this claim.")
            try:
                self._results[key] = search()
            except UndecidedError as failure:
                self._results[key] = failure
        found = self._results[key]
        if isinstance(found, UndecidedError):
            raise UndecidedError(str(found))
        return found

    def _check(self, solver: z3.Solver | z3.Optimize, share: float = 1) -> z3.CheckSatResult:
        solver.set("rlimit", int(MAX_STEPS * share))
        answer = solver.check()
        if answer == z3.unknown:
            self.effort.failures += 1
            raise UndecidedError("The solver reached its limit.")
        return answer


def merge_weights(weights: WeightedFormulas) -> dict[Formula, int]:
    """Sum the weights per formula. Formulas that are true for everybody are dropped."""
    merged: dict[Formula, int] = {}
    for formula, weight in weights:
        if weight and formula is not TRUE and formula is not FALSE:
            merged[formula] = merged.get(formula, 0) + weight
    return merged
