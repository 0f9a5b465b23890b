"""`survey-engine remind`: list the rows of links.csv whose respondent has not completed the questionnaire."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from survey_engine.cli import make_printable
from survey_engine.cli.support.folders import fill_folder
from survey_engine.cli.support.input_files import InputFile
from survey_engine.cli.support.installation import find_questionnaire, find_settings, open_store
from survey_engine.cli.support.link_command import warn
from survey_engine.cli.support.link_states import STATE_LABELS, show_invalid
from survey_engine.cli.support.roster_options import read_check_options, take_roster_options
from survey_engine.fieldwork.contact_keys import ContactKeys
from survey_engine.fieldwork.erasure_list import read_replaced_links
from survey_engine.fieldwork.invitations.corrections import Corrections, read_corrections
from survey_engine.fieldwork.invitations.earlier_keys import read_earlier_keys
from survey_engine.fieldwork.invitations.link_files import LINKS
from survey_engine.fieldwork.invitations.link_lists import read_link_list
from survey_engine.fieldwork.invitations.reminders import (
    REMIND,
    REPEATED,
    REPLACED,
    UNKNOWN,
    Reminders,
    find_closed_and_early,
    write_reminders,
)
from survey_engine.fieldwork.invitations.seat_reminders import write_seat_reminders
from survey_engine.fieldwork.rosters.examination import CheckOptions
from survey_engine.fieldwork.rosters.mistakes import RosterError
from survey_engine.fieldwork.rosters.roster_format import PLAIN
from survey_engine.model.messages import join_names
from survey_engine.storage.database import read_now
from survey_engine.storage.response_days import note_reminders

EXAMPLES = """\b
Examples:
  survey-engine remind job-2026 letters/links.csv --out reminders
  survey-engine remind job-2026 first/links.csv corrected/links.csv --out reminders
  survey-engine remind job-2026 letters/links.csv again/links.csv --out reminders
  survey-engine remind job-2026 letters/links.csv --key student_number --corrected new.csv --earlier-keys keys.csv --out reminders
  survey-engine remind nse-2026 letters/links.csv --key Email1 --corrected new.xlsx --format nse-students --out reminders
  survey-engine remind nse-2026 --seats --out reminders
"""


@click.command(epilog=EXAMPLES)
@click.argument("questionnaire")
@click.argument("files", metavar="FILE...", nargs=-1, type=InputFile())
@click.option("--seats", is_flag=True, help="Without FILE: all persons whose addresses are stored with their links.")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="The folder to create.")
@click.option(
    "--key",
    multiple=True,
    metavar="COLUMN",
    help="The column that identifies a person within the institution; may be repeated. A person with several links gets one row, and no "
    "row when one of these links is completed.",
)
@click.option(
    "--corrected",
    type=InputFile(),
    help="With --key: a corrected list of students. Its copied cells, such as name and e-mail, replace the cells in FILE.",
)
@click.option(
    "--same-persons",
    is_flag=True,
    help="With --corrected: persons whose key, name, birth date or address differs from FILE are the persons of the links. Accepts at most "
    "two persons of an institution, or a quarter: shows their cells and asks for confirmation.",
)
@click.option(
    "--earlier-keys",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="With --corrected: use it if FILE still has earlier keys: a CSV file of earlier and present keys, as for `links`.",
)
@take_roster_options
@click.option(
    "--copy", "copied", multiple=True, metavar="COLUMN", help="Do not use this column to exclude persons; may be repeated."
)
@click.option("--yes", is_flag=True, help="Skip the confirmation.")
@click.option("--force", is_flag=True, help="Write into a folder that is not empty.")
def remind(
    questionnaire: str,
    files: tuple[Path, ...],
    seats: bool,
    out: Path,
    key: tuple[str, ...],
    corrected: Path | None,
    same_persons: bool,
    earlier_keys: Path | None,
    copied: tuple[str, ...],
    yes: bool,
    force: bool,
    **given: Any,
) -> None:
    """List the links of QUESTIONNAIRE to remind: the rows of FILE (a links.csv of `links`) that are neither completed nor
    withdrawn, and whose person is not excluded by `roster labels`.

    Give several files from oldest to newest: the newest row of a link is used. A file of `links --reissue LINK` replaces the old
    link in the other files. The command fails if a row has other values than the row for which its link was made, if a later list
    replaced the address of a row, or if an added or changed cell excludes a person.

    The list reveals which persons have not completed the questionnaire. Use it only for the reminder, and delete it afterwards. Do
    not give it to persons who get rows of `export` while the questionnaire is open: a person who is no longer on the list has given
    one of the changed rows.
    """
    of_format = read_format(given)
    related = {"--same-persons": same_persons, "--earlier-keys": earlier_keys, **name_given(given)}
    check_reminder_options(seats, files, key, corrected, related)
    settings = find_settings()
    found = find_questionnaire(questionnaire, settings)
    with (
        closing(open_store(settings, "answers", replica=True)) as answers,
        closing(open_store(settings, "identity", migrate=True)) as identity,
        fill_folder(out, force=force) as folder,
    ):
        closed, early = find_closed_and_early(found, now := read_now(answers), settings.timezone)
        keys, replaced = ContactKeys(settings.contact_keys), read_replaced_links(settings.erasures, found.code)
        asks = partial(confirm, yes=yes)
        reminders = Reminders(
            answers, identity, settings.pseudonym_key, keys, found, closed, replaced, copied=copied, confirm=asks
        )
        if seats:
            show_seats(write_seat_reminders(folder / LINKS, reminders, lambda token: f"{settings.base_url}/l/{token}"), out)
            conclude(reminders, now.astimezone(ZoneInfo(settings.timezone)).date())
            return
        try:
            pairs = read_earlier_keys(earlier_keys, len(key))
            corrections = read_corrections(corrected, key, found, pairs, of_format) if corrected else None
            corrections = corrections and replace(corrections, same_persons=same_persons)
            states = write_reminders(folder / LINKS, [*map(read_link_list, files)], reminders, key, corrections)
            conclude(reminders, now.astimezone(ZoneInfo(settings.timezone)).date())
        except RosterError as error:
            raise click.ClickException(str(error)) from None
    show_invalid(reminders)
    show_counts(Counter(states), out, key)
    if corrections:
        show_corrections(corrections)
    show_warnings(reminders, early)


def show_warnings(reminders: Reminders, early: Mapping[str, object]) -> None:
    for path, count in reminders.newer.items():
        warn(f"{path}: {count} rows differ from an older file. The cells of this file are used.")
    for code, opens in early.items():
        warn(f"{code} opens on {opens}: its links do not work before that date.")


def conclude(reminders: Reminders, day: date) -> None:
    """Record the day of the reminder for the history of response, and warn of responses by an open link."""
    note_reminders(reminders.identity, reminders.questionnaire.code, reminders.institutions, day)
    if found := reminders.list_with_open_link():
        warn(
            f"Some persons answered by the open link at {join_names(found)}, or by a launch that matched no seat. They are unknown, and "
            "their personal links have no response, so they may be reminded too."
        )


def check_reminder_options(
    seats: bool, files: Sequence[Path], key: Sequence[str], corrected: Path | None, related: Mapping[str, object]
) -> None:
    """Raise UsageError for options that have no effect. Args: related: option that needs a corrected list → its value."""
    if seats == bool(files) or (seats and (key or corrected)):
        raise click.UsageError("Give files of links, or --seats without files and without --key.")
    if corrected and not key:
        raise click.UsageError("--corrected has no effect without --key.")
    for option, value in related.items():
        if value and not corrected:
            raise click.UsageError(f"{option} has no effect without --corrected.")


def read_format(given: Mapping[str, Any]) -> CheckOptions | None:
    """Return the options for a corrected list in a format; None for a plain list. Raises UsageError for options without effect."""
    options = read_check_options(**given)
    if options.definition.is_plain and (given["sheet"] or given["hidden"]):
        raise click.UsageError("--sheet and --hidden have no effect without --format.")
    return None if options.definition.is_plain else options


def name_given(given: Mapping[str, Any]) -> dict[str, object]:
    """Return option of the corrected list → its value; the value is empty for the default."""
    is_plain = given["format_name"] == PLAIN
    return {
        "--format": not is_plain,
        **{f"--{name.removesuffix('s')}": value for name, value in given.items() if name != "format_name"},
    }


def confirm(questions: Sequence[str], *, yes: bool) -> None:
    for question in questions:
        warn(question)
    if questions and not yes:
        click.confirm("Remind these persons?", abort=True)


def show_counts(counts: Counter[str], out: Path, key: Sequence[str]) -> None:
    details = "".join(f"\n  {counts[state]} {label}" for state, label in STATE_LABELS.items() if counts[state])
    links = counts.total() - sum(counts[state] for state in (UNKNOWN, REPLACED, REPEATED))
    of_persons = f", one for each person by {join_names(key)}" if key else ""
    click.echo(make_printable(f"{counts[REMIND]} of {links} links to remind{of_persons}: {out / LINKS}{details}"))


def show_corrections(corrections: Corrections) -> None:
    cells = ", ".join(f"{name} ({count} rows)" for name, count in corrections.counts.items())
    click.echo(make_printable(f"Corrected by {corrections.path}: {cells or 'nothing'}."))
    if corrections.unlisted:
        warn(
            f"{len(corrections.unlisted)} persons to remind are not on {corrections.path}: their rows are unchanged. If their keys "
            "changed, give --earlier-keys FILE."
        )


def show_seats(states: Counter[str], out: Path) -> None:
    details = "".join(f"\n  {states[state]} {label}" for state, label in STATE_LABELS.items() if states[state])
    click.echo(f"{states[REMIND]} of {states.total()} links to remind: {out / LINKS}{details}")
