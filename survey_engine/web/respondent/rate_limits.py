"""Limits on how often one thing may happen; a new one is a line in LIMITS.

A school is one address to us, and begins as a whole; only far beyond that is an address limited, or for trying links that do not exist.
The counts live in this process; with more processes everything is allowed as many times more. A page that said "wait" is
likewise let in once by each process, and once more by one that was started anew.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from itertools import islice, takewhile
from math import ceil
from threading import Lock
from time import monotonic, sleep

from survey_engine.fieldwork.signing import LONGEST_TURN

MOST_KEYS = 20_000
"""How many counts are kept at the most: about 4 MB."""
MOST_TURNS = 20_000
"""How many turns that were used are kept at the most: about 4 MB."""
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
    "waiting": Limit(600, 1),  # more, by pages that said: wait, where the line above is used up
    "device": Limit(10, 0.02),  # more starts on a device that has begun before, which neither line above limits
    "devices": Limit(600, 1),  # of these, by open links of one institution from one address: each start makes a device known
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
            paid_until = self._paid_until.pop((name, key), now)
            until = max(paid_until, now) + step
            wait = until - now - limit.at_once * step
            if len(self._paid_until) >= MOST_KEYS:
                self._forget(now)
            refused = wait > 1e-6
            self._paid_until[name, key] = paid_until if refused else until  # at the end: the last to be forgotten
        return ceil(wait) if refused else 0

    def slow_down(self) -> None:
        """Let this request wait for a moment, unless another one does: all threads together must not be held."""
        if self._waiting.acquire(blocking=False):
            try:
                self._pause(SLOW_SECONDS)
            finally:
                self._waiting.release()

    def _forget(self, now: float) -> None:
        """Drop what the time has paid off; if that is not enough, the half that was longest not asked for."""
        kept = {key: until for key, until in self._paid_until.items() if until > now}
        if len(kept) > MOST_KEYS // 2:
            kept = dict(islice(kept.items(), len(kept) // 2, None))
        self._paid_until = kept


class UsedTurns:
    """The pages that said "wait" and have let in once; where there is no more room none lets in, so that none does twice."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        """Args: clock: seconds, never going back."""
        self._clock, self._lock = clock, Lock()
        self._used: dict[str, float] = {}
        """Turn → when it is too old to be valid, in that order."""

    def __len__(self) -> int:
        return len(self._used)

    def use(self, turn: str) -> bool:
        """Whether this turn lets in: it was not used before, and that it now is can be kept."""
        with self._lock:
            now = self._clock()
            for old in [*takewhile(lambda one: self._used[one] <= now, self._used)]:
                del self._used[old]
            if turn in self._used or len(self._used) >= MOST_TURNS:
                return False
            self._used[turn] = now + LONGEST_TURN
        return True
