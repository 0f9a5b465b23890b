"""Runs simulated respondents against the application in this process, or in several that share a store."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from itertools import count
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from pathlib import Path
from tempfile import TemporaryDirectory

from survey_engine.model.questionnaire import Questionnaire
from survey_engine.operations.simulation.browsing import RobotError, WsgiLine
from survey_engine.operations.simulation.dummy_store import DummyDatabase
from survey_engine.operations.simulation.runs import Simulation
from survey_engine.operations.simulation.walking import RobotEntry, RobotWalk
from survey_engine.settings import read_settings
from survey_engine.web.app import create_app
from survey_engine.web.respondent.site import Site

WORTH_A_PROCESS = 100
"""Smallest number of robots for which an additional process saves more time than its start costs."""
_PROCESSES = get_context("fork")
"""The processes are copies of this one, which has imported all modules and compiled the questionnaire, and has no open store."""


def count_processes(robots: int, institutions: int) -> int:
    """Return the number of processes that are worth their start: one more than cores, because institutions differ in size."""
    return min((os.cpu_count() or 1) + 1, institutions, robots // WORTH_A_PROCESS)


@dataclass(frozen=True, slots=True)
class LocalRobots:
    """The robots of one simulation.

    A drawn module depends on earlier draws at the same institution. So the robots of an institution answer one after another in one
    process, and the same seed gives the same responses with any number of processes.
    """

    questionnaire: Questionnaire
    """Its version is published in the store."""
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
            site.participation.registry.add(self.questionnaire)
            try:
                yield site, WsgiLine(app.wsgi_app)
            finally:
                site.answers.close()
                site.identity.close()

    def run(self, entries: Sequence[RobotEntry]) -> Iterator[RobotWalk]:
        """Iterate the walks of all robots as they end, in as many processes as are worth their start. No store may be open.

        Raises:
            RobotError: the site behaved incorrectly.
        """
        robots = list(enumerate(entries))
        processes = count_processes(len(robots), len({entry.institution for entry in entries}))
        return self.iter_walks_in_processes(robots, processes) if processes > 1 else self.iter_walks(robots)

    def iter_walks(self, robots: Sequence[tuple[int, RobotEntry]]) -> Iterator[RobotWalk]:
        """Iterate the walks of robots in this process. Args: robots: number and link of each."""
        simulation = Simulation(self.questionnaire, self.profile, self.seed)
        with self.serve() as (site, line):
            for number, entry in robots:
                site.participation.seeds = (f"{self.seed}/{number}/{start}/modules" for start in count())
                yield simulation.walk(number, entry, line)

    def iter_walks_in_processes(self, robots: Sequence[tuple[int, RobotEntry]], processes: int) -> Iterator[RobotWalk]:
        """Iterate the walks of robots in so many processes, as they end."""
        institutions = list(dict.fromkeys(entry.institution for _, entry in robots))
        parts = {institution: part % processes for part, institution in enumerate(institutions)}
        with ExitStack() as stack:
            running = [
                stack.enter_context(self._start([robot for robot in robots if parts[robot[1].institution] == part]))
                for part in range(processes)
            ]
            while running:
                for receiver in {*running}.intersection(wait(running)):
                    try:
                        found = receiver.recv()
                    except EOFError:
                        raise RobotError("A process of robots ended before its robots did.") from None
                    if isinstance(found, RobotError):
                        raise found
                    if found is None:
                        running.remove(receiver)
                    else:
                        yield found

    @contextmanager
    def _start(self, robots: Sequence[tuple[int, RobotEntry]]) -> Iterator[Connection]:
        """Start a process for these robots; yield the connection on which it sends their walks (`_send_walks`)."""
        receiver, sender = _PROCESSES.Pipe(duplex=False)
        process = _PROCESSES.Process(target=self._send_walks, args=(robots, receiver, sender))
        process.start()
        sender.close()
        try:
            yield receiver
        finally:
            process.terminate()
            process.join()
            receiver.close()

    def _send_walks(self, robots: Sequence[tuple[int, RobotEntry]], receiver: Connection, sender: Connection) -> None:
        """Send the walk of each robot as it ends, then None; or a RobotError instead of the rest."""
        receiver.close()  # so that sending fails instead of waiting when the simulation was killed
        gc.freeze()  # the search for garbage need not look through modules, as in `create_server`
        try:
            for walk in self.iter_walks(robots):
                sender.send(walk)
            sender.send(None)
        except RobotError as error:
            sender.send(error)
