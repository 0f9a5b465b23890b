"""Limits on how often one thing may happen; a new one is a line in LIMITS.

A school is one address to us, and begins as a whole; only far beyond that is an address limited, or for trying links that do not exist.
The counts live in this process; with more processes everything is allowed as many times more.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from itertools import islice
from math import ceil
from threading import Lock
from time import monotonic, sleep

from survey_engine.fieldwork.signing import TURN_SECONDS

MOST_KEYS = 20_000
"""How many counts are kept at the most: about 4 MB."""
SLOW_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class Limit:
    """So many at once, and then so many a second."""

    at_once: int
    per_second: float


LIMITS = {
    "response": Limit(1_000, 10),  # pages sent or looked at; a person does one in seconds, a bad line repeats a few
    "link": Limit(60, 1),  # starts from one personal link
    "open_link": Limit(600, 1),  # starts by open links of one institution from one address: its largest school begins as a whole
    "turn": Limit(1, 1 / TURN_SECONDS),  # starts by one page that said: wait
    "waiting": Limit(600, 1),  # of these, by open links of one institution from one address, where the line above is used up
    "device": Limit(10, 0.02),  # more starts on a device that has begun before, which the line above does not limit
    "institution": Limit(600, 60),  # starts by open links of one institution; beyond that they are slowed, never refused
    "miss": Limit(300, 0.5),  # links that do not exist, from one address
}


def name_network(address: str) -> str:
    """What one subscriber holds: an IPv4 address, or the /64 network of an IPv6 address."""
    try:
        version = ip_address(address).version
    except ValueError:
        return address
    return address if version == 4 else str(ip_network((address, 64), strict=False))


class Limits:
    """Counts what happens to each key, and forgets it as the time goes by (generic cell rate algorithm, ITU-T I.371)."""

    def __init__(self, clock: Callable[[], float] = monotonic, pause: Callable[[float], object] = sleep) -> None:
        """Args:
        clock: seconds, never going back.
        pause: waits for so many seconds.
        """
        self._clock, self._pause = clock, pause
        self._lock, self._waiting = Lock(), Lock()
        self._paid_until: dict[tuple[str, Hashable], float] = {}
        """Key → when all that it did will be forgotten."""

    def __len__(self) -> int:
        return len(self._paid_until)

    def take(self, name: str, key: Hashable) -> int:
        """Count one more; returns 0, or after how many whole seconds it may be tried again and is not counted."""
        limit, now = LIMITS[name], self._clock()
        step = 1 / limit.per_second
        with self._lock:
            until = max(self._paid_until.get((name, key), now), now) + step
            wait = until - now - limit.at_once * step
            if wait > 1e-6:
                return ceil(wait)
            if len(self._paid_until) >= MOST_KEYS:
                self._forget(now)
            self._paid_until[name, key] = until
        return 0

    def slow_down(self) -> None:
        """Let this request wait for a moment, unless another one does: all threads together must not be held."""
        if self._waiting.acquire(blocking=False):
            try:
                self._pause(SLOW_SECONDS)
            finally:
                self._waiting.release()

    def _forget(self, now: float) -> None:
        """Drop what the time has paid off; if that is not enough, the half that came first."""
        kept = {key: until for key, until in self._paid_until.items() if until > now}
        if len(kept) > MOST_KEYS // 2:
            kept = dict(islice(kept.items(), len(kept) // 2, None))
        self._paid_until = kept
