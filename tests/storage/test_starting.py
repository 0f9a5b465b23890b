"""Ten processes start at the same time on an empty database."""

from __future__ import annotations

import subprocess
import sys

from sqlalchemy import inspect, text

from survey_engine.storage.database import Database

STARTER = """
import sys
from survey_engine.storage.database import Database
print("ready", flush=True)
sys.stdin.readline()
Database(sys.argv[1], "answers").migrate()
"""
PROCESSES = 10


def start_together(url: str) -> list[tuple[str, int | None]]:
    """Output and exit codes of processes that open and migrate one database at the same time."""
    command = [sys.executable, "-c", STARTER, url]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    started = [subprocess.Popen(command, **pipes) for _ in range(PROCESSES)]
    for process in started:
        assert process.stdout.readline() == "ready\n"
    for process in started:
        process.stdin.write("go\n")
        process.stdin.flush()
    return [(process.communicate(timeout=60)[1], process.returncode) for process in started]


def test_ten_processes_that_start_at_once_migrate_a_database_once(empty_url):
    assert start_together(empty_url) == [("", 0)] * PROCESSES

    database = Database(empty_url, "answers")
    with database.read() as connection:
        assert {"response", "page"} <= set(inspect(connection).get_table_names())
        assert connection.execute(text("SELECT count(*) FROM alembic_version")).scalar() == 1
    database.close()


def test_migrating_a_database_that_is_up_to_date_changes_nothing(empty_url):
    database = Database(empty_url, "answers")
    database.migrate()
    with database.write() as connection:
        connection.execute(
            text(
                "INSERT INTO response (questionnaire, version, institution, language, languages, background, modules)"
                " VALUES ('q', 'v', 'i', 'nl', 'nl', '{}', '{}')"
            )
        )
    database.migrate()
    with database.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM response")).scalar() == 1
    database.close()
