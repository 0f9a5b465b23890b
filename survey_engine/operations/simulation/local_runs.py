"""Runs simulated respondents against the application in this process, or in several that share a store."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from itertools import count
from multiprocessing import forkserver, get_context
from pathlib import Path
from tempfile import TemporaryDirectory

from survey_engine.operations.simulation.browsing import WsgiLine
from survey_engine.operations.simulation.dummy_store import DummyDatabase
from survey_engine.operations.simulation.runs import Simulation
from survey_engine.operations.simulation.walking import Entry, Walk
from survey_engine.settings import read_settings
from survey_engine.web.app import create_app
from survey_engine.web.respondent.site import Site

WORTH_A_PROCESS = 100
"""Number of robots for which one more process saves more time than its start takes."""
REPORTED = 10
"""Number of robots whose walks a process returns together."""
_PROCESSES = get_context("forkserver")
_PROCESSES.set_forkserver_preload(["__main__", __name__])  # the processes are copies of one that has imported these modules


def count_processes(robots: int, institutions: int) -> int:
    """Return the number of processes that are worth their start."""
    return min(os.cpu_count() or 1, institutions, robots // WORTH_A_PROCESS)


def prepare_processes(robots: int, institutions: int) -> None:
    """Let the processes get ready, if there will be several, while the version is compiled."""
    if count_processes(robots, institutions) > 1:
        forkserver.ensure_running()


@dataclass(frozen=True, slots=True)
class LocalRobots:
    """The robots of one simulation.

    A drawn module depends on earlier draws at the same institution. So the robots of an institution answer one after another in one
    process, and the same seed gives the same responses with any number of processes.
    """

    code: str
    """Code of the questionnaire, which is published in the store."""
    profile: str
    seed: str
    data: Path
    """Folder of the stores."""
    translations: Path
    """Folder of the interface's catalogues."""

    @contextmanager
    def serve(self) -> Iterator[tuple[Site, WsgiLine]]:
        # a folder without questionnaires: the site would compile the others too
        with TemporaryDirectory(prefix="survey-") as empty:
            settings = replace(read_settings({}, self.data), questionnaires=Path(empty), translations=self.translations)
            app = create_app(settings, DummyDatabase)
            site: Site = app.extensions["survey_engine"]
            try:
                yield site, WsgiLine(app.wsgi_app)
            finally:
                site.answers.close()
                site.identity.close()

    def iter_walks(self, site: Site, line: WsgiLine, robots: Sequence[tuple[int, Entry]]) -> Iterator[Walk]:
        """Iterate the walks of robots in this process. Args: robots: number and link of each."""
        simulation = Simulation(site.questionnaires[self.code], self.profile, self.seed)
        for number, entry in robots:
            site.participation.seeds = (f"{self.seed}/{number}/{start}/modules" for start in count())
            yield simulation.walk(number, entry, line)

    def iter_walks_in_processes(self, robots: Sequence[tuple[int, Entry]], processes: int) -> Iterator[Walk]:
        """Iterate the walks of robots in so many processes, as they end."""
        institutions = list(dict.fromkeys(entry.institution for _, entry in robots))
        parts = {institution: part % processes for part, institution in enumerate(institutions)}
        with ExitStack() as stack:
            done = []
            for part in range(processes):
                mine = [robot for robot in robots if parts[robot[1].institution] == part]
                pool = ProcessPoolExecutor(1, _PROCESSES, _open, (self,))
                stack.callback(pool.shutdown, cancel_futures=True)
                done += [pool.submit(_walk, mine[at : at + REPORTED]) for at in range(0, len(mine), REPORTED)]
            for future in as_completed(done):
                yield from future.result()

    def run(self, site: Site, line: WsgiLine, entries: Sequence[Entry]) -> Iterator[Walk]:
        """Iterate the walks of all robots as they end, in as many processes as are worth their start.

        Raises:
            RobotError: the site behaved incorrectly.
        """
        robots = list(enumerate(entries))
        processes = count_processes(len(robots), len({entry.institution for entry in entries}))
        return self.iter_walks_in_processes(robots, processes) if processes > 1 else self.iter_walks(site, line, robots)


class _Worker:
    """What a process of robots keeps open."""

    stack = ExitStack()
    robots: LocalRobots
    served: tuple[Site, WsgiLine]


def _open(robots: LocalRobots) -> None:
    gc.freeze()  # the search for garbage need not look through modules, as in `create_server`
    _Worker.robots = robots
    _Worker.served = _Worker.stack.enter_context(robots.serve())


def _walk(robots: Sequence[tuple[int, Entry]]) -> list[Walk]:
    return list(_Worker.robots.iter_walks(*_Worker.served, robots))
