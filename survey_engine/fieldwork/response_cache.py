"""The responses that this process saved last: their next page need not be read, for the save tells whether they are still so.

They lie in the memory of the process alone, some thousands of them for some minutes. Nothing depends on them: where one is
missing, or another process has saved since, the response is loaded. A browser keeps to its line and so mostly to one process;
a response that moves between processes is not remembered until one of them has saved it twice running.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Set
from threading import Lock
from time import monotonic
from typing import NamedTuple

from survey_engine.engine.decisions import Response

MOST, SECONDS = 5000, 600
"""How many responses a process remembers, a few kilobytes each, and for how long."""


class _Memory(NamedTuple):
    until: float
    saves: int
    """How often its pages had been stored."""
    response: Response | None


class Recent:
    """Each response is handed out once, so that no two requests decide on the same memory."""

    def __init__(self, most: int = MOST, seconds: float = SECONDS, clock: Callable[[], float] = monotonic) -> None:
        self._most, self._seconds, self._clock = most, seconds, clock
        self._memories: dict[int, _Memory] = {}
        """By the response's id, the oldest first."""
        self._guard = Lock()

    def keep(self, response: Response, needed: Collection[str]) -> None:
        """Remember a response as this process has just saved it; of its pages those that are needed, else an overview."""
        pages = {code: response.pages[code] for code in needed if code in response.pages}
        trimmed = response._replace(pages=pages, summary=response.overview())
        now = self._clock()
        with self._guard:
            earlier = self._memories.pop(response.id, None)
            alone = earlier is None or earlier.saves == response.saves - 1
            self._memories[response.id] = _Memory(now + self._seconds, response.saves, trimmed if alone else None)
            while len(self._memories) > self._most or next(iter(self._memories.values())).until < now:
                del self._memories[next(iter(self._memories))]

    def take(self, id: int, needed: Set[str]) -> Response | None:
        """A response that is remembered with all that is stored of the needed pages."""
        with self._guard:
            memory = self._memories.get(id)
            if memory is None or memory.response is None or memory.until < self._clock():
                return None
            self._memories[id] = _Memory(memory.until, memory.saves, None)
        there = needed & memory.response.overview().stored
        return memory.response if memory.response.pages.keys() >= there else None
