"""Withdrawal, restoration and replacement of personal links by `survey-engine links`, in both stores."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event

import click

from survey_engine.cli import make_printable
from survey_engine.cli.support.folders import fill_folder
from survey_engine.cli.support.installation import open_answers, open_store
from survey_engine.cli.support.interruptions import make_stores, report_incomplete
from survey_engine.fieldwork.contact_keys import ContactKeys
from survey_engine.fieldwork.erasure import Stores, reissue, restore, withdraw
from survey_engine.fieldwork.erasure_list import BY_FILE, BY_LINK, read_withdrawn
from survey_engine.fieldwork.invitations.link_checks import LinkChecker, find_seats
from survey_engine.fieldwork.invitations.link_files import LINKS, write_link
from survey_engine.fieldwork.invitations.link_lists import LinkList, read_link_list, write_list
from survey_engine.fieldwork.invitations.links import find_by_link, read_token
from survey_engine.fieldwork.invitations.row_checks import RowCodes
from survey_engine.fieldwork.signing import hash_token, make_token
from survey_engine.model.questionnaire import Questionnaire
from survey_engine.settings import Settings
from survey_engine.storage.database import Database
from survey_engine.storage.identity import EncryptedSeat


@dataclass(frozen=True, slots=True)
class Output:
    """The folder for new links."""

    folder: Path | None
    force: bool
    keep: Event = field(default_factory=Event)
    """Set when links in the folder may be valid from now on: it is then kept, even if the command fails."""

    @contextmanager
    def fill(self) -> Iterator[Path]:
        if self.folder is None:
            raise click.UsageError("Say where the links must go: --out FOLDER.")
        with fill_folder(self.folder, force=self.force, must_keep=self.keep.is_set) as folder:
            yield folder


def warn(text: str) -> None:
    click.secho(make_printable(text), fg="yellow", err=True)


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

    def write_address(self, token: str) -> str:
        return f"{self.settings.base_url}/l/{token}"

    @contextmanager
    def open_stores(self, *, create: bool = True) -> Iterator[Stores]:
        """Open both stores, before anything is changed in one of them.

        Args: create: the store of identity if there is none.
        """
        url = self.settings.identity_url
        with (
            closing(open_answers(self.settings)) as answers,
            closing(Database(url, "identity") if create else open_store(url, "identity")) as identity,
        ):
            if create:
                identity.migrate()
            yield make_stores(self.settings, answers, identity)


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


def withdraw_links(desk: Desk, stores: Stores, named: Named) -> str:
    if named.file:
        before = sum(seat.withdrawn for seat in named.seats)
        desk.confirm(f"Withdraw {len(named.seats)} links ({before} were before)?")
    by = BY_FILE if named.file else BY_LINK
    with report_incomplete():
        seats = [seat.id for seat in named.seats]
        count = withdraw(stores, desk.settings.erasures, desk.questionnaire.code, seats, by)
    return f"Withdrawn: {count}. Nobody can come in by these links any more; what was answered stays. To undo: --restore."


def restore_links(desk: Desk, stores: Stores, named: Named) -> str:
    seats = [seat.id for seat in named.seats]
    if named.file:
        otherwise = read_withdrawn(desk.settings.erasures, desk.questionnaire.code, BY_FILE).intersection(seats)
        used = sum(not seat.withdrawn for seat in named.seats if seat.id not in otherwise)
        seats = [seat for seat in seats if seat not in otherwise]
        told = f"in use: {used}; withdrawn otherwise than by a file, and left so: {len(otherwise)}"
        desk.confirm(f"Restore {len(seats) - used} links ({told})?")
    with report_incomplete():
        count = restore(stores, desk.settings.erasures, desk.questionnaire.code, seats)
    return f"Restored: {count}. These links lead to the questionnaire again."


def reissue_links(desk: Desk, stores: Stores, named: Named) -> str:
    if any(seat.withdrawn for seat in named.seats):
        raise click.ClickException("A withdrawn link cannot be replaced. Restore it first with --restore.")
    tokens = [make_token() for _ in named.seats]
    addresses = list(map(desk.write_address, tokens))
    links = [(seat.id, seat.link_hash, hash_token(token)) for seat, token in zip(named.seats, tokens, strict=True)]
    if named.file is None and desk.output.folder is None:
        click.echo(f"The new link, for the same answers, once the old one is replaced:\n{addresses[0]}")
        _replace(desk, stores, links)
        return "It is replaced. The old link leads nowhere now, also on a device that came in by it."
    with desk.output.fill() as folder:
        if named.file is None:
            write_link(folder / LINKS, named.seats[0].institution, addresses[0], named.link)
        else:
            write_list(folder / LINKS, named.file, named.file.iter_replaced(addresses, RowCodes(desk.settings.pseudonym_key)))
        desk.output.keep.set()
        _replace(desk, stores, links)
    return (
        f"{len(tokens)} links in {desk.output.folder} replace the old ones, and go on with the same answers. The old ones lead "
        "nowhere now, also on devices that came in by them."
    )


def _replace(desk: Desk, stores: Stores, links: Iterable[tuple[int, str, str]]) -> None:
    with report_incomplete():
        reissue(stores, desk.settings.erasures, desk.questionnaire.code, links)
