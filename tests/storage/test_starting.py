"""Ten processes start at the same time on an empty database."""

from __future__ import annotations

import subprocess
import sys

from sqlalchemy import inspect, text

from survey_engine.storage.database import Database

STARTER = """
import os, sys
from survey_engine.storage.database import Database
for _ in range(10):
    if not os.fork():
        sys.stdin.read()  # until it is closed, for all at the same moment
        Database(sys.argv[1], "answers").migrate()
        sys.exit()
print("ready", flush=True)
sys.exit(sum(os.wait()[1] != 0 for _ in range(10)))
"""


def test_ten_processes_that_start_at_once_migrate_a_database_once(empty_url):
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    parent = subprocess.Popen([sys.executable, "-c", STARTER, empty_url], **pipes)
    assert parent.stdout.readline() == b"ready\n"
    assert (*parent.communicate(timeout=120), parent.returncode) == (b"", b"", 0)

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
