"""From costs to cores, disks, connections and waiting times. Pure; every formula names its source."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil, log, sqrt

from survey_engine.operations.capacity.measuring import Costs

UTILISATION = 0.6
"""Processors are planned to be this busy at the peak; above it waiting times grow fast."""
COPIES = 2.5
"""Bytes on disk for each byte of answers: the table and its index, the write-ahead log, one backup."""
POSTGRESQL_BYTES = 2.2
"""Bytes that PostgreSQL takes for each byte of SQLite, for the same answers."""
SHARD_SAVES = 4000
"""Saves a second that one PostgreSQL shard is asked to take at most."""


@dataclass(frozen=True, slots=True)
class Fieldwork:
    """What is to come: how many answer, over how many days, how sharp the peak is."""

    respondents: int
    days: int
    peak_starts: float
    """Starts a minute at the worst moment."""
    saves: float = 22
    """Saves of one response; about 80 when every statement is saved in the background."""
    minutes: float = 14
    """How long one response takes."""
    invited: int = 0
    mail_groups: int = 4
    mail_hours: float = 2


@dataclass(frozen=True, slots=True)
class Demand:
    """What the peak asks for."""

    saves: float
    """Saves a second, as if the peak's starts went on for as long as one response takes: an upper bound."""
    sessions: float
    app_seconds: float
    """CPU seconds a second in the application."""
    disk: float
    """Bytes of both stores on SQLite."""
    mails: float
    """Mails an hour."""


@dataclass(frozen=True, slots=True)
class Layout:
    """One way to set it up."""

    name: str
    app_cores: int
    database_cores: int
    connections: int
    p95: float
    """Expected seconds from form to reply for 95 of 100 saves; infinite when it cannot keep up."""
    disk: float
    """Bytes of both stores with index, log and one backup."""
    remark: str


def find_demand(work: Fieldwork, costs: Costs) -> Demand:
    """The load of the peak.

    Sessions follow Little's law (L = λW): starts a second times the length of a response.
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


def expect_p95(rate: float, seconds: float, servers: int) -> float:
    """Time in system that 95 of 100 requests stay under, in seconds, for exponential service on several servers.

    Mean wait after Sakasegawa (1977): W = s · ρ^(√(2(c+1)) − 1) / (c · (1 − ρ)); the wait's tail is taken as exponential.

    >>> expect_p95(10, 0.01, 1) < 0.05, expect_p95(1000, 0.01, 1)
    (True, inf)
    """
    busy = rate * seconds / servers
    if busy >= 1:
        return float("inf")
    wait: float = seconds * busy ** (sqrt(2 * (servers + 1)) - 1) / (servers * (1 - busy))
    return (seconds + wait) * log(20)


def plan_layouts(demand: Demand, costs: Costs, database: float) -> Iterator[Layout]:
    """Three ways to set it up; `database` is the CPU seconds that PostgreSQL takes for one save."""
    app = max(1, ceil(demand.app_seconds / UTILISATION))
    writers = expect_p95(demand.saves, 1 / costs.saves, 1) + costs.save  # a group waits for the disk together
    fits = demand.saves < UTILISATION * costs.saves
    yield Layout(
        "one machine, SQLite",
        app,
        0,
        0,
        expect_p95(demand.saves, costs.page, app) + writers,
        demand.disk,
        f"the store {'keeps up' if fits else 'does not keep up; take PostgreSQL'}: it takes {costs.saves:.0f} saves a second",
    )
    disk = demand.disk * POSTGRESQL_BYTES
    cores = max(1, ceil(demand.saves * database / UTILISATION))
    p95 = expect_p95(demand.saves, costs.page, app) + expect_p95(demand.saves, database, cores)
    yield Layout(
        "PostgreSQL, one primary and a replica", app, cores, 2 * app * 8, p95, disk, "the replica takes exports and counts"
    )
    shards = max(2, ceil(demand.saves / SHARD_SAVES))
    each = max(1, ceil(cores / shards))
    p95 = expect_p95(demand.saves, costs.page, app) + expect_p95(demand.saves / shards, database, each)
    yield Layout(f"PostgreSQL in {shards} shards (Citus)", app, each * shards, 2 * app * 8, p95, disk, "distributed by response")
