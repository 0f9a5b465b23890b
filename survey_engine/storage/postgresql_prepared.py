"""Hot changes on PostgreSQL, prepared once on a connection and then handed straight to its client library.

psycopg's cursors, which ask each value for its type, take three times the processor time for one (95 µs, and 34).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib import import_module
from typing import Any, NamedTuple

NAMED = re.compile(r":(\w+)")
"""How a hot statement names a value."""
_PRIMARY = ord("M")
"""libpq's PG_DIAG_MESSAGE_PRIMARY."""
_STATE, _UNKNOWN = ord("C"), b"26000"
"""libpq's PG_DIAG_SQLSTATE; PostgreSQL's invalid_sql_statement_name."""
_FAILED = (5, 6, 7)
"""libpq's PGRES_BAD_RESPONSE, PGRES_NONFATAL_ERROR and PGRES_FATAL_ERROR."""


class _Known(NamedTuple):
    name: bytes
    order: tuple[str, ...]
    """The values that it takes."""


class Prepared:
    """The statements that one connection has prepared; it is used by one thread at a time, and outside transactions."""

    def __init__(self, connection: Any) -> None:
        self._line = connection.pgconn
        self._known: dict[str, _Known] = {}

    def change(self, statement: str, values: Mapping[str, Any]) -> int:
        """How many rows a statement with `:names` changed. Raises psycopg's errors."""
        known = self._known.get(statement) or self._prepare(statement)
        written = [None if value is None else str(value).encode() for value in map(values.__getitem__, known.order)]
        if b"\0" in b"".join(filter(None, written)):
            raise ValueError("a text for PostgreSQL has a zero byte: it would be read only up to there")
        result = self._line.exec_prepared(known.name, written)
        if result.status in _FAILED and result.error_field(_STATE) == _UNKNOWN:  # psycopg drops all after a rollback
            self._known.clear()
            result = self._line.exec_prepared(self._prepare(statement).name, written)
        self._check(result)
        return int(result.command_tuples or 0)

    def _prepare(self, statement: str) -> _Known:
        order = tuple(dict.fromkeys(NAMED.findall(statement)))
        known = _Known(f"hot{len(self._known)}".encode(), order)
        numbered = NAMED.sub(lambda found: f"${order.index(found[1]) + 1}", statement)
        self._check(self._line.prepare(known.name, numbered.encode()))
        self._known[statement] = known
        return known

    def _check(self, result: Any) -> None:
        """Raise what the server says, but for the detail: that quotes what was to be stored."""
        if result.status in _FAILED:
            errors = import_module("psycopg.errors")
            if self._line.status != 0:
                raise errors.OperationalError("the connection is lost")
            raise type(errors.error_from_result(result))((result.error_field(_PRIMARY) or b"").decode(errors="replace"))
