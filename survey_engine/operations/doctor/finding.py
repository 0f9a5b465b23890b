"""Result of an examination; opens stores for examinations."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError

from survey_engine.settings import Settings
from survey_engine.storage.database import Database, is_missing_file
from survey_engine.storage.durability import UnsafeDatabaseError
from survey_engine.storage.sqlite_files import find_file, lacks_lock

UNREADABLE = (SQLAlchemyError, OSError, ImportError, UnsafeDatabaseError)
"""Errors of a store that cannot be opened or read; `examine_store` reports them."""

LOCK_MILLISECONDS = 2000
"""Milliseconds that an examination waits for a lock."""
COPIED = (
    "{path} was copied without the files next to it. If a server ran, the newest answers are missing: restore a backup of "
    "`survey-engine backup`. If all servers were stopped: touch {path}.lock"
)


@dataclass(frozen=True, slots=True)
class Finding:
    """Result of one examination; `remedy` is empty if nothing is wrong."""

    what: str
    found: str
    remedy: str = ""
    is_silent: bool = False
    """Whether the store `what` did not reply. Examinations that need this store are then skipped."""


@contextmanager
def connect_store(url: str, store: str, *, patience: float = 0) -> Iterator[Database]:
    """Open an existing store; no file is created.

    Args: patience: as for `Database`.

    Raises:
        FileNotFoundError: when the store does not exist.
        UnsafeDatabaseError: when its file was copied without the files next to it.
    """
    if is_missing_file(url):
        raise FileNotFoundError
    if lacks_lock(url):
        raise UnsafeDatabaseError(COPIED.format(path=find_file(url)))
    with closing(Database(url, store, patience=patience)) as database:
        if not (database.is_sqlite or database.is_pooled):
            with database.read() as connection:  # all examinations use this connection, so none waits long for a locked table
                connection.exec_driver_sql(f"SET lock_timeout = {LOCK_MILLISECONDS}")
        yield database


@contextmanager
def open_both(settings: Settings) -> Iterator[tuple[Database, Database]]:
    """Open both stores by `connect_store`."""
    with connect_store(settings.database_url, "answers") as answers, connect_store(settings.identity_url, "identity") as identity:
        yield answers, identity
