"""`survey-engine run`: serve the questionnaires with granian, any number of processes."""

from __future__ import annotations

import errno
import fcntl
import logging
import os
import resource
import signal
import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from importlib import import_module
from pathlib import Path
from threading import Thread
from time import sleep
from typing import TYPE_CHECKING

import click
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels, logger

from survey_engine.settings import Settings, read_settings
from survey_engine.storage.database import Database

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

APP = "survey_engine.web.app"
CONNECTIONS = 8_000
"""How many lines each process holds open; granian's own 512 would let no more students in, however idle these are."""
WAITING = 512
"""Threads of each process that may wait for a form that is sent slowly. They come with the need; without a proxy that receives
forms before it passes them on, so many lines are enough to stop everybody."""
MANY_THREADS = "Configuration allows spawning up to"
"""How granian's warning about those threads begins, at every start."""
FREE_TRIES = 20
"""How often a second server looks whether the port is free, every tenth of a second."""
LAST_CALL = 4
"""Seconds to finish requests in when told to stop; a process that was told while it started does not hear it at all."""


@click.command(epilog="Example:\n\n  SURVEY_BASE_URL=https://survey.example.org survey-engine run --host 0.0.0.0 --workers 4")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=8000, show_default=True, help="The port to listen on.")
@click.option("--workers", default=2, show_default=True, help="Processes; one for each core is a good number.")
@click.option("--threads", default=4, show_default=True, help="Requests that each process serves at once.")
def run(host: str, port: int, workers: int, threads: int) -> None:
    """Serve the questionnaires.

    Settings come from the environment (SURVEY_DATABASE_URL, SURVEY_BASE_URL, …; `.env.example` lists them). Without any,
    everything is kept in SQLite files in the folder `data`.
    """
    serve(host, port, workers, threads)


def serve(host: str, port: int, workers: int, threads: int) -> None:
    """Serve until interrupted; there is no access log, because addresses and links are nobody's business."""
    settings = read_settings()
    check_stores(settings)
    allow_files(workers * CONNECTIONS)
    server = Granian(
        APP,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        factory=True,
        workers=workers,
        blocking_threads=threads + WAITING,
        backpressure=CONNECTIONS,
        log_access=False,
        log_level=LogLevels.warning,
        respawn_failed_workers=True,
        workers_kill_timeout=LAST_CALL,
    )
    logger.addFilter(is_worth_saying)
    with hold_port(settings.data, host, port):
        server.serve(target_loader=partial(load_server, threads), wrap_loader=False)


def is_worth_saying(record: logging.LogRecord) -> bool:
    """Whether a message of granian's is more than its warning about the number of threads, which is meant."""
    return record.levelno != logging.WARNING or not record.getMessage().startswith(MANY_THREADS)


def check_stores(settings: Settings) -> None:
    """Bring both stores up to date here, where a fault ends in one line; a process that serves would fail again and again."""
    for url, store in ((settings.database_url, "answers"), (settings.identity_url, "identity")):
        with closing(Database(url, store)) as opened:
            opened.migrate()


@contextmanager
def hold_port(data: Path, host: str, port: int) -> Iterator[None]:
    """Keep the port to this server: by a lock for those that start at once, by a look at the port for all others.

    Raises:
        click.ClickException: when another one serves there.
    """
    data.mkdir(parents=True, exist_ok=True)
    with (data / f"port-{port}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            wait_free(host, port)
        except OSError as error:
            if error.errno in (errno.EADDRINUSE, errno.EWOULDBLOCK):
                told = f"Port {port} is in use: another server runs there. Stop it, or choose another with --port."
            else:
                told = f"Nothing can listen at {host}, port {port}: {error.strerror}."
            raise click.ClickException(told) from None
        yield


def wait_free(host: str, port: int) -> None:
    """Wait for the processes of a server that was killed, which end by themselves.

    Raises:
        OSError: when the port stays in use.
    """
    for left in range(FREE_TRIES - 1, -1, -1):
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


def load_server(threads: int) -> WSGIApplication:
    """The application of one process; only that process imports it, and it ends with the one that started it."""
    Thread(target=follow_parent, args=(os.getppid(),), daemon=True).start()
    server: WSGIApplication = import_module(APP).create_server(threads)
    return server


def follow_parent(parent: int) -> None:
    """End this process when its parent is gone, which was killed: otherwise it would serve on, and nobody could stop it."""
    while os.getppid() == parent:
        sleep(0.5)
    os.kill(os.getpid(), signal.SIGTERM)
    sleep(LAST_CALL)
    os._exit(1)


def allow_files(wanted: int) -> None:
    """Raise this process's limit of open files, each line is one, as far as the system lets it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
