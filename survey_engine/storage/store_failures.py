"""Kinds of failures of a store, for logs, readiness and `doctor`. They never contain the statement or its values."""

from __future__ import annotations

import errno
import sqlite3
from typing import NamedTuple

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoConnectionError

from survey_engine.storage.shared_pool import is_full

_BY_NUMBER = {
    errno.ENOSPC: "full",
    errno.EDQUOT: "full",
    errno.EROFS: "read-only",
    errno.EACCES: "read-only",
    errno.EPERM: "read-only",
}
_BY_SQLITE_CODE = {
    sqlite3.SQLITE_FULL: "full",
    sqlite3.SQLITE_CORRUPT: "corrupt",
    sqlite3.SQLITE_NOTADB: "corrupt",
    sqlite3.SQLITE_BUSY: "slow",
    sqlite3.SQLITE_LOCKED: "slow",
    sqlite3.SQLITE_READONLY: "read-only",
    sqlite3.SQLITE_IOERR: "down",
    sqlite3.SQLITE_CANTOPEN: "down",
}
_BY_SQLSTATE = {
    "53100": "full",
    "53300": "connections",
    "XX001": "corrupt",
    "XX002": "corrupt",
    "57014": "slow",
    "55P03": "slow",
    "25006": "read-only",
}
"""SQLSTATE of PostgreSQL, or its first two characters → kind."""
_BY_CLASS = {"08": "down", "57": "down", "58": "down", "53": "full", "28": "down"}
_BY_NAME = {"ConnectionTimeout": "slow", "OperationalError": "down", "InterfaceError": "down"}
"""Errors of drivers that have no code → kind."""
REMEDIES = {
    "full": "Make room on the disk of this store.",
    "connections": "Raise max_connections (or the limit of the role or database), or stop other clients.",
    "corrupt": "The files are damaged: stop all servers, keep a copy of the files, and restore a backup.",
    "slow": (
        "The server does not reply in time. Check the server and its load, and whether the replicas in synchronous_standby_names follow it."
        " If it has no replicas: ALTER SYSTEM SET synchronous_standby_names = ''; SELECT pg_reload_conf()"
    ),
    "read-only": "The store cannot be written: check the access rights, and whether the address is that of a standby.",
    "down": "Check the address, the server and the access rights.",
}
"""Kind → what the operator should do."""


class StoreFailure(NamedTuple):
    """A failure of a store."""

    store: str
    kind: str
    """Key of REMEDIES; `other` for an error of a single statement."""


def find_failure_kind(error: BaseException) -> str:
    """Return the kind of a failure."""
    cause = getattr(error, "orig", None) or error
    if isinstance(cause, NoConnectionError):
        return "slow"
    if isinstance(cause, OSError):
        return _BY_NUMBER.get(cause.errno or 0, "down")
    if isinstance(cause, sqlite3.Error):
        return _BY_SQLITE_CODE.get(getattr(cause, "sqlite_errorcode", 0) & 0xFF, "other")
    state = getattr(cause, "sqlstate", None)
    if state:
        return _BY_SQLSTATE.get(state) or _BY_CLASS.get(state[:2], "other")
    if is_full(cause):
        return "connections"
    return _BY_NAME.get(type(cause).__name__, "other")


def attach_failure(error: BaseException, failure: StoreFailure) -> None:
    """Attach the failure to an error, for `find_store_failure`."""
    vars(error)["failure"] = failure


def find_store_failure(error: BaseException) -> StoreFailure:
    """Return the failure behind an error of a store, or of a file such as the list of erasures."""
    return vars(error).get("failure") or StoreFailure(
        "unknown" if isinstance(error, SQLAlchemyError) else "file", find_failure_kind(error)
    )
