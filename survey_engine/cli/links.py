"""`survey-engine links`: personal links from a list of students, open links of institutions, withdrawal."""

from __future__ import annotations

import csv
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import click
import segno

from survey_engine.cli.support.folders import fill_folder
from survey_engine.cli.support.installation import find_questionnaire, find_settings, open_store
from survey_engine.datasets.formats.csv import write_csv
from survey_engine.fieldwork.erasure import withdraw
from survey_engine.fieldwork.invitations.link_sheets import Card, write_sheet
from survey_engine.fieldwork.invitations.links import find_by_link, give_links, read_token
from survey_engine.fieldwork.rosters.csv import LINK, Roster, RosterError, Student, read_roster
from survey_engine.fieldwork.signing import make_token
from survey_engine.model.questionnaire import Questionnaire
from survey_engine.rendering.page_plan import Wording
from survey_engine.rendering.spreadsheet_cells import guard
from survey_engine.settings import Settings
from survey_engine.storage.database import Database
from survey_engine.storage.identity import Seat

T = TypeVar("T")
_NUMBER = re.compile(r"[+-]?[0-9][0-9 .,]*")
EXAMPLES = """\b
Examples:
  survey-engine links job-2026 students.csv --out letters --qr
  survey-engine links job-2026 --open --out posters
  survey-engine links job-2026 --withdraw https://survey.example.org/l/dGhpcyBpcyBub3QgYQ
"""


@click.command(epilog=EXAMPLES)
@click.argument("questionnaire")
@click.argument("students", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), help="The folder to make.")
@click.option("--qr", is_flag=True, help="Also make a sheet with a QR code for every student, to print and cut.")
@click.option("--copy", "copied", multiple=True, metavar="COLUMN", help="Copy this column, though it looks like a known one.")
@click.option("--open", "open_links", is_flag=True, help="The open link of every institution, with QR codes.")
@click.option("--withdraw", "withdrawn", metavar="LINK", help="Withdraw a personal link: the address, or its last part.")
@click.option("--force", is_flag=True, help="Write into a folder that holds files already. Links in it are lost for ever.")
def links(
    *,
    questionnaire: str,
    students: Path | None,
    out: Path | None,
    qr: bool,
    copied: tuple[str, ...],
    open_links: bool,
    withdrawn: str | None,
    force: bool,
) -> None:
    """Make personal links to QUESTIONNAIRE for a list of STUDENTS.

    STUDENTS is a CSV file (in Excel: Save as “CSV UTF-8”) with a header such as institution,path,level,e-mail: the column
    institution, any background variables, and if need be language. All other columns, such as name and e-mail, are copied
    to the output and stored nowhere. Every row is checked first: either all get a link, or nobody. The folder gets
    links.csv (all columns and the link), and with --qr links.html.

    Links are stored as hashes only: keep links.csv, it cannot be made again.
    """
    if sum((students is not None, open_links, withdrawn is not None)) != 1:
        raise click.UsageError("Give a list of students, or --open, or --withdraw LINK.")
    settings = find_settings()
    found = find_questionnaire(questionnaire, settings)
    if withdrawn is not None:
        click.echo(withdraw_one(settings, found, withdrawn))
        return
    if students is not None and out is None:
        raise click.UsageError("Say where the links must go: --out FOLDER.")
    roster = read_students(students, found, copied) if students else None
    warn_of_local(settings)
    if roster and out:
        write_personal_links(settings, roster, found, Output(out, qr, force))
    else:
        give_open_links(settings, found, out, force)


@dataclass(frozen=True, slots=True)
class Output:
    folder: Path
    qr: bool
    force: bool


def warn_of_local(settings: Settings) -> None:
    if settings.base_url.startswith("http://127.0.0.1"):
        click.secho(
            f"These links begin with {settings.base_url} and work on this machine only. Set SURVEY_BASE_URL.",
            fg="yellow",
            err=True,
        )


def read_students(path: Path, questionnaire: Questionnaire, copied: Sequence[str]) -> Roster:
    try:
        return read_roster(path, questionnaire, copied)
    except RosterError as error:
        raise click.ClickException(f"No links were made.\n{error}") from None


def write_personal_links(settings: Settings, roster: Roster, questionnaire: Questionnaire, output: Output) -> None:
    """The links are on disk before they are stored, and get their final place after: all of them, or none."""
    tokens = [make_token() for _ in roster.students]
    addresses = [f"{settings.base_url}/l/{token}" for token in tokens]
    with fill_folder(output.folder, force=output.force) as folder:
        write_links(folder / "links.csv", roster, addresses)
        if output.qr:
            cards = (make_card(questionnaire, roster, *pair) for pair in zip(roster.students, addresses, strict=True))
            write_sheet(folder / "links.html", read_title(questionnaire), show_progress(cards, len(tokens), "QR codes"))
        store_seats(settings, questionnaire, roster.students, tokens)
    copied = f" Copied and not stored: {', '.join(roster.copied)}." if roster.copied else ""
    click.echo(f"{len(tokens)} links in {output.folder}.{copied}")


def write_links(path: Path, roster: Roster, addresses: Sequence[str]) -> None:
    """Marked as UTF-8 and with the list's own delimiter, so that it opens where the list came from; no cell is a formula."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=roster.delimiter)
        writer.writerow([*map(guard_copy, roster.header), LINK])
        writer.writerows(
            [*map(guard_copy, student.cells), address] for student, address in zip(roster.students, addresses, strict=True)
        )


def guard_copy(cell: str) -> str:
    """A cell as it was, unless a spreadsheet would compute it; a telephone number may keep its plus.

    >>> guard_copy("+31 6 1234 5678"), guard_copy("+1+1")
    ('+31 6 1234 5678', "'+1+1")
    """
    return cell if _NUMBER.fullmatch(cell) else guard(cell)


def make_card(questionnaire: Questionnaire, roster: Roster, student: Student, address: str) -> Card:
    """In the student's language, or the first that the institution offers, with what was copied of the student."""
    institution = questionnaire.institutions[student.institution]
    language = questionnaire.languages[student.language or institution.languages[0]]
    named = dict(zip(roster.header, student.cells, strict=True))
    lines = (institution.name, *(named[name] for name in roster.copied if named[name]))
    return Card(Wording(questionnaire, language, institution).line(questionnaire.title), lines, address, language.html_lang)


def store_seats(settings: Settings, questionnaire: Questionnaire, students: Iterable[Student], tokens: Sequence[str]) -> None:
    seats = [Seat(questionnaire.code, s.institution, s.background, s.language) for s in students]
    with closing(Database(settings.identity_url, "identity")) as store:
        store.migrate()
        give_links(store, seats, tokens)


def give_open_links(settings: Settings, questionnaire: Questionnaire, out: Path | None, force: bool) -> None:
    """One link per institution: on the screen, or as a table and a poster each."""
    found = [(place, f"{settings.base_url}/{questionnaire.code}/{place.code}") for place in questionnaire.institutions.values()]
    if out is None:
        for institution, address in found:
            click.echo(f"\n{institution.name}\n{address}")
            segno.make(address, error="m").terminal(compact=True)
        return
    languages = questionnaire.languages
    with fill_folder(out, force=force) as folder:
        write_csv(
            folder / "open_links.csv",
            ["institution", "name", LINK],
            [(i.code, guard(i.name), a) for i, a in found],
            for_excel=True,
        )
        cards = [
            Card(institution.name, (read_title(questionnaire),), address, languages[institution.languages[0]].html_lang)
            for institution, address in found
        ]
        write_sheet(folder / "open_links.html", read_title(questionnaire), cards, large=True)
    click.echo(f"{len(found)} open links in {out}.")


def read_title(questionnaire: Questionnaire) -> str:
    return Wording(questionnaire, questionnaire.languages[questionnaire.source_language], None).line(questionnaire.title)


def withdraw_one(settings: Settings, questionnaire: Questionnaire, link: str) -> str:
    """Withdraw a personal link, given as an address or by its last part; says what follows."""
    with closing(open_store(settings.identity_url, "identity")) as store:
        seat = find_by_link(store, read_token(link))
        if seat is None:
            raise click.ClickException("There is no such link. Copy it from links.csv, whole.")
        if seat.questionnaire != questionnaire.code:
            raise click.ClickException(f"This is a link to {seat.questionnaire}. Name that questionnaire to withdraw it.")
        withdraw(store, settings.erasures, seat)
    return "Withdrawn: nobody can come in by this link any more. What was answered before stays."


def show_progress(things: Iterable[T], count: int, label: str) -> Iterator[T]:
    with click.progressbar(things, count, label, file=sys.stderr, update_min_steps=max(1, count // 500)) as bar:
        yield from bar
