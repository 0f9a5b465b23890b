"""A worker that runs jobs in the background, one at a time. A new kind of job is a function and an entry in JOBS.

A periodic kind always has one job, which is due again after an interval. A job that raises is retried later. After
MAX_ATTEMPTS a job that is not periodic is stored as failed, and `doctor` shows it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from threading import Event, Thread
from time import monotonic
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError

from survey_engine.fieldwork.lost_links import KIND
from survey_engine.fieldwork.mail import MailError
from survey_engine.operations.maintenance import (
    Installation,
    clear_erased,
    close_panels,
    hide_requests,
    mail_lost_link,
    record_response,
    recount_labels,
    refresh_totals,
    remove_starts,
    seal_seats,
)
from survey_engine.operations.retention import delete_due
from survey_engine.settings import name_restore_mark
from survey_engine.storage.database import read_now
from survey_engine.storage.jobs import Job, add_job, fail_job, finish_job, make_due, postpone_job, renew_lease, take_job

_LEASE_SECONDS = 60.0
"""Seconds until another worker may take the job. The worker renews its lease in time, so only leases of killed workers expire."""
MAX_ATTEMPTS, _FIRST_PAUSE_SECONDS, _MAX_PAUSE_SECONDS = 8, 10.0, 3600.0
"""Maximum attempts; seconds before the second attempt, doubled each time; the maximum of these seconds."""
POLL_SECONDS, SCHEDULE_SECONDS = 2.0, 60.0
"""Seconds between two queries for a due job, and between two checks for missing periodic jobs."""


@dataclass(frozen=True, slots=True)
class JobKind:
    """One kind of job."""

    run: Callable[[Installation, Mapping[str, Any]], str]
    """Run a job with this payload; return a message without personal data."""
    every: float | None = None
    """Seconds between two runs of a periodic kind."""


def _ignore_payload(run: Callable[[Installation], str]) -> Callable[[Installation, Mapping[str, Any]], str]:
    return lambda installation, payload: run(installation)


def _import_for_lms(name: str) -> Callable[[Installation, Mapping[str, Any]], str]:
    """Return a job of `lms_reports`. The module is imported when the job runs, so that a worker starts fast."""
    return lambda installation, payload: str(getattr(import_module("survey_engine.operations.lms_reports"), name)(installation))


JOBS: dict[str, JobKind] = {
    "seal-seats": JobKind(_ignore_payload(seal_seats), every=3600),
    "close-panels": JobKind(_ignore_payload(close_panels), every=600),
    "remove-starts": JobKind(_ignore_payload(remove_starts), every=3600),
    "delete-due": JobKind(_ignore_payload(delete_due), every=86_400),
    "clear-erased": JobKind(_ignore_payload(clear_erased), every=3600),
    "hide-requests": JobKind(_ignore_payload(hide_requests), every=3600),
    "recount-labels": JobKind(_ignore_payload(recount_labels), every=86_400),
    "record-response": JobKind(_ignore_payload(record_response), every=10_800),
    KIND: JobKind(mail_lost_link),
    "count-groups": JobKind(_ignore_payload(refresh_totals), every=60),
}
if find_spec("pylti1p3"):  # the extra `lms`
    JOBS["report-completions"] = JobKind(_import_for_lms("report_completions"), every=300)
    JOBS["forget-launches"] = JobKind(_import_for_lms("forget_launches"), every=86_400)


def list_periodic(kinds: Mapping[str, JobKind]) -> list[str]:
    return [name for name, kind in kinds.items() if kind.every is not None]


@dataclass(frozen=True, slots=True)
class Result:
    """The outcome of one job: its message, or the exception."""

    kind: str
    done: str = ""
    error: Exception | None = None


class Worker:
    """Runs the jobs of one installation."""

    def __init__(self, installation: Installation, kinds: Mapping[str, JobKind] = JOBS, lease: float = _LEASE_SECONDS) -> None:
        """Args:
        installation: the stores that the jobs use.
        kinds: the kinds of jobs to run, by name.
        lease: seconds until another worker may take a job.
        """
        self.identity, self.installation, self.kinds, self.lease = installation.identity, installation, kinds, lease

    def schedule(self, *, now: bool = False) -> None:
        """Add the missing jobs of periodic kinds.

        Args:
            now: make the jobs of all periodic kinds due, except leased ones.
        """
        for name in list_periodic(self.kinds):
            add_job(self.identity, name, {}, self._read_time(), once=name)
        if now:
            make_due(self.identity, list_periodic(self.kinds), now=self._read_time())

    def run(self, stop: Event) -> None:
        """Run jobs until `stop` is set and the current job has ended. After a failure of a store, try again."""
        scheduled, log = -math.inf, structlog.get_logger()
        while not stop.is_set():
            try:
                if monotonic() > scheduled + SCHEDULE_SECONDS and not self.is_restoring():
                    self.schedule()
                    scheduled = monotonic()
                result = self.run_next()
                idle = result is None
                if result and result.error:
                    reason = {"reason": str(result.error)} if isinstance(result.error, MailError) else {}  # has no address
                    log.error("job_failed", kind=result.kind, error=type(result.error).__name__, **reason)
                elif result:
                    log.info("job_done", kind=result.kind)
            except SQLAlchemyError as error:
                log.error("worker_store_failed", error=type(error).__name__)
                idle = True
            if idle:
                stop.wait(POLL_SECONDS)

    def run_next(self) -> Result | None:
        """Run one job; return None if no job is due, or while a restore has not repeated its erasures."""
        if self.is_restoring():
            return None
        job = take_job(self.identity, self.kinds, now=self._read_time(), lease_seconds=self.lease)
        if job is None:
            return None
        kind = self.kinds[job.kind]
        try:
            with self._renewing(job):
                done = kind.run(self.installation, job.payload)
        except Exception as error:  # noqa: BLE001 - the worker continues with the next job
            self._retry_or_fail(job, error)
            return Result(job.kind, error=error)
        if kind.every is None:
            finish_job(self.identity, job)
        else:
            postpone_job(self.identity, job, self._read_time() + kind.every, attempts=0)
        return Result(job.kind, done)

    @contextmanager
    def _renewing(self, job: Job) -> Iterator[None]:
        """Renew the lease in a thread while the block runs."""
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

    def _retry_or_fail(self, job: Job, error: Exception) -> None:
        if job.attempts >= MAX_ATTEMPTS and self.kinds[job.kind].every is None:
            fail_job(self.identity, job, type(error).__name__)
        else:
            pause = min(_FIRST_PAUSE_SECONDS * 2 ** min(job.attempts - 1, 20), _MAX_PAUSE_SECONDS)
            postpone_job(self.identity, job, self._read_time() + pause, attempts=job.attempts)

    def is_restoring(self) -> bool:
        """Whether a restore has not repeated its erasures yet. Jobs wait: they would use data of erased persons."""
        return name_restore_mark(self.installation.erasures).is_file()

    def _read_time(self) -> float:
        return read_now(self.identity).timestamp()
