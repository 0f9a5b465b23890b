"""The connection pool of one PostgreSQL store, shared by hot statements, transactions and readiness checks.

When the server refuses more connections, a thread waits for a connection of another thread. Idle connections are closed after IDLE
seconds, because another process may need them. SQLAlchemy's QueuePool does neither.
"""

from __future__ import annotations

from threading import Condition, Timer
from time import monotonic
from typing import Any

from sqlalchemy.exc import TimeoutError as NoConnectionError
from sqlalchemy.pool import ConnectionPoolEntry, Pool

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
    """At most `pool_size` connections; a thread waits at most `timeout` seconds for one."""

    def __init__(self, creator: Any, pool_size: int = 8, timeout: float = 5, **more: Any) -> None:
        super().__init__(creator, **more)
        self._most, self._patience, self._given = pool_size, timeout, more
        self._changed = Condition()
        self._idle: list[tuple[float, ConnectionPoolEntry]] = []
        """(time of release, entry); the most recently used entry is last."""
        self._open = 0
        self._sweeper: Timer | None = None

    def acquire(self) -> ConnectionPoolEntry:
        """Return an entry with an open connection. The caller passes it to `release`.

        Raises:
            NoConnectionError: when no connection becomes free in time.
            psycopg.OperationalError: when the server refuses a connection and no other becomes free in time.
        """
        ends, refused = monotonic() + self._patience, None
        while True:
            with self._changed:
                while not self._idle and (self._open >= self._most or refused):
                    left = ends - monotonic()
                    if left <= 0 or not self._open:  # no thread has a connection to release
                        raise refused or NoConnectionError("every connection is in use")
                    if not self._changed.wait(min(left, RETRY)) and self._open < self._most:
                        break
                if self._idle:
                    return self._idle.pop()[1]
                self._open += 1
            try:
                return self._create_connection()
            except BaseException as error:
                with self._changed:
                    self._open -= 1
                    self._changed.notify()
                if not isinstance(error, Exception):
                    raise
                refused = error

    def release(self, record: ConnectionPoolEntry) -> None:
        """Make the connection available to other threads. An entry without a connection is dropped."""
        with self._changed:
            if record.dbapi_connection is None:
                self._open -= 1
            else:
                self._idle.append((monotonic(), record))
                if self._sweeper is None:
                    self._start_sweeper()
            self._changed.notify()

    _do_get = acquire
    _do_return_conn = release

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
        """Close the connections that are idle for at least `seconds`."""
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
        with self._changed:
            if self._sweeper:
                self._sweeper.cancel()
                self._sweeper = None
        self.close_idle()

    def recreate(self) -> SharedPool:
        return SharedPool(self._creator, self._most, self._patience, _dispatch=self.dispatch, **self._given)

    def status(self) -> str:
        return f"{self._open} connections, {len(self._idle)} idle"
