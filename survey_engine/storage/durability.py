"""Checks of a database's settings: a commit must be on disk before it is acknowledged."""

from __future__ import annotations

from sqlalchemy import Connection, text

ISOLATION = "READ COMMITTED"
"""The isolation level of all statements. At a stricter level, concurrent saves fail instead of waiting."""


class UnsafeDatabaseError(Exception):
    """The database may lose commits that it has acknowledged, or cannot be used safely. The message ends with the remedy."""


def check_durability(connection: Connection) -> None:
    """Check that commits are on disk before they are acknowledged, and that the encoding is UTF-8.

    Raises:
        UnsafeDatabaseError: with the setting and its remedy.
    """
    if connection.dialect.name == "sqlite":
        journal = connection.exec_driver_sql("PRAGMA journal_mode").scalar()
        synchronous = connection.exec_driver_sql("PRAGMA synchronous").scalar()
        if journal != "wal" or synchronous != 2:
            raise UnsafeDatabaseError(
                f"SQLite has journal_mode={journal} and synchronous={synchronous}; answers could be lost. "
                "Put the database on a local disk that allows write-ahead logging."
            )
        return
    for name in ("synchronous_commit", "fsync", "full_page_writes"):
        value = connection.execute(text(f"SHOW {name}")).scalar()
        if value not in ("on", "remote_apply"):
            raise UnsafeDatabaseError(f"PostgreSQL has {name}={value}; answers could be lost. Set it to on.")
    encoding = connection.execute(text("SHOW server_encoding")).scalar()
    if encoding != "UTF8":
        raise UnsafeDatabaseError(
            f"The PostgreSQL database has encoding {encoding}, which cannot store every text. Create a new one with "
            "CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0, and restore a dump of this one into it."
        )


def check_isolation(connection: Connection) -> None:
    """Check the server's default isolation level behind pgbouncer, which does not forward the program's own setting.

    Raises:
        UnsafeDatabaseError: with the setting and its remedy.
    """
    level = connection.execute(text("SELECT reset_val FROM pg_settings WHERE name = 'default_transaction_isolation'")).scalar()
    if str(level).upper() != ISOLATION:
        raise UnsafeDatabaseError(
            f"PostgreSQL has default_transaction_isolation={level}; concurrent saves would fail. "
            f"Set it to '{ISOLATION.lower()}' for this database and role: pgbouncer does not forward the program's setting."
        )
