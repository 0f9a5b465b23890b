"""The worker: carries out jobs beside the site, one at a time. A new kind of job is a function and a line in JOBS.

A periodic kind has one job at all times, which is due again after an interval. A job that raises is tried again later; after
MOST_ATTEMPTS it is kept as failed, for `doctor` to show.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event, Thread
from typing import Any

import structlog

from survey_engine.operations.maintenance import Installation, close_panels, remove_starts, seal_seats
from survey_engine.storage.database import read_now
from survey_engine.storage.jobs import Job, add_job, fail_job, finish_job, make_due, postpone_job, renew_lease, take_job

LEASE = 60.0
"""Seconds for which a worker holds a job. It renews the lease before, so that only a killed worker's lease ends."""
MOST_ATTEMPTS, FIRST_PAUSE, LONGEST_PAUSE = 8, 10.0, 3600.0
"""Attempts in all; seconds before the second one, doubled each time, and at most."""
IDLE = 2.0
"""Seconds between two looks for a job when none is due."""


@dataclass(frozen=True, slots=True)
class JobKind:
    """One kind of job."""

    run: Callable[[Installation, Mapping[str, Any]], str]
    """Carry out a job with this payload; return what was done, in words without personal data."""
    every: float | None = None
    """Seconds between two runs of a periodic kind."""


def _ignore_payload(run: Callable[[Installation], str]) -> Callable[[Installation, Mapping[str, Any]], str]:
    return lambda installation, payload: run(installation)


JOBS: dict[str, JobKind] = {
    "seal-seats": JobKind(_ignore_payload(seal_seats), every=3600),
    "close-panels": JobKind(_ignore_payload(close_panels), every=600),
    "remove-starts": JobKind(_ignore_payload(remove_starts), every=3600),
}


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one job."""

    kind: str
    done: str = ""
    error: Exception | None = None


class Worker:
    """Carries out the jobs of one installation."""

    def __init__(self, installation: Installation, kinds: Mapping[str, JobKind] = JOBS, lease: float = LEASE) -> None:
        """Args: lease: seconds for which this worker holds a job."""
        self.identity, self.installation, self.kinds, self.lease = installation.identity, installation, kinds, lease

    def schedule(self, *, now: bool = False) -> None:
        """Make sure that each periodic kind has its job.

        Args: now: make these jobs due at once, unless a worker holds them.
        """
        for name in self._list_periodic():
            add_job(self.identity, name, {}, self._read_time(), once=name)
        if now:
            make_due(self.identity, self._list_periodic(), now=self._read_time())

    def run(self, stop: Event) -> None:
        """Carry out jobs until `stop` is set; the job at hand is ended first."""
        self.schedule()
        while not stop.is_set():
            if self.run_next() is None:
                stop.wait(IDLE)

    def run_next(self) -> Result | None:
        """Carry out one job; None when none is due."""
        job = take_job(self.identity, self.kinds, now=self._read_time(), lease_seconds=self.lease)
        if job is None:
            return None
        kind, log = self.kinds[job.kind], structlog.get_logger()
        try:
            with self._renewing(job):
                done = kind.run(self.installation, job.payload)
        except Exception as error:  # noqa: BLE001 - the worker goes on with the next job
            log.error("job_failed", kind=job.kind, error=type(error).__name__, attempt=job.attempts)
            self._give_back(job, error)
            return Result(job.kind, error=error)
        log.info("job_done", kind=job.kind)
        if kind.every is None:
            finish_job(self.identity, job)
        else:
            postpone_job(self.identity, job, self._read_time() + kind.every, attempts=0)
        return Result(job.kind, done)

    @contextmanager
    def _renewing(self, job: Job) -> Iterator[None]:
        """Renew the lease in the background while the block runs."""
        ended = Event()

        def renew() -> None:
            while not ended.wait(self.lease / 3) and renew_lease(self.identity, job, self._read_time() + self.lease):
                pass

        thread = Thread(target=renew, daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()

    def _give_back(self, job: Job, error: Exception) -> None:
        if job.attempts >= MOST_ATTEMPTS and self.kinds[job.kind].every is None:
            fail_job(self.identity, job, type(error).__name__)
        else:
            pause = min(FIRST_PAUSE * 2 ** (job.attempts - 1), LONGEST_PAUSE)
            postpone_job(self.identity, job, self._read_time() + pause, attempts=job.attempts)

    def _list_periodic(self) -> list[str]:
        return [name for name, kind in self.kinds.items() if kind.every is not None]

    def _read_time(self) -> float:
        return read_now(self.identity).timestamp()
