"""Backup of a store to one file, and restore: by SQLite's VACUUM INTO, or PostgreSQL's pg_dump and pg_restore.

Both methods copy rows, not files, so a copy contains no erased rows. Copy the answers first: then the newer copy of the identity store
has a seat for each response.
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
"""Suffixes of SQLite's files. All of them must be absent before a restore: SQLite would apply an old log to the new file."""


_RESTORED_SUFFIX = ":restored"
"""Suffix of a store's name in the mark of a restore, once the store is restored."""
MISSING = "Move its files away (or set the address of an empty database), and restore it from the same backup: {command}"
AGAIN = "If no restore is running, finish it: survey-engine erase --again"


class BackupError(Exception):
    """The backup or the restore failed. The message has the remedy."""


def back_up(url: str, file: Path) -> None:
    """Copy a store to a new file that only its owner can read. The copy is a snapshot: other processes may write meanwhile.

    Raises:
        BackupError: the file exists, or the copy failed or is damaged.
    """
    if file.exists():
        raise BackupError(f"{file} exists. Name another file: a backup overwrites no file.")
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
    """Yield an empty temporary file, and rename it to `file` at the end. Replaces the temporary file of a killed backup.

    Raises:
        BackupError: another backup writes this file, or the temporary file is no regular file.
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
    """Open a file that only its owner can read. Symbolic links are refused: their target must not be overwritten."""
    try:
        return os.open(path, flags | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise BackupError(f"{path} cannot be written ({error.strerror}). Remove this file, or name another one.") from error


def check_restore(url: str, store: str, file: Path) -> None:
    """Check a backup, and that the store does not exist yet; nothing is changed.

    Raises:
        BackupError: the backup is missing, damaged or of the other store, or files of the store exist.
    """
    if not file.is_file():
        raise BackupError(f"There is no backup at {file}.")
    if is_sqlite(url):
        check_backup_file(file)
    else:
        # On an incomplete copy, the server would log a row with personal data.
        call("pg_restore", None, f"--file={os.devnull}", str(file))
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
        raise BackupError(f"The database already has tables, such as {tables[0]}. Create an empty database, and set its address.")


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
    """Write that a restore of these stores has begun. No server is ready until the mark is removed. It keeps its earlier stores."""
    known = mark.read_text(encoding="utf-8").split() if mark.is_file() else []
    _write_mark(mark, [*(word for word in known if word.removesuffix(_RESTORED_SUFFIX) not in stores), *stores])


def mark_restored(mark: Path, store: str) -> None:
    """Write in the mark that this store is restored."""
    _write_mark(mark, [*mark.read_text(encoding="utf-8").split(), f"{store}{_RESTORED_SUFFIX}"])


def _write_mark(mark: Path, words: Iterable[str]) -> None:
    part = make_private_file(mark.with_name(f"{mark.name}.part"))
    part.write_text(" ".join(words) + "\n", encoding="utf-8")
    part.rename(mark)


def list_unrestored(mark: Path) -> list[str]:
    """Return the stores that an unfinished restore has not restored yet."""
    words = mark.read_text(encoding="utf-8").split() if mark.is_file() else []
    return [store for store in TABLES if store in words and f"{store}{_RESTORED_SUFFIX}" not in words]


def describe_unfinished(mark: Path) -> tuple[str, str]:
    """Return what an unfinished restore has not done yet, and the remedy."""
    if missing := list_unrestored(mark):
        command = " ".join(["survey-engine restore", *(f"--{store} FILE" for store in missing)])
        return f"is unfinished: not in place is the store of {' and of '.join(missing)}", MISSING.format(command=command)
    return "is unfinished: it has not repeated the erasures yet", AGAIN


def list_tables(url: str, file: Path) -> set[str]:
    """Return the tables of a backup. Args: url: of the store, which tells SQLite from PostgreSQL."""
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
    """Run a program of PostgreSQL. The password is passed in the environment: other users can see arguments.

    Args:
        program: name of the program.
        url: of the database; None if the program needs no database.
        arguments: further arguments.

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
        _, parts = address.get_dialect()().create_connect_args(address)  # libpq has its own syntax for several hosts
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
