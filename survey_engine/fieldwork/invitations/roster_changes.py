"""What a list changes among the seats: the first one adds, a corrected one adds, changes and removes.

Persons are found again by the key on the list. Without a key every row is somebody new.
"""

from __future__ import annotations

from array import array
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

from survey_engine.fieldwork.contact_keys import ContactKeys
from survey_engine.fieldwork.erasure import BY_LIST, RESTORED, WITHDRAWN, Deed, note
from survey_engine.fieldwork.invitations.links import open_seat, seal_seat
from survey_engine.fieldwork.rosters.csv import Roster, Student
from survey_engine.fieldwork.signing import hash_key, hash_token
from survey_engine.model.questionnaire import Questionnaire
from survey_engine.storage import roster_seats
from survey_engine.storage.database import Database
from survey_engine.storage.identity import BATCH, SealedSeat, Seat, add_seats

MANY = 10
"""From so many persons on, it is asked twice whether most of a list are to go."""
NEW = 0


@dataclass(slots=True)
class Changes:
    """What becomes of each student on a list, and of seats that are no longer on it."""

    seats: array[int] = field(default_factory=lambda: array("q"))
    """For each student in order: `NEW`, the number of a seat that changes, or minus that of one that stays as it is."""
    removed: array[int] = field(default_factory=lambda: array("q"))
    """Seats whose person is no longer on the list of its institution."""
    revived: array[int] = field(default_factory=lambda: array("q"))
    """Seats among the changed that were withdrawn."""
    withdrawn: int = 0
    """Persons on the list whose link stays withdrawn."""
    others: int = 0
    """Links of the same institutions that stay in use and that no list with a key tells about."""

    @property
    def added(self) -> int:
        return self.seats.count(NEW)

    @property
    def changed(self) -> int:
        return sum(seat > 0 for seat in self.seats) - len(self.revived)

    @property
    def is_first(self) -> bool:
        """Whether it only adds."""
        return self.added == len(self.seats) and not self.removed

    @property
    def removes_most(self) -> bool:
        """Whether more persons leave than stay, of ten or more: the list may be only a part, or its keys another spelling."""
        return len(self.removed) >= MANY and len(self.removed) > len(self.seats) - self.added

    def iter_new(self, students: Iterable[Student]) -> Iterator[Student]:
        """The students who get a link."""
        return (student for seat, student in zip(self.seats, students, strict=True) if seat == NEW)

    def summarise(self) -> str:
        kept = len(self.seats) - self.added - self.changed - len(self.revived) - self.withdrawn
        parts = {
            "get a link": self.added,
            "get another background or language": self.changed,
            "get their withdrawn link back": len(self.revived),
            "are no longer on the list: their links are withdrawn": len(self.removed),
            "stay withdrawn": self.withdrawn,
            "stay as they are": kept,
        }
        return "; ".join(f"{count} {what}" for what, count in parts.items() if count)


@dataclass(frozen=True, slots=True)
class SeatMaker:
    """Makes the seat of a student."""

    questionnaire: Questionnaire
    key: str
    """The pseudonym key."""
    contact_keys: ContactKeys

    def make(self, student: Student) -> Seat:
        code, written = self.questionnaire.code, student.key
        key_hash = hash_key(self.key, code, student.institution, written) if written else None
        return Seat(code, student.institution, student.background, student.language, key_hash=key_hash)

    def seal(self, student: Student, id: int = NEW) -> SealedSeat:
        """The seat of a student as it is stored."""
        return seal_seat(self.contact_keys, replace(self.make(student), id=id))

    def agrees(self, seat: Seat, stored: SealedSeat) -> bool:
        """Whether a stored seat is what a student's seat would be."""
        return replace(seat, id=stored.id) == open_seat(self.contact_keys, stored)


def find_changes(identity: Database, roster: Roster, maker: SeatMaker, kept: Container[int] | None = None) -> Changes:
    """Compare a list with the seats that there are.

    Args:
        kept: give persons on the list a withdrawn link back, but not these seats. None gives nobody one.

    Raises:
        LostContactKeyError: when a seat was stored with another contact key.
    """
    changes, code = Changes(), maker.questionnaire.code
    with identity.read() as connection:
        changes.others = roster_seats.count_open(connection, code, [*roster.institutions], keyless=bool(roster.reader.keys))
        if not roster.reader.keys:
            changes.seats.extend([NEW] * len(roster))
            return changes
        wanted = map(maker.make, roster.iter_students())
        while batch := {seat.key_hash or "": seat for seat in islice(wanted, BATCH)}:
            found = roster_seats.find_by_keys(connection, code, batch.keys())
            for key_hash, seat in batch.items():
                _note(changes, maker, seat, found.get(key_hash), kept)
        listed = {abs(seat) for seat in changes.seats}
        keyed = roster_seats.iter_keyed(connection, code, [*roster.institutions])
        changes.removed.extend(seat for seat in keyed if seat not in listed)
    return changes


def _note(changes: Changes, maker: SeatMaker, wanted: Seat, stored: SealedSeat | None, kept: Container[int] | None) -> None:
    if stored is None:
        changes.seats.append(NEW)
    elif stored.withdrawn and (kept is None or stored.id in kept):
        changes.withdrawn += 1
        changes.seats.append(-stored.id)
    elif maker.agrees(wanted, stored):
        changes.seats.append(-stored.id)
    else:
        changes.seats.append(stored.id)
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
