"""`survey-engine work`: run jobs in the background."""

from __future__ import annotations

import os
import signal
from contextlib import closing
from datetime import datetime
from threading import Event, Timer
from zoneinfo import ZoneInfo

import click

from survey_engine.cli import make_printable
from survey_engine.cli.maintain import open_installation
from survey_engine.cli.support.command_errors import log_failures
from survey_engine.cli.support.installation import find_settings, open_store
from survey_engine.fieldwork.contact_keys import ContactKeys, LostContactKeyError
from survey_engine.fieldwork.lost_links import iter_unsent
from survey_engine.operations.worker import JOBS, Worker
from survey_engine.storage.addresses import REFUSED, UNKNOWN_OUTCOME, settle_mail
from survey_engine.telemetry.logs import start_logging

EXAMPLES = """\b
Examples:
  survey-engine work
  survey-engine work --unsent
"""
GRACE_SECONDS = 20.0
"""Seconds after SIGTERM in which the current job may end. A supervisor must wait longer before it sends SIGKILL."""
_EXPLAINED = {REFUSED: "refused by the mail server", UNKNOWN_OUTCOME: "unknown whether sent"}


@click.command(epilog=EXAMPLES)
@click.option(
    "--unsent",
    is_flag=True,
    help="Only list the mails about lost links that were not sent, or may not have been sent, with their addresses.",
)
@click.option("--forget", is_flag=True, help="With --unsent: empty the list after it was shown.")
def work(*, unsent: bool, forget: bool) -> None:
    """Run jobs until stopped: periodic clean-up, and work that the site or a command has queued.

    Run one worker besides the site, or several with PostgreSQL: each job is run by one of them. If a worker is killed, another
    one, or the same one after a restart, runs its job again. SIGTERM and Ctrl-C stop the worker after its current job, or after 20
    seconds. Without a worker, let cron start `survey-engine maintain`, which runs the same jobs once.
    """
    if forget and not unsent:
        raise click.UsageError("--forget has no effect without --unsent. Leave it out.")
    if unsent:
        show_unsent(forget=forget)
        return
    click.echo(f"Running {len(JOBS)} kinds of jobs. Stop with Ctrl-C.", err=True)
    with log_failures():
        run_jobs()


def show_unsent(*, forget: bool) -> None:
    """Print the mails that were not sent or may not have been sent, the oldest first."""
    settings = find_settings()
    with closing(open_store(settings, "identity", migrate=True)) as identity:
        try:
            found = list(iter_unsent(identity, ContactKeys(settings.contact_keys), settings.pseudonym_key))
        except LostContactKeyError as error:
            raise click.ClickException(str(error)) from None
        for mail, address in found:
            at = datetime.fromtimestamp(mail.claimed_at, ZoneInfo(settings.timezone))
            shown = address or "an address that is on no list any more"
            click.echo(make_printable(f"{at:%Y-%m-%d %H:%M}  {_EXPLAINED[mail.failure]}  {shown}"))
            if forget:
                settle_mail(identity, mail.address_hash)
    if not found:
        click.echo("All mails were sent.")


def run_jobs() -> None:
    """Run jobs until SIGTERM or SIGINT."""
    stop = Event()

    def stop_soon(*_: object) -> None:
        """Stop after the current job, or after `GRACE_SECONDS`: another worker runs an interrupted job again when its lease has ended."""
        stop.set()
        end = Timer(GRACE_SECONDS, os._exit, (1,))
        end.daemon = True
        end.start()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop_soon)
    start_logging()
    with open_installation(find_settings()) as installation:
        Worker(installation).run(stop)
