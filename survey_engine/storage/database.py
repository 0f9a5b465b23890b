"""A store: opens a database, rejects settings that are not durable, migrates, reads and writes.

PostgreSQL: psycopg 3 (`postgresql+psycopg://…`), directly or through pgbouncer in transaction mode. Session settings are limited to
the encoding and the time zone, which pgbouncer tracks. The program uses no session locks, and no prepared statements behind a pooler.

Connections: each thread uses at most one of POOL connections at a time (`shared_pool.py`). The server needs `max_connections` ≥
processes × 2 stores × threads + 10; count the processes of both versions during an upgrade. Behind pgbouncer, a `default_pool_size`
of twice the server's cores is enough.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from time import monotonic, sleep
from typing import IO, Any, ClassVar, cast

import structlog
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from survey_engine.storage.durability import ISOLATION, UnsafeDatabaseError, check_durability, check_isolation
from survey_engine.storage.postgresql_options import is_pooled, split_options
from survey_engine.storage.postgresql_prepared import NAMED, PreparedStatements, roll_back
from survey_engine.storage.schema import LockedSchemaError, SchemaState, is_table_locked, migrate, read_schema_state
from survey_engine.storage.shared_pool import SharedPool
from survey_engine.storage.sqlite_files import find_file, identify_file, lacks_log, make_private_file, name_beside
from survey_engine.storage.sqlite_group_commit import GroupCommit
from survey_engine.storage.store_failures import REMEDIES, StoreFailure, attach_failure, find_failure_kind

BUSY_SECONDS = 20
POOL = 8
"""Maximum number of connections of a process to one store. A thread uses one at a time; the ninth thread waits."""
CONNECT_SECONDS = 5
"""Maximum seconds to wait for a connection. After that, the respondent gets a page with a button to try again."""
_RECENT = 30.0
"""Seconds for which a failed statement counts as a failure of the store."""
_MINIMAL_ROOM = 16_000_000
"""Free bytes on the disk of an SQLite store below which the disk counts as full."""
_MIGRATION_TRIES, _MIGRATION_WAIT = 25, 2.0
"""Number of tries of a migration, and seconds between two tries."""
_PREPARE_AFTER = 2
"""Number of executions of a hot statement on a connection after which psycopg prepares it."""


_LOG_LOST = (
    "The log {name}-wal, which had the newest answers, was removed while {name} was in use. Stop the servers with SIGTERM, and put the "
    "log back or restore a backup. To continue without those answers, remove {name}-shm."
)


@dataclass(slots=True)
class _SqliteConnection:
    """Holds a connection of the SQLite driver in autocommit mode, which is opened at its first statement."""

    connection: Any = None


class Database:
    """One store. Reads use pooled connections. Writes are short transactions, durable on return."""

    pragmas: ClassVar[tuple[str, ...]] = (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "trusted_schema=OFF",
        "secure_delete=ON",  # overwrite erased rows with zeros
    )

    def __init__(self, url: str, store: str, *, patience: float = 0) -> None:
        """Open a database.

        Args:
            url: SQLAlchemy address, with the options of `postgresql_options`.
            store: answers or identity; selects tables and migrations.
            patience: on SQLite, seconds to wait for another program's lock; on PostgreSQL, maximum seconds for each use of a
            connection. 0 means BUSY_SECONDS on SQLite and no limit on PostgreSQL.

        Raises:
            UnsafeDatabaseError: the settings of the database are not durable.
        """
        self.url, self.store = url, store
        address, self.is_pooled, self._prepares = split_options(url)
        self.engine = (
            _open_sqlite(url, self.pragmas, patience or BUSY_SECONDS) if url.startswith("sqlite") else _open_postgresql(address)
        )
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        self._thread_lock = threading.Lock()
        self._idle: list[_SqliteConnection] = []
        """Unused SQLite connections for hot statements, the most recently used last."""
        self._psycopg_statements: dict[str, str] = {}
        self._writer = _SqliteConnection()  # shared by all saves: a write by another connection would empty its cache
        self._group = GroupCommit(partial(self._run_sqlite, self._writer), self._one_writer)
        self._driver_error: type[Exception] = self.engine.dialect.loaded_dbapi.Error
        self._lock_file: IO[str] | None = None
        self._failure = ("", 0.0)
        if patience:
            self.set_deadline(patience)
        self._path = path = find_file(url)
        if path:
            if lacks_log(path):
                raise UnsafeDatabaseError(_LOG_LOST.format(name=path.name))
            self._lock_file = make_private_file(name_beside(path, ".lock")).open("a")
        with self._one_writer(), self.engine.connect() as connection:  # only one process at a time can switch SQLite to WAL mode
            self.check(connection)
            self._identity = path and identify_file(path)
            if self.is_pooled:
                check_isolation(connection)
            elif not self.is_sqlite and is_pooled(connection):
                raise UnsafeDatabaseError("A pooler is in front of PostgreSQL. Add `?pooler=yes` to the address of the database.")

    @staticmethod
    def check(connection: Connection) -> None:
        """Raise UnsafeDatabaseError if a commit can be acknowledged before it is on disk."""
        check_durability(connection)

    def set_deadline(self, seconds: float = CONNECT_SECONDS) -> None:
        """Let each use of a PostgreSQL connection fail after `seconds`. For the site only: commands may take longer."""
        if not self.is_sqlite:
            cast(SharedPool, self.engine.pool).set_deadline(seconds)

    def read_schema_state(self) -> SchemaState:
        """Compare the schema with that of this program. Raises UnknownSchemaError."""
        with self.read() as connection:
            return read_schema_state(connection, self.store)

    def migrate(self, wait: Callable[[float], None] = sleep, tries: int = _MIGRATION_TRIES) -> SchemaState:
        """Apply all migrations; return the state before them.

        On PostgreSQL, saves queue behind a migration that waits for a table, for example until a backup ends. So the migration soon stops
        waiting, and tries again for a minute.

        Raises:
            UnknownSchemaError: no release has this schema.
            LockedSchemaError: another transaction used a table for the whole minute.
        """
        for _ in range(tries):
            try:
                with self.write() as connection:
                    state = migrate(connection, self.store)
                self._failure = ("", 0.0)
                return state
            except DBAPIError as error:
                if not is_table_locked(error):
                    raise
            structlog.get_logger().warning("migration_waits", store=self.store)
            wait(_MIGRATION_WAIT)
        raise LockedSchemaError(self.store)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        with self._marking(), self.engine.connect() as connection:
            yield connection.execution_options(isolation_level="AUTOCOMMIT")

    def fetch(self, statement: str, values: Mapping[str, Any]) -> list[Any]:
        """Return the rows of a hot statement. Uses the driver directly: a third of the CPU of SQLAlchemy Core.

        Raises:
            DBAPIError: on every error of the driver.
        """
        try:
            if self.is_sqlite:
                with self._borrow_connection() as holder:
                    return list(self._run_sqlite(holder, statement, values))
            return list(self._run_postgresql(statement, values, changes=False))
        except SQLAlchemyError as error:
            self._note(error)
            raise

    def change(self, statement: str, values: Mapping[str, Any]) -> int:
        """Execute a hot statement in its own transaction; return the number of changed rows. Durable on return.

        After a broken connection the statement is executed a second time: it must be idempotent.

        Raises:
            DBAPIError: on every error of the driver.
        """
        try:
            if self.is_sqlite:
                return self._group.add(statement, values)
            return int(self._run_postgresql(statement, values, changes=True))
        except SQLAlchemyError as error:
            self._note(error)
            raise

    @contextmanager
    def _borrow_connection(self) -> Iterator[_SqliteConnection]:
        """Lend a connection for one statement. As many connections are open as statements were executed at the same time."""
        try:
            holder = self._idle.pop()
        except IndexError:
            holder = _SqliteConnection()
        try:
            yield holder
        finally:
            self._idle.append(holder)

    def _run_sqlite(self, holder: _SqliteConnection, statement: str, values: Mapping[str, Any], *, changes: bool = False) -> Any:
        """Return a cursor or, with `changes`, the number of changed rows."""
        try:
            connection = holder.connection or self._connect(holder)
            self._notify_listeners(statement, values)
            cursor = connection.execute(statement, values)
        except self._driver_error as error:
            connection, holder.connection = holder.connection, None
            if connection:
                connection.close()
            raise self._wrap_error(statement, error) from error
        return cursor.rowcount if changes else cursor

    def _connect(self, holder: _SqliteConnection) -> Any:
        pooled = self.engine.raw_connection()
        connection: Any = pooled.driver_connection
        pooled.detach()
        holder.connection = connection
        connection.isolation_level = None  # the pool may have reset it
        return connection

    def _run_postgresql(self, statement: str, values: Mapping[str, Any], *, changes: bool) -> Any:
        """Return the rows or, with `changes`, the number of changed rows.

        Each statement is its own transaction. It is retried once when a reused connection turns out to be broken.
        """
        pool, reused = cast(SharedPool, self.engine.pool), False
        try:
            entry = cast(Any, pool.acquire())
        except self._driver_error as refused:
            raise self._wrap_error(statement, refused) from refused
        try:
            connection = entry.get_connection()
            reused, entry.fresh = not entry.fresh, False
            return self._execute_postgresql(connection, entry.info, statement, values, changes=changes)
        except self._driver_error as failed:
            broken = reused and self.engine.dialect.is_disconnect(cast(Any, failed), entry.dbapi_connection, None)
            entry.invalidate()
            if not broken:
                raise self._wrap_error(statement, failed) from failed
        finally:
            pool.release(entry)
        pool.close_idle()  # the other idle connections are probably broken too
        return self._run_postgresql(statement, values, changes=changes)

    def _execute_postgresql(self, connection: Any, info: Any, statement: str, values: Mapping[str, Any], *, changes: bool) -> Any:
        """Execute a statement on a connection; `info` has the connection's prepared statements."""
        written = self._to_psycopg(statement)
        self._notify_listeners(written, values)
        if changes and self._prepares:
            prepared = info.get("prepared") or info.setdefault("prepared", PreparedStatements(connection))
            return prepared.change(statement, values)
        if not connection.autocommit:
            connection.autocommit = True
        connection.prepare_threshold = _PREPARE_AFTER if self._prepares else None
        cursor = connection.execute(written, values)
        return cursor.rowcount if changes else cursor.fetchall()

    def _notify_listeners(self, written: str, values: Mapping[str, Any]) -> None:
        """Call SQLAlchemy's listeners, which direct use of the driver bypasses."""
        for listen in self.engine.dispatch.before_cursor_execute:
            listen(None, None, written, values, None, False)

    def _wrap_error(self, statement: str, error: Exception) -> Exception:
        return DBAPIError.instance(statement, None, error, self._driver_error, hide_parameters=True)

    def _to_psycopg(self, statement: str) -> str:
        """Return the statement with psycopg's placeholders."""
        found = self._psycopg_statements.get(statement)
        if found is None:
            found = self._psycopg_statements[statement] = NAMED.sub(r"%(\1)s", statement)
        return found

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """Open a read transaction with one consistent snapshot. Writers do not wait for it."""
        level = "AUTOCOMMIT" if self.is_sqlite else "REPEATABLE READ"
        with self._marking(), self.engine.connect() as connection:
            connection.execution_options(isolation_level=level)
            if self.is_sqlite:
                connection.exec_driver_sql("BEGIN DEFERRED")
            yield connection
            connection.rollback()

    @contextmanager
    def write(self, *, single: bool = False) -> Iterator[Connection]:
        """Open a transaction, which is committed and durable when the `with` block ends, and rolled back if the block raises.

        SQLite has one writer. The lock file is fairer than SQLite's busy handler, which lets some writers wait for seconds.

        Args:
            single: whether the block executes one statement only. PostgreSQL then runs it in autocommit mode: one round trip, not three.
        """
        if single and not self.is_sqlite:
            with self.read() as connection:
                yield connection
            return
        with self._one_writer(), self._marking(), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def write_alone(self) -> Iterator[Connection]:
        """Open a connection in autocommit mode, for statements that cannot run in a transaction; other writers of SQLite wait."""
        with self._one_writer(), self.read() as connection:
            yield connection

    @contextmanager
    def _marking(self) -> Iterator[None]:
        try:
            yield
        except SQLAlchemyError as error:
            self._note(error)
            raise

    def _note(self, error: SQLAlchemyError) -> None:
        """Mark an error with this store, and remember it if the whole store failed."""
        kind = find_failure_kind(error)
        if kind == "down" and not self.is_sqlite and cast(SharedPool, self.engine.pool).is_silent:
            kind = "slow"
        attach_failure(error, StoreFailure(self.store, kind))
        if kind in REMEDIES:
            self._failure = (kind, monotonic())

    def find_failure(self) -> str:
        """Return why the store cannot keep answers now, as a key of REMEDIES; empty if it can. Nothing is written."""
        kind, at = self._failure
        if kind and monotonic() - at < _RECENT:
            return kind
        if self._path:
            if identify_file(self._path) != self._identity or not name_beside(self._path, "-wal").exists():
                return "corrupt"
            room = os.statvfs(self._path.parent)
            return "full" if room.f_bavail * room.f_frsize < _MINIMAL_ROOM else ""
        with self.read() as connection:
            read_only = not self.is_sqlite and connection.exec_driver_sql("SHOW transaction_read_only").scalar() == "on"
        return "read-only" if read_only else ""

    @contextmanager
    def _one_writer(self) -> Iterator[None]:
        if self._lock_file is None:
            yield
            return
        with self._thread_lock:
            fcntl.flock(self._lock_file, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.flock(self._lock_file, fcntl.LOCK_UN)

    def count_connections(self) -> int:
        """Return the number of open connections of this process to PostgreSQL; 0 for SQLite."""
        return 0 if self.is_sqlite else cast(SharedPool, self.engine.pool).count_open()

    def close(self) -> None:
        """Close all unused connections. SQLite removes the write-ahead log when the last connection closes."""
        for holder in (*self._idle, self._writer):
            if holder.connection:
                holder.connection.close()
                holder.connection = None
        self.engine.dispose()
        if self._lock_file:
            self._lock_file.close()


def _open_postgresql(url: URL) -> Engine:
    """Open an engine without prepared statements (prepare_threshold): pgbouncer may use another server connection for each transaction."""
    engine = create_engine(
        url,
        connect_args={
            "client_encoding": "utf8",  # overrides the environment, the role and the address
            "prepare_threshold": None,
            "connect_timeout": CONNECT_SECONDS,
            "tcp_user_timeout": CONNECT_SECONDS * 2000,
        },
        isolation_level=ISOLATION,
        poolclass=SharedPool,
        pool_size=POOL,
        pool_timeout=CONNECT_SECONDS,
        use_native_hstore=False,
    )
    cast(Any, engine.dialect).do_rollback = roll_back

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, record: Any) -> None:
        """Store times in UTC and read them in ISO form, for any settings of the server. pgbouncer tracks these two settings.

        pgbouncer does not track the isolation level: see `check_isolation`.
        """
        connection.execute(
            f"SET TIME ZONE 'UTC'; SET DateStyle = 'ISO, YMD'; SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL {ISOLATION}"
        )
        connection.commit()

    @event.listens_for(engine, "checkout")
    def make_plain(connection: Any, record: Any, proxy: Any) -> None:
        """Reset the settings of hot statements."""
        connection.prepare_threshold = None
        if connection.autocommit:
            connection.autocommit = False

    return engine


def _open_sqlite(url: str, pragmas: tuple[str, ...], patience: float) -> Engine:
    engine = create_engine(url, connect_args={"timeout": patience, "check_same_thread": False}, pool_size=16)
    if path := find_file(url):
        make_private_file(path)  # SQLite creates its other files with the same mode

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, record: Any) -> None:
        connection.isolation_level = None  # the driver must not begin transactions by itself
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        if connection.get_execution_options().get("isolation_level") != "AUTOCOMMIT":
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def make_id() -> int:
    """Return a random key of 62 bits, which does not reveal the order of rows and is not reused after rows were lost."""
    return secrets.randbits(62)


def is_missing_file(url: str) -> bool:
    """Whether the database is an SQLite file that does not exist."""
    parts = make_url(url)
    return parts.get_backend_name() == "sqlite" and not (parts.database and Path(parts.database).is_file())


def read_now(database: Database) -> datetime:
    """Return the time of the database's clock, in UTC: the clocks of application servers may differ."""
    clock = "strftime('%Y-%m-%d %H:%M:%f', 'now')" if database.is_sqlite else "CURRENT_TIMESTAMP"
    with database.read() as connection:
        now = datetime.fromisoformat(str(connection.exec_driver_sql(f"SELECT {clock}").scalar_one()))
    return now.replace(tzinfo=UTC) if now.tzinfo is None else now.astimezone(UTC)
