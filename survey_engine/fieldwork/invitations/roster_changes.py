"""Compares a list of respondents with the stored seats, and stores the changes.

The key column identifies a person. Without a key every row is a new person.
"""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, count, islice, permutations
from pathlib import Path

from sqlalchemy import Connection

from survey_engine.fieldwork.contact_keys import ContactKeys
from survey_engine.fieldwork.erasure_list import (
    BY_LIST,
    REISSUED,
    RESTORED,
    WITHDRAWN,
    ErasureEntry,
    SeatHistory,
    append_entries,
    find_current_link,
)
from survey_engine.fieldwork.invitations.links import decrypt_seat, encrypt_seat
from survey_engine.fieldwork.rosters.csv import LANGUAGE, Roster, Student
from survey_engine.fieldwork.rosters.keys import iter_spellings, read_key
from survey_engine.fieldwork.rosters.mistakes import RosterError
from survey_engine.fieldwork.signing import hash_key, hash_token, make_seat_number, normalise_key
from survey_engine.model.questionnaire import Questionnaire
from survey_engine.storage import roster_seats
from survey_engine.storage.database import Database
from survey_engine.storage.identity import BATCH, EncryptedSeat, Seat, add_seats

MANY = 3
"""Smallest number of removed persons for which a list that removes half of the persons or more is refused."""
SAMPLE, FEWEST, KNOWN = 500, 2, 0.2
"""Number of new persons that are sampled to find another key column; smallest number and share of known keys in that column."""
NEW, LEFT_OUT = 0, -(2**63)
ADDED, CHANGED, REVIVED = "get a link", "get another background or language", "get their withdrawn link back"
HELD = "get another link, withdrawn as theirs was before a restore lost it"
REMOVED, WITHDRAWN_BEFORE = "are no longer on the list: their links are withdrawn", "stay withdrawn"
KEPT, UNLISTED = "stay as they are", "are not on the list and keep their links"
ERASED_BEFORE = "get no link: they had their answers erased"
OUTCOMES = (ADDED, HELD, CHANGED, REVIVED, REMOVED, WITHDRAWN_BEFORE, ERASED_BEFORE, KEPT, UNLISTED)
ALTERED, EMPTIED, FILLED = FATES = ("change", "become empty", "are filled in")


@dataclass(slots=True)
class RosterChanges:
    """The changes to the seats by a list."""

    seats: array[int] = field(default_factory=lambda: array("q"))
    """For each student in order: `NEW`, `LEFT_OUT`, the number of a changed seat, or minus the number of an unchanged seat."""
    removed: array[int] = field(default_factory=lambda: array("q"))
    """Seats whose person is no longer on the list."""
    revived: array[int] = field(default_factory=lambda: array("q"))
    """Changed seats that were withdrawn before."""
    counts: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    """Institution → outcome → number of persons."""
    respelled: list[tuple[str, str]] = field(default_factory=list)
    """(key, former spelling) of new keys that equal the key of a missing person but for leading zeros or special characters."""
    variables: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    """Background variable or language → kind of change → number of persons."""
    others: int = 0
    """Number of links of these institutions that stay in use and are not compared with this list."""
    keyless: int = 0
    """Number of links of these institutions in use that are from lists without a key."""

    def add(self, institution: str, outcome: str, seat: int) -> None:
        """Add the outcome of the next student."""
        self.seats.append(seat)
        self.counts[institution][outcome] += 1

    @property
    def totals(self) -> Counter[str]:
        return sum(self.counts.values(), Counter[str]())

    @property
    def added(self) -> int:
        return self.seats.count(NEW)

    @property
    def is_first(self) -> bool:
        """Whether the institutions have no seats yet."""
        return self.totals.keys() <= {ADDED}

    @property
    def is_idle(self) -> bool:
        """Whether no seat changes."""
        return self.totals.keys() <= {WITHDRAWN_BEFORE, ERASED_BEFORE, KEPT, UNLISTED}

    def list_mostly_removed(self) -> list[str]:
        """Institutions that lose half of their persons or more; if there are none and all together do, all that lose some.

        The list may be incomplete, or a spreadsheet may have changed its keys.
        """
        found = [code for code, counts in self.counts.items() if _loses_most(counts)]
        return found or ([code for code, counts in self.counts.items() if counts[REMOVED]] if _loses_most(self.totals) else [])

    def iter_new(self, students: Iterable[Student]) -> Iterator[Student]:
        """Iterate over the students who get a link."""
        return (student for seat, student in zip(self.seats, students, strict=True) if seat == NEW)

    def summarise(self) -> str:
        """The totals, then one line per institution with changes if there are several, then one line per changed variable."""
        apart = (
            [] if len(self.counts) == 1 else [code for code, counts in self.counts.items() if counts.keys() - {KEPT, UNLISTED}]
        )
        lines = [f"  {code}: {_format_counts(self.counts[code])}" for code in apart]
        lines += [f"  {name}: {_format_counts(self.variables[name], FATES)}" for name in sorted(self.variables)]
        return "\n".join([f"{_format_counts(self.totals)}.", *lines])


def _loses_most(counts: Counter[str]) -> bool:
    return counts[REMOVED] >= max(MANY, counts[CHANGED] + counts[REVIVED] + counts[KEPT])


def _format_counts(counts: Counter[str], outcomes: Sequence[str] = OUTCOMES) -> str:
    return "; ".join(f"{counts[outcome]} {outcome}" for outcome in outcomes if counts[outcome])


@dataclass(frozen=True, slots=True)
class SeatMaker:
    """Makes seats of students."""

    questionnaire: Questionnaire
    key: str
    """The pseudonym key."""
    contact_keys: ContactKeys
    history: SeatHistory = field(default_factory=SeatHistory)
    """The questionnaire's seats on the list of erasures."""

    def make(self, student: Student) -> Seat:
        key_hash = self.hash_key(student.institution, student.key) if student.key else None
        return Seat(self.questionnaire.code, student.institution, student.background, student.language, key_hash=key_hash)

    def hash_key(self, institution: str, written: str) -> str:
        return hash_key(self.key, self.questionnaire.code, institution, written)

    def encrypt(self, student: Student) -> EncryptedSeat:
        """Encrypt the seat of a new student. A seat that was lost by a restore gets its former number."""
        seat = self.make(student)
        number = self.number(seat)
        return encrypt_seat(self.contact_keys, replace(seat, id=number, withdrawn=number in self.history.withdrawn))

    def number(self, seat: Seat) -> int:
        """The number of a seat, never that of an erased seat; `NEW`, for a random number, when the list has no key."""
        if seat.key_hash is None:
            return NEW
        numbers = (make_seat_number(self.key, seat.key_hash, attempt) for attempt in count())
        return next(number for number in numbers if number not in self.history.erased)

    def was_erased(self, seat: Seat) -> bool:
        """Whether the answers of this person were erased. Unknown, so False, for a seat that an older release gave a random number."""
        return seat.key_hash is not None and make_seat_number(self.key, seat.key_hash, 0) in self.history.erased

    def decrypt(self, stored: EncryptedSeat) -> Seat:
        return decrypt_seat(self.contact_keys, stored)

    def merge(self, wanted: Seat, before: Seat, columns: Container[str]) -> Seat:
        """The seat after the change. Variables without a column in the list stay unchanged."""
        kept = {name: value for name, value in before.background.items() if name not in columns}
        language = wanted.language if LANGUAGE in columns else before.language
        return replace(wanted, id=before.id, background={**kept, **wanted.background}, language=language)


def find_changes(
    identity: Database,
    roster: Roster,
    maker: SeatMaker,
    kept: Container[int] | None = None,
    *,
    only_add: bool = False,
    erased: bool = False,
) -> RosterChanges:
    """Compare a list with the stored seats.

    Args:
        kept: restore the withdrawn links of persons on the list, except those of these seats. None restores no links.
        only_add: persons who are not on the list keep their links.
        erased: persons whose answers were erased get a link too.

    Raises:
        LostContactKeyError: when a seat was encrypted with an unknown key.
        RosterError: when its persons had another key on earlier lists.
    """
    changes, code = RosterChanges(), maker.questionnaire.code
    with identity.read() as connection:
        changes.others = changes.keyless = roster_seats.count_open(connection, code, [*roster.institutions], keyless=True)
        if not roster.reader.keys:
            changes.others = roster_seats.count_open(connection, code, [*roster.institutions])
            changes.seats.extend([NEW] * len(roster))
            changes.counts.update({institution: Counter({ADDED: count}) for institution, count in roster.institutions.items()})
            return changes
        for seat, stored in _iter_pairs(connection, map(maker.make, roster.iter_students())):
            before = maker.decrypt(stored) if stored else None
            if before is None and not erased and maker.was_erased(seat):
                changes.add(seat.institution, ERASED_BEFORE, LEFT_OUT)
            elif before is None:
                changes.add(seat.institution, HELD if maker.number(seat) in maker.history.withdrawn else ADDED, NEW)
            else:
                _record(changes, before, maker.merge(seat, before, roster.columns), kept)
        listed = {abs(number) for number in changes.seats}
        missing: dict[str, str] = {}
        for number, institution, key_hash in roster_seats.iter_keyed(connection, code, [*roster.institutions]):
            if number not in listed:
                missing[key_hash] = institution
                changes.counts[institution][UNLISTED if only_add else REMOVED] += 1
                if not only_add:
                    changes.removed.append(number)
    if missing and changes.totals.keys() <= {ADDED, HELD, REMOVED, ERASED_BEFORE, UNLISTED}:
        _check_columns(roster, maker, changes, missing)
    if missing:
        changes.respelled.extend(_iter_respelled(changes.iter_new(roster.iter_students()), maker, missing))
    return changes


def _check_columns(roster: Roster, maker: SeatMaker, changes: RosterChanges, missing: Container[str]) -> None:
    """Raise RosterError if one or two other columns have the keys of persons of earlier lists.

    Args: missing: key hashes of persons who are not on the list by its key.
    """
    students = list(islice(changes.iter_new(roster.iter_students()), SAMPLE))
    places = range(len(roster.header))
    for chosen in chain(permutations(places, 1), permutations(places, 2)):
        found = {maker.hash_key(student.institution, "\n".join(read_key(student.cells, chosen))) for student in students}
        known = sum(key_hash in missing for key_hash in found)
        if len(found) == len(students) and known >= min(len(students), max(FEWEST, KNOWN * len(students))) > 0:
            options = " ".join(f"--key {roster.header[at]}" for at in chosen)
            raise RosterError(
                roster.text.path,
                f"{known} persons on this list have links by another key. Give {options}, as for the earlier list: else they get a "
                "second link. To change the key, withdraw the links of the earlier list first.",
            )


def _iter_respelled(students: Iterable[Student], maker: SeatMaker, missing: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Iterate over (key, former spelling) of new students, as in `RosterChanges.respelled`.

    Args: missing: key hash of a person who is not on the list → institution.
    """
    institutions = {*missing.values()}
    for student in students:
        if student.institution in institutions:
            for spelling in iter_spellings(normalise_key(student.key)):
                if maker.hash_key(student.institution, spelling) in missing:
                    yield student.key, spelling


def _iter_pairs(connection: Connection, seats: Iterable[Seat]) -> Iterator[tuple[Seat, EncryptedSeat | None]]:
    """Iterate over each student's seat and the stored seat with the same key."""
    remaining = iter(seats)
    while batch := list(islice(remaining, BATCH)):
        found = roster_seats.find_by_keys(connection, batch[0].questionnaire, [seat.key_hash or "" for seat in batch])
        yield from ((seat, found.get(seat.key_hash or "")) for seat in batch)


def _record(changes: RosterChanges, before: Seat, after: Seat, kept: Container[int] | None) -> None:
    """Record the outcome of the next student."""
    if before.withdrawn and (kept is None or before.id in kept):
        changes.add(after.institution, WITHDRAWN_BEFORE, -before.id)
    elif after == before:
        changes.add(after.institution, KEPT, -before.id)
    else:
        changes.add(after.institution, REVIVED if before.withdrawn else CHANGED, before.id)
        if before.withdrawn:
            changes.revived.append(before.id)
        _record_variables(changes, before, after)


def _record_variables(changes: RosterChanges, before: Seat, after: Seat) -> None:
    was, becomes = ({**seat.background, LANGUAGE: seat.language} for seat in (before, after))
    for name in was | becomes:
        old, new = was.get(name), becomes.get(name)
        if old != new:
            changes.variables[name][EMPTIED if new is None else FILLED if old is None else ALTERED] += 1


def store_changes(
    connection: Connection, roster: Roster, maker: SeatMaker, changes: RosterChanges, tokens: Iterable[str]
) -> None:
    """Store all changes in a transaction.

    Args: tokens: of the new links, in the order of the list.
    """
    add_seats(connection, map(maker.encrypt, changes.iter_new(roster.iter_students())), map(hash_token, tokens))
    if roster.reader.keys:
        roster_seats.set_withdrawn(connection, changes.removed, withdrawn=True)
        pairs = zip(changes.seats, roster.iter_students(), strict=True)
        wanted = (maker.make(student) for seat, student in pairs if seat > 0)
        merged = (
            maker.merge(seat, maker.decrypt(stored), roster.columns) for seat, stored in _iter_pairs(connection, wanted) if stored
        )
        roster_seats.change_seats(connection, (encrypt_seat(maker.contact_keys, seat) for seat in merged))


def append_withdrawals(path: Path, questionnaire: str, changes: RosterChanges) -> None:
    """Append withdrawn and restored links to the list of erasures; call it before `store_changes`."""
    append_entries(path, [ErasureEntry(WITHDRAWN, questionnaire, seat, BY_LIST) for seat in changes.removed])
    append_entries(path, [ErasureEntry(RESTORED, questionnaire, seat) for seat in changes.revived])


def append_replacements(path: Path, maker: SeatMaker, students: Iterable[Student], tokens: Iterable[str]) -> list[ErasureEntry]:
    """Append the new links of lost seats whose links had been replaced: the new link replaces all former links."""
    replaced = maker.history.replaced
    if not replaced:
        return []
    numbered = ((maker.number(maker.make(student)), token) for student, token in zip(students, tokens, strict=True))
    entries = [
        ErasureEntry(REISSUED, maker.questionnaire.code, number, f"{find_current_link(replaced[number])}/{hash_token(token)}")
        for number, token in numbered
        if number in replaced
    ]
    append_entries(path, entries)
    return entries
