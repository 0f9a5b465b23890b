"""The connection pool of one PostgreSQL store, shared by hot statements, transactions and readiness checks.

If the server refuses more connections, a thread waits for a connection of another thread. Idle connections are closed after IDLE
seconds, because another process may need them. SQLAlchemy's QueuePool does neither.
"""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from math import inf
from threading import Condition, Thread, Timer
from time import monotonic, sleep
from typing import Any

from sqlalchemy.exc import TimeoutError as NoConnectionError
from sqlalchemy.pool import ConnectionPoolEntry, Pool
from sqlalchemy.pool.base import _ConnectionRecord

IDLE = 10.0
"""Seconds after which an idle connection is closed."""
RETRY = 0.5
"""Seconds between two attempts to connect after the server refused a connection."""

_REFUSALS = ("too many clients", "too many connections", "remaining connection slots", "no more connections allowed")
"""Error texts of PostgreSQL and pgbouncer. The driver has no error code for a refused connection."""
FULL = (
    "all its connections are in use. Raise max_connections (or the limit of the role or database), or stop other clients: each process of "
    "the site may open two per thread."
)


def is_full(error: BaseException) -> bool:
    """Whether the server refused a connection because its limit is reached."""
    return any(refusal in str(error) for refusal in _REFUSALS)


class SharedPool(Pool):
    """At most `pool_size` connections. A thread waits at most `timeout` seconds for a connection, or for a server that does not reply."""

    def __init__(self, creator: Any, pool_size: int = 8, timeout: float = 5, *, _dispatch: Any = None, **more: Any) -> None:
        super().__init__(creator, _dispatch=_dispatch, **more)
        self._most, self._patience, self._given = pool_size, timeout, more
        self._changed = Condition()
        self._idle: list[tuple[float, ConnectionPoolEntry]] = []
        """(time of release, entry); the most recently used entry is last."""
        self._open = 0
        self._sweeper: Timer | None = None
        self._deadline = 0.0
        """Maximum seconds for which a thread may use a connection; 0 for no limit."""
        self._since: dict[ConnectionPoolEntry, float] = {}
        """Connection in use or being opened → time since when."""
        self._silent_until = 0.0
        """Time until which only the thread that set it waits for the silent server; 0 if the server replies."""

    def acquire(self) -> ConnectionPoolEntry:
        """Return an entry with an open connection. The caller passes it to `release`.

        Raises:
            NoConnectionError: no connection becomes free in time.
            psycopg.OperationalError: the server refuses a connection, and no other connection becomes free in time.
        """
        self._refuse_while_silent()
        entry = self._acquire(monotonic() + self._patience)
        with self._changed:
            self._since.setdefault(entry, monotonic())
        return entry

    def _acquire(self, ends: float) -> ConnectionPoolEntry:
        refused, has_waited = None, False
        while True:
            with self._changed:
                while not self._idle and (self._open >= self._most or refused):
                    left = ends - monotonic()
                    if left <= 0 or not self._open:  # no thread has a connection to release
                        raise refused or NoConnectionError("every connection is in use")
                    has_waited = True
                    if not self._changed.wait(min(left, RETRY)) and self._open < self._most:
                        break
                if self._idle:
                    return self._idle.pop()[1]
                if has_waited and self.is_silent:  # a new connection would wait as long again
                    raise refused or NoConnectionError("the server does not reply")
                self._open += 1
                entry = _ConnectionRecord(self, connect=False)
                self._since[entry] = began = monotonic()
            try:
                entry.get_connection()
            except BaseException as error:
                is_slow = monotonic() - began >= self._patience / 2
                with self._changed:
                    del self._since[entry]
                    if is_slow:
                        self._silent_until = monotonic() + self._patience
                    self._open -= 1
                    self._changed.notify()
                if is_slow or not isinstance(error, Exception):
                    raise
                refused = error
            else:
                return entry

    def release(self, record: ConnectionPoolEntry) -> None:
        """Make the connection available to other threads. An entry without a connection is dropped."""
        with self._changed:
            self._since.pop(record, None)
            if record.dbapi_connection is None:
                self._open -= 1
            else:
                self._silent_until = 0.0
                self._idle.append((monotonic(), record))
                if self._sweeper is None:
                    self._start_sweeper()
            self._changed.notify()

    _do_get = acquire
    _do_return_conn = release

    def _refuse_while_silent(self) -> None:
        """Raise NoConnectionError while another thread waits for a silent server: not all threads may be blocked."""
        with self._changed:
            if monotonic() < self._silent_until:
                raise NoConnectionError("the server does not reply")
            if self._silent_until:
                self._silent_until = monotonic() + self._patience

    @property
    def is_silent(self) -> bool:
        """Whether the server did not reply to the last thread that waited for it."""
        return monotonic() < self._silent_until

    def set_deadline(self, seconds: float) -> None:
        """Break connections that a thread opens or uses for longer than `seconds`: the server, a pooler or a standby does not reply."""
        self._deadline = self._patience = seconds
        Thread(target=self._watch, daemon=True).start()

    def _watch(self) -> None:
        while self._deadline:
            with self._changed:
                ends = min(self._since.values(), default=inf) + self._deadline
            sleep(max(min(ends - monotonic(), self._deadline), self._deadline / 50))
            with self._changed:
                for entry, since in self._since.items():
                    if 0 < self._deadline < monotonic() - since:
                        self._silent_until = monotonic() + self._patience
                        _shut_down(entry.dbapi_connection)

    def _start_sweeper(self) -> None:
        self._sweeper = Timer(IDLE, self._sweep)
        self._sweeper.daemon = True
        self._sweeper.start()

    def _sweep(self) -> None:
        self.close_idle(IDLE)
        with self._changed:
            self._sweeper = None
            if self._idle:
                self._start_sweeper()

    def close_idle(self, seconds: float = 0) -> None:
        """Close the connections that have been idle for at least `seconds`."""
        with self._changed:
            before = monotonic() - seconds
            old = [entry for since, entry in self._idle if since <= before]
            self._idle = [(since, entry) for since, entry in self._idle if since > before]
        for entry in old:
            entry.close()
        with self._changed:
            self._open -= len(old)
            self._changed.notify(len(old))

    def dispose(self) -> None:
        self._deadline = 0.0
        with self._changed:
            if self._sweeper:
                self._sweeper.cancel()
                self._sweeper = None
        self.close_idle()

    def recreate(self) -> SharedPool:
        return SharedPool(self._creator, self._most, self._patience, _dispatch=self.dispatch, **self._given)

    def count_open(self) -> int:
        """Return the number of connections to the server, in use or idle."""
        return self._open

    def status(self) -> str:
        return f"{self._open} connections, {len(self._idle)} idle"


def _shut_down(connection: Any) -> None:
    """Shut down the connection's socket, so that the thread that waits for the server gets an error at once."""
    with suppress(OSError, AttributeError), socket.socket(fileno=os.dup(connection.fileno())) as shared:
        shared.shutdown(socket.SHUT_RDWR)
