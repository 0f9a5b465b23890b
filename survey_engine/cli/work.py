"""`survey-engine work`: run jobs in the background."""

from __future__ import annotations

import signal
from threading import Event

import click

from survey_engine.cli.maintain import open_installation
from survey_engine.cli.support.installation import find_settings
from survey_engine.operations.worker import JOBS, Worker
from survey_engine.telemetry.monitoring import start_logging


@click.command(epilog="Example: survey-engine work")
def work() -> None:
    """Run jobs until stopped: periodic clean-up, and work that the site or a command has queued.

    Run one worker beside the site, or several with PostgreSQL; each job is run by one of them. If a worker is killed, another
    one, or the same after a restart, runs its job again. SIGTERM and Ctrl-C stop the worker after its current job. Without a
    worker, let cron start `survey-engine maintain`, which runs the same jobs once.
    """
    click.echo(f"Running {len(JOBS)} kinds of jobs. Stop with Ctrl-C.", err=True)
    run_jobs()


def run_jobs() -> None:
    """Run jobs until SIGTERM or SIGINT."""
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    start_logging()
    with open_installation(find_settings()) as installation:
        Worker(installation).run(stop)
