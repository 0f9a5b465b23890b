"""Changes of personal links by `survey-engine links`: confirm, withdraw, restore, replace."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path
from threading import Event

import click

from survey_engine.cli import make_printable
from survey_engine.cli.support.folders import fill_folder, refuse_lost
from survey_engine.cli.support.installation import open_store
from survey_engine.cli.support.interruptions import make_stores, report_incomplete
from survey_engine.cli.support.labels import report_labels
from survey_engine.cli.support.selected_links import SelectedLinks
from survey_engine.fieldwork.contact_keys import ContactKeys
from survey_engine.fieldwork.erasure import ReplacedLinkError, Stores, unbind_launched_seats
from survey_engine.fieldwork.erasure import reissue as reissue_links
from survey_engine.fieldwork.erasure import restore_links as restore_seats
from survey_engine.fieldwork.erasure import withdraw as withdraw_seats
from survey_engine.fieldwork.erasure_list import BY_FILE, BY_LINK, read_withdrawn
from survey_engine.fieldwork.invitations.link_files import LINKS, write_link, write_link_workbooks
from survey_engine.fieldwork.invitations.link_lists import write_list
from survey_engine.fieldwork.invitations.noted_opt_outs import examine_rows, make_opt_outs
from survey_engine.fieldwork.invitations.outdated_rows import OutdatedRows, iter_stored
from survey_engine.fieldwork.invitations.reminders import find_closed_and_early
from survey_engine.fieldwork.invitations.roster_outcomes import ADDED, REMOVED, RosterChanges
from survey_engine.fieldwork.invitations.row_checks import RowCodes
from survey_engine.fieldwork.invitations.same_persons import OTHERS, SAME
from survey_engine.fieldwork.key_checks import record_keys
from survey_engine.fieldwork.names import is_name
from survey_engine.fieldwork.rosters.csv import Roster
from survey_engine.fieldwork.rosters.mistakes import format_ranges
from survey_engine.fieldwork.rosters.row_reader import Student
from survey_engine.fieldwork.signing import hash_token, make_pseudonym, make_token
from survey_engine.fieldwork.start_form import add_channel
from survey_engine.model.messages import join_names
from survey_engine.model.questionnaire import Questionnaire
from survey_engine.settings import Settings
from survey_engine.storage.identity import ROWS_PER_READ
from survey_engine.storage.response_counts import count_answered, find_institution_by_pseudonym


@dataclass(frozen=True, slots=True)
class Output:
    """The folder for new links."""

    folder: Path | None
    force: bool
    keep: Event = field(default_factory=Event)
    """Set when links in the folder may be valid from now on: the folder is then kept, even if the command fails."""

    @contextmanager
    def fill(self) -> Iterator[Path]:
        if self.folder is None:
            raise click.UsageError("Say where the links must go: --out FOLDER.")
        with fill_folder(self.folder, force=self.force, must_keep=self.keep.is_set) as folder:
            try:
                yield folder
            except KeyboardInterrupt:
                if not self.keep.is_set():
                    click.echo(f"\nInterrupted: no new link is valid, and {self.folder} is unchanged.", err=True)
                raise


def warn(text: str) -> None:
    click.secho(make_printable(text), fg="yellow", err=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkCommand:
    """The settings and options that all actions share."""

    settings: Settings
    questionnaire: Questionnaire
    output: Output
    yes: bool
    remove_most: bool = False
    rekeyed: str | None = None
    moved: str | None = None
    xlsx: bool = False
    """Whether replaced links are also written as a workbook."""
    copied: Collection[str] = ()
    """Columns of a file of links that exclude nobody."""
    channel: str | None = None
    """Of the new links; None for links without one."""

    def confirm(self, question: str) -> None:
        if not self.yes:
            click.confirm(question, abort=True)

    def warn_of_closed(self, roster: Roster, now: datetime) -> None:
        """Warn of institutions of a list that have closed."""
        closed, _ = find_closed_and_early(self.questionnaire, now, self.settings.timezone)
        if found := closed & roster.institutions.keys():
            warn(f"The questionnaire has closed at {join_names(sorted(found))}: nobody can begin there by these links.")

    def confirm_changes(self, changes: RosterChanges, roster: Roster, answered: int) -> None:
        """Show the changes and ask for confirmation.

        Args: answered: number of the seats in `exchanged` with answers.
        """
        self._confirm_questions(roster)
        if changes.others:
            if roster.reader.keys:
                warn(
                    f"{changes.others} links of the institutions on this list came from lists without a key, and stay in use: a person "
                    "who has one gets a second link, and may answer again. To prevent that, withdraw the earlier ones: --withdraw FILE."
                )
                self.confirm("Go on, with the earlier links in use?")
            else:
                warn(
                    f"The institutions on this list have {changes.others} links in use already: everybody on this list gets another "
                    "one, and may answer again. To correct a list, name the column that tells persons apart: --key COLUMN."
                )
                had = "Earlier lists had a key. " if changes.others > changes.keyless else ""
                self.confirm(f"{had}Give everybody on this list another link?")
        if not changes.is_first:
            click.echo(make_printable(f"Persons, compared with earlier lists: {changes.summarise()}"))
            click.echo("A response that has begun keeps the background that it began with.")
        self._warn_untouched(roster, changes)
        if answered or changes.is_exchange:
            self._warn_exchanged(changes, answered)
        self._refuse_changes(changes)
        self._refuse_moves(changes)
        if answered and self.yes and self.rekeyed != OTHERS:
            raise click.ClickException(
                "Nothing was done: with --yes, new persons beside removed ones who have answered need --rekeyed others: they are no "
                "removed persons under another key."
            )
        if not changes.is_first:
            for code, count in changes.alike.items():
                warn(
                    f"{code}: {count} added and {count} removed persons have the same background. If they are the same persons under "
                    "another key, name their earlier keys with --earlier-keys: else they get a second link, and lose the one with their "
                    "answers."
                )
        if changes.elsewhere:
            self._warn_elsewhere(changes)
        for doubt in changes.doubts:
            warn(doubt)
        if not changes.is_first and (changes.doubts or not changes.is_idle):
            self.confirm("Carry this out?")

    def confirm_unlike(self, changes: RosterChanges, stores: Stores) -> None:
        """Ask whether persons of whom most values changed are the same. If they have answered, `--yes` is no reply to it."""
        if not changes.unlike:
            return
        answered = count_answered_seats(stores, self.questionnaire.code, changes.unlike)
        shown = format_ranges(sorted(changes.unlike.values()))
        found = (
            f"{len(changes.unlike)} persons have other values than on the earlier list in most columns, also in those of the person, "
            f"such as the language; {answered} of them have answered: row{'s' * (len(changes.unlike) > 1)} {shown}. If an address or "
            "number was given to another person, write another key for the new person. If they are the same: --same-persons."
        )
        if answered and self.yes:
            raise click.ClickException(f"Nothing was done: {found}")
        warn(found)
        self.confirm("Are they the same persons?")

    def refuse_begun(self, changes: RosterChanges, begun: Collection[int]) -> None:
        """Raise ClickException for persons who have begun at another institution: their answers belong to it."""
        if begun:
            shown = _format_keys([changes.relocated[seat].key for seat in begun])
            raise click.ClickException(
                f"Nothing was done: {len(begun)} persons on this list had another institution before, and have begun to answer there. "
                f"Their answers belong to that institution: write it in their rows again. Their keys: {shown}."
            )

    def _warn_untouched(self, roster: Roster, changes: RosterChanges) -> None:
        """Warn of links and files that a list does not change."""
        if changes.padded:
            warn(f"{changes.padded} keys have leading zeros again that an earlier list had lost: they are of the same persons.")
        if changes.absent:
            warn(f"Not on this list, so that their links stay as they are: {join_names(sorted(changes.absent))}.")
        if changes.recopied:
            warn(
                f"{changes.recopied.total()} persons have other copied cells than on the earlier list: "
                f"{_format_recopied(roster, changes)}. "
                "Files of links have the earlier ones: give this list to `remind` too, with --key and --corrected."
            )

    def _confirm_questions(self, roster: Roster) -> None:
        for question in roster.questions:
            warn(question)
        if roster.questions:
            self.confirm("Give these persons a link?")

    def _refuse_changes(self, changes: RosterChanges) -> None:
        """Raise ClickException for changes that are probably mistakes."""
        if changes.respelled:
            shown = ", ".join(f"'{now}' was '{before}'" for now, before, *_ in changes.respelled[:3]).replace("\n", " / ")
            raise click.ClickException(
                f"Nothing was done: {len(changes.respelled)} keys differ from those of earlier lists by zeros, dots or quotes alone: "
                f"{shown}. Make the column text, and write these keys as before: else these persons get a second link."
            )
        if changes.rekeyed and self.rekeyed is None:
            shown = _format_keys([person.key for person in changes.rekeyed])
            raise click.ClickException(
                f"Nothing was done: {len(changes.rekeyed)} new persons on this list have all values, but for the key, of a person of "
                f"earlier lists who is not on it. Their keys now: {shown}. Are they the same persons? --rekeyed same: they keep their "
                "links and answers, under the new keys. --rekeyed others: they get links of their own."
            )
        if changes.unmatched and self.rekeyed == SAME:
            shown = _format_keys(changes.unmatched)
            raise click.ClickException(
                f"Nothing was done: {len(changes.unmatched)} new persons on this list have not all values, but for the key, of a person "
                f"of earlier lists who is not on it: they would get a second link if they had one. Their keys: {shown}. Give a file "
                "of their earlier and present keys with --earlier-keys; or leave these rows out, and add those who are really new by a "
                "later list."
            )
        if changes.strange and self.rekeyed != OTHERS:
            raise click.ClickException(
                f"Nothing was done: no key on this list is known, and it adds half as many persons as {join_names(changes.strange)} had, "
                "or more. If they are the same persons under other keys, they would get a second link: write their earlier keys in the "
                "list. If they are other persons: --rekeyed others."
            )
        if (gone := changes.list_mostly_removed()) and not self.remove_most:
            leaving = sum(map(changes.count_leaving, gone))
            moves = f", and {leaving} move to another institution" if leaving else ""
            raise click.ClickException(
                f"Nothing was done: {changes.totals[REMOVED]} persons of earlier lists are not on this one{moves}. They are most persons "
                f"of {join_names(gone)}. Does it have only new ones (add --add), or were its keys changed by a spreadsheet? Give the whole "
                "list, or add --remove-most if it is right."
            )

    def _warn_exchanged(self, changes: RosterChanges, answered: int) -> None:
        warn(
            f"{changes.totals[ADDED]} persons get a new link and {len(changes.exchanged)} lose theirs, with their answers: "
            f"{answered} of these have answered. If some are the same persons, name their earlier keys with --earlier-keys."
        )

    def _refuse_moves(self, changes: RosterChanges) -> None:
        """Raise ClickException for new persons who may be those of other institutions."""
        if changes.doubtful:
            raise click.ClickException(
                f"Nothing was done: {len(changes.doubtful)} new persons on this list have the key, and as far as known the name, of a "
                f"person who is missing at another institution. Their keys: {_format_keys(changes.doubtful)}. Did they move? --moved same: "
                "they keep their links, at the new institution. --moved others: they are other persons, and get links of their own."
            )
        if changes.equal_elsewhere and self.moved != OTHERS:
            raise click.ClickException(
                f"Nothing was done: {len(changes.equal_elsewhere)} new persons on this list have the key, and the name or all other "
                f"values, of a person at another institution: {_format_places(changes)}. They would be asked a second time. Their keys: "
                f"{_format_keys(changes.equal_elsewhere)}. If they moved, leave their rows out, or give one list of both institutions with "
                "each person once, and --moved same. If they are other persons, or are to answer at both: --moved others."
            )

    def _warn_elsewhere(self, changes: RosterChanges) -> None:
        equal = (
            f", {len(changes.equal_elsewhere)} of them beside the same name or other values" if changes.equal_elsewhere else ""
        )
        withdraw = ", or withdraw the earlier link with --withdraw" if changes.used_elsewhere else ""
        warn(
            f"{changes.elsewhere.total()} keys of persons who get a link also have or had a link at another institution: "
            f"{_format_places(changes)}{equal}. A person who moved is asked a second time: leave the row out{withdraw}. Different persons "
            "may have the same key at two institutions."
        )

    def make_link_address(self, token: str) -> str:
        return add_channel(f"{self.settings.base_url}/l/{token}", self.channel)

    @contextmanager
    def open_stores(self) -> Iterator[Stores]:
        """Open both stores, before anything is changed in one of them."""
        with (
            closing(open_store(self.settings, "answers", migrate=True)) as answers,
            closing(open_store(self.settings, "identity", migrate=True)) as identity,
        ):
            record_keys(self.settings, answers, identity)
            yield make_stores(self.settings, answers, identity)

    def withdraw(self, stores: Stores, selected: SelectedLinks) -> str:
        seats = selected.links
        if selected.file:
            self._confirm_marks(selected.list_marks())
            before = sum(seat.withdrawn for seat in selected.seats)
            self.confirm(f"Withdraw {len(seats) - before} links ({before} are withdrawn already)?")
        by = BY_FILE if selected.file else BY_LINK
        with report_incomplete(self.settings.erasures):
            count = withdraw_seats(stores, self.settings.erasures, self.questionnaire.code, seats, by)
            report_labels(self.settings, stores, self.questionnaire.code, {seat.institution for seat in selected.seats})
        return f"Withdrawn: {count}. Nobody can come in by these links any more; what was answered stays. To undo: --restore."

    def restore(self, stores: Stores, selected: SelectedLinks) -> str:
        seats = selected.links
        if selected.file:
            otherwise = read_withdrawn(self.settings.erasures, self.questionnaire.code, BY_FILE).intersection(seats)
            used = sum(not seat.withdrawn for seat in selected.seats if seat.id not in otherwise)
            seats = {seat: link for seat, link in seats.items() if seat not in otherwise}
            self._confirm_marks(self._find_noted(selected, "link"))
            others = f"in use: {used}; withdrawn otherwise than by a file, and left so: {len(otherwise)}"
            self.confirm(f"Restore {len(seats) - used} links ({others})?")
        with report_incomplete(self.settings.erasures):
            count = restore_seats(stores, self.settings.erasures, self.questionnaire.code, seats)
            report_labels(self.settings, stores, self.questionnaire.code, {seat.institution for seat in selected.seats})
        return f"Restored: {count}. These links lead to the questionnaire again."

    def reissue(self, stores: Stores, selected: SelectedLinks) -> str:
        rest = selected.leave_out_withdrawn()
        if not rest.seats:
            raise click.ClickException("Nothing was done: none of these links is in use.")
        if any(seat.withdrawn for seat in rest.seats):
            raise click.ClickException("A withdrawn link cannot be replaced. Restore it first with --restore.")
        if held := len(selected.seats) - len(rest.seats):
            warn(f"Withdrawn, and left out: {held} links of this file. To replace one of them, restore it first with --restore.")
        selected = rest
        self._refuse_outdated(stores, selected)
        self._confirm_marks(self._find_noted(selected, "new link"))
        tokens = [make_token() for _ in selected.seats]
        addresses = list(map(self.make_link_address, tokens))
        links = [(seat.id, seat.link_hash, hash_token(token)) for seat, token in zip(selected.seats, tokens, strict=True)]
        if selected.file is None and self.output.folder is None:
            click.echo(f"The new link, for the same answers, valid when the old one is replaced:\n{addresses[0]}")
            self._replace(stores, links)
            return (
                "Replaced. The old link no longer works, also on a device that came in by it. No file has the new link: `remind` leaves "
                "this person out, except by --seats if the address is stored. For a reminder by files, replace it with --out FOLDER."
            )
        with self.output.fill() as folder:
            if selected.file is None:
                write_link(folder / LINKS, selected.seats[0].institution, addresses[0], selected.link)
            else:
                listed = selected.file.name_replaced()
                write_list(folder / LINKS, listed, listed.iter_replaced(addresses, RowCodes(self.settings.pseudonym_key)))
            if self.xlsx:
                write_link_workbooks(folder, selected.file.text.delimiter if selected.file else ",")
            refuse_lost([folder / LINKS])
            self.output.keep.set()
            self._replace(stores, links)
        return (
            f"{len(tokens)} links in {self.output.folder} replace the old ones, and go on with the same answers. The old ones lead "
            "nowhere now, also on devices that came in by them."
        )

    def release(self, stores: Stores, selected: SelectedLinks) -> str:
        if selected.file:
            self.confirm(f"Release {len(selected.seats)} places from the accounts of learning environments that opened them?")
        count = unbind_launched_seats(stores, self.questionnaire.code, selected.links)
        return f"Released: {count}. The next account that opens such a place has it, without the answers given before."

    def _find_noted(self, selected: SelectedLinks, sent: str) -> list[str]:
        """Describe what may exclude persons of a file. Raises RosterError with the cells that exclude one."""
        if selected.file is None:
            return []
        opt_outs = make_opt_outs(selected.file.header, self.copied, sent)
        return examine_rows(selected.file, selected.file.iter_rows(), RowCodes(self.settings.pseudonym_key), opt_outs)

    def _refuse_outdated(self, stores: Stores, selected: SelectedLinks) -> None:
        """Raise RosterError with the rows of a file whose address a later list replaced."""
        if links := selected.file:
            key = self.settings.pseudonym_key
            outdated = OutdatedRows(links, self.questionnaire, key, ContactKeys(self.settings.contact_keys), RowCodes(key))
            for row in iter_stored(stores.identity, self.questionnaire.code, links, {line for line, _ in links.iter_rows()}):
                outdated.add(*row)
            written = "Write the cells of the last list into these rows first."
            outdated.finish("No link is replaced.", written, written)

    def _confirm_marks(self, questions: Sequence[str]) -> None:
        for question in questions:
            warn(question)
        if questions:
            self.confirm("Go on with all these rows?")

    def _replace(self, stores: Stores, links: Collection[tuple[int, str, str]]) -> None:
        with report_incomplete(self.settings.erasures):
            try:
                reissue_links(stores, self.settings.erasures, self.questionnaire.code, links)
            except ReplacedLinkError as error:
                self.output.keep.clear()
                raise click.ClickException(
                    f"Nothing was done: another command replaced, withdrew or erased {error.count} of these links meanwhile. No new link "
                    "of this command is valid."
                ) from None


def _format_keys(keys: Sequence[str]) -> str:
    return join_names([key.replace("\n", " / ") for key in keys], 3)


def _format_recopied(roster: Roster, changes: RosterChanges) -> str:
    """The columns in which persons have other cells, with the number of persons; a stored hash is of all columns."""
    keys = {roster.header[at] for at in roster.reader.keys}
    columns = [name for name in roster.copied if name not in keys]
    same, others = changes.same_names, changes.recopied.total() - changes.same_names
    found = []
    if same:
        unnamed = join_names([name for name in columns if not is_name(name)])
        found.append(f"{same} have the name as before, and another cell in {unnamed}")
    if others:
        found.append(f"{others} have another cell in {join_names(columns)}")
    return "; ".join(found)


def _format_places(changes: RosterChanges) -> str:
    """Other institutions with the keys of new persons, and their numbers."""
    return ", ".join(f"{code} ({count})" for code, count in sorted(changes.elsewhere.items()))


def count_answered_seats(stores: Stores, questionnaire: str, seats: Iterable[int]) -> int:
    """The number of seats with answers."""
    numbers, count = iter(seats), 0
    while batch := list(islice(numbers, ROWS_PER_READ)):
        count += count_answered(
            stores.answers, questionnaire, [make_pseudonym(stores.key, questionnaire, seat) for seat in batch]
        )
    return count


def find_begun_elsewhere(stores: Stores, questionnaire: str, moved: Mapping[int, Student]) -> list[int]:
    """The seats with a response, whether or not it has answers, at another institution than the person is on the list.

    After an older store of identity was restored, a person may have begun at the institution of the list.
    """
    numbers, found = iter(moved), list[int]()
    while batch := list(islice(numbers, ROWS_PER_READ)):
        named = {make_pseudonym(stores.key, questionnaire, seat): seat for seat in batch}
        places = find_institution_by_pseudonym(stores.answers, questionnaire, list(named))
        found += [named[name] for name, place in places.items() if place != moved[named[name]].institution]
    return sorted(found)
