"""What commands report when they are interrupted while they change both stores, and while they wait."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click

from survey_engine.fieldwork.erasure import Stores
from survey_engine.settings import Settings
from survey_engine.storage.database import Database
from survey_engine.storage.erasures import TIMEOUT

WAITING = f"Waiting until devices have saved their pages, for at most {TIMEOUT} seconds …"
INCOMPLETE = "The command did not finish. A part may be in effect: run `survey-engine erase --again` to complete it."


@contextmanager
def report_incomplete() -> Iterator[None]:
    """Report that an exception, other than a refusal, may have left changes in one store alone."""
    try:
        yield
    except click.ClickException:
        raise
    except BaseException:
        click.secho(INCOMPLETE, fg="yellow", err=True)
        raise


def make_stores(settings: Settings, answers: Database, identity: Database) -> Stores:
    """Both stores, with a message when a change has to wait."""
    return Stores(answers, identity, settings.pseudonym_key, lambda: click.echo(WAITING, err=True))
