"""Rate limits. A new limit is an entry in LIMITS.

All students of a school may share one network address and start at the same time. So limits per address are far higher, except for
links that do not exist. The counters are in memory: each process allows the full rate, and accepts each retry token once.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from ipaddress import IPv4Address, ip_address, ip_network
from itertools import islice, takewhile
from math import ceil
from threading import Lock
from time import monotonic, sleep

from survey_engine.fieldwork.signing import MAX_RETRY_TOKEN_SECONDS

MAX_KEYS = 20_000
"""The maximum number of counters: about 4 MB."""
MAX_USED_TOKENS = 20_000
"""The maximum number of used retry tokens: about 4 MB."""
SLOW_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class Limit:
    """Maximum number of events in a burst, and the rate per second after it."""

    burst: int
    per_second: float


LIMITS = {
    "response": Limit(1_000, 10),  # pages shown or saved: a person needs seconds for one, a bad connection repeats some
    "link": Limit(60, 1),  # starts from one personal link
    "open_link": Limit(600, 1),  # starts by the open link of an institution from one address: a whole school
    "waiting": Limit(600, 1),  # starts with a retry token, when `open_link` is exceeded
    "device": Limit(10, 0.02),  # repeated starts on one device, to which `open_link` does not apply
    "devices": Limit(600, 1),  # repeated starts on all devices of one address at an institution
    "institution": Limit(600, 60),  # starts by the open link of an institution; delayed beyond that, never rejected
    "key": Limit(60, 0.2),  # private keys, right or wrong, from one site: they have 40 bits, links have 128
    # The same from everywhere, at an institution: 64 days for one of 10,000 keys; 100 sites to block others.
    "keys": Limit(6_000, 20),
    "login": Limit(1_800, 3),  # logins by name at an institution from one site, without a token of the form: a whole school
    "logins": Limit(1_800, 60),  # the same from all addresses; delayed beyond that, never rejected
    "login_miss": Limit(300, 0.2),  # wrong logins at an institution from one site; beyond that one try for each surname
    "login_name": Limit(10, 1 / 60),  # wrong logins with one surname at an institution from everywhere: a year has 366 birthdays
    "change": Limit(20, 0.006),  # corrected or cancelled panel addresses of one response: each adds lines to the list of erasures
    "changes": Limit(600, 0.1),  # the same from one address
    "lost": Limit(60, 0.05),  # addresses of lost links from one site: a whole class at once
    "all_lost": Limit(3_000, 5),  # the same from everywhere; delayed beyond that, never rejected
    "miss": Limit(300, 0.5),  # links that do not exist, from one address
}


def find_network(address: str, bits: int = 64) -> str:
    """Return the network of one subscriber: the IPv4 address, or the network of an IPv6 address with a prefix of `bits`.

    The IPv4 address may be written as an IPv6 address, as by a server that listens on both. An IPv6 address may have a zone.
    """
    try:
        found = ip_address(address)
    except ValueError:
        return address
    plain = found if isinstance(found, IPv4Address) else found.ipv4_mapped
    return str(plain or ip_network((found, bits), strict=False))


def find_site_network(address: str) -> str:
    """Return the network of one site, which may have many subscribers' networks: the IPv4 address, or the /48 network."""
    return find_network(address, 48)


class RateLimiter:
    """Counts events by limit and key with the generic cell rate algorithm (ITU-T I.371)."""

    def __init__(self, clock: Callable[[], float] = monotonic, pause: Callable[[float], object] = sleep) -> None:
        """Args:
        clock: monotonic seconds.
        pause: sleeps for a number of seconds.
        """
        self._clock, self._pause = clock, pause
        self._lock, self._waiting = Lock(), Lock()
        self._paid_until: dict[tuple[str, Hashable], float] = {}
        """(limit, key) → the time at which the counter is zero again."""

    def __len__(self) -> int:
        return len(self._paid_until)

    def take(self, name: str, key: Hashable) -> int:
        """Count an event and return 0; if the limit is exceeded, count nothing and return the whole seconds until the next event."""
        limit, now = LIMITS[name], self._clock()
        step = 1 / limit.per_second
        with self._lock:
            paid_until = self._paid_until.pop((name, key), now)
            until = max(paid_until, now) + step
            wait = until - now - limit.burst * step
            if len(self._paid_until) >= MAX_KEYS:
                self._forget(now)
            refused = wait > 1e-6
            self._paid_until[name, key] = paid_until if refused else until  # moves the key to the end, to be removed last
        return ceil(wait) if refused else 0

    def measure_wait(self, name: str, key: Hashable, burst: int = 0) -> int:
        """Return the whole seconds until the next allowed event, or 0. Nothing is counted.

        Args: burst: replaces the burst of the limit.
        """
        limit, now = LIMITS[name], self._clock()
        with self._lock:
            wait = self._paid_until.get((name, key), now) - now - ((burst or limit.burst) - 1) / limit.per_second
        return ceil(wait) if wait > 1e-6 else 0

    def delay(self) -> None:
        """Delay this request for SLOW_SECONDS, unless another request is being delayed: at most one thread waits at a time."""
        if self._waiting.acquire(blocking=False):
            try:
                self._pause(SLOW_SECONDS)
            finally:
                self._waiting.release()

    def _forget(self, now: float) -> None:
        """Remove counters that are zero. If too many are left, also remove the least recently used half."""
        kept = {key: until for key, until in self._paid_until.items() if until > now}
        if len(kept) > MAX_KEYS // 2:
            kept = dict(islice(kept.items(), len(kept) // 2, None))
        self._paid_until = kept


class UsedRetryTokens:
    """Used retry tokens, so that each "wait" page permits one start. If the set is full, all tokens are rejected."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        """Args: clock: monotonic seconds."""
        self._clock, self._lock = clock, Lock()
        self._used: dict[str, float] = {}
        """Token → time of expiry, in ascending order of the times."""

    def __len__(self) -> int:
        return len(self._used)

    def use(self, token: str) -> bool:
        """Mark a token as used; return whether it was unused and could be stored."""
        with self._lock:
            now = self._clock()
            for old in [*takewhile(lambda used: self._used[used] <= now, self._used)]:
                del self._used[old]
            if token in self._used or len(self._used) >= MAX_USED_TOKENS:
                return False
            self._used[token] = now + MAX_RETRY_TOKEN_SECONDS
        return True
