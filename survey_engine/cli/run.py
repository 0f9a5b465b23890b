"""`survey-engine run`: serve the questionnaires with granian, any number of processes."""

from __future__ import annotations

import resource
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING

import click
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

APP = "survey_engine.web.app"
CONNECTIONS = 8_000
"""How many lines each process holds open; granian's own 512 would let no more students in, however idle these are."""
WAITING = 512
"""Threads of each process that may wait for a form that is sent slowly. They come with the need; without a proxy that receives
forms before it passes them on, so many lines are enough to stop everybody."""
LAST_CALL = 4
"""Seconds to finish requests in when told to stop; a process that was told while it started does not hear it at all."""


@click.command(epilog="Example:\n\n  SURVEY_BASE_URL=https://survey.example.org survey-engine run --host 0.0.0.0 --workers 4")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=8000, show_default=True, help="The port to listen on.")
@click.option("--workers", default=2, show_default=True, help="Processes; one for each core is a good number.")
@click.option("--threads", default=4, show_default=True, help="Requests that each process serves at once.")
def run(host: str, port: int, workers: int, threads: int) -> None:
    """Serve the questionnaires.

    Settings come from the environment (SURVEY_DATABASE_URL, SURVEY_BASE_URL, …; see the README); without any, everything
    lies in SQLite files in the folder `data`.
    """
    serve(host, port, workers, threads)


def serve(host: str, port: int, workers: int, threads: int) -> None:
    """Serve until interrupted; there is no access log, because addresses and links are nobody's business."""
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
    server.serve(target_loader=partial(load_server, threads), wrap_loader=False)


def load_server(threads: int) -> WSGIApplication:
    """The application of one process; only that process imports it."""
    server: WSGIApplication = import_module(APP).create_server(threads)
    return server


def allow_files(wanted: int) -> None:
    """Raise this process's limit of open files, each line is one, as far as the system lets it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
