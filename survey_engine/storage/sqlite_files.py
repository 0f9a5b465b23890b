"""The files of an SQLite store: the database, its write-ahead log, the log's index, and the lock file of this program.

SQLite removes log and index when the last connection closes. A database file without its log looks like a complete, older database.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from sqlalchemy import make_url


def find_file(url: str) -> Path | None:
    """Return the file of an SQLite database; None for a database in memory or of another kind."""
    parts = make_url(url)
    is_file = parts.get_backend_name() == "sqlite" and parts.database and parts.database != ":memory:"
    return Path(parts.database or "") if is_file else None


def name_beside(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)


def lacks_lock(url: str) -> bool:
    """Whether a database has no lock file in its folder. Then no process of this program opened it there, so it is a copy."""
    path = find_file(url)
    return path is not None and bool(path.is_file() and path.stat().st_size) and not name_beside(path, ".lock").exists()


def lacks_log(path: Path) -> bool:
    """Whether something other than SQLite removed the write-ahead log: SQLite removes the log's index first."""
    log, index = name_beside(path, "-wal"), name_beside(path, "-shm")
    # the log is looked for twice, because SQLite may create log and index between the two looks
    return not log.exists() and index.exists() and not log.exists()


def identify_file(path: Path) -> tuple[int, int] | None:
    """Return the device and inode of a file; None if it does not exist."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def make_private_file(path: Path) -> Path:
    """Create the file if it does not exist, and set its mode to 0600. Return the path.

    An existing file is not opened: closing it would drop SQLite's locks on it elsewhere in this process.
    """
    with suppress(FileExistsError):
        os.close(os.open(path.resolve(), os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    path.chmod(0o600)
    return path
