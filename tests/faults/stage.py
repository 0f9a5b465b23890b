"""The resources of every scenario, and its report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from tests.databases import PostgresServer
from tests.faults.grounds import Ground


@dataclass(frozen=True)
class Trial:
    """The result of a scenario: the figures in words, and whether the goal was reached."""

    figures: str
    held: bool


class Stage:
    """The size of the trials, and a PostgreSQL server that trials may share."""

    def __init__(self, *, full: bool) -> None:
        self.full = full
        self._server: PostgresServer | None = None

    def size(self, short: int, full: int) -> int:
        return full if self.full else short

    @property
    def pause(self) -> float:
        """Seconds between a robot's requests while servers are replaced, which in the short form must not take all processors."""
        return 0 if self.full else 0.05

    def server(self) -> PostgresServer:
        if self._server is None:
            self._server = PostgresServer().initialise().start()
        return self._server

    def ground(self, engine: str) -> Ground:
        return Ground(self.server() if engine == "postgresql" else None)

    def close(self) -> None:
        if self._server:
            self._server.remove()


@dataclass(frozen=True)
class Scenario:
    name: str
    goal: str
    run: Callable[[Stage], Trial]
    careless: str
    """How the engine of the control is careless."""
    control: Callable[[Stage], Trial]
    """The same trial with a careless engine, which must not reach the goal."""
    short: bool = True
    """Whether the short form runs it. Scenarios that do not depend on the database run there on one kind of database only."""


def describe_strange(events: Counter[str]) -> str:
    """Describe the unexpected events: all except 502, 503 and lost connections, which robots try again. Empty if there were none."""
    strange = [f"{count} × {name}" for name, count in sorted(events.items()) if name not in ("502", "503", "cut")]
    return "".join(f", {event}" for event in strange)
