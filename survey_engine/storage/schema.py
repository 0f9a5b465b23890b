"""The schema of a store: its revision compared with those of this program, and the migrations.

Migrations are additive for one release (expand, then contract): tables and columns that only the previous release uses are removed one
release later. So a release also works with the schema of the next one.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Literal

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import DBAPIError

from survey_engine.storage.samples import forget_samples

MIGRATIONS = Path(__file__).parent / "migrations"
_LOCK = 5201
"""Key of the advisory lock of migrations."""
_LOCK_TIMEOUT = text("SET LOCAL lock_timeout = '400ms'")
"""For migrations. It is below PostgreSQL's deadlock_timeout (1 s), so in a deadlock the migration fails, not a save behind it."""
_LOCKED = ("55P03", "40P01")
"""SQLSTATEs of a lock that was not acquired in time, and of a deadlock."""
_PERSONS = {
    "answers": ("response", text("SELECT 1 FROM response LIMIT 1")),
    "identity": ("seat", text("SELECT 1 FROM seat LIMIT 1")),
}
SchemaState = Literal["empty", "older", "current", "newer"]


class UnknownSchemaError(Exception):
    """No release of this program has the schema of this store. The message says what to check."""


class LockedSchemaError(Exception):
    """Another transaction used a table for too long. The message ends with the remedy."""

    def __init__(self, store: str) -> None:
        super().__init__(
            f"The store of {store} cannot be migrated while another transaction, such as a backup or an export, reads its tables."
            " Start again after that transaction has ended."
        )


@cache
def list_revisions(store: str) -> tuple[str, ...]:
    """Return the revisions of this program, the newest first."""
    return tuple(sorted((path.name[:4] for path in (MIGRATIONS / store / "versions").glob("[0-9]*.py")), reverse=True))


def read_schema_state(connection: Connection, store: str) -> SchemaState:
    """Compare the schema of a store with that of this program; nothing is changed.

    Raises:
        UnknownSchemaError: the store has an unknown revision that is not newer than this program's, or is the other store.
    """
    has_revision = inspect(connection).has_table("alembic_version")
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar() if has_revision else None
    if found is None:
        return "empty"
    if not inspect(connection).has_table(_PERSONS[store][0]):
        raise UnknownSchemaError(
            f"The store of {store} has no table '{_PERSONS[store][0]}'. Are the two stores exchanged? See SURVEY_DATABASE_URL and "
            "SURVEY_IDENTITY_URL."
        )
    newest, *others = list_revisions(store)
    if found == newest:
        return "current"
    if found in others:
        return "older"
    if not (found.isdecimal() and found > newest):
        raise UnknownSchemaError(
            f"The store of {store} has the schema '{found}', which no release of this program has. Is it the store of another program?"
        )
    return "newer"


def has_persons(connection: Connection, store: str) -> bool:
    """Whether a store has a response or a seat."""
    table, statement = _PERSONS[store]
    return inspect(connection).has_table(table) and connection.execute(statement).first() is not None


def migrate(connection: Connection, store: str) -> SchemaState:
    """Apply all migrations; return the state before them. Several processes may call it at the same time.

    Raises:
        UnknownSchemaError: as `read_schema_state`.
        DBAPIError: another transaction uses a table (`is_table_locked`).
    """
    if connection.dialect.name != "sqlite":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    state = read_schema_state(connection, store)
    if state in ("empty", "older"):
        if connection.dialect.name != "sqlite":
            connection.execute(_LOCK_TIMEOUT)
        _upgrade(connection, store)
        forget_samples(connection)
    return state


def is_table_locked(error: DBAPIError) -> bool:
    """Whether a migration failed because another transaction uses a table, so that it may succeed later."""
    return getattr(error.orig, "sqlstate", None) in _LOCKED


def _upgrade(connection: Connection, store: str) -> None:
    """Apply the migrations. Alembic is imported only here: the import takes a tenth of the start time of a command."""
    config = import_module("alembic.config").Config()
    config.set_main_option("script_location", str(MIGRATIONS / store))
    config.attributes["connection"] = connection
    import_module("alembic.command").upgrade(config, "head")
