"""`survey-engine run`: serve the questionnaires with granian, in one or more processes."""

from __future__ import annotations

import errno
import fcntl
import logging
import os
import resource
import signal
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from time import sleep
from typing import TYPE_CHECKING

import click
import structlog
from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels, logger

from survey_engine.cli.support.command_errors import log_failures
from survey_engine.cli.support.installation import create_settings, create_stores
from survey_engine.operations.folder_marks import FOLDER_MARKS, NEW_FOLDER, note_use
from survey_engine.operations.server_locks import name_lock
from survey_engine.settings import SHARED_METRICS, Settings, map_unknown
from survey_engine.telemetry.logs import log_lost_metrics, start_logging

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

_APP = "survey_engine.web.app"
CONNECTIONS = 8_000
"""Open connections per process. granian's default of 512 would reject further students even when all connections are idle."""
_HEADER_BYTES = 32_768
"""Size of the buffer for the address and headers of a request, in bytes; a request may exceed it by one read. A larger buffer permits
headers that take longer to parse."""
MOST_QUEUED = 512
"""Largest number of threads per process that wait for slow uploads. Without a proxy that buffers forms, so many slow uploads block
all other requests."""
THREADS_WARNING = "Configuration allows spawning up to"
"""Start of granian's warning about the number of threads."""
_PORT_ATTEMPTS = 50
"""Attempts to bind the port, one every 0.1 s."""
_SHUTDOWN_SECONDS = 3
"""Seconds to finish requests after SIGTERM. A process that is still starting ignores the signal."""


@click.command(epilog="Example:\n\n  SURVEY_BASE_URL=https://survey.example.org survey-engine run --host 0.0.0.0 --workers 4")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", type=click.IntRange(1, 65_535), default=8000, show_default=True, help="The port to listen on.")
@click.option(
    "--workers", type=click.IntRange(1, 256), default=2, show_default=True, help="Number of processes; start with one per core."
)
@click.option(
    "--threads", type=click.IntRange(1, 64), default=4, show_default=True, help="Requests that each process handles at once."
)
def run(host: str, port: int, workers: int, threads: int) -> None:
    """Serve the questionnaires.

    Settings are environment variables (SURVEY_DATABASE_URL, SURVEY_BASE_URL, …), listed in `.env.example`. By default, all data
    is in SQLite files in the folder `data`.
    """
    with log_failures():
        log_marks(create_settings().data)
        serve(host, port, workers, threads)


def log_marks(data: Path) -> None:
    """Warn that respondents' answers will be among simulated ones or those of the demo."""
    start_logging()
    for name in note_use(data, "run"):
        structlog.get_logger().warning("marked_folder", file=str(data / name), about=FOLDER_MARKS[name], remedy=NEW_FOLDER)


def serve(host: str, port: int, workers: int, threads: int) -> None:
    """Serve until interrupted. There is no access log, because IP addresses and links are personal data."""
    settings = create_settings()
    start_logging()
    for name, similar in map_unknown().items():
        structlog.get_logger().warning("unknown_setting", name=name, similar=similar)
    create_stores(settings)  # before the workers start, so that an error ends the command instead of restarting workers forever
    allow_files(workers * CONNECTIONS)
    server = Granian(
        _APP,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(max_buffer_size=_HEADER_BYTES),
        factory=True,
        workers=workers,
        blocking_threads=threads + MOST_QUEUED,
        backpressure=CONNECTIONS,
        log_access=False,
        log_level=LogLevels.warning,
        respawn_failed_workers=True,
        workers_kill_timeout=_SHUTDOWN_SECONDS,
    )
    logger.addFilter(is_relevant)
    with hold_port(settings.data, host, port), share_metrics(settings):
        server.serve(target_loader=partial(load_server, threads, os.getpid()), wrap_loader=False)


@contextmanager
def share_metrics(settings: Settings) -> Iterator[None]:
    """Share metrics between the processes of this server: in PROMETHEUS_MULTIPROC_DIR, or in a folder of its own.

    If its own folder cannot be created, each process counts in memory, and the site runs without shared metrics.

    Raises:
        click.ClickException: PROMETHEUS_MULTIPROC_DIR does not exist or is not writable.
    """
    if not settings.metrics_token:
        yield
    elif given := os.environ.get(SHARED_METRICS):
        if not (Path(given).is_dir() and os.access(given, os.W_OK | os.X_OK, effective_ids=True)):
            raise click.ClickException(
                f"{SHARED_METRICS} is '{given}', which is no writable folder. Create the folder, or remove the setting."
            )
        yield
    else:
        with ExitStack() as after:
            try:
                os.environ[SHARED_METRICS] = after.enter_context(TemporaryDirectory(prefix="survey-metrics-"))
            except OSError as error:
                os.environ[SHARED_METRICS] = os.devnull
                log_lost_metrics("that of temporary files", error)
            yield


def is_relevant(record: logging.LogRecord) -> bool:
    """Whether a log record of granian is to be kept. Its warning about the number of threads is dropped: this number is intended."""
    return record.levelno != logging.WARNING or not record.getMessage().startswith(THREADS_WARNING)


@contextmanager
def hold_port(data: Path, host: str, port: int) -> Iterator[None]:
    """Reserve the port for this server. A lock file excludes servers that start at the same time; a test bind excludes other programs.

    Raises:
        click.ClickException: the port is in use.
    """
    data.mkdir(parents=True, exist_ok=True)
    with name_lock(data, port).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            wait_free(host, port)
        except OSError as error:
            if error.errno in (errno.EADDRINUSE, errno.EWOULDBLOCK):
                message = (
                    f"Port {port} is in use: another server runs there. Stop that server, or choose another port with --port."
                )
            else:
                message = f"The server cannot listen on {host}, port {port}: {error.strerror}."
            raise click.ClickException(message) from None
        yield


def wait_free(host: str, port: int) -> None:
    """Wait until the port is free, because the processes of a killed server need a moment to end.

    Raises:
        OSError: the port remains in use.
    """
    for left in range(_PORT_ATTEMPTS - 1, -1, -1):
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError as error:
                if error.errno != errno.EADDRINUSE or not left:
                    raise
            else:
                return
        sleep(0.1)


def load_server(threads: int, parent: int) -> WSGIApplication:
    """Create the application in a worker process, and end this process when the process with id `parent` ends."""
    Thread(target=follow_parent, args=(parent,), daemon=True).start()
    with log_failures():
        server: WSGIApplication = import_module(_APP).create_server(threads)
        return server


def follow_parent(parent: int) -> None:
    """End this process when its parent has ended. Otherwise it would continue to serve without a supervisor."""
    while os.getppid() == parent:
        sleep(0.5)
    os.kill(os.getpid(), signal.SIGTERM)
    sleep(_SHUTDOWN_SECONDS)
    os._exit(1)


def allow_files(wanted: int) -> None:
    """Raise the limit of open files of this process to `wanted`, or to the hard limit. Connections count as open files."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
