"""Reminders: the rows of links.csv whose response is not complete and whose link is valid and open."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import islice
from pathlib import Path

from survey_engine.fieldwork.contact_keys import ContactKeys, LostContactKeyError
from survey_engine.fieldwork.invitations.correction_checks import CorrectionChecker
from survey_engine.fieldwork.invitations.corrections import Corrections
from survey_engine.fieldwork.invitations.link_checks import LinkChecker
from survey_engine.fieldwork.invitations.link_lists import LinkList, align, merge_reissues, write_list
from survey_engine.fieldwork.invitations.links import decrypt_seat, read_token
from survey_engine.fieldwork.invitations.noted_opt_outs import find_noted
from survey_engine.fieldwork.invitations.outdated_rows import OutdatedRows, iter_stored
from survey_engine.fieldwork.invitations.row_checks import RowCodes
from survey_engine.fieldwork.invitations.seat_maker import EXCLUDED
from survey_engine.fieldwork.periods import make_period
from survey_engine.fieldwork.rosters.keys import read_key, strip_signs, strip_zeros
from survey_engine.fieldwork.rosters.mistakes import RosterError
from survey_engine.fieldwork.signing import hash_token, make_pseudonym, normalise_key
from survey_engine.model.messages import join_names
from survey_engine.model.questionnaire import Questionnaire
from survey_engine.storage.database import Database
from survey_engine.storage.identity import ROWS_PER_READ, EncryptedSeat
from survey_engine.storage.response_counts import count_without_seat, find_completed
from survey_engine.storage.roster_seats import find_by_numbers

COMPLETED, LINK_WITHDRAWN, UNKNOWN, REPEATED, REMIND = "completed", "withdrawn", "unknown", "repeated", "remind"
CLOSED, COMPLETED_OTHERWISE, OLDER, NOT_ASKED = "closed", "completed by another link", "older link", "excluded"
REPLACED = "replaced link"


@dataclass(frozen=True, slots=True)
class Reminders:
    """Finds the rows to remind."""

    answers: Database
    identity: Database
    pseudonym_key: str
    contact_keys: ContactKeys
    questionnaire: Questionnaire
    closed: Collection[str] = ()
    """Institutions where the questionnaire has closed."""
    replaced: Collection[str] = ()
    """Hashes of replaced links."""
    invalid: dict[Path, list[int]] = field(default_factory=dict)
    """List → lines of rows without a valid link."""
    newer: Counter[Path] = field(default_factory=Counter)
    """List → number of its rows with other cells than those of an older list, which they replace."""
    questions: list[str] = field(default_factory=list)
    """Rows whose links may be those of other rows."""
    institutions: set[str] = field(default_factory=set)
    """Institutions of the persons to remind."""
    copied: Collection[str] = ()
    """Columns that exclude nobody."""
    confirm: Callable[[list[str]], None] = lambda questions: None
    """Called before a file is written, with descriptions of cells that may exclude persons."""

    def list_states(self, lists: Sequence[LinkList], key: Sequence[str] = (), *, exact: bool = False) -> list[str]:
        """Return the state of each row of all lists, in order.

        Args:
            key: columns that identify a person. Of several links of a person only the newest valid one is reminded, and none of an
                excluded person.
            exact: a key may not have lost leading zeros.

        Raises:
            RosterError: with the lines of truncated links and of links of another person.
        """
        checker = LinkChecker(self.pseudonym_key, self.questionnaire, self.contact_keys, " and ".join(key), exact=exact)
        states, seen, persons = list[str](), _Seen(), _Persons()
        for links in lists:
            seen.begin(len(states))
            places = [links.find_column(name) for name in key]
            checker.begin(links, places)
            for line, cells, seat, state in self._iter_rows(links):
                parts = read_key(cells, places)
                written = normalise_key("\n".join(parts)) if any(parts) else ""
                checker.check(line, cells, seat, written)
                states.append(self._find_state(seat, state))
                if seat and seen.add(seat.id, links.hash_copied(cells), states):
                    self.newer[links.text.path] += 1
                if states[-1] == UNKNOWN:
                    self.invalid.setdefault(links.text.path, []).append(line)
                if seat:
                    links.note_institution(line, cells, seat.institution)
                    self.institutions.add(seat.institution)
                if seat and written:
                    persons.add((seat.institution, strip_zeros(strip_signs(written))), states)
        checker.finish()
        self.questions.extend(checker.list_unchecked())
        persons.mark_settled(states)
        return states

    def list_with_open_link(self) -> list[str]:
        """The institutions of these persons with responses by the open link, which nobody can join with a person."""
        code = self.questionnaire.code
        return sorted(name for name in self.institutions if any(count_without_seat(self.answers, code, name)))

    def _iter_rows(self, links: LinkList) -> Iterator[tuple[int, list[str], EncryptedSeat | None, str]]:
        """Iterate over (line, cells, seat, state without the link's period and withdrawal)."""
        rows = links.iter_seats(self.identity, self.questionnaire.code)
        while batch := list(islice(rows, ROWS_PER_READ)):
            seats = [seat.id for *_, seat in batch if seat]
            found = {make_pseudonym(self.pseudonym_key, self.questionnaire.code, seat): seat for seat in seats}
            states = dict.fromkeys(self._iter_excluded(seats), NOT_ASKED)
            states |= {found[one]: COMPLETED for one in find_completed(self.answers, self.questionnaire.code, found)}
            yield from (
                (line, cells, seat, states.get(seat.id, REMIND) if seat else self._find_cause(links, cells))
                for line, cells, seat in batch
            )

    def _find_cause(self, links: LinkList, cells: Sequence[str]) -> str:
        """The state of a row whose link has no seat."""
        return REPLACED if hash_token(read_token(links.get_link(cells))) in self.replaced else UNKNOWN

    def _iter_excluded(self, seats: Sequence[int]) -> Iterator[int]:
        with self.identity.read() as connection:
            stored = find_by_numbers(connection, seats)
        for seat in stored:
            with suppress(LostContactKeyError):
                if seat.details and (decrypt_seat(self.contact_keys, seat).details or {}).get(EXCLUDED):
                    yield seat.id

    def _find_state(self, seat: EncryptedSeat | None, state: str) -> str:
        if seat is None or state == COMPLETED:
            return state
        return LINK_WITHDRAWN if seat.withdrawn else CLOSED if seat.institution in self.closed else state


class _Seen:
    """Reduces the rows of one seat to one: the first of a list, and that of the newest list."""

    def __init__(self) -> None:
        self._start = 0
        self._rows: dict[int, tuple[int, int]] = {}
        """Seat → place of its row among the states, and hash of the cells."""

    def begin(self, start: int) -> None:
        """Begin a list. Args: start: number of rows before it."""
        self._start = start

    def add(self, seat: int, cells: int, states: list[str]) -> bool:
        """Add the last row; return whether it replaces a row of an older list with other cells."""
        place, earlier = self._rows.get(seat, (-1, cells))
        if place >= self._start:
            states[-1] = REPEATED
            return False
        if place >= 0:
            states[place] = REPEATED
        self._rows[seat] = len(states) - 1, cells
        return cells != earlier and states[-1] == REMIND


class _Persons:
    """Reduces the rows to remind to one per person."""

    def __init__(self) -> None:
        self._settled: dict[tuple[str, str], str] = {}
        """Institution and key of a person who is not reminded → state of the other links."""
        self._newest: dict[tuple[str, str], int] = {}
        """Institution and key → the row to remind."""

    def add(self, person: tuple[str, str], states: list[str]) -> None:
        """Add the person of the last row."""
        if states[-1] == COMPLETED:
            self._settled[person] = COMPLETED_OTHERWISE
        elif states[-1] == NOT_ASKED:
            self._settled.setdefault(person, NOT_ASKED)
        elif states[-1] == REMIND:
            if person in self._newest and states[self._newest[person]] == REMIND:
                states[self._newest[person]] = OLDER
            self._newest[person] = len(states) - 1

    def mark_settled(self, states: list[str]) -> None:
        for person in self._settled.keys() & self._newest.keys():
            states[self._newest[person]] = self._settled[person]


def find_closed_and_early(questionnaire: Questionnaire, now: datetime, timezone: str) -> tuple[set[str], dict[str, date]]:
    """Return the closed institutions, and institution → first day for those that are not open yet."""
    closed: set[str] = set()
    early: dict[str, date] = {}
    for code, institution in questionnaire.institutions.items():
        period = make_period(questionnaire, institution, timezone)
        state = period.find_state(now)
        if state == "closed":
            closed.add(code)
        elif period.opens and state == "early":
            early[code] = period.opens
    return closed, early


def write_reminders(
    path: Path,
    lists: Sequence[LinkList],
    reminders: Reminders,
    key: Sequence[str] = (),
    corrections: Corrections | None = None,
) -> list[str]:
    """Write the rows to remind; return the state of each row.

    Args:
        key: columns that identify a person, who gets one row.
        corrections: cells to write instead of those of the lists.

    Raises:
        RosterError: when cells that changed since the links were made exclude persons, or when corrections seem to be of others.
        RosterError: when a later list replaced addresses of rows without a correction.
        RosterError: when the lists have different columns, lack one of `key`, or have truncated or misplaced links.
    """
    lists = merge_reissues(lists)
    codes = RowCodes(reminders.pseudonym_key)
    first = lists[0]
    for other in lists[1:]:
        if other.list_headings() != first.list_headings():
            names = join_names({*first.list_headings()} ^ {*other.list_headings()} or ["their order"])
            wrong = f"it has other columns than {first.text.path}. They differ in: {names}. Remind by each list apart"
            raise RosterError(other.text.path, f"{wrong}.", 1)
    states = reminders.list_states(lists, key)
    known = {*key, *reminders.copied, *reminders.questionnaire.background}
    questions = _compare_corrections(lists, states, codes, corrections) if corrections else []
    questions += [*corrections.list_unmatched(first), *corrections.questions] if corrections else []
    _refuse_outdated(lists, states, reminders, codes, corrections)
    reminders.confirm(reminders.questions + questions + _list_questions(lists, states, codes, known, corrections))
    rows = zip(
        (
            align(links.move(line, links.renew(cells, codes), codes), links, first)
            for links in lists
            for line, cells in links.iter_rows()
        ),
        states,
        strict=True,
    )
    reminded = (cells for cells, state in rows if state == REMIND)
    write_list(path, first, (corrections.correct(first, cells, codes) if corrections else cells for cells in reminded))
    return states


def _refuse_outdated(
    lists: Sequence[LinkList], states: Iterable[str], reminders: Reminders, codes: RowCodes, corrections: Corrections | None
) -> None:
    """Raise RosterError with rows to remind, of persons without a correction, whose address a later list replaced."""
    following, code = iter(states), reminders.questionnaire.code
    for links in lists:
        lines = {line for (line, _), state in zip(links.iter_rows(), following, strict=False) if state == REMIND}
        outdated = OutdatedRows(links, reminders.questionnaire, reminders.pseudonym_key, reminders.contact_keys, codes)
        for line, cells, seat in iter_stored(reminders.identity, code, links, lines):
            if not (corrections and corrections.find(links, links.move(line, cells, codes))):
                outdated.add(line, cells, seat)
        outdated.finish(
            "Nobody is reminded.",
            "Their addresses are stored: remind by --seats instead of this file.",
            "Give the last list too, by --key and --corrected, and keys that changed since by --earlier-keys.",
        )


def _compare_corrections(
    lists: Sequence[LinkList], states: Iterable[str], codes: RowCodes, corrections: Corrections
) -> list[str]:
    """Compare the persons of a corrected list with those of the links; describe addresses that it empties."""
    checker = CorrectionChecker(corrections, codes)
    rows = ((links, line, cells) for links in lists for line, cells in links.iter_rows())
    for (links, line, cells), state in zip(rows, states, strict=True):
        if state not in {UNKNOWN, REPLACED, REPEATED, OLDER}:
            checker.add(links, line, links.move(line, cells, codes), is_reminded=state == REMIND)
    return checker.finish()


def _list_questions(
    lists: Sequence[LinkList], states: Iterable[str], codes: RowCodes, known: Collection[str], corrections: Corrections | None
) -> list[str]:
    """Describe cells of the rows to remind that may exclude persons."""
    following, questions = iter(states), list[str]()
    for links in lists:
        rows = (row for row, state in zip(links.iter_rows(), following, strict=False) if state == REMIND)
        questions += find_noted(links, rows, codes, known, corrections)
    return questions
