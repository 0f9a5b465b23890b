"""`survey-engine links`: personal links from a list of students, open links of institutions, withdrawal and replacement."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import click
import segno
from click.core import ParameterSource

from survey_engine.cli import make_printable
from survey_engine.cli.support.folders import fill_folder
from survey_engine.cli.support.installation import find_questionnaire, find_settings, open_answers, open_store
from survey_engine.cli.support.roster_faults import explain_roster
from survey_engine.fieldwork.contact_keys import ContactKeys
from survey_engine.fieldwork.erasure import (
    BY_FILE,
    BY_LINK,
    BY_LIST,
    Stores,
    apply_entries,
    mark_responses,
    read_seat_history,
    read_withdrawn,
)
from survey_engine.fieldwork.erasure import reissue as reissue_links
from survey_engine.fieldwork.erasure import restore as restore_seats
from survey_engine.fieldwork.erasure import withdraw as withdraw_seats
from survey_engine.fieldwork.invitations.link_checks import LinkChecker, find_seats
from survey_engine.fieldwork.invitations.link_files import (
    LINKS,
    CardMaker,
    list_open_links,
    write_cards,
    write_link,
    write_links,
    write_open_links,
)
from survey_engine.fieldwork.invitations.link_lists import LinkList, read_link_list, write_list
from survey_engine.fieldwork.invitations.links import encrypt_clear_seats, find_by_link, read_token
from survey_engine.fieldwork.invitations.roster_changes import (
    WITHDRAWN_BEFORE,
    RosterChanges,
    SeatMaker,
    append_replacements,
    append_withdrawals,
    find_changes,
    store_changes,
)
from survey_engine.fieldwork.invitations.row_checks import RowCodes
from survey_engine.fieldwork.rosters.csv import INSTITUTION, KEYLESS, Roster, Student, read_roster
from survey_engine.fieldwork.rosters.routing_gaps import list_gaps
from survey_engine.fieldwork.signing import hash_token, make_token
from survey_engine.model.messages import join_names
from survey_engine.model.questionnaire import Questionnaire
from survey_engine.settings import Settings
from survey_engine.storage.database import Database
from survey_engine.storage.identity import EncryptedSeat

T = TypeVar("T")
EXAMPLES = """\b
Examples:
  survey-engine links job-2026 students.csv --key student_number --out letters
  survey-engine links job-2026 late_class.csv --key student_number --add --out late
  survey-engine links job-2026 students.csv --out letters --qr --card name --group class
  survey-engine links job-2026 --open --out posters
  survey-engine links job-2026 --withdraw https://survey.example.org/l/dGhpcyBpcyBub3QgYQ
  survey-engine links job-2026 --withdraw left.csv
  survey-engine links job-2026 --restore left.csv
  survey-engine links job-2026 --reissue lost.csv --out again
"""
_EFFECT = {
    "open_links": {"out", "force"},
    "withdraw": set[str](),
    "restore": set[str](),
    "reissue": {"out", "force"},
}
"""Order → the options that it takes beside --yes; a list of students takes all that are no order."""
_NEEDED = {"add": "key", "revive": "key", "remove_most": "key", "card": "qr", "group": "qr"}
"""Option → the one without which it has no effect."""
ORDER = "Give a list of students, or --open, or --withdraw, --restore or --reissue with a link or a file of links."


@click.command(epilog=EXAMPLES)
@click.argument("questionnaire")
@click.argument("students", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), help="The folder to make.")
@click.option(
    "--key",
    multiple=True,
    metavar="COLUMN",
    help="What names a person within the institution, such as the student number: a corrected list then adds, changes and "
    "removes. Only a keyed hash of it is stored. May be repeated.",
)
@click.option("--add", is_flag=True, help="With --key: persons who are not on this list keep their links.")
@click.option("--revive", is_flag=True, help="With --key: give persons on the list a link back that an earlier list withdrew.")
@click.option(
    "--remove-most",
    is_flag=True,
    help="With --key: most persons are indeed gone. Without it nothing is done where 3 persons or more, and half or more, of an "
    "institution are no longer on the list; nor where that is so of all its institutions together.",
)
@click.option("--qr", is_flag=True, help="Also make cards with QR codes, to print and cut.")
@click.option("--card", "card", multiple=True, metavar="COLUMN", help="Print this column on the cards; may be repeated.")
@click.option(
    "--group",
    metavar="COLUMN",
    default=INSTITUTION,
    show_default=True,
    help="A file of cards for each of its values at each institution.",
)
@click.option(
    "--copy",
    "copied",
    multiple=True,
    metavar="COLUMN",
    help="Copy this column as it is, even if its name resembles a known column.",
)
@click.option("--open", "open_links", is_flag=True, help="The open link of every institution, with QR codes.")
@click.option("--withdraw", metavar="LINK|FILE", help="Withdraw a personal link, or all links in a file such as links.csv.")
@click.option("--restore", metavar="LINK|FILE", help="Undo a withdrawal. A file gives those back that a file withdrew.")
@click.option("--reissue", metavar="LINK|FILE", help="Replace a personal link that was lost or seen by others; answers stay.")
@click.option("--yes", is_flag=True, help="Do not ask whether you are sure.")
@click.option("--force", is_flag=True, help="Write into a folder that holds files already. Links in it are lost for ever.")
@click.pass_context
def links(
    context: click.Context,
    *,
    questionnaire: str,
    students: Path | None,
    out: Path | None,
    key: tuple[str, ...],
    add: bool,
    revive: bool,
    remove_most: bool,
    qr: bool,
    card: tuple[str, ...],
    group: str,
    copied: tuple[str, ...],
    open_links: bool,
    withdraw: str | None,
    restore: str | None,
    reissue: str | None,
    yes: bool,
    force: bool,
) -> None:
    """Make personal links to QUESTIONNAIRE for a list of STUDENTS.

    STUDENTS is a CSV file with a header such as institution,path,level,e-mail: the column institution, any background
    variables, and if need be language. All other columns, such as name and e-mail, are copied to the output and stored
    nowhere. Every row is checked first: either all get a link, or nobody. The folder gets links.csv (all columns and the
    link), and with --qr files of cards.

    Links are stored as hashes only: keep links.csv, it cannot be made again.
    """
    named = withdraw or restore or reissue
    if sum((students is not None, open_links, withdraw is not None, restore is not None, reissue is not None)) != 1:
        raise click.UsageError(ORDER)
    check_options(context)
    settings = find_settings()
    found = find_questionnaire(questionnaire, settings)
    desk = Desk(settings, found, Output(out, force), yes, remove_most)
    if named:
        with closing(open_store(settings.identity_url, "identity")) as store, explain_roster():
            act = desk.withdraw if withdraw else desk.restore if restore else desk.reissue
            click.echo(act(store, find_named(store, desk, named)))
        return
    warn_of_local(settings)
    if students is None:
        give_open_links(settings, found, desk.output)
        return
    with explain_roster("No links were made."):
        roster = read_roster(students, found, copied, key)
        cards = CardMaker(found, roster.header, card, group) if qr else None
        hand_out(desk, roster, cards, add=add, revive=revive)


def check_options(context: click.Context) -> None:
    """Raises UsageError for an option that has no effect on this order."""
    flags = {option.name or "": option.opts[0] for option in context.command.params}
    given = [name for name in flags if context.get_parameter_source(name) is ParameterSource.COMMANDLINE]
    order = next((name for name in given if name in _EFFECT), None)
    for name in given:
        if order and name not in {"questionnaire", order, "yes", *_EFFECT[order]}:
            raise click.UsageError(f"{flags[name]} has no effect with {flags[order]}. Leave it out.")
        if _NEEDED.get(name, name) not in given:
            raise click.UsageError(f"{flags[name]} has no effect without {flags[_NEEDED[name]]}.")


@dataclass(frozen=True, slots=True)
class Output:
    folder: Path | None
    force: bool

    @contextmanager
    def fill(self) -> Iterator[Path]:
        if self.folder is None:
            raise click.UsageError("Say where the links must go: --out FOLDER.")
        with fill_folder(self.folder, force=self.force) as folder:
            yield folder


def warn(text: str) -> None:
    click.secho(make_printable(text), fg="yellow", err=True)


def warn_of_local(settings: Settings) -> None:
    if settings.base_url.startswith("http://127.0.0.1"):
        warn(f"These links begin with {settings.base_url} and work on this machine only. Set SURVEY_BASE_URL.")


def hand_out(desk: Desk, roster: Roster, cards: CardMaker | None, *, add: bool, revive: bool) -> None:
    """The links are on disk before they are stored, and get their final place after: all of them, or none."""
    settings, questionnaire = desk.settings, desk.questionnaire
    maker = SeatMaker(
        questionnaire,
        settings.pseudonym_key,
        ContactKeys(settings.contact_keys),
        read_seat_history(settings.erasures, questionnaire.code),
    )
    for note in roster.list_notes():
        click.echo(make_printable(note))
    for warning in roster.list_warnings() + ([] if roster.reader.keys else [KEYLESS]):
        warn(warning)
    with closing(Database(settings.identity_url, "identity")) as store, desk.output.fill() as folder:
        store.migrate()
        encrypt_clear_seats(store, maker.contact_keys)
        kept = read_withdrawn(settings.erasures, questionnaire.code, BY_LIST) if revive else None
        changes = find_changes(store, roster, maker, kept, only_add=add)
        for gap in list_gaps(roster, questionnaire, None if changes.is_first else changes.added):
            warn(gap)
        if revive and (held := changes.totals[WITHDRAWN_BEFORE]):
            warn(f"Withdrawn by --withdraw: {held} on this list. --revive does not give them back. Use --restore.")
        desk.confirm_changes(changes, roster)
        tokens = [make_token() for _ in range(changes.added)]

        def iter_links() -> Iterator[tuple[Student, str]]:
            return zip(changes.iter_new(roster.iter_students()), map(desk.write_address, tokens), strict=True)

        sheets = []
        if tokens:
            write_links(folder / LINKS, roster, iter_links(), RowCodes(settings.pseudonym_key))
            sheets = write_cards(folder, cards, show_progress(iter_links(), len(tokens), "QR codes")) if cards else []
        append_withdrawals(settings.erasures, questionnaire.code, changes)
        replaced = append_replacements(settings.erasures, maker, changes.iter_new(roster.iter_students()), tokens)
        store_changes(store, roster, maker, changes, tokens)
        if changes.removed or changes.revived or replaced:
            with desk.open_stores(store) as stores:
                mark_responses(stores, questionnaire.code, changes.removed, withdrawn=True)
                mark_responses(stores, questionnaire.code, changes.revived, withdrawn=False)
                apply_entries(stores, replaced)
    if not tokens:
        click.echo(f"No new links: nothing is written to {desk.output.folder}.")
        return
    made = f" and {len(sheets)} files of cards" if sheets else ""
    copied = f" Copied and not stored: {', '.join(roster.copied)}." if roster.copied else ""
    click.echo(make_printable(f"{len(tokens)} links{made} in {desk.output.folder}.{copied}"))


@dataclass(frozen=True, slots=True)
class Desk:
    """What every order needs."""

    settings: Settings
    questionnaire: Questionnaire
    output: Output
    yes: bool
    remove_most: bool = False

    def confirm(self, question: str) -> None:
        if not self.yes:
            click.confirm(question, abort=True)

    def confirm_changes(self, changes: RosterChanges, roster: Roster) -> None:
        if changes.others:
            if roster.reader.keys:
                warn(f"{changes.others} links of these institutions came from lists without a key: they stay in use.")
            else:
                warn(
                    f"These institutions have {changes.others} links in use already: everybody on this list gets another one, and may "
                    "answer again. To correct a list, name the column that tells persons apart: --key COLUMN."
                )
                if changes.others > changes.keyless:
                    self.confirm("Earlier lists had a key. Give everybody on this list another link?")
        if not changes.is_first:
            click.echo(f"Compared with earlier lists: {changes.summarise()}")
            click.echo("A response that has begun keeps the background that it began with.")
            if changes.respelled:
                shown = ", ".join(f"'{now}' was '{before}'" for now, before in changes.respelled[:3]).replace("\n", " / ")
                raise click.ClickException(
                    f"Nothing was done: {len(changes.respelled)} keys differ from those of earlier lists by zeros, dots or quotes alone: "
                    f"{shown}. Make the column text, and write these keys as before: else these persons get a second link."
                )
            if (gone := changes.list_mostly_removed()) and not self.remove_most:
                raise click.ClickException(
                    f"Nothing was done: most persons of earlier lists are not on this one, at {join_names(gone)}. Does it hold only "
                    "ones (add --add), or were its keys changed by a spreadsheet? Give the whole list, or add --remove-most if it is right."
                )
            if not changes.is_idle:
                self.confirm("Carry this out?")

    def write_address(self, token: str) -> str:
        return f"{self.settings.base_url}/l/{token}"

    @contextmanager
    def open_stores(self, identity: Database) -> Iterator[Stores]:
        with closing(open_answers(self.settings)) as answers:
            yield Stores(answers, identity, self.settings.pseudonym_key)

    def withdraw(self, store: Database, named: Named) -> str:
        seats = [seat.id for seat in named.seats if not seat.withdrawn]
        if named.file:
            self.confirm(f"Withdraw {len(seats)} links ({len(named.seats) - len(seats)} were before)?")
        with self.open_stores(store) as stores:
            by = BY_FILE if named.file else BY_LINK
            count = withdraw_seats(stores, self.settings.erasures, self.questionnaire.code, seats, by)
        return f"Withdrawn: {count}. Nobody can come in by these links any more; what was answered stays. To undo: --restore."

    def restore(self, store: Database, named: Named) -> str:
        seats = [seat.id for seat in named.seats if seat.withdrawn]
        if named.file:
            otherwise = read_withdrawn(self.settings.erasures, self.questionnaire.code, BY_FILE).intersection(seats)
            told = f"in use: {len(named.seats) - len(seats)}; withdrawn otherwise than by a file, and left so: {len(otherwise)}"
            seats = [seat for seat in seats if seat not in otherwise]
            self.confirm(f"Restore {len(seats)} links ({told})?")
        with self.open_stores(store) as stores:
            count = restore_seats(stores, self.settings.erasures, self.questionnaire.code, seats)
        return f"Restored: {count}. These links lead to the questionnaire again."

    def reissue(self, store: Database, named: Named) -> str:
        if any(seat.withdrawn for seat in named.seats):
            raise click.ClickException("A withdrawn link cannot be replaced. Restore it first with --restore.")
        tokens = [make_token() for _ in named.seats]
        addresses = list(map(self.write_address, tokens))
        links = [(seat.id, seat.link_hash, hash_token(token)) for seat, token in zip(named.seats, tokens, strict=True)]
        if named.file is None and self.output.folder is None:
            self._replace(store, links)
            where = "also on a device that came in by it"
            return f"The old link leads nowhere now, {where}. The new one, for the same answers:\n{addresses[0]}"
        with self.output.fill() as folder:
            if named.file is None:
                write_link(folder / LINKS, named.seats[0].institution, addresses[0], named.link)
            else:
                write_list(folder / LINKS, named.file, named.file.iter_replaced(addresses, RowCodes(self.settings.pseudonym_key)))
            self._replace(store, links)
        return (
            f"{len(tokens)} links in {self.output.folder} replace the old ones, and go on with the same answers. The old ones lead "
            "nowhere now, also on devices that came in by them."
        )

    def _replace(self, store: Database, links: Iterable[tuple[int, str, str]]) -> None:
        with self.open_stores(store) as stores:
            reissue_links(stores, self.settings.erasures, self.questionnaire.code, links)


@dataclass(frozen=True, slots=True)
class Named:
    """The seats that an order is about, and the file that named them."""

    seats: Sequence[EncryptedSeat]
    file: LinkList | None
    link: str = ""
    """What was given instead of a file."""


def find_named(store: Database, desk: Desk, named: str) -> Named:
    """What a link, as an address or by its last part, or a file of links leads to."""
    path = Path(named)
    if path.is_file():
        listed = read_link_list(path)
        checker = LinkChecker(desk.settings.pseudonym_key, desk.questionnaire, ContactKeys(desk.settings.contact_keys))
        return Named(find_seats(store, checker, listed), listed)
    seat = find_by_link(store, read_token(named))
    if seat is None:
        raise click.ClickException("There is no such link, and no such file. Copy the link from links.csv, whole.")
    if seat.questionnaire != desk.questionnaire.code:
        raise click.ClickException(f"This is a link to {seat.questionnaire}. Name that questionnaire.")
    return Named([seat], None, named)


def give_open_links(settings: Settings, questionnaire: Questionnaire, output: Output) -> None:
    """One link per institution: on the screen, or as a table and a poster each."""
    if output.folder is None:
        for _, name, address in list_open_links(questionnaire, settings.base_url):
            click.echo(f"\n{name}\n{address}")
            segno.make(address, error="m").terminal(compact=True)
        return
    with output.fill() as folder:
        count = write_open_links(folder, questionnaire, settings.base_url)
    click.echo(f"{count} open links in {output.folder}.")


def show_progress(things: Iterable[T], count: int, label: str) -> Iterator[T]:
    with click.progressbar(things, count, label, file=sys.stderr, update_min_steps=max(1, count // 500)) as bar:
        yield from bar
