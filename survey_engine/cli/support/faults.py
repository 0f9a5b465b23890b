"""Error messages of commands: one line with a remedy for known exceptions."""

from __future__ import annotations

import sqlite3

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from survey_engine.datasets.table_columns import CellError
from survey_engine.fieldwork.key_checks import ForeignKeyError
from survey_engine.settings import SettingsError
from survey_engine.storage.durability import UnsafeDatabaseError
from survey_engine.storage.schema import UnknownSchemaError
from survey_engine.storage.shared_pool import FULL, is_full

DATA = ("ddi_l", "msoffcrypto", "numpy", "polars", "pyreadstat", "pyzipper")
"""Modules of the extra `data`."""
REMEDY = "Check this installation with `survey-engine doctor`."


def explain(error: Exception) -> str | None:
    """Return the message of a known exception; None for any other, which is a bug."""
    if isinstance(error, CellError | ForeignKeyError | SettingsError | UnknownSchemaError | UnsafeDatabaseError):
        return str(error)
    if isinstance(error, SQLAlchemyError | sqlite3.Error) or type(error).__module__.startswith("psycopg"):
        if is_full(error):
            return f"A database cannot be used: {FULL}"
        cause = error.orig if isinstance(error, DBAPIError) and error.orig else error
        message = " ".join(str(cause).split()) or type(cause).__name__
        return f"A database cannot be used: {message.rstrip('.')}. {REMEDY}"
    if isinstance(error, ModuleNotFoundError) and error.name == "psycopg":
        return "PostgreSQL needs a driver. Install it with: pip install 'survey-engine[postgres]'"
    if isinstance(error, ModuleNotFoundError) and error.name in DATA:
        return "This needs libraries for data. Install them with: pip install 'survey-engine[data]'"
    return None
