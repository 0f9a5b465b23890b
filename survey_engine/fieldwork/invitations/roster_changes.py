"""What a list changes among the seats: the first one adds, a corrected one adds, changes and removes.

Persons are found again by the key on the list. Without a key every row is somebody new.
"""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

from survey_engine.fieldwork.contact_keys import ContactKeys
from survey_engine.fieldwork.erasure import BY_LIST, RESTORED, WITHDRAWN, Deed, note
from survey_engine.fieldwork.invitations.links import open_seat, seal_seat
from survey_engine.fieldwork.rosters.csv import Roster, Student
from survey_engine.fieldwork.rosters.keys import iter_spellings
from survey_engine.fieldwork.signing import hash_key, hash_token, normalise_key
from survey_engine.model.questionnaire import Questionnaire
from survey_engine.storage import roster_seats
from survey_engine.storage.database import Database
from survey_engine.storage.identity import BATCH, SealedSeat, Seat, add_seats

MANY = 10
"""From so many persons of an institution on, it is asked twice whether most of them are to go."""
NEW = 0
ADDED, CHANGED, REVIVED = "get a link", "get another background or language", "get their withdrawn link back"
REMOVED, WITHDRAWN_BEFORE = "are no longer on the list: their links are withdrawn", "stay withdrawn"
KEPT, UNLISTED = "stay as they are", "are not on the list and keep their links"
OUTCOMES = (ADDED, CHANGED, REVIVED, REMOVED, WITHDRAWN_BEFORE, KEPT, UNLISTED)


@dataclass(slots=True)
class Changes:
    """What becomes of each student on a list, and of seats that are no longer on it."""

    seats: array[int] = field(default_factory=lambda: array("q"))
    """For each student in order: `NEW`, the number of a seat that changes, or minus that of one that stays as it is."""
    removed: array[int] = field(default_factory=lambda: array("q"))
    """Seats whose person is no longer on the list of its institution."""
    revived: array[int] = field(default_factory=lambda: array("q"))
    """Seats among the changed that were withdrawn."""
    counts: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    """Institution → outcome → how many persons."""
    respelled: list[tuple[str, str]] = field(default_factory=list)
    """Keys that are those of persons who are not on the list but for leading zeros, each with the former spelling."""
    others: int = 0
    """Links of the same institutions that stay in use and that no list with a key tells about."""

    def add(self, institution: str, outcome: str, seat: int) -> None:
        """Note the outcome of the next student on the list."""
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
        """Whether there is nobody yet but those whom it adds."""
        return self.totals.keys() <= {ADDED}

    def list_mostly_removed(self) -> list[str]:
        """Institutions that lose as many persons as stay, or more: the list may be only a part, or its keys another spelling."""
        return [
            code
            for code, counts in self.counts.items()
            if counts[REMOVED] >= max(MANY, counts[CHANGED] + counts[REVIVED] + counts[KEPT])
        ]

    def iter_new(self, students: Iterable[Student]) -> Iterator[Student]:
        """The students who get a link."""
        return (student for seat, student in zip(self.seats, students, strict=True) if seat == NEW)

    def summarise(self) -> str:
        """A line on all, and one on each institution with changes where there are several."""
        apart = (
            [] if len(self.counts) == 1 else [code for code, counts in self.counts.items() if counts.keys() - {KEPT, UNLISTED}]
        )
        return "\n".join([f"{_tell(self.totals)}.", *(f"  {code}: {_tell(self.counts[code])}" for code in apart)])


def _tell(counts: Counter[str]) -> str:
    return "; ".join(f"{counts[outcome]} {outcome}" for outcome in OUTCOMES if counts[outcome])


@dataclass(frozen=True, slots=True)
class SeatMaker:
    """Makes the seat of a student."""

    questionnaire: Questionnaire
    key: str
    """The pseudonym key."""
    contact_keys: ContactKeys

    def make(self, student: Student) -> Seat:
        key_hash = self.hash_key(student.institution, student.key) if student.key else None
        return Seat(self.questionnaire.code, student.institution, student.background, student.language, key_hash=key_hash)

    def hash_key(self, institution: str, written: str) -> str:
        return hash_key(self.key, self.questionnaire.code, institution, written)

    def seal(self, student: Student, id: int = NEW) -> SealedSeat:
        """The seat of a student as it is stored."""
        return seal_seat(self.contact_keys, replace(self.make(student), id=id))

    def agrees(self, seat: Seat, stored: SealedSeat) -> bool:
        """Whether a stored seat is what a student's seat would be."""
        return replace(seat, id=stored.id) == open_seat(self.contact_keys, stored)


def find_changes(
    identity: Database, roster: Roster, maker: SeatMaker, kept: Container[int] | None = None, *, only_add: bool = False
) -> Changes:
    """Compare a list with the seats that there are.

    Args:
        kept: give persons on the list a withdrawn link back, but not these seats. None gives nobody one.
        only_add: persons who are not on the list keep their links.

    Raises:
        LostContactKeyError: when a seat was stored with another contact key.
    """
    changes, code = Changes(), maker.questionnaire.code
    with identity.read() as connection:
        changes.others = roster_seats.count_open(connection, code, [*roster.institutions], keyless=bool(roster.reader.keys))
        if not roster.reader.keys:
            changes.seats.extend([NEW] * len(roster))
            changes.counts.update({institution: Counter({ADDED: count}) for institution, count in roster.institutions.items()})
            return changes
        wanted = map(maker.make, roster.iter_students())
        while batch := {seat.key_hash or "": seat for seat in islice(wanted, BATCH)}:
            found = roster_seats.find_by_keys(connection, code, batch.keys())
            for key_hash, seat in batch.items():
                _note(changes, maker, seat, found.get(key_hash), kept)
        listed = {abs(number) for number in changes.seats}
        missing: dict[str, str] = {}
        for number, institution, key_hash in roster_seats.iter_keyed(connection, code, [*roster.institutions]):
            if number not in listed:
                missing[key_hash] = institution
                changes.counts[institution][UNLISTED if only_add else REMOVED] += 1
                if not only_add:
                    changes.removed.append(number)
    if missing:
        changes.respelled.extend(_iter_respelled(changes.iter_new(roster.iter_students()), maker, missing))
    return changes


def _iter_respelled(students: Iterable[Student], maker: SeatMaker, missing: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Keys of new students that are those of missing persons but for leading zeros, each with the former spelling.

    Args: missing: key hash of each person who is not on the list → institution.
    """
    institutions = {*missing.values()}
    for student in students:
        if student.institution in institutions:
            for spelling in iter_spellings(normalise_key(student.key)):
                if maker.hash_key(student.institution, spelling) in missing:
                    yield student.key, spelling


def _note(changes: Changes, maker: SeatMaker, wanted: Seat, stored: SealedSeat | None, kept: Container[int] | None) -> None:
    if stored is None:
        changes.add(wanted.institution, ADDED, NEW)
    elif stored.withdrawn and (kept is None or stored.id in kept):
        changes.add(wanted.institution, WITHDRAWN_BEFORE, -stored.id)
    elif maker.agrees(wanted, stored):
        changes.add(wanted.institution, KEPT, -stored.id)
    else:
        changes.add(wanted.institution, REVIVED if stored.withdrawn else CHANGED, stored.id)
        if stored.withdrawn:
            changes.revived.append(stored.id)


def store_changes(identity: Database, roster: Roster, maker: SeatMaker, changes: Changes, tokens: Iterable[str]) -> None:
    """Carry out all changes, or none; `tokens` are those of the new links, in the order of the list."""
    with identity.write() as connection:
        add_seats(connection, map(maker.seal, changes.iter_new(roster.iter_students())), map(hash_token, tokens))
        if roster.reader.keys:
            roster_seats.set_withdrawn(connection, changes.removed, withdrawn=True)
            pairs = zip(changes.seats, roster.iter_students(), strict=True)
            roster_seats.change_seats(connection, (maker.seal(student, seat) for seat, student in pairs if seat > 0))


def note_withdrawals(path: Path, questionnaire: str, changes: Changes) -> None:
    """Note withdrawn and revived links on the list that is carried out again after a restore; before they are stored."""
    note(path, [Deed(WITHDRAWN, questionnaire, seat, BY_LIST) for seat in changes.removed])
    note(path, [Deed(RESTORED, questionnaire, seat) for seat in changes.revived])
