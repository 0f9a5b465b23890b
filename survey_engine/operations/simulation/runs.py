"""Runs many simulated respondents concurrently and collects their answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from random import Random

from survey_engine.model.questionnaire import Questionnaire
from survey_engine.operations.simulation.browsing import Line
from survey_engine.operations.simulation.profiles import choose_profile
from survey_engine.operations.simulation.walking import RobotEntry, RobotWalk, Walker


@dataclass(frozen=True, slots=True)
class Simulation:
    """Simulated respondents of one profile or a mixture. The same seed gives the same respondents."""

    questionnaire: Questionnaire
    profile: str
    seed: str

    def walk(self, number: int, entry: RobotEntry, line: Line) -> RobotWalk:
        """Run one respondent to the end."""
        name = choose_profile(self.profile, Random(f"{self.seed}/{number}/profile"))  # noqa: S311 - nobody's secret
        return Walker(self.questionnaire, RobotWalk(number, name, entry), line, self.seed).run()


def run_robots(
    simulation: Simulation, entries: Sequence[RobotEntry], connect: Callable[[], Line], threads: int
) -> Iterator[RobotWalk]:
    """Yield the walks of all robots, in the order of the robots: each when its robot and all earlier ones have ended.

    Each thread has one connection to the site, which its robots use in turn.
    """
    lines: list[Line] = []

    def walk(number: int) -> RobotWalk:
        line = lines.pop() if lines else connect()
        try:
            return simulation.walk(number, entries[number], line)
        finally:
            lines.append(line)

    with ThreadPoolExecutor(threads) as pool:
        try:
            yield from pool.map(walk, range(len(entries)))
        finally:
            pool.shutdown(cancel_futures=True)
