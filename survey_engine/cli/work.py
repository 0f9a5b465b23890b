"""`survey-engine work`: carry out jobs beside the site."""

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
    """Carry out jobs until stopped: periodic clean-up, and what the site or a command has put off.

    Run one worker beside the site, or several with PostgreSQL; each job is done by one of them. A worker that is killed loses
    nothing: another one, or the same after a restart, takes its job again. SIGTERM and Ctrl-C end it after the job at hand.
    Without a worker, let cron run `survey-engine maintain`, which does the same jobs once.
    """
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    start_logging()
    with open_installation(find_settings()) as installation:
        click.echo(f"Working on {len(JOBS)} kinds of job. Stop with Ctrl-C.", err=True)
        Worker(installation).run(stop)
