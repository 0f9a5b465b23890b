"""Messages of commands that change both stores: about interruptions and waiting."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from survey_engine.fieldwork.erasure import ChangedSeatsError, Stores
from survey_engine.fieldwork.key_checks import ForeignKeyError
from survey_engine.settings import Settings
from survey_engine.storage.database import Database
from survey_engine.storage.erasures import TIMEOUT

WAITING = f"Waiting until devices have saved their pages, for at most {TIMEOUT} seconds …"
_UNFINISHED = "The command did not finish. Some changes may be in effect: run `survey-engine erase --again` to complete them."


@contextmanager
def report_incomplete(path: Path) -> Iterator[None]:
    """Report that an exception, other than a refusal, may have left changes in only one store.

    Args: path: the list of erasures. Each change is appended to it first: if it did not grow, nothing is reported.
    """
    before = find_size(path)
    try:
        yield
    except (click.ClickException, ChangedSeatsError, ForeignKeyError):
        raise
    except BaseException:
        if find_size(path) != before:
            click.secho(_UNFINISHED, fg="yellow", err=True)
        raise


def find_size(path: Path) -> int:
    """Return the size of a file in bytes; 0 when it does not exist."""
    return path.stat().st_size if path.is_file() else 0


def make_stores(settings: Settings, answers: Database, identity: Database) -> Stores:
    """Return both stores. They print a message when a change has to wait."""
    return Stores(answers, identity, settings.pseudonym_key, lambda: click.echo(WAITING, err=True))
