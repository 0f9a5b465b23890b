"""The worker runs jobs, retries failed ones, and loses none when killed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

from survey_engine.fieldwork.contact_keys import ContactKeys
from survey_engine.operations.maintenance import Installation
from survey_engine.operations.worker import JOBS, MAX_ATTEMPTS, JobKind, Worker, list_periodic
from survey_engine.settings import name_restore_mark
from survey_engine.storage.database import read_now
from survey_engine.storage.jobs import add_job, count_jobs
from tests.databases import open_sqlite
from tests.waiting import wait_until


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    answers, identity = (open_sqlite(tmp_path / f"{store}.db") for store in ("answers", "identity"))
    yield Installation(
        answers=answers,
        identity=identity,
        keys=ContactKeys(("key " * 10,)),
        pseudonym_key="pseudonym " * 4,
        erasures=tmp_path / "erasures.csv",
        find_closing=lambda code: None,
    )
    answers.close()
    identity.close()


def add(installation: Installation, kind: str, **payload: Any) -> None:
    add_job(installation.identity, kind, payload, read_now(installation.identity).timestamp())


def make_due(installation: Installation) -> None:
    with installation.identity.write() as connection:
        connection.exec_driver_sql("UPDATE job SET due_at = 0")


def test_a_job_is_carried_out_once_and_gone(installation: Installation) -> None:
    done: list[Mapping[str, Any]] = []
    worker = Worker(installation, {"note": JobKind(lambda _, payload: done.append(payload) or "noted")})
    add(installation, "note", number=1)
    result = worker.run_next()
    assert result and (result.kind, result.done) == ("note", "noted")
    assert worker.run_next() is None
    assert done == [{"number": 1}] and count_jobs(installation.identity) == {}


def test_no_job_is_taken_until_a_restore_has_repeated_the_erasures(installation: Installation) -> None:
    worker, mark = Worker(installation, {"note": JobKind(lambda *_: "noted")}), name_restore_mark(installation.erasures)
    add(installation, "note")
    mark.touch()
    assert worker.run_next() is None
    mark.unlink()
    assert worker.run_next()


def test_a_job_that_raises_is_tried_again_and_kept_as_failed_in_the_end(installation: Installation) -> None:
    tries = []

    def fail(_: Installation, payload: Mapping[str, Any]) -> str:
        tries.append(payload)
        raise ValueError("jan@example.org")

    worker = Worker(installation, {"fail": JobKind(fail)})
    add(installation, "fail")
    for _ in range(MAX_ATTEMPTS):
        assert worker.run_next()
        assert worker.run_next() is None, "it is due later"
        make_due(installation)
    assert worker.run_next() is None
    assert len(tries) == MAX_ATTEMPTS
    assert count_jobs(installation.identity) == {("fail", "ValueError"): 1}, "the message may hold personal data"


def test_a_periodic_job_exists_once_and_is_due_again_later(installation: Installation) -> None:
    runs = []
    kinds = {"tidy": JobKind(lambda *_: runs.append(1) or "tidied", every=600)}
    for worker in (Worker(installation, kinds), Worker(installation, kinds)):
        worker.schedule()
        worker.run_next()
    assert runs == [1]
    worker.schedule(now=True)
    worker.run_next()
    assert runs == [1, 1] and count_jobs(installation.identity) == {("tidy", ""): 1}


@pytest.mark.slow
def test_a_long_job_keeps_its_lease(installation: Installation) -> None:
    began, ended = Event(), Event()

    def last(*_: Any) -> str:
        began.set()
        assert ended.wait(30)
        return "lasted"

    kinds = {"last": JobKind(last)}
    add(installation, "last")
    thread = Thread(target=Worker(installation, kinds, lease=3).run_next)
    thread.start()
    assert began.wait(30)
    other = Worker(installation, kinds, lease=3)
    start = read_now(installation.identity)
    wait_until(lambda: other.run_next() is not None or (read_now(installation.identity) - start).total_seconds() > 4)
    assert count_jobs(installation.identity) == {("last", ""): 1}
    ended.set()
    thread.join()
    assert count_jobs(installation.identity) == {}


@contextmanager
def running(installation: Installation) -> Iterator[Thread]:
    """A worker in a thread, which must end when it is stopped."""
    stop = Event()
    thread = Thread(target=Worker(installation).run, args=(stop,))
    thread.start()
    yield thread
    stop.set()
    thread.join(30)
    assert not thread.is_alive()


def await_schedule(installation: Installation) -> None:
    wait_until(lambda: len(count_jobs(installation.identity)) == len(list_periodic(JOBS)))


def test_a_worker_ends_when_stopped(installation: Installation) -> None:
    with running(installation):
        await_schedule(installation)


def test_jobs_that_a_restore_lost_are_there_again(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("survey_engine.operations.worker.SCHEDULE_SECONDS", 0)
    monkeypatch.setattr("survey_engine.operations.worker.POLL_SECONDS", 0.01)
    with running(installation):
        await_schedule(installation)
        with installation.identity.write() as connection:
            connection.exec_driver_sql("DELETE FROM job")
        await_schedule(installation)


def test_a_worker_survives_a_store_that_fails_for_a_while(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("survey_engine.operations.worker.POLL_SECONDS", 0.01)
    with installation.identity.write() as connection:
        connection.exec_driver_sql("ALTER TABLE job RENAME TO away")
    with running(installation) as thread:
        thread.join(0.2)
        assert thread.is_alive()
        with installation.identity.write() as connection:
            connection.exec_driver_sql("ALTER TABLE away RENAME TO job")
        await_schedule(installation)


def test_a_job_that_fails_for_weeks_is_still_retried(installation: Installation) -> None:
    kinds = {"fail": JobKind(lambda *_: str(1 / 0), every=600)}
    worker = Worker(installation, kinds)
    worker.schedule()
    with installation.identity.write() as connection:
        connection.exec_driver_sql("UPDATE job SET attempts = 5000")
    result = worker.run_next()
    assert result and isinstance(result.error, ZeroDivisionError)
    assert worker.run_next() is None and count_jobs(installation.identity) == {("fail", ""): 1}
