"""Locks of a process on an SQLite store: POSIX drops all of them when the process closes any descriptor of the file."""

from __future__ import annotations

import subprocess
import sys

from sqlalchemy import text

from survey_engine.operations.backups import back_up
from survey_engine.storage.database import Database
from survey_engine.storage.sqlite_files import make_private_file

VISITOR = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1])
connection.execute("SELECT count(*) FROM kept").fetchone()
connection.close()
"""


def visit(path) -> None:
    """Another process connects and disconnects. The last connection of all processes removes the log."""
    subprocess.run([sys.executable, "-c", VISITOR, str(path)], check=True, timeout=60)


def list_rows(database: Database) -> list[int]:
    with database.read() as connection:
        return [*connection.execute(text("SELECT number FROM kept ORDER BY number")).scalars()]


def add_row(database: Database, number: int) -> None:
    with database.write() as connection:
        connection.execute(text(f"INSERT INTO kept VALUES ({number})"))


def test_a_process_opens_a_store_twice_and_another_leaves_its_log(tmp_path):
    path = tmp_path / "x.db"
    first = Database(f"sqlite:///{path}", "answers")
    with first.write() as connection:
        connection.execute(text("CREATE TABLE kept (number INTEGER)"))
    log = path.with_name("x.db-wal").stat().st_ino
    second = Database(f"sqlite:///{path}", "answers")
    visit(path)
    assert path.with_name("x.db-wal").stat().st_ino == log, "the other process took itself for the last one"

    for number, database in enumerate((first, second, first, second)):
        add_row(database, number)
        visit(path)
    assert list_rows(first) == list_rows(second) == [0, 1, 2, 3]
    first.close()
    add_row(second, 4)
    visit(path)
    assert list_rows(second) == [0, 1, 2, 3, 4]
    second.close()


def test_a_backup_leaves_the_locks_of_its_process(tmp_path):
    path = tmp_path / "x.db"
    database = Database(f"sqlite:///{path}", "answers")
    with database.write() as connection:
        connection.execute(text("CREATE TABLE kept (number INTEGER)"))
    back_up(f"sqlite:///{path}", tmp_path / "copy.db")
    visit(path)
    assert database.find_failure() == ""
    database.close()


def test_a_file_that_exists_is_made_private_without_opening_it(tmp_path):
    path = tmp_path / "x.db"
    path.touch(0o000)
    link = tmp_path / "link.db"
    link.symlink_to(tmp_path / "new.db")
    assert make_private_file(path).stat().st_mode & 0o777 == 0o600
    assert make_private_file(link).stat().st_mode & 0o777 == 0o600, "a link to a file that is created here"
