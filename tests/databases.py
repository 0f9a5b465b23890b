"""Real databases for tests: a PostgreSQL server with its own folder, and fixtures that give every test a new store."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import cache
from itertools import count
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url as make_parts

from survey_engine.storage.database import Database
from survey_engine.storage.sqlite_files import make_private_file
from tests.waiting import wait_until

ENGINES = ("sqlite", "postgresql")
ON_BOTH = pytest.mark.parametrize("engine", ENGINES, indirect=True)
"""Runs a test of a command on each kind of database. Without this mark, such a test runs on SQLite only."""
START_SECONDS = 60
_NUMBERS = count(1)


class MissingServer(Exception):  # noqa: N818 - the message says what to do
    """A program that the tests need is not installed."""


def find_programs() -> Path:
    """Return the folder with the programs of the newest PostgreSQL server.

    Raises:
        MissingServer: no server is installed.
    """
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: float(path.parent.parent.name))
    found = [str(path) for path in installed] or [path for path in [shutil.which("postgres")] if path]
    if not found:
        raise MissingServer("These tests need a PostgreSQL server. Install it with `make tools`, or: apt-get install postgresql")
    return Path(found[-1]).resolve().parent


SERVER_PORTS = range(20_000, 32_000)
"""Below the ports that Linux gives to connections."""


def find_port() -> int:
    """Return a free port that no connection gets as its own end: a server that is started again would find it in use."""
    while True:
        port = SERVER_PORTS[secrets.randbelow(len(SERVER_PORTS))]
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def server_user() -> str | None:
    """Return the user as whom servers run: PostgreSQL and pgbouncer refuse to run as root."""
    return "postgres" if os.geteuid() == 0 else None


def make_folder(prefix: str) -> Path:
    """Make a folder that belongs to the server's user, with a path short enough for a socket."""
    folder = Path(tempfile.mkdtemp(prefix=prefix))
    if user := server_user():
        shutil.chown(folder, user, user)
    return folder


def list_family(pid: int) -> list[int]:
    """List a process and all its descendants."""
    children: dict[int, list[int]] = {}
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it may end at any moment
            fields = (process / "stat").read_text().rpartition(")")[2].split()
            children.setdefault(int(fields[1]), []).append(int(process.name))
    family = [pid]
    for member in family:
        family += children.get(member, [])
    return family


def wait_gone(pids: list[int], seconds: float = 20) -> None:
    """Wait until none of the processes runs any more. Zombies do not count as running."""
    ends = time.monotonic() + seconds
    while any(_runs(pid) for pid in pids):
        if time.monotonic() > ends:
            raise TimeoutError(f"Still running after {seconds} s: {pids}. Look for what blocks them.")
        time.sleep(0.01)


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@cache
def make_migrated(store: str) -> bytes:
    """Return the content of an empty SQLite store after all migrations."""
    with tempfile.TemporaryDirectory() as folder:
        with closing(Database(f"sqlite:///{folder}/store.db", store)) as database:
            database.migrate()
        return Path(folder, "store.db").read_bytes()


def prepare_store(url: str, store: str) -> None:
    """Create an SQLite store as a copy of a migrated one. A store that exists, or is on PostgreSQL, is left as it is."""
    parts = make_parts(url)
    path = Path(parts.database or "")
    if parts.drivername == "sqlite" and not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        make_private_file(path).write_bytes(make_migrated(store))


def open_sqlite(path: Path) -> Database:
    """Open a new, migrated SQLite store: answers or identity, by the name of the path."""
    prepare_store(url := f"sqlite:///{path}", path.stem)
    return Database(url, path.stem)


class PostgresServer:
    """A PostgreSQL server with its own folder; `options` are settings such as {"synchronous_commit": "off"}."""

    def __init__(self, folder: Path | None = None, *, tracer: tuple[str, ...] = (), **options: str) -> None:
        """Choose folder, port and options. The server is not started yet.

        Args:
            folder: an empty folder of the server's user; a new one by default.
            tracer: a command in front of the server's, such as strace.
        """
        self.programs, self.user, self.tracer = find_programs(), server_user(), tracer
        self.folder = folder or make_folder("pg-")
        self.data, self.log, self.port = self.folder / "data", self.folder / "log", find_port()
        self.options = {
            "max_connections": "200",
            "shared_buffers": "64MB",
            "max_wal_size": "128MB",
            "log_error_verbosity": "terse",
            **options,
        }
        self.process: subprocess.Popen[bytes] | None = None
        self._templates: dict[str, str] = {}

    def initialise(self, *more: str) -> PostgresServer:
        """Create the database cluster; `more` are arguments for initdb."""
        plain = ("-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        self.call("initdb", "-D", str(self.data), *plain, *more)
        return self

    def call(self, program: str, *arguments: str) -> str:
        """Run one of PostgreSQL's programs and return its output."""
        command = [str(self.programs / program), *arguments]
        done = subprocess.run(command, user=self.user, cwd=self.folder, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"{program} failed: {done.stderr.strip()}")
        return done.stdout

    def start(self, *, wait: bool = True) -> PostgresServer:
        given = {"port": str(self.port), "listen_addresses": "127.0.0.1", "unix_socket_directories": str(self.folder)}
        settings = [part for name, value in {**given, **self.options}.items() for part in ("-c", f"{name}={value}")]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*self.tracer, str(self.programs / "postgres"), "-D", str(self.data), *settings],
                user=self.user,
                cwd=self.folder,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        if wait:
            self.wait_ready()
        return self

    def wait_ready(self) -> None:
        ends = time.monotonic() + START_SECONDS
        while True:
            try:
                psycopg.connect(self.dsn("postgres"), connect_timeout=5).close()
            except psycopg.OperationalError:
                if time.monotonic() > ends or self.process is None or self.process.poll() is not None:
                    raise RuntimeError(f"The server does not start: {self.log.read_text()[-2000:]}") from None
                time.sleep(0.02)
            else:
                return

    def dsn(self, database: str) -> str:
        return f"host=127.0.0.1 port={self.port} user=postgres dbname={database}"

    def url(self, database: str) -> str:
        """Return the address of a database, as in SURVEY_DATABASE_URL."""
        return f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/{database}"

    def execute(self, statement: str, database: str = "postgres") -> None:
        with psycopg.connect(self.dsn(database), autocommit=True) as connection:
            connection.execute(statement.encode())

    def create_database(self) -> str:
        """Create an empty database; return its name."""
        name = f"store_{os.getpid()}_{next(_NUMBERS)}"
        self.execute(f"CREATE DATABASE {name}")
        return name

    def create_store(self, store: str) -> str:
        """Create an empty store as a copy of a migrated one; return its name."""
        if store not in self._templates:
            template = self.create_database()
            with closing(Database(self.url(template), store)) as database:
                database.migrate()
            self._templates[store] = template
        name = f"store_{os.getpid()}_{next(_NUMBERS)}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {self._templates[store]} STRATEGY FILE_COPY")  # a quarter less CPU
        return name

    def crash(self) -> None:
        """Kill all processes of the server at the same time, as in a crash of the machine."""
        if self.process is None:
            return
        os.kill(self.process.pid, signal.SIGSTOP)  # so that it starts no new process meanwhile
        family = list_family(self.process.pid)
        for pid in family:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()
        wait_gone(family)

    def stop(self) -> None:
        """Stop the server at once; its data remains."""
        if self.process and self.process.poll() is None:
            for pid in list_family(self.process.pid)[1 if self.tracer else 0 :][:1]:
                os.kill(pid, signal.SIGINT)
            self.process.wait(timeout=60)

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


class Bouncer:
    """pgbouncer in transaction mode in front of a server: each transaction may use another one of few connections."""

    def __init__(self, server: PostgresServer, connections: int = 2) -> None:
        program = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")
        if program is None:
            raise MissingServer("These tests need pgbouncer. Install it with `make tools`, or: apt-get install pgbouncer")
        self.server, self.port, self.folder = server, find_port(), make_folder("bouncer-")
        (self.folder / "users").write_text('"postgres" ""\n')
        (self.folder / "pgbouncer.ini").write_text(
            f"[databases]\n* = host=127.0.0.1 port={server.port} user=postgres\n[pgbouncer]\nlisten_addr = 127.0.0.1\n"
            f"listen_port = {self.port}\nunix_socket_dir =\nauth_type = trust\nauth_file = {self.folder}/users\n"
            f"pool_mode = transaction\ndefault_pool_size = {connections}\nmax_client_conn = 200\n"
        )
        with (self.folder / "log").open("wb") as log:
            self.process = subprocess.Popen(
                [program, str(self.folder / "pgbouncer.ini")], user=server.user, stdout=log, stderr=log, start_new_session=True
            )
        wait_open(self.port)

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/{database}?pooler=yes"

    def remove(self) -> None:
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


def wait_closed(postgres: PostgresServer, *urls: str) -> None:
    """Wait until no connection to the databases is open: the server closes a connection a moment after its client."""
    names = [url.rpartition("/")[2] for url in urls]
    with psycopg.connect(postgres.dsn("postgres"), autocommit=True) as connection:
        wait_until(
            lambda: not connection.execute("SELECT 1 FROM pg_stat_activity WHERE datname = ANY(%s)", (names,)).fetchone(),
            told="connections stay open",
        )


def wait_open(port: int, seconds: float = 20) -> None:
    """Wait until a program listens on the port."""
    ends = time.monotonic() + seconds
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            if time.monotonic() > ends:
                raise TimeoutError(f"Nobody listens on port {port} after {seconds} s.") from None
            time.sleep(0.02)
        else:
            return


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A running PostgreSQL server, one per test process, without autovacuum."""
    server = PostgresServer(autovacuum="off").initialise()
    try:
        yield server.start()
    finally:
        server.remove()


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    """Runs a test once on each kind of database."""
    return str(request.param)


@pytest.fixture
def database_url(engine: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a new store of answers, on each engine in turn, as in SURVEY_DATABASE_URL."""
    return make_url(engine, request, tmp_path / "answers.db")


@pytest.fixture
def identity_url(engine: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """As `database_url`, for the store of identity."""
    return make_url(engine, request, tmp_path / "identity.db")


@pytest.fixture
def empty_url(engine: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a new database without tables, on each engine in turn."""
    if engine == "sqlite":
        return f"sqlite:///{tmp_path}/empty.db"
    return _use(request, lambda server: server.create_database())


@contextlib.contextmanager
def open_both(engine: str, request: pytest.FixtureRequest, folder: Path) -> Iterator[tuple[Database, Database]]:
    """Open both stores, new and migrated: (answers, identity)."""
    answers, identity = (Database(make_url(engine, request, folder / f"{name}.db"), name) for name in ("answers", "identity"))
    with closing(answers), closing(identity):
        yield answers, identity


def make_url(engine: str, request: pytest.FixtureRequest, path: Path) -> str:
    """Return the address of a new, migrated store (answers or identity, by the name of the path) that exists until the test ends."""
    if engine == "sqlite":
        prepare_store(f"sqlite:///{path}", path.stem)
        return f"sqlite:///{path}"
    return _use(request, lambda server: server.create_store(path.stem))


def _use(request: pytest.FixtureRequest, create: Callable[[PostgresServer], str]) -> str:
    """Return the address of a new database on the server of this process. It exists until the test or fixture ends."""
    server: PostgresServer = request.getfixturevalue("postgres")
    name = create(server)
    request.addfinalizer(lambda: server.execute(f"DROP DATABASE {name} WITH (FORCE)"))
    return server.url(name)
