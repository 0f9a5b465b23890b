"""A solver session for one world: finds respondents and extreme paths, each of which the engine confirms."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from survey_engine.analysis.proof.durations import count_answers, measure_item, measure_text
from survey_engine.analysis.proof.exposures import ExposureKey, PageExposure, World
from survey_engine.analysis.proof.formulas import TRUE, Formula, Valuation, negate
from survey_engine.analysis.proof.replay import ReplayedPath, SolverDiffersError, check_witness
from survey_engine.analysis.proof.solver import Effort, Solver, UndecidedError, WeightedFormulas
from survey_engine.analysis.proof.witness import Witness, read_witness


@dataclass(frozen=True, slots=True)
class Solution:
    """A respondent that the solver found, and the respondent's path through the engine."""

    witness: Witness
    seen: ReplayedPath
    valuation: Valuation = field(repr=False, compare=False)


class Session:
    """A world and its solver, with a cache of the exposures that witnesses saw."""

    def __init__(self, world: World, solver: Solver | None = None) -> None:
        self.world = world
        self.solver = solver or Solver(world.list_rules(), Effort())
        self.exposures = world.collect_exposures()
        self.seen: set[ExposureKey] = set()
        self.witnesses: list[Solution] = []
        self._solutions: dict[Valuation, Solution] = {}

    def find(self, formula: Formula) -> Solution | None:
        """Return a respondent who satisfies the formula; None if there is none.

        Raises:
            SolverDiffersError: if the engine's path differs from the solver's prediction.
            UndecidedError: if the solver reached its limit, or a condition could not be translated.
        """
        return self._confirm(self.solver.find(formula))

    def find_simplest(self, formula: Formula) -> Solution | None:
        """Return a respondent as `find` does, with as few background values and answers as possible, which is easier to read."""
        found = self.find(formula)
        try:
            return self.find_extreme((), formula) if found else None
        except UndecidedError:
            return found

    def find_extreme(self, weights: WeightedFormulas, given: Formula = TRUE, *, largest: bool = True) -> Solution | None:
        """Return the respondent with the largest, or smallest, sum of weights among respondents for whom `given` is true.

        Of several such respondents, return one with as few background values and answers as possible.
        """
        return self._confirm(self._find_extreme(weights, given, largest=largest))

    def measure_extreme(self, weights: WeightedFormulas, given: Formula, *, largest: bool) -> int | None:
        """Return only the sum of weights that `find_extreme` would reach; None if no respondent satisfies `given`."""
        found = self._find_extreme(weights, given, largest=largest)
        return None if found is None else sum(weight for formula, weight in weights if found.holds(formula))

    def _find_extreme(self, weights: WeightedFormulas, given: Formula, *, largest: bool) -> Valuation | None:
        wishes = [negate(case) for case in self._iter_cases()]
        return self.solver.find_extreme(weights, given, wishes, largest=largest)

    def _iter_cases(self) -> Iterator[Formula]:
        """Yield the formula of every background value and answer, and of a start in another language."""
        yield negate(self.world.started[self.world.language])
        for single in self.world.background.values():
            yield from single.cases.values()
        for asked in self.world.asked.values():
            yield from asked.cases.values()

    def _confirm(self, valuation: Valuation | None) -> Solution | None:
        """Replay the respondent through the engine; each respondent is replayed once."""
        if valuation is None or valuation in self._solutions:
            return self._solutions[valuation] if valuation else None
        witness = read_witness(self.world, valuation)
        try:
            seen = check_witness(self.world, self.exposures, valuation, witness)
        except SolverDiffersError as difference:
            if self.world.untranslated:
                unknown = ", ".join(f"`{each.condition.source}`" for each in self.world.untranslated)
                raise UndecidedError(f"It depends on a condition that cannot be translated: {unknown}.") from difference
            raise
        found = self._solutions[valuation] = Solution(witness, seen, valuation)
        self.witnesses.append(found)
        self.seen |= seen.keys
        return found


def iter_minute_weights(pages: Iterable[PageExposure]) -> Iterator[tuple[Formula, int]]:
    """Yield (formula of the exposure, milliseconds) for each visible part."""
    for page in pages:
        for exposure in page.questions:
            yield exposure.seen, measure_text(exposure.question)
            each = measure_item(exposure.question)
            yield from ((seen, each) for seen in exposure.items.values())


def iter_item_weights(pages: Iterable[PageExposure]) -> Iterator[tuple[Formula, int]]:
    """Yield (formula of the exposure, number of answers) for each visible part."""
    for page in pages:
        for exposure in page.questions:
            yield exposure.seen, 0 if exposure.question.items else count_answers(exposure.question, 0)
            yield from ((seen, 1) for seen in exposure.items.values())
