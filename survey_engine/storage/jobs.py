"""Statements on jobs: background work. Only one worker at a time executes a job.

A worker has a lease on its job. When the lease expires, for example because the worker was killed, another worker takes the job:
every job must be idempotent. Rows of the kind `unsent-mail` are no jobs: `addresses.py` records in them what was claimed and not sent.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from random import SystemRandom
from typing import Any

from sqlalchemy import CursorResult, bindparam, text

from survey_engine.storage.database import Database, make_id

REQUEST_SPREAD_SECONDS = 1800.0
"""Random seconds in all later times of a job with a payload. A person's request added such a job, and no row may reveal its time."""
_SPREAD = "CASE WHEN payload = '{}' THEN 0 ELSE :spread END"
_ADD = text(
    "INSERT INTO job (id, kind, once, payload, attempts, due_at) VALUES (:id, :kind, :once, :payload, 0, :due_at)"
    " ON CONFLICT (once) DO NOTHING"
)
_TAKE = """
UPDATE job SET lease = :lease, leased_until = :leased_until + {spread}, attempts = attempts + 1
WHERE id = (
    SELECT id FROM job
    WHERE due_at <= :now AND failure IS NULL AND (leased_until IS NULL OR leased_until <= :now) AND kind IN ({kinds})
    ORDER BY due_at LIMIT 1 {locking}
)
RETURNING id, kind, payload, attempts
"""
_FINISH = text("DELETE FROM job WHERE id = :id AND lease = :lease")
_POSTPONE = text(
    "UPDATE job SET lease = NULL, leased_until = NULL, attempts = :attempts, due_at = :due_at + SPREAD"
    " WHERE id = :id AND lease = :lease".replace("SPREAD", _SPREAD)
)
_FAIL = text("UPDATE job SET lease = NULL, leased_until = NULL, failure = :failure WHERE id = :id AND lease = :lease")
_RENEW = text("UPDATE job SET leased_until = :leased_until + SPREAD WHERE id = :id AND lease = :lease".replace("SPREAD", _SPREAD))
_MAKE_DUE = text(
    "UPDATE job SET due_at = :now WHERE once IN :names AND due_at > :now AND (leased_until IS NULL OR leased_until <= :now)"
).bindparams(bindparam("names", expanding=True))
_OVERDUE = text(
    "SELECT count(*) FROM job WHERE due_at > 0 AND due_at < :now AND failure IS NULL AND (leased_until IS NULL OR leased_until < :now)"
)
_OLDEST = text("SELECT min(due_at) FROM job WHERE failure IS NULL AND (leased_until IS NULL OR leased_until < :now)")
_COUNT = text("SELECT kind, failure, count(*) FROM job GROUP BY kind, failure")
_ATTEMPTS = text("SELECT once, attempts FROM job WHERE once IS NOT NULL")


@dataclass(frozen=True, slots=True)
class Job:
    """A job with the lease of its worker."""

    id: int
    kind: str
    payload: Mapping[str, Any]
    attempts: int
    """Number of attempts, including this one."""
    lease: int
    """Identifies the worker's lease, so that a worker with an expired lease changes nothing."""


def add_job(identity: Database, kind: str, payload: Mapping[str, Any], due_at: float, once: str | None = None) -> bool:
    """Add a job; return whether it was added.

    Args:
        payload: JSON values without personal data.
        due_at: seconds since 1970, by the database's clock; 0 for a person's request, whose time must not be stored.
        once: unique name. The job is not added while another job has this name.
    """
    values = {"id": make_id(), "kind": kind, "once": once, "payload": json.dumps(payload), "due_at": due_at}
    with identity.write() as connection:
        return connection.execute(_ADD, values).rowcount == 1


def take_job(identity: Database, kinds: Collection[str], *, now: float, lease_seconds: float) -> Job | None:
    """Take the job that has been due longest; None when no job of these kinds is due.

    PostgreSQL skips jobs that another worker has locked; SQLite has one writer.
    """
    names = {f"kind{number}": kind for number, kind in enumerate(sorted(kinds))}
    locking = "" if identity.is_sqlite else "FOR UPDATE SKIP LOCKED"
    statement = _TAKE.format(kinds=", ".join(f":{name}" for name in names), locking=locking, spread=_SPREAD)
    lease = make_id()
    with identity.write() as connection:
        row = connection.execute(
            text(statement), {"now": now, "lease": lease, "leased_until": now + lease_seconds, "spread": draw_spread(), **names}
        ).first()
    return None if row is None else Job(row[0], row[1], json.loads(row[2]), row[3], lease)


def draw_spread() -> float:
    """Return a random delay in seconds, below REQUEST_SPREAD_SECONDS."""
    return SystemRandom().random() * REQUEST_SPREAD_SECONDS


def finish_job(identity: Database, job: Job) -> bool:
    """Delete a finished job; return False when the lease has expired and another worker has the job."""
    return _change(identity, _FINISH, job)


def postpone_job(identity: Database, job: Job, due_at: float, *, attempts: int) -> bool:
    """Release a job with another time and number of attempts; return False when another worker has the job."""
    return _change(identity, _POSTPONE, job, due_at=due_at, attempts=attempts, spread=draw_spread())


def fail_job(identity: Database, job: Job, failure: str) -> bool:
    """Mark a job as failed, so that no worker takes it again. Return False if another worker has the job.

    Args: failure: the kind of error, without personal data.
    """
    return _change(identity, _FAIL, job, failure=failure[:80])


def renew_lease(identity: Database, job: Job, leased_until: float) -> bool:
    """Extend the lease of a job; return False when another worker has the job."""
    return _change(identity, _RENEW, job, leased_until=leased_until, spread=draw_spread())


def make_due(identity: Database, names: Collection[str], *, now: float) -> None:
    """Make the jobs with these names (`once`) due now, except jobs that a worker is executing."""
    with identity.write() as connection:
        connection.execute(_MAKE_DUE, {"names": sorted(names), "now": now})


def count_jobs(identity: Database) -> dict[tuple[str, str], int]:
    """Return (kind, failure) → number of jobs; the failure is empty for jobs that have not failed."""
    with identity.read() as connection:
        return {(kind, failure or ""): count for kind, failure, count in connection.execute(_COUNT)}


def read_attempts(identity: Database) -> dict[str, int]:
    """Return name (`once`) → attempts since the job last succeeded, for jobs with a name."""
    with identity.read() as connection:
        return {row.once: row.attempts for row in connection.execute(_ATTEMPTS)}


def measure_overdue(identity: Database, *, now: float) -> float:
    """Return the seconds since the oldest job without a worker was due; 0 if none is due."""
    with identity.read() as connection:
        due = connection.execute(_OLDEST, {"now": now}).scalar()
    return max(0.0, now - due) if due is not None else 0.0


def count_overdue(identity: Database, *, now: float) -> int:
    """Return the number of jobs with a stored time that were due before `now` and have no worker."""
    with identity.read() as connection:
        return int(connection.execute(_OVERDUE, {"now": now}).scalar_one())


def _change(identity: Database, statement: Any, job: Job, **values: Any) -> bool:
    with identity.write() as connection:
        result: CursorResult[Any] = connection.execute(statement, {"id": job.id, "lease": job.lease, **values})
    return result.rowcount == 1
