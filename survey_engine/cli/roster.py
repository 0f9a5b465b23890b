"""`survey-engine roster`: check files of students, make templates and snapshots of RIO."""

from __future__ import annotations

import csv
import json
import sys
from contextlib import closing
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click
from click.core import ParameterSource

from survey_engine.cli import make_printable
from survey_engine.cli.support.input_files import InputFile
from survey_engine.cli.support.installation import find_questionnaire, find_settings, open_both_stores, open_store
from survey_engine.cli.support.interruptions import make_stores
from survey_engine.cli.support.labels import report_labels
from survey_engine.cli.support.roster_errors import explain_roster
from survey_engine.cli.support.roster_options import find_format, read_check_options, take_roster_options
from survey_engine.datasets.response_pages import PAGE_TEXTS, write_page, write_response_counts
from survey_engine.datasets.response_rates import Rate, list_rates
from survey_engine.fieldwork.contact_keys import ContactKeys
from survey_engine.fieldwork.group_totals import STEP, Totals
from survey_engine.fieldwork.invitations.label_changes import NOW_EXCLUDED, LabelChanges, LabelFile
from survey_engine.fieldwork.invitations.link_files import guard_copy
from survey_engine.fieldwork.invitations.registered_names import list_registered
from survey_engine.fieldwork.key_checks import check_current_keys
from survey_engine.fieldwork.names import read_birth_date
from survey_engine.fieldwork.response_history import read_history, record_day
from survey_engine.fieldwork.rosters.check_report import describe_formats, format_report, make_json, write_findings_workbook
from survey_engine.fieldwork.rosters.examination import examine_roster
from survey_engine.fieldwork.rosters.findings import ERROR
from survey_engine.fieldwork.rosters.format_template import write_template
from survey_engine.fieldwork.rosters.mistakes import RosterError
from survey_engine.fieldwork.rosters.rio import import_open_data
from survey_engine.fieldwork.rosters.roster_files import check_file, examine_for
from survey_engine.fieldwork.rosters.roster_format import list_formats, load_format
from survey_engine.fieldwork.rosters.year_checks import compare_years
from survey_engine.model.messages import join_names, suggest_name
from survey_engine.rendering.page_plan import Wording
from survey_engine.settings import read_folders
from survey_engine.storage.database import read_now
from survey_engine.storage.identity import begin_seat_transaction
from survey_engine.storage.response_counts import map_answered_institutions
from survey_engine.storage.roster_seats import map_all_institutions

EXAMPLES = """\b
Examples:
  survey-engine roster check students.xlsx --format nse-students
  survey-engine roster check students.xlsx --format nse-students --questionnaire nse-2026 --institution wolkenveld
  survey-engine roster labels job-2026 labels.xlsx --institution zuidwester
  survey-engine roster response job-2026 --label class
  survey-engine roster history job-2026 --out history.html
  survey-engine roster template nse-students --out students.xlsx
  survey-engine roster registered job-2026 zuidwester
  survey-engine roster formats
"""
WAITING = (
    "no numbers by this label yet. Beside the total that was shown before, they would tell of single persons; when more have started or "
    "completed, they appear. With links of class pages made before the start there is no such wait."
)
_STILL_OPEN = (
    "Excluded persons are not reminded, but their links still work. To close them, give their rows of links.csv to `survey-engine links "
    "--withdraw FILE`."
)


@click.group(epilog=EXAMPLES)
def roster() -> None:
    """Check files of students before links are made of them: `survey-engine links` takes the same files and options."""


@roster.command(epilog="Example: survey-engine roster check students.xlsx --format nse-students --workbook findings.xlsx")
@click.argument("file", type=InputFile())
@take_roster_options
@click.option("--questionnaire", help="Also check the values against this questionnaire. A plain list needs it.")
@click.option(
    "--previous",
    type=InputFile(),
    help="Last year's file in the same format: report numbers of rows that changed much.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@click.option(
    "--workbook", type=click.Path(dir_okay=False, path_type=Path), help="Write the rows with findings to this .xlsx file."
)
def check(
    file: Path, questionnaire: str | None, previous: Path | None, as_json: bool, workbook: Path | None, **given: Any
) -> None:
    """Check a FILE of students, CSV or workbook, and report all findings with their rows. Nothing is stored.

    The exit code is 1 if there are errors.
    """
    options = read_check_options(**given)
    found_questionnaire = find_questionnaire(questionnaire, read_folders()) if questionnaire else None
    try:
        found = check_file(file, options, found_questionnaire)
        if previous and found.examination:
            compare_years(found.examination, examine_roster(previous, options))
    except RosterError as error:
        raise click.ClickException(str(error)) from None
    if as_json:
        click.echo(json.dumps(make_json(found, options.definition), indent=2, ensure_ascii=False))
    else:
        click.echo(make_printable(format_report(found, options.definition)))
    if workbook:
        count = write_findings_workbook(workbook, found)
        click.echo(f"{workbook}: {count} rows with findings. It has personal data: remove it when the file is right.", err=True)
    sys.exit(1 if found.findings.count(ERROR) else 0)


@roster.command(epilog="Example: survey-engine roster labels job-2026 labels.xlsx --institution zuidwester")
@click.argument("questionnaire")
@click.argument("file", type=InputFile())
@take_roster_options
@click.option(
    "--ignore-unlinked",
    is_flag=True,
    help="Excluded persons without a link are on no list of students. Without this option they are an error: nothing could keep them out.",
)
@click.option("--add", is_flag=True, help="Persons who are not in this file keep their labels, such as with a file of one class.")
@click.option(
    "--remove-most",
    is_flag=True,
    help="Remove labels of most persons. Without this option the command refuses a file by which 3 persons or more, and half or more of "
    "those of an institution or of all its institutions together, lose a label.",
)
@click.option(
    "--exchange",
    is_flag=True,
    help="Give many persons the labels of others. Without this option the command refuses a file with the same labels as before in "
    "other rows, as after sorting a column alone.",
)
@click.option("--yes", is_flag=True, help="Do not ask whether you are sure.")
def labels(
    *,
    questionnaire: str,
    file: Path,
    yes: bool,
    ignore_unlinked: bool,
    add: bool,
    remove_most: bool,
    exchange: bool,
    **given: Any,
) -> None:
    """Give labels of FILE to the persons who have links to QUESTIONNAIRE already: classes, teams, reasons to exclude.

    Shows first what it would change; all or nothing. Persons without a row keep their links, and lose the labels of its columns unless
    --add is given; rows without a person make no links.
    """
    if click.get_current_context().get_parameter_source("format_name") is not ParameterSource.COMMANDLINE:
        given["format_name"] = "job-labels"
    settings = find_settings()
    found = find_questionnaire(questionnaire, settings)
    options = read_check_options(**given)
    if options.definition.makes != "labels":
        raise click.UsageError(f"The format '{options.definition.roster}' makes seats. Give the file to `survey-engine links`.")
    with explain_roster(), open_both_stores(settings) as (answers, identity):
        examination = examine_for(file, options, found)
        examination.findings.raise_errors(file)
        found_lines = examination.findings.list_lines(without="identifying")  # the seats decide, not the rows
        click.echo(make_printable("\n".join([*examination.list_notes(), *found_lines])))
        label_file = LabelFile(found, settings.pseudonym_key, ContactKeys(settings.contact_keys), examination, add)
        changes = label_file.compare(identity, ignore_unlinked=ignore_unlinked)
        click.echo(f"{examination.rows} rows:\n{changes.summarise()}")
        if changes.counts[NOW_EXCLUDED]:
            click.echo(_STILL_OPEN)
        institutions = {*examination.map_institutions().values()}
        stores = make_stores(settings, answers, identity)
        if changes.is_idle:
            click.echo("Nothing changes.")
            report_labels(settings, stores, found.code, institutions)  # an earlier run may have been interrupted
            return
        check_changes(changes, remove_most=remove_most, exchange=exchange)
        if not yes:
            click.confirm("Carry this out?", abort=True)
        with begin_seat_transaction(identity) as connection:
            check_current_keys(settings, connection)
            label_file.apply(connection, changes)
        report_labels(settings, stores, found.code, institutions)
    click.echo("Stored.")


def check_changes(changes: LabelChanges, *, remove_most: bool, exchange: bool) -> None:
    """Refuse changes that a damaged file makes."""
    if (gone := changes.list_mostly_lost()) and not remove_most:
        raise click.ClickException(
            f"Nothing was done: most persons lose a label: {join_names(gone)}. Does this file have only some persons, such as those of "
            "one class (--add: others keep their labels)? Or give the whole file, or add --remove-most if it is right."
        )
    if (moved := changes.count_moved()) and not exchange:
        raise click.ClickException(
            f"Nothing was done: {moved} persons get labels that others had, and every label has nearly as many persons as before. Was "
            "a column sorted or moved alone, so that rows have the labels of other persons? Give the original file; or add --exchange "
            "if these persons really exchanged their groups."
        )


@roster.command(epilog="Example: survey-engine roster response job-2026 --label class --out response.csv")
@click.argument("questionnaire")
@click.option("--institution", "institutions", multiple=True, metavar="CODE", help="Only this institution; may be repeated.")
@click.option("--label", "kind", default="", metavar="CODE", help="Also by this label, such as class.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write this CSV file instead.")
def response(*, questionnaire: str, institutions: tuple[str, ...], kind: str, out: Path | None) -> None:
    """Count the persons with a link to QUESTIONNAIRE who were invited, have started and have completed.

    Withdrawn links and excluded persons do not count. Numbers of persons who started or completed rise in steps of 5 and never fall,
    so that tables of two moments tell nothing of one person who moved, began or completed. With --label a total is the sum of the
    steps of the labels, from then on.
    """
    settings = find_settings()
    code = find_questionnaire(questionnaire, settings).code
    with explain_roster(), open_both_stores(settings) as (answers, identity):
        totals = Totals(answers, identity, ContactKeys(settings.contact_keys), settings.pseudonym_key)
        known = map_all_institutions(identity).get(code, [])
        if missing := [name for name in institutions if name not in known]:
            raise click.UsageError(f"There are no links of {join_names(missing)}{suggest_name(missing[0], known)}.")
        found = []
        for institution in institutions or sorted(known):
            count = totals.count_institution(code, institution)
            kinds = {kind} & count.codes
            if kind and not kinds:
                has = join_names(sorted(count.codes)) if count.codes else "none"
                click.echo(f"{institution}: no person has a label {kind}. Labels: {has}.", err=True)
            shown = totals.show(code, institution, count, kinds)
            if kinds - {*shown.kinds}:
                click.echo(f"{institution}: {WAITING}", err=True)
            found += list_rates(institution, shown, *kinds)
    if out:
        with out.open("w", encoding="utf-8-sig", newline="") as file:
            rows = [Rate._fields, *found]
            csv.writer(file).writerows([guard_copy("" if cell is None else str(cell)) for cell in row] for row in rows)
        click.echo(f"{out}: {len(found)} rows. An empty number is not shown, or unknown for an open link.")
        return
    heads = ["institution", "kind", "label", "invited", "started", "completed"]
    texts = [heads, *([*row[:3], "–" if row.invited is None else str(row.invited), *map(format_step, row[4:])] for row in found)]
    widths = [max(map(len, column)) for column in zip(*texts, strict=True)]
    for cells in texts:
        words = [
            cell.ljust(width) if at < 3 else cell.rjust(width) for at, (cell, width) in enumerate(zip(cells, widths, strict=True))
        ]
        click.echo(make_printable("  ".join(words).rstrip()))


@roster.command(epilog="Example: survey-engine roster history job-2026 --institution zuidwester --out history.html")
@click.argument("questionnaire")
@click.option("--institution", "institutions", multiple=True, metavar="CODE", help="Only this institution; may be repeated.")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    help="The file to write: a page with pictures (.html), or a table (.csv).",
)
@click.option("--language", type=click.Choice([*PAGE_TEXTS]), help="Of the page; default: that of the questionnaire.")
def history(questionnaire: str, institutions: tuple[str, ...], out: Path, language: str | None) -> None:
    """Show how the response to QUESTIONNAIRE grew: invited, started and completed per day, and the days of reminders.

    `work` or `maintain` records the totals of each day, from its first run on; this command counts today too. Numbers are the steps
    that `roster response` shows, so no day tells of one person, nor do two.
    """
    if out.suffix not in (".html", ".csv"):
        raise click.UsageError("Name a file that ends in .html or .csv.")
    settings = find_settings()
    found = find_questionnaire(questionnaire, settings)
    if missing := [name for name in institutions if name not in found.institutions]:
        raise click.UsageError(f"There is no institution {missing[0]}{suggest_name(missing[0], found.institutions)}.")
    with explain_roster(), open_both_stores(settings) as (answers, identity):
        totals = Totals(answers, identity, ContactKeys(settings.contact_keys), settings.pseudonym_key)
        today = read_now(identity).astimezone(ZoneInfo(settings.timezone)).date()
        known = {*map_all_institutions(identity).get(found.code, ()), *map_answered_institutions(answers).get(found.code, ())}
        record_day(totals, found.code, known.intersection(institutions) if institutions else known, today)
        days = read_history(totals, found.code, institutions)
    if not days:
        raise click.ClickException("Nobody was invited yet, and nobody has started.")
    if out.suffix == ".csv":
        click.echo(f"{out}: {write_response_counts(out, days)} rows. An empty number is not shown.")
        return
    names = {code: institution.name for code, institution in found.institutions.items()}
    source = found.source_language
    title = Wording(found, found.languages[source], None).line(found.title)
    write_page(out, title, days, names, language or (source if source in PAGE_TEXTS else "en"))
    click.echo(f"{out}: a page of {len(next(iter(days.values())))} days.")


def format_step(number: int | None) -> str:
    """A lower bound in words, or a dash."""
    return "–" if number is None else f"{number} or more" if number else f"fewer than {STEP}"


@roster.command(epilog="Example: survey-engine roster template nse-students --out students.xlsx")
@click.argument("name", metavar="FORMAT")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="The .xlsx file to write.")
@click.option(
    "--questionnaire", help="Add the institutions, languages and background variables of this questionnaire to a plain list."
)
def template(name: str, out: Path, questionnaire: str | None) -> None:
    """Write an empty workbook of a FORMAT, with drop-downs and an explanation of each column."""
    definition = find_format(name)
    write_template(out, definition, find_questionnaire(questionnaire, read_folders()) if questionnaire else None)
    click.echo(f"{out}: {definition.title}")


@roster.command(epilog="Example: survey-engine roster formats")
def formats() -> None:
    """List the shipped formats."""
    click.echo(describe_formats([load_format(name) for name in list_formats()]))


@roster.command(
    epilog="Example: survey-engine roster rio onderwijsinstellingserkenningen.csv vestigingserkenningen.csv --out rio.csv"
)
@click.argument("files", nargs=-1, required=True, type=InputFile())
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="The snapshot to write.")
def rio(files: tuple[Path, ...], out: Path) -> None:
    """Make a snapshot of RIO of FILES of DUO's open data: institutions, branches, programmes."""
    try:
        counts = import_open_data(files, out)
    except RosterError as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"{out}: " + ", ".join(f"{count} of kind {kind}" for kind, count in counts.items()))


@roster.command(epilog="Example: survey-engine roster registered job-2026 zuidwester")
@click.argument("questionnaire")
@click.argument("institution")
@click.option("--birth-date", prompt="Birth date", help="Such as 31-12-2008. Asked when left out, so that no shell keeps it.")
def registered(questionnaire: str, institution: str, birth_date: str) -> None:
    """Show how names with a birth date are registered at INSTITUTION, for a student who cannot log in to QUESTIONNAIRE."""
    settings = find_settings()
    found = find_questionnaire(questionnaire, settings)
    born = read_birth_date(birth_date)
    if born is None:
        raise click.UsageError("This is no date. Write it as 31-12-2008.")
    if institution not in found.institutions:
        raise click.UsageError(f"There is no institution '{institution}'{suggest_name(institution, found.institutions)}.")
    with explain_roster(), closing(open_store(settings, "identity", migrate=True)) as identity:
        names = list_registered(identity, ContactKeys(settings.contact_keys), found.code, institution, born)
    for name in names:
        click.echo(make_printable(name))
    if not names:
        click.echo(f"Nobody with this birth date is on the list of {institution}.")
