"""Limits on how often one thing may happen; a new one is a line in LIMITS.

A school is one address to us: nobody is limited for where they come from, except who keeps trying links that do not exist.
The counts live in this process; with more processes everything is allowed as many times more.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from itertools import islice
from math import ceil
from time import monotonic

MOST_KEYS = 20_000
"""How many counts are kept at the most: about 4 MB."""


@dataclass(frozen=True, slots=True)
class Limit:
    """So many at once, and then so many a second."""

    at_once: int
    per_second: float


LIMITS = {
    "response": Limit(1_000, 10),  # pages sent or looked at; a person does one in seconds, a bad line repeats a few
    "link": Limit(60, 1),  # starts from one personal link
    "open_link": Limit(600, 60),  # starts at one institution; its largest school begins as a whole
    "miss": Limit(300, 0.5),  # links that do not exist, from one address
}


class Limits:
    """Counts what happens to each key, and forgets it as the time goes by (generic cell rate algorithm, ITU-T I.371)."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        """Args: clock: seconds, never going back."""
        self._clock = clock
        self._paid_until: dict[tuple[str, Hashable], float] = {}
        """Key → when all that it did will be forgotten."""

    def __len__(self) -> int:
        return len(self._paid_until)

    def take(self, name: str, key: Hashable) -> int:
        """Count one more; returns 0, or after how many whole seconds it may be tried again and is not counted."""
        limit, now = LIMITS[name], self._clock()
        step = 1 / limit.per_second
        until = max(self._paid_until.get((name, key), now), now) + step
        wait = until - now - limit.at_once * step
        if wait > 1e-6:
            return ceil(wait)
        if len(self._paid_until) >= MOST_KEYS:
            self._forget(now)
        self._paid_until[name, key] = until
        return 0

    def _forget(self, now: float) -> None:
        """Drop what the time has paid off; if that is not enough, the half that came first."""
        kept = {key: until for key, until in list(self._paid_until.items()) if until > now}
        if len(kept) > MOST_KEYS // 2:
            kept = dict(islice(kept.items(), len(kept) // 2, None))
        self._paid_until = kept
