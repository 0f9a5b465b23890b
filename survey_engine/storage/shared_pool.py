"""The connections of one store to PostgreSQL: hot statements, transactions and readiness checks share them.

At the server's limit a thread waits for another's connection, and one that is idle is closed after IDLE seconds, because another
process may need it. SQLAlchemy's QueuePool does neither.
"""

from __future__ import annotations

from threading import Condition, Timer
from time import monotonic
from typing import Any

from sqlalchemy.exc import TimeoutError as NoConnectionError
from sqlalchemy.pool import ConnectionPoolEntry, Pool

IDLE = 10.0
"""Seconds after which a connection that nobody uses is closed."""
RETRY = 0.5
"""Seconds until a thread that the server refused a connection tries again, unless another thread gives one back before."""

_REFUSALS = ("too many clients", "too many connections", "remaining connection slots", "no more connections allowed")
"""What PostgreSQL and pgbouncer say when they refuse one; a refusal comes before the driver knows its code."""
FULL = (
    "all its connections are taken. Raise max_connections (or the limit of the role or database), or stop what holds them: each process of "
    "the site may open two per thread."
)


def is_full(error: BaseException) -> bool:
    """Whether a server refused a connection because all that it allows are open."""
    return any(refusal in str(error) for refusal in _REFUSALS)


class SharedPool(Pool):
    """At most `pool_size` connections; a thread waits at most `timeout` seconds for one."""

    def __init__(self, creator: Any, pool_size: int = 8, timeout: float = 5, **more: Any) -> None:
        super().__init__(creator, **more)
        self._most, self._patience, self._given = pool_size, timeout, more
        self._changed = Condition()
        self._idle: list[tuple[float, ConnectionPoolEntry]] = []
        """Since when, and which; the one used last is at the end."""
        self._open = 0
        self._sweeper: Timer | None = None

    def lend(self) -> ConnectionPoolEntry:
        """An entry, to be given back with `take_back`; its connection is opened when it has none.

        Raises:
            NoConnectionError: when all are in use for too long.
            psycopg.OperationalError: when the server refuses one, and no thread gives one back in time.
        """
        ends, refused = monotonic() + self._patience, None
        while True:
            with self._changed:
                while not self._idle and (self._open >= self._most or refused):
                    left = ends - monotonic()
                    if left <= 0 or not self._open:  # nobody here will give one back
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

    def take_back(self, record: ConnectionPoolEntry) -> None:
        """Keep its connection for the next thread; an entry that has none is dropped."""
        with self._changed:
            if record.dbapi_connection is None:
                self._open -= 1
            else:
                self._idle.append((monotonic(), record))
                if self._sweeper is None:
                    self._start_sweeper()
            self._changed.notify()

    _do_get = lend
    _do_return_conn = take_back

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
        """Close the connections that nobody has used for so long."""
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
