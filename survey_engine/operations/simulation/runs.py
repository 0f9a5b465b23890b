"""Lets many robots answer, several at a time, and gathers what each of them gave."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from random import Random
from typing import Any

from survey_engine.model.questionnaire import Institution, Questionnaire, Values, Variable
from survey_engine.operations.simulation.browsing import Line
from survey_engine.operations.simulation.profiles import choose_profile
from survey_engine.operations.simulation.walking import Entry, Walk, Walker
from survey_engine.operations.simulation.words import write_words


@dataclass(frozen=True, slots=True)
class Simulation:
    """Robots of one kind, or of a mixture; the same seed makes the same robots."""

    questionnaire: Questionnaire
    profile: str
    seed: str

    def walk(self, number: int, entry: Entry, line: Line) -> Walk:
        """One robot's whole way."""
        name = choose_profile(self.profile, Random(f"{self.seed}/{number}/profile"))  # noqa: S311 - nobody's secret
        return Walker(self.questionnaire, Walk(number, name, entry), line, self.seed).run()


def run_robots(simulation: Simulation, entries: Sequence[Entry], connect: Callable[[], Line], threads: int) -> Iterator[Walk]:
    """The walks of all robots, in their order, each as soon as it and those before it have ended.

    Each thread has one line to the site, which its robots use one after the other.
    """
    lines: list[Line] = []

    def walk(number: int) -> Walk:
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


def invent_background(questionnaire: Questionnaire, institution: Institution, chance: Random) -> Values:
    """What might come along with a student of an institution: of each variable any value, a text in a few words."""
    language = questionnaire.languages[institution.languages[0]].spoken
    found = {code: _invent(variable, language, chance) for code, variable in questionnaire.background.items()}
    return {code: value for code, value in found.items() if value is not None}


def _invent(variable: Variable, language: str, chance: Random) -> Any:
    if variable.options:
        return chance.choice(variable.codes)
    if variable.kind == "number":
        return chance.randint(variable.low or 0, variable.high or 0)
    return write_words(chance, language, 40).strip()
