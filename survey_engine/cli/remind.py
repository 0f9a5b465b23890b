"""`survey-engine remind`: list the rows of links.csv whose respondent has not completed the questionnaire."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from functools import partial
from pathlib import Path

import click

from survey_engine.cli import make_printable
from survey_engine.cli.support.folders import fill_folder
from survey_engine.cli.support.input_files import InputFile
from survey_engine.cli.support.installation import find_questionnaire, find_settings, open_store
from survey_engine.cli.support.link_command import warn
from survey_engine.fieldwork.contact_keys import ContactKeys
from survey_engine.fieldwork.erasure_list import read_replaced_links
from survey_engine.fieldwork.invitations.corrections import Corrections, read_corrections
from survey_engine.fieldwork.invitations.link_files import LINKS
from survey_engine.fieldwork.invitations.link_lists import read_link_list
from survey_engine.fieldwork.invitations.reminders import (
    CLOSED,
    COMPLETED,
    COMPLETED_OTHERWISE,
    NOT_ASKED,
    OLDER,
    REMIND,
    REPEATED,
    REPLACED,
    UNKNOWN,
    WITHDRAWN,
    Reminders,
    find_periods,
    write_reminders,
)
from survey_engine.fieldwork.invitations.seat_reminders import NO_ADDRESS, write_seat_reminders
from survey_engine.fieldwork.rosters.mistakes import RosterError, show_ranges
from survey_engine.model.messages import join_names
from survey_engine.storage.database import read_now

EXAMPLES = """\b
Examples:
  survey-engine remind job-2026 letters/links.csv --out reminders
  survey-engine remind job-2026 first/links.csv corrected/links.csv --out reminders
  survey-engine remind job-2026 letters/links.csv again/links.csv --out reminders
  survey-engine remind nse-2026 --seats --out reminders
"""
_LABELS = {
    COMPLETED: "completed the questionnaire",
    COMPLETED_OTHERWISE: "belong to persons who completed it with another link",
    OLDER: "are older links of the same persons",
    WITHDRAWN: "are withdrawn",
    CLOSED: "are of institutions that have closed",
    UNKNOWN: "rows have no valid link",
    REPEATED: "rows repeat an earlier row",
    NOT_ASKED: "are of excluded persons",
    NO_ADDRESS: "are of persons whose addresses are not stored: remind them by their file of links",
    REPLACED: "were replaced by --reissue: give the file of new links too, unless it is among these files",
}
INVALID = (
    "Erased links are not valid. After a restore of the identity store these persons cannot answer: give their list to "
    "`survey-engine links` again, with the same --key, and send the new links."
)


def show_lines(lines: Sequence[int]) -> str:
    """Format ascending lines as ranges.

    >>> show_lines([2, 3, 4, 9])
    'lines 2-4, 9'
    """
    return f"line{'s' * (len(lines) > 1)} {show_ranges(lines)}"


@click.command(epilog=EXAMPLES)
@click.argument("questionnaire")
@click.argument("files", metavar="FILE...", nargs=-1, type=InputFile())
@click.option("--seats", is_flag=True, help="Without FILE: all persons whose addresses are stored with their links.")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="The folder to create.")
@click.option(
    "--key",
    multiple=True,
    metavar="COLUMN",
    help="Identifies a person within the institution: a person with several links gets one row, or none after completing by any "
    "of them. May be repeated.",
)
@click.option(
    "--corrected",
    type=InputFile(),
    help="With --key: a corrected list of students. Its copied cells, such as name and e-mail, replace those of FILE.",
)
@click.option("--copy", "copied", multiple=True, metavar="COLUMN", help="This column excludes nobody. May be repeated.")
@click.option("--yes", is_flag=True, help="Do not ask whether you are sure.")
@click.option("--force", is_flag=True, help="Write into a folder that is not empty.")
def remind(
    questionnaire: str,
    files: tuple[Path, ...],
    seats: bool,
    out: Path,
    key: tuple[str, ...],
    corrected: Path | None,
    copied: tuple[str, ...],
    yes: bool,
    force: bool,
) -> None:
    """List the links to remind of QUESTIONNAIRE: the rows of FILE (a links.csv of `links`) that are not completed or
    withdrawn, and whose person is not excluded by `roster labels`.

    Give several files from oldest to newest. A file of `links --reissue LINK` replaces the old link in the others. The command
    fails if a link was made for a row with other values, or if a cell that was added or changed excludes its person.

    The list reveals who has not completed the questionnaire. Use it only for the reminder, and delete it afterwards.
    """
    if seats == bool(files) or (seats and (key or corrected)):
        raise click.UsageError("Give files of links, or --seats without files and without --key.")
    if corrected and not key:
        raise click.UsageError("--corrected has no effect without --key.")
    settings = find_settings()
    found = find_questionnaire(questionnaire, settings)
    with (
        closing(open_store(settings, "answers", replica=True)) as answers,
        closing(open_store(settings, "identity", migrate=True)) as identity,
        fill_folder(out, force=force) as folder,
    ):
        closed, early = find_periods(found, read_now(answers), settings.timezone)
        keys, replaced = ContactKeys(settings.contact_keys), read_replaced_links(settings.erasures, found.code)
        reminders = Reminders(
            answers,
            identity,
            settings.pseudonym_key,
            keys,
            found,
            closed,
            replaced,
            copied=copied,
            confirm=partial(confirm, yes=yes),
        )
        if seats:
            show_seats(write_seat_reminders(folder / LINKS, reminders, lambda token: f"{settings.base_url}/l/{token}"), out)
            return
        try:
            corrections = read_corrections(corrected, key, found.background) if corrected else None
            lists = [read_link_list(path) for path in files]
            counts = Counter(write_reminders(folder / LINKS, lists, reminders, key, corrections))
        except RosterError as error:
            raise click.ClickException(str(error)) from None
    show_invalid(reminders)
    show_counts(counts, out, key)
    if corrections:
        show_corrections(corrections)
    for code, opens in early.items():
        click.secho(f"{code} opens on {opens}: its links do not work before that date.", fg="yellow", err=True)


def confirm(questions: Sequence[str], *, yes: bool) -> None:
    for question in questions:
        warn(question)
    if questions and not yes:
        click.confirm("Remind these persons?", abort=True)


def show_invalid(reminders: Reminders) -> None:
    for path, lines in reminders.invalid.items():
        click.secho(
            make_printable(f"{path}: {len(lines)} rows have no valid link: {show_lines(lines)}. {INVALID}"), fg="yellow", err=True
        )


def show_counts(counts: Counter[str], out: Path, key: Sequence[str]) -> None:
    details = "".join(f"\n  {counts[state]} {label}" for state, label in _LABELS.items() if counts[state])
    links = counts.total() - sum(counts[state] for state in (UNKNOWN, REPLACED, REPEATED))
    of_persons = f", one for each person by {join_names(key)}" if key else ""
    click.echo(make_printable(f"{counts[REMIND]} of {links} links to remind{of_persons}: {out / LINKS}{details}"))


def show_corrections(corrections: Corrections) -> None:
    cells = ", ".join(f"{name} ({count} rows)" for name, count in corrections.counts.items())
    click.echo(make_printable(f"Corrected by {corrections.path}: {cells or 'nothing'}."))


def show_seats(states: Counter[str], out: Path) -> None:
    details = "".join(f"\n  {states[state]} {label}" for state, label in _LABELS.items() if states[state])
    click.echo(f"{states[REMIND]} of {states.total()} links to remind: {out / LINKS}{details}")
