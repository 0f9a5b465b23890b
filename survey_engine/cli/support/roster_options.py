"""Options of commands that read lists of students: format, sheet, institution, labels, RIO."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

import click

from survey_engine.cli.support.input_files import InputFile
from survey_engine.cli.support.progress import show_rows
from survey_engine.fieldwork.rosters.examination import KEEP, LEAVE_OUT, CheckOptions
from survey_engine.fieldwork.rosters.mistakes import RosterError
from survey_engine.fieldwork.rosters.rio import read_snapshot
from survey_engine.fieldwork.rosters.roster_format import PLAIN, RosterDefinition, UnknownFormatError, load_format

Command = TypeVar("Command", bound=Callable[..., Any])
_OPTIONS = (
    click.option(
        "--format",
        "format_name",
        default=PLAIN,
        show_default=True,
        metavar="NAME|FILE",
        help="The format of the file: `survey-engine roster formats` lists them; or a YAML file.",
    ),
    click.option(
        "--sheet", default="", metavar="NAME", help="The sheet of a workbook (default: the sheet with the known headings)."
    ),
    click.option(
        "--hidden",
        type=click.Choice([KEEP, LEAVE_OUT]),
        default=None,
        help="Read the hidden rows of a workbook, or leave them out. Without this option, hidden rows are an error.",
    ),
    click.option(
        "--institution",
        "institutions",
        multiple=True,
        metavar="[CODE=]INSTITUTION",
        help="With --format: the questionnaire's institution for a code in the file, or for all rows; may be repeated.",
    ),
    click.option("--unify", is_flag=True, help="With --format: read spelling variants of a label as its most frequent spelling."),
    click.option(
        "--rio",
        type=InputFile(),
        help="With --format: check codes against this snapshot of RIO.",
    ),
)


_WITHOUT = {
    "--institution": "which has the questionnaire's codes in its column 'institution'",
    "--unify": "which has no labels",
    "--rio": "which has no codes of RIO",
}
"""Option → reason why it has no effect on a plain list."""


def take_roster_options(command: Command) -> Command:
    """Add the options to a command. It gets them as the keyword arguments of `read_check_options`."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def find_format(name: str) -> RosterDefinition:
    try:
        return load_format(name)
    except UnknownFormatError as error:
        raise click.UsageError(str(error)) from None


def read_check_options(
    format_name: str = PLAIN,
    sheet: str = "",
    institutions: Iterable[str] = (),
    *,
    hidden: str | None = None,
    unify: bool = False,
    rio: Path | None = None,
) -> CheckOptions:
    """Read the options.

    Raises:
        UsageError: for an unknown format, or an option without effect on a plain list.
        ClickException: for an unreadable snapshot.
    """
    definition = find_format(format_name)
    given = {"--institution": bool(institutions), "--unify": unify, "--rio": rio is not None}
    if definition.is_plain and any(given.values()):
        option = next(option for option, is_given in given.items() if is_given)
        raise click.UsageError(
            f"{option} has no effect on a plain list, {_WITHOUT[option]}. Leave the option out, or give --format."
        )
    pairs = [text.rpartition("=") for text in institutions]
    try:
        snapshot = read_snapshot(rio) if rio else None
    except RosterError as error:
        raise click.ClickException(str(error)) from None
    named = {code.strip(): institution.strip() for code, _, institution in pairs}
    return CheckOptions(definition, named, snapshot=snapshot, unify=unify, sheet=sheet, hidden=hidden or "", progress=show_rows)
