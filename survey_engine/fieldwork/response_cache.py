"""Per-process cache of recently saved responses. A save detects stale entries by the number of saves.

A missing or stale response is loaded from the database. A browser reuses its connection and so mostly reaches the same process. When
another process saved the response in between, it is cached again only after two consecutive saves in this process.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Set
from threading import Lock
from time import monotonic
from typing import NamedTuple

from survey_engine.engine.response_state import Response

_MAX_RESPONSES, _MAX_AGE = 5000, 600
"""Largest number of cached responses, of a few kilobytes each, and seconds until an entry expires."""


class _Entry(NamedTuple):
    until: float
    saves: int
    """The response's number of saves."""
    response: Response | None


class ResponseCache:
    """Cache of responses by id. `take` removes the entry, so that two requests never use the same one."""

    def __init__(
        self, max_responses: int = _MAX_RESPONSES, max_age: float = _MAX_AGE, clock: Callable[[], float] = monotonic
    ) -> None:
        self._max_responses, self._max_age, self._clock = max_responses, max_age, clock
        self._entries: dict[int, _Entry] = {}
        """Id of the response → entry, the oldest first."""
        self._lock = Lock()

    def keep(self, response: Response, needed: Collection[str]) -> None:
        """Cache a response that this process has just saved, with the needed pages and an overview of the others."""
        pages = {code: response.pages[code] for code in needed if code in response.pages}
        trimmed = response._replace(pages=pages, summary=response.overview())
        now = self._clock()
        with self._lock:
            earlier = self._entries.pop(response.id, None)
            alone = earlier is None or earlier.saves == response.saves - 1
            self._entries[response.id] = _Entry(now + self._max_age, response.saves, trimmed if alone else None)
            while len(self._entries) > self._max_responses or next(iter(self._entries.values())).until < now:
                del self._entries[next(iter(self._entries))]

    def take(self, id: int, needed: Set[str]) -> Response | None:
        """Remove and return a response whose entry has all stored pages of `needed`; None when there is no such entry."""
        with self._lock:
            entry = self._entries.get(id)
            if entry is None or entry.response is None or entry.until < self._clock():
                return None
            self._entries[id] = _Entry(entry.until, entry.saves, None)
        there = needed & entry.response.overview().stored
        return entry.response if entry.response.pages.keys() >= there else None
