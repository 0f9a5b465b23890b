"""Computes cores, disk space, connections and response times from costs. Pure; each formula names its source."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil, log, sqrt

from survey_engine.operations.capacity.measuring import Costs

_UTILISATION = 0.6
"""Planned load of processors at the peak; response times rise steeply above it."""
COPIES = 2.5
"""Bytes on disk per byte of answers: the table and its index, the write-ahead log, one backup."""
_POSTGRESQL_BYTES = 2.2
"""Bytes in PostgreSQL per byte in SQLite, for the same answers."""
_SHARD_SAVES = 4000
"""Maximum saves per second of one PostgreSQL shard."""


@dataclass(frozen=True, slots=True)
class Fieldwork:
    """Size of a fieldwork and of its peak."""

    respondents: int
    days: int
    peak_starts: float
    """Starts per minute at the peak."""
    saves: float = 22
    """Saves per response; about 80 if every item is saved in the background."""
    minutes: float = 14
    """Duration of one response."""
    invited: int = 0
    mail_groups: int = 4
    mail_hours: float = 2


@dataclass(frozen=True, slots=True)
class Demand:
    """Load of the peak."""

    saves: float
    """Saves per second if the peak's starts last for the duration of a response: an upper bound."""
    sessions: float
    app_seconds: float
    """CPU seconds per second in the application."""
    disk: float
    """Bytes of both stores on SQLite."""
    mails: float
    """Mails per hour."""


@dataclass(frozen=True, slots=True)
class Layout:
    """One possible installation."""

    name: str
    app_cores: int
    database_cores: int
    connections: int
    p95: float
    """Expected seconds from request to response for 95 of 100 saves; infinite if it is overloaded."""
    disk: float
    """Bytes of both stores with index, log and one backup."""
    remark: str


def compute_demand(work: Fieldwork, costs: Costs) -> Demand:
    """Compute the load of the peak.

    Sessions follow Little's law (L = λW): starts per second times the duration of a response.
    """
    starts = work.peak_starts / 60
    saves = starts * work.saves
    mails = work.invited / work.mail_groups / work.mail_hours if work.invited else 0
    return Demand(
        saves=saves,
        sessions=starts * work.minutes * 60,
        app_seconds=saves * costs.page + starts * costs.start,
        disk=(work.respondents * costs.response + max(work.respondents, work.invited) * costs.seat) * COPIES,
        mails=mails,
    )


def estimate_p95(rate: float, seconds: float, servers: int) -> float:
    """Estimate the time in system in seconds that 95 of 100 requests stay below, with exponential service on several servers.

    Mean wait after Sakasegawa (1977): W = s · ρ^(√(2(c+1)) − 1) / (c · (1 − ρ)); the tail of the wait is assumed exponential.

    >>> estimate_p95(10, 0.01, 1) < 0.05, estimate_p95(1000, 0.01, 1)
    (True, inf)
    """
    busy = rate * seconds / servers
    if busy >= 1:
        return float("inf")
    wait: float = seconds * busy ** (sqrt(2 * (servers + 1)) - 1) / (servers * (1 - busy))
    return (seconds + wait) * log(20)


def plan_layouts(demand: Demand, costs: Costs, database: float) -> Iterator[Layout]:
    """Plan three installations; `database` is the CPU seconds of PostgreSQL per save."""
    app = max(1, ceil(demand.app_seconds / _UTILISATION))
    writers = estimate_p95(demand.saves, 1 / costs.saves, 1) + costs.save  # a group of saves waits once for the disk
    fits = demand.saves < _UTILISATION * costs.saves
    yield Layout(
        "one machine, SQLite",
        app,
        0,
        0,
        estimate_p95(demand.saves, costs.page, app) + writers,
        demand.disk,
        f"the store {'is fast enough' if fits else 'is too slow; use PostgreSQL'}: it commits {costs.saves:.0f} saves a second",
    )
    disk = demand.disk * _POSTGRESQL_BYTES
    cores = max(1, ceil(demand.saves * database / _UTILISATION))
    p95 = estimate_p95(demand.saves, costs.page, app) + estimate_p95(demand.saves, database, cores)
    yield Layout(
        "PostgreSQL, one primary and a replica", app, cores, 2 * app * 8, p95, disk, "exports and counts use the replica"
    )
    shards = max(2, ceil(demand.saves / _SHARD_SAVES))
    each = max(1, ceil(cores / shards))
    p95 = estimate_p95(demand.saves, costs.page, app) + estimate_p95(demand.saves / shards, database, each)
    yield Layout(f"PostgreSQL in {shards} shards (Citus)", app, each * shards, 2 * app * 8, p95, disk, "distributed by response")
