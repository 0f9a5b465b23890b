"""Backups of a store into one file, and the way back: SQLite's backup interface, PostgreSQL's pg_dump and pg_restore.

The copies of both stores agree if answers are copied first: a store of identity that is newer has a seat for each response.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryFile

from sqlalchemy.engine import make_url

from survey_engine.storage.database import make_private_file
from survey_engine.storage.postgresql_options import read_options

PAGES = 1000
"""SQLite's pages per step: between two steps others may write."""


class BackupError(Exception):
    """The backup or the restore failed. The message has the remedy."""


def back_up(url: str, file: Path) -> None:
    """Copy a store to a new file, which only its owner can read. Others may write meanwhile; the copy is one state of the store.

    Raises:
        BackupError: the file exists, or the copy failed or is damaged.
    """
    if file.exists():
        raise BackupError(f"{file} exists. Name another file: a backup overwrites none.")
    part = make_private_file(file.with_name(f"{file.name}.part"))
    if is_sqlite(url):
        with closing(sqlite3.connect(name_file(url))) as source, closing(sqlite3.connect(part)) as target:
            source.backup(target, pages=PAGES)
            target.execute("PRAGMA journal_mode = DELETE")  # one file
        check_copy(part)
    else:
        call("pg_dump", url, "--format=custom", f"--file={part}")
        call("pg_restore", None, "--list", str(part))
    with part.open("rb") as written:
        os.fsync(written.fileno())
    part.rename(file)


def restore(url: str, file: Path) -> None:
    """Copy a backup into a store that does not exist yet: no SQLite file, or a PostgreSQL database without tables.

    Raises:
        BackupError: there is no such backup, the store exists, or the copy failed.
    """
    if not file.is_file():
        raise BackupError(f"There is no backup at {file}.")
    if not is_sqlite(url):
        call("pg_restore", None, "--list", str(file))
        call("pg_restore", url, "--exit-on-error", "--single-transaction", "--no-owner", str(file))
        return
    check_copy(file)
    target = name_file(url)
    if target.exists():
        raise BackupError(
            f"{target} exists. Stop all servers and move it away, with the files beside it that begin with {target.name}."
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    part = make_private_file(target.with_name(f"{target.name}.part"))
    shutil.copyfile(file, part)
    part.rename(target)


def check_copy(file: Path) -> None:
    """Raise BackupError unless the file is a sound SQLite database."""
    try:
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as copy:
            result = copy.execute("PRAGMA quick_check(1)").fetchone()[0]
    except sqlite3.DatabaseError as error:
        result = str(error)
    if result != "ok":
        raise BackupError(f"{file} is damaged ({result}). Use another backup.")


def is_sqlite(url: str) -> bool:
    return make_url(url).get_backend_name() == "sqlite"


def name_file(url: str) -> Path:
    return Path(make_url(url).database or "")


def call(program: str, url: str | None, *arguments: str) -> None:
    """Run one of PostgreSQL's programs. The password is in its environment, because other users can see its arguments.

    Args:
        program: its name.
        url: the database; None if the program needs none.
        arguments: further ones.

    Raises:
        BackupError: with the last line that the program printed.
    """
    environment, database = dict(os.environ), list[str]()
    if url:
        address, pooled, _ = read_options(url)
        if pooled:
            raise BackupError(
                f"{program} does not work through pgbouncer: for this command, set the address of the server itself."
            )
        environment |= {"PGPASSWORD": address.password} if address.password else {}
        database = ["--dbname", address._replace(drivername="postgresql", password=None).render_as_string()]
    with TemporaryFile() as printed:
        quiet = (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)
        try:
            process = os.posix_spawnp(
                program,
                [program, *database, *arguments],
                environment,
                file_actions=[quiet, (os.POSIX_SPAWN_DUP2, printed.fileno(), 2)],
            )
        except FileNotFoundError:
            raise BackupError(f"{program} is not installed here: on Debian, apt-get install postgresql-client.") from None
        if os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]):
            printed.seek(0)
            lines = printed.read().decode(errors="replace").strip().splitlines() or ["it printed nothing"]
            raise BackupError(f"{program} failed: {lines[-1]}")
