"""The program's own options in the address of a PostgreSQL database: `?pooler=yes` and `?prepared=no`."""

from __future__ import annotations

from typing import Any, cast

from sqlalchemy import URL, Connection, make_url, text
from sqlalchemy.exc import ArgumentError


def split_options(url: str) -> tuple[URL, bool, bool]:
    """Return (address without these options, whether a pooler is in use, whether to prepare statements).

    Raises:
        ArgumentError: an option is neither yes nor no.
    """
    address = make_url(url)
    pooler, prepared = (address.query.get(name, default) for name, default in (("pooler", "no"), ("prepared", "yes")))
    if pooler not in ("yes", "no") or prepared not in ("yes", "no"):
        raise ArgumentError("The options `pooler` and `prepared` of a database's address are yes or no.")
    return address.difference_update_query(["pooler", "prepared"]), pooler == "yes", prepared == "yes" and pooler == "no"


def is_pooled(connection: Connection) -> bool:
    """Whether the server's process id differs from the one in the handshake. That is so behind pgbouncer."""
    backend = cast(Any, connection.connection.driver_connection).info.backend_pid
    return bool(connection.execute(text("SELECT pg_backend_pid()")).scalar_one() != backend)
