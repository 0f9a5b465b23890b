"""Error messages of commands: one line with a remedy for each known exception; under a supervisor, one line of JSON."""

from __future__ import annotations

import errno
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from traceback import extract_tb

import click
import structlog
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from survey_engine.datasets.table_columns import CellError
from survey_engine.fieldwork.key_checks import ForeignKeyError
from survey_engine.fieldwork.mail import MailError
from survey_engine.settings import SettingsError
from survey_engine.storage.durability import UnsafeDatabaseError
from survey_engine.storage.schema import LockedSchemaError, UnknownSchemaError
from survey_engine.storage.shared_pool import FULL, is_full
from survey_engine.telemetry.logs import start_logging

DATA = ("ddi_l", "msoffcrypto", "numpy", "polars", "pyreadstat", "pyzipper")
"""Modules of the extra `data`."""
_UNNAMED = (errno.ENOSPC, errno.EDQUOT, errno.ENOENT)
"""Error numbers of an OSError that names no file: a full disk, or no folder for temporary files."""
_REMEDY = "Check this installation with `survey-engine doctor`."


def explain(error: Exception) -> str | None:
    """Return the message for a known exception; None for any other exception, which is a bug."""
    if isinstance(
        error, CellError | ForeignKeyError | LockedSchemaError | SettingsError | UnknownSchemaError | UnsafeDatabaseError
    ):
        return str(error)
    if isinstance(error, SQLAlchemyError | sqlite3.Error) or type(error).__module__.startswith("psycopg"):
        if is_full(error):
            return f"A database cannot be used: {FULL}"
        cause = error.orig if isinstance(error, DBAPIError) and error.orig else error
        message = " ".join(str(cause).split()) or type(cause).__name__
        return f"A database cannot be used: {message.rstrip('.')}. {_REMEDY}"
    if isinstance(error, MailError):
        return f"A mail was not sent: {error}. A later run tries again. `survey-engine doctor` checks the mail server."
    if isinstance(error, OSError) and (error.filename or error.errno in _UNNAMED):
        place = error.filename or "A file"
        return f"{place} cannot be used ({error.strerror}). Check its disk, and the rights of this user on it and its folders."
    return _explain_missing(error.name or "") if isinstance(error, ModuleNotFoundError) else None


def _explain_missing(module: str) -> str | None:
    if module == "psycopg":
        return "PostgreSQL needs a driver. Install it with: pip install 'survey-engine[postgres]'"
    return (
        "This command needs libraries for data. Install them with: pip install 'survey-engine[data]'" if module in DATA else None
    )


@contextmanager
def log_failures() -> Iterator[None]:
    """Log an exception as one JSON line and end the process. In a terminal, raise it instead."""
    try:
        yield
    except (click.Abort, click.exceptions.Exit):
        raise
    except Exception as error:
        if sys.stderr.isatty():
            raise
        log_failure(error)
        raise SystemExit(1) from error


def log_failure(error: Exception) -> None:
    """Log the message of a known exception; type and place of any other exception."""
    start_logging()
    message = error.message if isinstance(error, click.ClickException) else explain(error)
    last = extract_tb(error.__traceback__)[-1]
    place = {} if message else {"place": f"{Path(last.filename).name}:{last.lineno}"}
    structlog.get_logger().error("start_failed", error=message or f"{type(error).__name__}, which is a bug", **place)
