"""Error messages of commands about mistakes in a list of students or links."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click

from survey_engine.cli.support.folders import LostFileError
from survey_engine.fieldwork.contact_keys import LostContactKeyError
from survey_engine.fieldwork.erasure import ChangedSeatsError
from survey_engine.fieldwork.erasure_list import BrokenListError
from survey_engine.fieldwork.invitations.link_files import UnknownColumnError
from survey_engine.fieldwork.invitations.new_seats import StoppedProcessError
from survey_engine.fieldwork.key_checks import ForeignKeyError
from survey_engine.fieldwork.rosters.mistakes import WRITTEN, RosterError


@contextmanager
def explain_roster(outcome: str = "Nothing was done.") -> Iterator[None]:
    """Convert errors about a list to messages. If there are many mistakes, write them to a file next to the list too.

    Args:
        outcome: first line of the message.
    """
    try:
        yield
    except UnknownColumnError as error:
        raise click.UsageError(str(error)) from None
    except (
        LostContactKeyError,
        BrokenListError,
        ChangedSeatsError,
        ForeignKeyError,
        LostFileError,
        StoppedProcessError,
    ) as error:
        raise click.ClickException(f"{outcome}\n{error}") from None
    except RosterError as error:
        lines = [outcome, str(error)]
        if error.is_long:
            path = error.path.with_suffix(".mistakes.csv")
            error.write(path)
            count = error.mistakes.count
            shown = f"All {count} mistakes" if count <= WRITTEN else f"The first {WRITTEN} of {count} mistakes"
            lines.append(f"{shown}, line by line: {path}")
        raise click.ClickException("\n".join(lines)) from None
