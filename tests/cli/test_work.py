"""`survey-engine work` runs jobs until stopped, and loses none when killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
import pytest

from survey_engine.cli.support.installation import create_stores
from survey_engine.cli.work import GRACE_SECONDS
from survey_engine.operations.worker import JOBS, list_periodic
from survey_engine.settings import read_settings
from survey_engine.storage.database import Database
from survey_engine.storage.jobs import count_jobs, take_job
from tests.databases import PostgresServer
from tests.waiting import wait_until


@contextmanager
def open_worker(data: Path, grace: float = GRACE_SECONDS, **more: str) -> Iterator[subprocess.Popen[bytes]]:
    code = "import sys; from survey_engine.cli import work; work.GRACE_SECONDS = float(sys.argv.pop()); work.work()"
    command = [sys.executable, "-c", code, str(grace)]
    with subprocess.Popen(command, env={**os.environ, "SURVEY_DATA": str(data), **more}, stderr=subprocess.DEVNULL) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.fixture
def identity(tmp_path: Path) -> Iterator[Database]:
    settings = read_settings({}, tmp_path)
    create_stores(settings)
    database = Database(settings.identity_url, "identity")
    yield database
    database.close()


def list_waiting(identity: Database) -> list[str]:
    """Return the kinds of jobs that are due later."""
    return [
        row[0] for row in identity.fetch("SELECT kind FROM job WHERE due_at > 20 + CAST(strftime('%s', 'now') AS INTEGER)", {})
    ]


@pytest.mark.slow
def test_a_worker_does_every_periodic_job_and_ends_on_sigterm(tmp_path: Path, identity: Database) -> None:
    with open_worker(tmp_path) as process:
        wait_until(lambda: len(list_waiting(identity)) == len(list_periodic(JOBS)))
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0


@pytest.mark.slow
def test_the_jobs_of_a_killed_worker_are_run_by_the_next_one(tmp_path: Path, identity: Database) -> None:
    with open_worker(tmp_path) as process:
        wait_until(lambda: len(list_waiting(identity)) == len(list_periodic(JOBS)))
        process.kill()
    with identity.write() as connection:
        connection.exec_driver_sql("UPDATE job SET due_at = 1")
    held = take_job(identity, JOBS, now=1.0, lease_seconds=1)
    assert held and sum(count_jobs(identity).values()) == len(list_periodic(JOBS))
    with open_worker(tmp_path):
        wait_until(lambda: len(list_waiting(identity)) == len(list_periodic(JOBS)))


@pytest.mark.slow
def test_a_worker_whose_database_does_not_reply_ends_on_sigterm(tmp_path: Path, postgres: PostgresServer) -> None:
    urls = {name: postgres.url(postgres.create_database()) for name in ("SURVEY_DATABASE_URL", "SURVEY_IDENTITY_URL")}
    settings = read_settings(urls, tmp_path)
    create_stores(settings)
    with closing(Database(settings.identity_url, "identity")) as identity, open_worker(tmp_path, grace=1, **urls) as process:
        wait_until(lambda: sum(count_jobs(identity).values()) == len(list_periodic(JOBS)), 60)
        with psycopg.connect(urls["SURVEY_IDENTITY_URL"].replace("+psycopg", "")) as blocker:
            blocker.execute("LOCK TABLE job IN ACCESS EXCLUSIVE MODE")
            waiting = "SELECT 1 FROM pg_locks WHERE NOT granted"
            wait_until(lambda: blocker.execute(waiting).fetchone(), 60)
            process.send_signal(signal.SIGTERM)
            assert process.wait(30) == 1
