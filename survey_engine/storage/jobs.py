"""Statements on jobs: background work, taken by one worker at a time.

A worker has a lease on its job. When the lease expires, for example because the worker was killed, another worker takes the job:
every job must be idempotent.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import CursorResult, bindparam, text

from survey_engine.storage.database import Database, make_id

_ADD = text(
    "INSERT INTO job (id, kind, once, payload, attempts, due_at) VALUES (:id, :kind, :once, :payload, 0, :due_at)"
    " ON CONFLICT (once) DO NOTHING"
)
_TAKE = """
UPDATE job SET lease = :lease, leased_until = :leased_until, attempts = attempts + 1
WHERE id = (
    SELECT id FROM job
    WHERE due_at <= :now AND failure IS NULL AND (leased_until IS NULL OR leased_until <= :now) AND kind IN ({kinds})
    ORDER BY due_at LIMIT 1 {locking}
)
RETURNING id, kind, payload, attempts
"""
_FINISH = text("DELETE FROM job WHERE id = :id AND lease = :lease")
_POSTPONE = text(
    "UPDATE job SET lease = NULL, leased_until = NULL, attempts = :attempts, due_at = :due_at WHERE id = :id AND lease = :lease"
)
_FAIL = text("UPDATE job SET lease = NULL, leased_until = NULL, failure = :failure WHERE id = :id AND lease = :lease")
_RENEW = text("UPDATE job SET leased_until = :leased_until WHERE id = :id AND lease = :lease")
_MAKE_DUE = text(
    "UPDATE job SET due_at = :now WHERE once IN :names AND due_at > :now AND (leased_until IS NULL OR leased_until <= :now)"
).bindparams(bindparam("names", expanding=True))
_OVERDUE = text(
    "SELECT count(*) FROM job WHERE due_at < :now AND failure IS NULL AND (leased_until IS NULL OR leased_until < :now)"
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
    """Identifies the worker's lease: a worker whose lease expired changes nothing."""


def add_job(identity: Database, kind: str, payload: Mapping[str, Any], due_at: float, once: str | None = None) -> bool:
    """Add a job; return whether it was added.

    Args:
        payload: JSON values without personal data.
        due_at: seconds since 1970, by the database's clock.
        once: a unique name: the job is not added while another job has the name.
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
    statement = _TAKE.format(kinds=", ".join(f":{name}" for name in names), locking=locking)
    lease = make_id()
    with identity.write() as connection:
        row = connection.execute(
            text(statement), {"now": now, "lease": lease, "leased_until": now + lease_seconds, **names}
        ).first()
    return None if row is None else Job(row[0], row[1], json.loads(row[2]), row[3], lease)


def finish_job(identity: Database, job: Job) -> bool:
    """Delete a finished job; return False when the lease has expired and another worker has the job."""
    return _change(identity, _FINISH, job)


def postpone_job(identity: Database, job: Job, due_at: float, *, attempts: int) -> bool:
    """Release a job with another time and number of attempts; return False when another worker has the job."""
    return _change(identity, _POSTPONE, job, due_at=due_at, attempts=attempts)


def fail_job(identity: Database, job: Job, failure: str) -> bool:
    """Mark a job as failed: no worker takes it again. Return False when another worker has the job.

    Args: failure: the kind of error, without personal data.
    """
    return _change(identity, _FAIL, job, failure=failure[:80])


def renew_lease(identity: Database, job: Job, leased_until: float) -> bool:
    """Extend the lease of a job; return False when another worker has the job."""
    return _change(identity, _RENEW, job, leased_until=leased_until)


def make_due(identity: Database, names: Collection[str], *, now: float) -> None:
    """Make the jobs with these names (`once`) due now, except those that a worker has."""
    with identity.write() as connection:
        connection.execute(_MAKE_DUE, {"names": sorted(names), "now": now})


def count_jobs(identity: Database) -> dict[tuple[str, str], int]:
    """(kind, failure or an empty text) → number of jobs."""
    with identity.read() as connection:
        return {(kind, failure or ""): count for kind, failure, count in connection.execute(_COUNT)}


def read_attempts(identity: Database) -> dict[str, int]:
    """Name (`once`) → attempts since the job last succeeded, for jobs with a name."""
    with identity.read() as connection:
        return {row.once: row.attempts for row in connection.execute(_ATTEMPTS)}


def measure_overdue(identity: Database, *, now: float) -> float:
    """Seconds since the oldest job without a worker was due; 0 if none is due."""
    with identity.read() as connection:
        due = connection.execute(_OLDEST, {"now": now}).scalar()
    return max(0.0, now - due) if due is not None else 0.0


def count_overdue(identity: Database, *, now: float) -> int:
    """The number of jobs that were due before `now` and have no worker."""
    with identity.read() as connection:
        return int(connection.execute(_OVERDUE, {"now": now}).scalar_one())


def _change(identity: Database, statement: Any, job: Job, **values: Any) -> bool:
    with identity.write() as connection:
        result: CursorResult[Any] = connection.execute(statement, {"id": job.id, "lease": job.lease, **values})
    return result.rowcount == 1
