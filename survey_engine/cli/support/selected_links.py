"""The personal links that an action of `survey-engine links` changes: the links of a file, or one link."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import click

from survey_engine.cli import make_printable
from survey_engine.fieldwork.contact_keys import ContactKeys
from survey_engine.fieldwork.erasure_list import read_replaced_links
from survey_engine.fieldwork.invitations.link_checks import ABSENT, REPLACED_CAUSE, LinkChecker, find_seats
from survey_engine.fieldwork.invitations.link_lists import LinkList, read_link_list
from survey_engine.fieldwork.invitations.links import find_by_any_link, read_token
from survey_engine.fieldwork.rosters.examination import list_person_marks
from survey_engine.fieldwork.rosters.mistakes import format_ranges
from survey_engine.model.questionnaire import Questionnaire
from survey_engine.settings import Settings
from survey_engine.storage.database import Database
from survey_engine.storage.identity import EncryptedSeat

_WITHOUT = {
    REPLACED_CAUSE: "links that were replaced and no longer work",
    ABSENT: "links that were erased, or that this installation never made for this questionnaire",
}


@dataclass(frozen=True, slots=True)
class SelectedLinks:
    """The seats that an action changes, and the file with their links."""

    seats: Sequence[EncryptedSeat]
    file: LinkList | None
    link: str = ""
    """The given link; empty when a file was given."""
    lines: Sequence[int] = ()
    """Line of each seat in the file."""

    @property
    def links(self) -> dict[int, tuple[str, bool]]:
        """Return number of the seat → (hash of its link, whether it is withdrawn)."""
        return {seat.id: (seat.link_hash, seat.withdrawn) for seat in self.seats}

    def list_marks(self) -> list[str]:
        """Return descriptions of comments and other sheets of the file, if it is a workbook."""
        if self.file is None:
            return []
        remedy = "If this link must stay in use, remove the row."
        return list_person_marks(self.file.text, self.file.header, {*self.lines}, remedy)

    def leave_out_withdrawn(self) -> SelectedLinks:
        """Return the selection without withdrawn links of its file. A single link stays."""
        if self.file is None:
            return self
        withdrawn = {line for seat, line in zip(self.seats, self.lines, strict=True) if seat.withdrawn}
        rest = replace(self.file, left_out={*self.file.left_out, *withdrawn})
        return replace(self, seats=[seat for seat in self.seats if not seat.withdrawn], file=rest)


def select_links(store: Database, settings: Settings, questionnaire: Questionnaire, named: str) -> SelectedLinks:
    """Find the seats of a file of links, or of one link, given as an address or token.

    Raises:
        ClickException: when there is no such link or file.
        RosterError: when the file has mistakes.
    """
    path = Path(named)
    if path.is_file():
        listed = read_link_list(path)
        checker = LinkChecker(settings.pseudonym_key, questionnaire, ContactKeys(settings.contact_keys))
        found = find_seats(store, checker, listed, read_replaced_links(settings.erasures, questionnaire.code))
        for cause, lines in found.without.items():
            told = f"{path}: {_WITHOUT[cause]}: lines {format_ranges(lines)}. The command continues with the others."
            click.secho(make_printable(told), fg="yellow", err=True)
        left_out = frozenset(line for lines in found.without.values() for line in lines)
        return SelectedLinks(found.seats, replace(listed, left_out=left_out), lines=found.lines)
    seat = find_by_any_link(store, settings.pseudonym_key, read_token(named))
    if seat is None:
        if "/l/" not in named and path.suffix:
            raise click.ClickException(
                f"There is no file {named}. Give links.csv, or a file with some of its rows and its header."
            )
        raise click.ClickException(
            "There is no such link, and no such file. Copy the whole link from links.csv. Erased and replaced links no longer exist."
        )
    if seat.questionnaire != questionnaire.code:
        raise click.ClickException(f"This is a link to {seat.questionnaire}. Name that questionnaire.")
    return SelectedLinks([seat], None, named)
