"""Backups of a store into one file, and the way back: SQLite's VACUUM INTO, PostgreSQL's pg_dump and pg_restore.

Both copy rows, not files: a copy contains no erased row.
The copies of both stores agree if answers are copied first: a store of identity that is newer has a seat for each response.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from importlib import import_module
from pathlib import Path
from tempfile import NamedTemporaryFile, TemporaryFile
from urllib.parse import quote

from sqlalchemy import NullPool, create_engine, inspect, make_url

from survey_engine.storage.postgresql_options import split_options
from survey_engine.storage.sqlite_files import make_private_file

TABLES = {"answers": "response", "identity": "seat"}
"""Store → a table that only this store has."""
SUFFIXES = ("", "-wal", "-shm", "-journal")
"""Of the names of SQLite's files: a log beside a new file would be applied to it."""


RESTORED_SUFFIX = ":restored"
"""Ending of the name of a store in the mark of a restore, when it is in place."""
MISSING = (
    "Move away what is there of it (or set the address of an empty database), and restore it from the same backup: {command}"
)
AGAIN = "If no restore runs now, finish it: survey-engine erase --again"


class BackupError(Exception):
    """The backup or the restore failed. The message has the remedy."""


def back_up(url: str, file: Path) -> None:
    """Copy a store to a new file, which only its owner can read. Others may write meanwhile; the copy is one state of the store.

    Raises:
        BackupError: the file exists, or the copy failed or is damaged.
    """
    if file.exists():
        raise BackupError(f"{file} exists. Name another file: a backup overwrites none.")
    with open_part(file) as part:
        if is_sqlite(url):
            source_uri = f"file:{quote(str(name_file(url)))}?mode=rw"  # never creates a file
            with closing(sqlite3.connect(source_uri, uri=True)) as source:
                source.execute("VACUUM INTO ?", (str(part.resolve()),))
            check_backup_file(part)
        else:
            call("pg_dump", url, "--format=custom", f"--file={part}")
            call("pg_restore", None, f"--file={os.devnull}", str(part))
        with part.open("rb") as written:
            os.fsync(written.fileno())
        part.rename(file)


@contextmanager
def open_part(file: Path) -> Iterator[Path]:
    """Create the empty file that becomes `file`, in place of one that a killed backup left.

    Raises:
        BackupError: another backup writes it, or it is no regular file.
    """
    part = file.with_name(f"{file.name}.part")
    with open(part, "ab", opener=open_private) as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BackupError(f"Another backup is being written to {file}.") from None
        held.truncate(0)
        try:
            yield part
        except BaseException:
            part.unlink()
            raise


def open_private(path: str, flags: int) -> int:
    """Open a file that only its owner can read, and no symbolic link: what it leads to is not to be overwritten."""
    try:
        return os.open(path, flags | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise BackupError(f"{path} cannot be written ({error.strerror}). Remove it, or name another file.") from error


def check_restore(url: str, store: str, file: Path) -> None:
    """Check a backup and the place of the store; nothing is changed.

    Raises:
        BackupError: there is no such backup, it is damaged or of the other store, or files of a store are there already.
    """
    if not file.is_file():
        raise BackupError(f"There is no backup at {file}.")
    if is_sqlite(url):
        check_backup_file(file)
    else:
        call("pg_restore", None, f"--file={os.devnull}", str(file))  # a server that met a cut copy would log the row that is cut
        check_empty(url)
    if TABLES[store] not in list_tables(url, file):
        raise BackupError(f"{file} is no backup of the {store}: it has no table '{TABLES[store]}'. Are the files swapped?")
    target = name_file(url)
    found = [target.with_name(f"{target.name}{suffix}") for suffix in SUFFIXES] if is_sqlite(url) else []
    if found := [one for one in found if one.exists()]:
        raise BackupError(f"{found[0]} exists. Stop all servers and move away all files that begin with {target}.")


def check_empty(url: str) -> None:
    """Raise BackupError if a PostgreSQL database has tables."""
    engine = create_engine(split_options(url)[0], poolclass=NullPool)
    if tables := inspect(engine).get_table_names():
        raise BackupError(f"The database has tables already, such as {tables[0]}. Create an empty one, and set its address.")


def restore_backup(url: str, file: Path) -> None:
    """Copy a backup, after `check_restore`, to a new SQLite file or into a PostgreSQL database without tables.

    Raises:
        BackupError: the copy failed.
    """
    if not is_sqlite(url):
        call("pg_restore", url, "--exit-on-error", "--single-transaction", "--no-owner", str(file))
        return
    target = name_file(url)
    target.parent.mkdir(parents=True, exist_ok=True)
    part = make_private_file(target.with_name(f"{target.name}.part"))
    shutil.copyfile(file, part)
    part.rename(target)


def mark_begun(mark: Path, stores: Iterable[str]) -> None:
    """Mark that these stores are restored: no server is ready until the mark is gone. Those of a restore that was stopped stay."""
    known = mark.read_text(encoding="utf-8").split() if mark.is_file() else []
    _write_mark(mark, [*(word for word in known if word.removesuffix(RESTORED_SUFFIX) not in stores), *stores])


def mark_restored(mark: Path, store: str) -> None:
    """Mark that this store is in place."""
    _write_mark(mark, [*mark.read_text(encoding="utf-8").split(), f"{store}{RESTORED_SUFFIX}"])


def _write_mark(mark: Path, words: Iterable[str]) -> None:
    part = make_private_file(mark.with_name(f"{mark.name}.part"))
    part.write_text(" ".join(words) + "\n", encoding="utf-8")
    part.rename(mark)


def list_unrestored(mark: Path) -> list[str]:
    """The stores of an unfinished restore that are not in place."""
    words = mark.read_text(encoding="utf-8").split() if mark.is_file() else []
    return [store for store in TABLES if store in words and f"{store}{RESTORED_SUFFIX}" not in words]


def describe_unfinished(mark: Path) -> tuple[str, str]:
    """What an unfinished restore has not done yet, and the remedy."""
    if missing := list_unrestored(mark):
        command = " ".join(["survey-engine restore", *(f"--{store} FILE" for store in missing)])
        return f"is unfinished: not in place is the store of {' and of '.join(missing)}", MISSING.format(command=command)
    return "is unfinished: it has not repeated the erasures yet", AGAIN


def list_tables(url: str, file: Path) -> set[str]:
    """The tables of a backup for a store of this kind."""
    if is_sqlite(url):
        with closing(sqlite3.connect(f"file:{quote(str(file))}?mode=ro", uri=True)) as copy:
            return {name for (name,) in copy.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    with NamedTemporaryFile("r") as listed:
        call("pg_restore", None, "--list", f"--file={listed.name}", str(file))
        lines = [line.split() for line in listed]
    return {words[5] for words in lines if words[3:4] == ["TABLE"] and len(words) > 5}


def check_backup_file(file: Path) -> None:
    """Raise BackupError unless the file is a sound SQLite database."""
    try:
        with closing(sqlite3.connect(f"file:{quote(str(file))}?mode=ro", uri=True)) as copy:
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
        address, pooled, _ = split_options(url)
        if pooled:
            raise BackupError(
                f"{program} does not work through pgbouncer: for this command, set the address of the server itself."
            )
        _, parts = address.get_dialect()().create_connect_args(address)  # libpq reads several hosts in a form of its own
        environment |= {"PGPASSWORD": address.password} if address.password else {}
        database = ["--dbname", import_module("psycopg.conninfo").make_conninfo(**{**parts, "password": None})]
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
