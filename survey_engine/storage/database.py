"""Opens a database safely: durable settings or none, migrations applied, one writer at a time on SQLite.

PostgreSQL is reached through psycopg 3 (`postgresql+psycopg://…`), directly or through pgbouncer in transaction mode:
nothing there depends on what outlives a transaction on the server: no session settings but the encoding and the time zone, which pgbouncer
follows, no session locks, and prepared statements only without a pooler.

Connections: a thread borrows one of at most POOL at a time, for a hot statement or a transaction (`shared_pool.py`), so the server
needs `max_connections` ≥ processes × 2 stores × threads + 10, with the processes of both versions during an upgrade. With pgbouncer
in between that many arrive there, and behind it a `default_pool_size` of twice the server's cores is enough.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import IO, Any, ClassVar, cast

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, Engine, create_engine, event, text
from sqlalchemy.exc import DBAPIError

from survey_engine.storage.postgresql_options import is_pooled, read_options
from survey_engine.storage.postgresql_prepared import NAMED, Prepared
from survey_engine.storage.shared_pool import SharedPool
from survey_engine.storage.sqlite_group_commit import GroupCommit

_MIGRATIONS = Path(__file__).parent / "migrations"
BUSY_SECONDS = 20
POOL = 8
"""A process's connections to one store: enough for eight threads, each of which borrows one at a time; more threads wait."""
PATIENCE = 5
"""Seconds to wait for a connection before a respondent is asked to try again."""
PREPARE_AFTER = 2
"""How often a hot statement runs on a connection before PostgreSQL is to keep its plan."""
ISOLATION = "READ COMMITTED"
"""What the statements are written for: at a stricter level those that wait for each other would fail instead."""
MIGRATING = 5201
"""The advisory lock that a process holds while it migrates."""


class UnsafeDatabase(Exception):  # noqa: N818 - the name says what it is
    """The database would acknowledge what it may still lose; the message ends with the remedy."""


@dataclass(slots=True)
class _Line:
    """A connection of SQLite's driver, on which every statement is its own transaction; none before it is used."""

    connection: Any = None


class Database:
    """One store: reads on pooled connections, writes in short transactions that are durable when they return."""

    pragmas: ClassVar[tuple[str, ...]] = (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "trusted_schema=OFF",
        "secure_delete=ON",  # overwrite what is erased
    )

    def __init__(self, url: str, store: str) -> None:
        """Open `url`; `store` names its tables and migrations: answers or identity."""
        self.url, self.store = url, store
        address, self.bounced, self._prepares = read_options(url)
        self.engine = _open_sqlite(url, self.pragmas) if url.startswith("sqlite") else _open_postgresql(address)
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        self._turn = threading.Lock()
        self._idle: list[_Line] = []
        """SQLite's lines for hot statements that nobody uses at the moment, the one used last at the end."""
        self._written: dict[str, str] = {}
        self._group = GroupCommit(partial(self._run_sqlite, _Line()), self._one_writer)  # others empty its cache
        self._driver_error: type[Exception] = self.engine.dialect.loaded_dbapi.Error
        self._lock_file: IO[str] | None = None
        if self.is_sqlite and (path := find_file(self.engine)):
            self._lock_file = keep_private(path.with_name(f"{path.name}.lock")).open("a")
        with self._one_writer(), self.engine.connect() as connection:  # one process at a time switches SQLite to its log
            self.check(connection)
            if self.bounced:
                check_isolation(connection)
            elif not self.is_sqlite and is_pooled(connection):
                raise UnsafeDatabase("A pooler is in front of PostgreSQL. Add `?pooler=yes` to the address of the database.")

    @staticmethod
    def check(connection: Connection) -> None:
        """Raises UnsafeDatabase when a commit could be acknowledged before it is on disk."""
        check_durability(connection)

    def newest_migration(self) -> str | None:
        """The revision that a store of this program version is at."""
        return ScriptDirectory(str(_MIGRATIONS / self.store)).get_current_head()

    def migrate(self) -> None:
        """Bring the tables up to date; safe when many processes start at once."""
        with self.write() as connection:
            if not self.is_sqlite:
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATING})
            config = Config()
            config.set_main_option("script_location", str(_MIGRATIONS / self.store))
            config.attributes["connection"] = connection
            command.upgrade(config, "head")

    @contextmanager
    def read(self) -> Iterator[Connection]:
        with self.engine.connect() as connection:
            yield connection.execution_options(isolation_level="AUTOCOMMIT")

    def fetch(self, statement: str, values: Mapping[str, Any]) -> list[Any]:
        """The rows of one hot statement, on the plain driver: a third of the cost of SQLAlchemy's.

        Raises:
            DBAPIError: as SQLAlchemy would, whatever the driver.
        """
        if self.is_sqlite:
            with self._borrow() as line:
                return list(self._run_sqlite(line, statement, values))
        return list(self._run_postgresql(statement, values, changes=False))

    def change(self, statement: str, values: Mapping[str, Any]) -> int:
        """How many rows one hot statement changed; it is a transaction of its own, durable when this returns.

        It may be carried out twice, when the connection breaks: the second time must find that there is nothing left to do.

        Raises:
            DBAPIError: as SQLAlchemy would, whatever the driver.
        """
        if self.is_sqlite:
            return self._group.add(statement, values)
        return int(self._run_postgresql(statement, values, changes=True))

    @contextmanager
    def _borrow(self) -> Iterator[_Line]:
        """A line for one statement; there are as many as statements that ran at once, however many threads there are."""
        try:
            line = self._idle.pop()
        except IndexError:
            line = _Line()
        try:
            yield line
        finally:
            self._idle.append(line)

    def _run_sqlite(self, line: _Line, statement: str, values: Mapping[str, Any], *, changes: bool = False) -> Any:
        """A cursor; with `changes` the number of rows."""
        try:
            connection = line.connection or self._connect(line)
            self._announce(statement, values)
            cursor = connection.execute(statement, values)
        except self._driver_error as error:
            connection, line.connection = line.connection, None
            if connection:
                connection.close()
            raise self._tell(statement, error) from error
        return cursor.rowcount if changes else cursor

    def _connect(self, line: _Line) -> Any:
        pooled = self.engine.raw_connection()
        connection: Any = pooled.driver_connection
        pooled.detach()
        line.connection = connection
        connection.isolation_level = None  # the pool may have handed it back to the driver's own transactions
        return connection

    def _run_postgresql(self, statement: str, values: Mapping[str, Any], *, changes: bool) -> Any:
        """The rows; with `changes` their number.

        Each statement is a transaction of its own. It is tried once more when the connection had broken since it was last
        used: no change counts twice.
        """
        pool, reused = cast(SharedPool, self.engine.pool), False
        try:
            entry = cast(Any, pool.lend())
        except self._driver_error as refused:
            raise self._tell(statement, refused) from refused
        try:
            connection = entry.get_connection()
            reused, entry.fresh = not entry.fresh, False
            return self._ask(connection, entry.info, statement, values, changes=changes)
        except self._driver_error as failed:
            broken = reused and self.engine.dialect.is_disconnect(cast(Any, failed), entry.dbapi_connection, None)
            entry.invalidate()
            if not broken:
                raise self._tell(statement, failed) from failed
        finally:
            pool.take_back(entry)
        pool.close_idle()  # they are as old
        return self._run_postgresql(statement, values, changes=changes)

    def _ask(self, connection: Any, info: Any, statement: str, values: Mapping[str, Any], *, changes: bool) -> Any:
        """As `_run_postgresql`; `info` keeps what this connection has prepared."""
        written = self._hot(statement)
        self._announce(written, values)
        if changes and self._prepares:
            prepared = info.get("prepared") or info.setdefault("prepared", Prepared(connection))
            return prepared.change(statement, values)
        if not connection.autocommit:
            connection.autocommit = True
        connection.prepare_threshold = PREPARE_AFTER if self._prepares else None
        cursor = connection.execute(written, values)
        return cursor.rowcount if changes else cursor.fetchall()

    def _announce(self, written: str, values: Mapping[str, Any]) -> None:
        """Those who count or explain statements hear of hot ones, too."""
        for listen in self.engine.dispatch.before_cursor_execute:
            listen(None, None, written, values, None, False)

    def _tell(self, statement: str, error: Exception) -> Exception:
        return DBAPIError.instance(statement, None, error, self._driver_error, hide_parameters=True)

    def _hot(self, statement: str) -> str:
        """The statement in psycopg's way of naming values."""
        found = self._written.get(statement)
        if found is None:
            found = self._written[statement] = NAMED.sub(r"%(\1)s", statement)
        return found

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """For long reading: all that is read inside is as it stood at one moment, and nobody who writes has to wait."""
        level = "AUTOCOMMIT" if self.is_sqlite else "REPEATABLE READ"
        with self.engine.connect() as connection:
            connection.execution_options(isolation_level=level)
            if self.is_sqlite:
                connection.exec_driver_sql("BEGIN DEFERRED")
            yield connection
            connection.rollback()

    @contextmanager
    def write(self, *, single: bool = False) -> Iterator[Connection]:
        """One transaction; committed and durable when the block ends, rolled back when it raises.

        SQLite has one writer: waiting in line here is far fairer than its busy handler, which lets some wait for seconds.

        Args:
            single: promises one statement, which on PostgreSQL is its own transaction: one way there and back, not three.
        """
        if single and not self.is_sqlite:
            with self.read() as connection:
                yield connection
            return
        with self._one_writer(), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def _one_writer(self) -> Iterator[None]:
        if self._lock_file is None:
            yield
            return
        with self._turn:
            fcntl.flock(self._lock_file, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.flock(self._lock_file, fcntl.LOCK_UN)

    def close(self) -> None:
        self.engine.dispose()
        if self._lock_file:
            self._lock_file.close()


def _open_postgresql(url: URL) -> Engine:
    """Planned anew each time (prepare_threshold) because pgbouncer may hand every transaction another server connection."""
    engine = create_engine(
        url,
        connect_args={
            "client_encoding": "utf8",  # whatever the environment, the role or the address says
            "prepare_threshold": None,
            "connect_timeout": PATIENCE,
            "tcp_user_timeout": PATIENCE * 2000,
        },
        isolation_level=ISOLATION,
        poolclass=SharedPool,
        pool_size=POOL,
        pool_timeout=PATIENCE,
        use_native_hstore=False,
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, record: Any) -> None:
        """Times are stored in UTC and read in ISO form, whatever the server's settings; pgbouncer follows these two.

        It does not follow the isolation of single statements: `check_isolation`.
        """
        connection.execute(
            f"SET TIME ZONE 'UTC'; SET DateStyle = 'ISO, YMD'; SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL {ISOLATION}"
        )
        connection.commit()

    @event.listens_for(engine, "checkout")
    def make_plain(connection: Any, record: Any, proxy: Any) -> None:
        """Undo what hot statements set."""
        connection.prepare_threshold = None
        if connection.autocommit:
            connection.autocommit = False

    return engine


def _open_sqlite(url: str, pragmas: tuple[str, ...]) -> Engine:
    engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False}, pool_size=16)
    if path := find_file(engine):
        keep_private(path)  # SQLite gives its other files the mode of the database

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
    """A random key of 62 bits: it tells nothing of order, and no two meet, also where rows were lost that had one."""
    return secrets.randbits(62)


def find_file(engine: Engine) -> Path | None:
    """The file of an SQLite database; None when it lies in memory."""
    name = engine.url.database
    return Path(name) if name and name != ":memory:" else None


def keep_private(path: Path) -> Path:
    """Make the file if there is none; in either case only its owner may read it."""
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    path.chmod(0o600)
    return path


def read_now(database: Database) -> datetime:
    """The moment by the database's own clock, in UTC: many machines write to it, and theirs may differ."""
    clock = "strftime('%Y-%m-%d %H:%M:%f', 'now')" if database.is_sqlite else "CURRENT_TIMESTAMP"
    with database.read() as connection:
        now = datetime.fromisoformat(str(connection.exec_driver_sql(f"SELECT {clock}").scalar_one()))
    return now.replace(tzinfo=UTC) if now.tzinfo is None else now.astimezone(UTC)


def check_durability(connection: Connection) -> None:
    """Refuse a database that acknowledges a commit before it is on disk, or cannot hold every text.

    Raises:
        UnsafeDatabase: with what was found and what to set.
    """
    if connection.dialect.name == "sqlite":
        journal = connection.exec_driver_sql("PRAGMA journal_mode").scalar()
        synchronous = connection.exec_driver_sql("PRAGMA synchronous").scalar()
        if journal != "wal" or synchronous != 2:
            raise UnsafeDatabase(
                f"SQLite has journal_mode={journal} and synchronous={synchronous}; answers could be lost. "
                "Put the database on a local disk that allows write-ahead logging."
            )
        return
    for name in ("synchronous_commit", "fsync", "full_page_writes"):
        value = connection.execute(text(f"SHOW {name}")).scalar()
        if value not in ("on", "remote_apply", "remote_write"):
            raise UnsafeDatabase(f"PostgreSQL has {name}={value}; answers could be lost. Set it to on.")
    encoding = connection.execute(text("SHOW server_encoding")).scalar()
    if encoding != "UTF8":
        raise UnsafeDatabase(
            f"The PostgreSQL database has encoding {encoding}, which cannot hold every text. Make a new one with "
            "CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0, and restore a dump of this one into it."
        )


def check_isolation(connection: Connection) -> None:
    """Refuse another default isolation behind pgbouncer, which passes no setting of ours on to the server.

    Raises:
        UnsafeDatabase: with what was found and what to set.
    """
    level = connection.execute(text("SELECT reset_val FROM pg_settings WHERE name = 'default_transaction_isolation'")).scalar()
    if str(level).upper() != ISOLATION:
        raise UnsafeDatabase(
            f"PostgreSQL has default_transaction_isolation={level}; saves that meet would fail. "
            f"Set it to '{ISOLATION.lower()}' for this database and role: pgbouncer does not pass on what the program sets."
        )
