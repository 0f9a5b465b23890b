"""What a command prints when it fails: one line with the remedy for faults that are known, and no control characters."""

from __future__ import annotations

import sqlite3

from alembic.util.exc import CommandError
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from survey_engine.settings import SettingsError
from survey_engine.storage.database import UnsafeDatabase
from survey_engine.storage.shared_pool import FULL, is_full

REMEDY = "`survey-engine doctor` says what is wrong with this installation."


def explain(error: Exception) -> str | None:
    """What an operator is told of a known fault; None for any other, which is a fault of ours."""
    if isinstance(error, SettingsError | UnsafeDatabase):
        return str(error)
    if isinstance(error, SQLAlchemyError | sqlite3.Error) or type(error).__module__.startswith("psycopg"):
        if is_full(error):
            return f"A database cannot be used: {FULL}"
        cause = error.orig if isinstance(error, DBAPIError) and error.orig else error
        told = " ".join(str(cause).split()) or type(cause).__name__
        return f"A database cannot be used: {told.rstrip('.')}. {REMEDY}"
    if isinstance(error, CommandError):
        return f"A database cannot be brought up to date: {error}. Is it of a later version of this program?"
    if isinstance(error, ModuleNotFoundError) and error.name == "psycopg":
        return "PostgreSQL needs a driver. Install it with: pip install 'survey-engine[postgres]'"
    return None
