"""`survey-engine maintain`: what has to be done from time to time, once; for cron."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from functools import partial

import click

from survey_engine.cli.support.installation import find_questionnaire, find_settings, open_store
from survey_engine.fieldwork.contact_keys import ContactKeys, LostContactKeyError
from survey_engine.operations import maintenance
from survey_engine.operations.maintenance import Installation
from survey_engine.operations.worker import Worker
from survey_engine.settings import Settings

EXAMPLES = """\b
Examples:
  survey-engine maintain
  survey-engine maintain --rewrite
"""


@click.command(epilog=EXAMPLES)
@click.option(
    "--rewrite", is_flag=True, help="Write all tables anew, so that no file holds what was erased. Outside fieldwork only."
)
@click.option("--renew-keys", is_flag=True, help="Encrypt all with the first of SURVEY_CONTACT_KEYS; then take the others out.")
def maintain(*, rewrite: bool, renew_keys: bool) -> None:
    """Do once what has to be done from time to time; run it every hour by cron.

    The addresses that wait for a panel join it once the questionnaire has closed. With PostgreSQL, `--rewrite` removes what was
    erased from all files if its user may run CHECKPOINT and pg_switch_wal(), and the server has `wal_recycle = off`. Backups are
    beyond it.
    """
    with open_installation(find_settings()) as installation:
        try:
            worker = Worker(installation)
            worker.schedule(now=True)
            while result := worker.run_next():
                if result.error:
                    raise result.error
                click.echo(result.done)
            if renew_keys:
                click.echo(maintenance.renew_keys(installation))
            if rewrite:
                click.echo(maintenance.rewrite_stores(installation))
        except LostContactKeyError as error:
            raise click.ClickException(str(error)) from None


@contextmanager
def open_installation(settings: Settings) -> Iterator[Installation]:
    """The stores of an installation, with their tables up to date."""
    with (
        closing(open_store(settings.database_url, "answers")) as answers,
        closing(open_store(settings.identity_url, "identity")) as identity,
    ):
        answers.migrate()
        identity.migrate()
        keys = ContactKeys(settings.contact_keys)
        yield Installation(answers, identity, keys, settings.pseudonym_key, partial(find_closing, settings))


def find_closing(settings: Settings, code: str) -> datetime | None:
    """When a questionnaire has closed everywhere; one that cannot be found closes no panel."""
    try:
        return maintenance.find_end(find_questionnaire(code, settings), settings)
    except click.ClickException as error:
        error.show()
        return None
