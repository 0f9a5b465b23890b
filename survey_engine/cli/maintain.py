"""`survey-engine maintain`: run all periodic jobs once; for cron."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import lru_cache, partial
from time import monotonic

import click

from survey_engine.cli.support.installation import find_questionnaire, find_settings, open_both_stores
from survey_engine.fieldwork.contact_keys import ContactKeys, LostContactKeyError
from survey_engine.fieldwork.key_checks import record_keys, replace_fingerprints
from survey_engine.fieldwork.lost_links import LostLinks
from survey_engine.fieldwork.mail import Mailer, MailSettingsError
from survey_engine.model.questionnaire import Questionnaire
from survey_engine.operations import maintenance
from survey_engine.operations.maintenance import Installation
from survey_engine.operations.server_locks import hold_worker
from survey_engine.operations.worker import Worker
from survey_engine.rendering.interface_texts import InterfaceTextsByLocale
from survey_engine.settings import Settings
from survey_engine.storage.database import Database

EXAMPLES = """\b
Examples:
  survey-engine maintain
  survey-engine maintain --rewrite
"""


@click.command(epilog=EXAMPLES)
@click.option(
    "--rewrite", is_flag=True, help="Rewrite all tables, so that no file contains erased data. Use it only outside fieldwork."
)
@click.option(
    "--renew-keys",
    is_flag=True,
    help="Encrypt all stored data with the first of SURVEY_CONTACT_KEYS; afterwards remove the other keys from the setting.",
)
def maintain(*, rewrite: bool, renew_keys: bool) -> None:
    """Run all periodic jobs once; let cron start this command every hour.

    Addresses that wait for a panel join it after the questionnaire has closed. On PostgreSQL, `--rewrite` removes erased data from
    all files only if the database user may run CHECKPOINT and pg_switch_wal(), and the server has `wal_recycle = off`. Backups are
    not changed. If a job fails, the other jobs still run, and the command exits with an error at the end.
    """
    settings = find_settings()
    with open_installation(settings) as installation:
        try:
            worker = Worker(installation)
            worker.schedule(now=True)
            failures = []
            while result := worker.run_next():
                if result.error:
                    failures.append(result.error)
                    click.secho(f"The job {result.kind} failed: {type(result.error).__name__}.", fg="red", err=True)
                else:
                    click.echo(result.done)
            if renew_keys:
                click.echo(maintenance.renew_keys(installation, partial(replace_fingerprints, settings)))
                record_keys(settings, installation.answers, installation.identity, accept=True)
            if rewrite:
                click.echo(maintenance.rewrite_stores(installation))
            if failures:
                raise failures[0]
        except LostContactKeyError as error:
            raise click.ClickException(str(error)) from None


@contextmanager
def open_installation(settings: Settings) -> Iterator[Installation]:
    """Open the stores of an installation for a worker, and migrate them."""
    with hold_worker(settings.data), open_both_stores(settings) as (answers, identity):
        keys = ContactKeys(settings.contact_keys)
        yield Installation(
            answers=answers,
            identity=identity,
            keys=keys,
            pseudonym_key=settings.pseudonym_key,
            erasures=settings.erasures,
            find_closing=partial(find_closing, settings),
            lost_links=make_lost_links(settings, answers, identity, keys),
            keep_days=settings.keep_days,
            plain=bool(settings.lms_development),
            timezone=settings.timezone,
        )


def make_lost_links(settings: Settings, answers: Database, identity: Database, keys: ContactKeys) -> LostLinks | None:
    """Return the service that mails lost links; None without a mail server.

    Raises:
        click.ClickException: the mail settings cannot be used.
    """
    if not settings.smtp_url:
        return None

    @lru_cache(maxsize=32)
    def find_for_minute(code: str, _minute: int) -> Questionnaire | None:
        try:
            return find_questionnaire(code, settings)
        except click.ClickException as error:
            error.show()
            return None

    try:
        mailer = Mailer(settings.smtp_url, settings.mail_from)
    except MailSettingsError as error:
        raise click.ClickException(str(error)) from None
    return LostLinks(
        answers=answers,
        identity=identity,
        keys=keys,
        pseudonym_key=settings.pseudonym_key,
        texts=InterfaceTextsByLocale(settings.translations),
        mailer=mailer,
        base_url=settings.base_url,
        timezone=settings.timezone,
        find_questionnaire=lambda code: find_for_minute(code, int(monotonic() // 60)),
    )


def find_closing(settings: Settings, code: str) -> datetime | None:
    """Return the time at which a questionnaire has closed at all institutions; None if it has no last day or cannot be found."""
    try:
        return maintenance.find_closing_time(find_questionnaire(code, settings), settings)
    except click.ClickException as error:
        error.show()
        return None
