"""What a list changes among the seats: the first one adds, a corrected one adds, changes and removes.

Persons are found again by the key on the list. Without a key every row is somebody new.
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
from survey_engine.fieldwork.erasure import BY_LIST, REISSUED, RESTORED, WITHDRAWN, Deed, Past, get_current, note
from survey_engine.fieldwork.invitations.links import open_seat, seal_seat
from survey_engine.fieldwork.rosters.csv import LANGUAGE, Roster, Student
from survey_engine.fieldwork.rosters.keys import iter_spellings, read_key
from survey_engine.fieldwork.rosters.mistakes import RosterError
from survey_engine.fieldwork.signing import hash_key, hash_token, make_seat_number, normalise_key
from survey_engine.model.questionnaire import Questionnaire
from survey_engine.storage import roster_seats
from survey_engine.storage.database import Database
from survey_engine.storage.identity import BATCH, SealedSeat, Seat, add_seats

MANY = 3
"""From so many persons on, of an institution or of a whole list, it is asked twice whether half of them or more are to go."""
SAMPLE, FEWEST, KNOWN = 500, 2, 0.2
"""Persons on a list without anybody known who are looked for by other columns; how many, and which share, show that it has another key."""
NEW = 0
ADDED, CHANGED, REVIVED = "get a link", "get another background or language", "get their withdrawn link back"
HELD = "get another link, withdrawn as theirs was before a restore lost it"
REMOVED, WITHDRAWN_BEFORE = "are no longer on the list: their links are withdrawn", "stay withdrawn"
KEPT, UNLISTED = "stay as they are", "are not on the list and keep their links"
OUTCOMES = (ADDED, HELD, CHANGED, REVIVED, REMOVED, WITHDRAWN_BEFORE, KEPT, UNLISTED)
ALTERED, EMPTIED, FILLED = FATES = ("change", "become empty", "are filled in")


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
    """Keys that are those of persons who are not on the list but for leading zeros or strange signs, each with the former spelling."""
    variables: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    """Background variable, or language → what becomes of it → of how many persons."""
    others: int = 0
    """Links of the same institutions that stay in use and that this list does not tell about."""
    keyless: int = 0
    """Links of the same institutions that are in use and came from lists without a key."""

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

    @property
    def is_idle(self) -> bool:
        """Whether nobody gets, changes or loses anything."""
        return self.totals.keys() <= {WITHDRAWN_BEFORE, KEPT, UNLISTED}

    def list_mostly_removed(self) -> list[str]:
        """Institutions that lose as many persons as stay, or more, or all that lose some where that is so of them together.

        The list may be only a part, or its keys another spelling.
        """
        found = [code for code, counts in self.counts.items() if _loses_most(counts)]
        return found or ([code for code, counts in self.counts.items() if counts[REMOVED]] if _loses_most(self.totals) else [])

    def iter_new(self, students: Iterable[Student]) -> Iterator[Student]:
        """The students who get a link."""
        return (student for seat, student in zip(self.seats, students, strict=True) if seat == NEW)

    def summarise(self) -> str:
        """A line on all, and one on each institution with changes where there are several; then what changes of which variable."""
        apart = (
            [] if len(self.counts) == 1 else [code for code, counts in self.counts.items() if counts.keys() - {KEPT, UNLISTED}]
        )
        lines = [f"  {code}: {_tell(self.counts[code])}" for code in apart]
        lines += [f"  {name}: {_tell(self.variables[name], FATES)}" for name in sorted(self.variables)]
        return "\n".join([f"{_tell(self.totals)}.", *lines])


def _loses_most(counts: Counter[str]) -> bool:
    return counts[REMOVED] >= max(MANY, counts[CHANGED] + counts[REVIVED] + counts[KEPT])


def _tell(counts: Counter[str], outcomes: Sequence[str] = OUTCOMES) -> str:
    return "; ".join(f"{counts[outcome]} {outcome}" for outcome in outcomes if counts[outcome])


@dataclass(frozen=True, slots=True)
class SeatMaker:
    """Makes the seat of a student."""

    questionnaire: Questionnaire
    key: str
    """The pseudonym key."""
    contact_keys: ContactKeys
    past: Past = field(default_factory=Past)
    """What is on the list of erasures."""

    def make(self, student: Student) -> Seat:
        key_hash = self.hash_key(student.institution, student.key) if student.key else None
        return Seat(self.questionnaire.code, student.institution, student.background, student.language, key_hash=key_hash)

    def hash_key(self, institution: str, written: str) -> str:
        return hash_key(self.key, self.questionnaire.code, institution, written)

    def seal(self, student: Student) -> SealedSeat:
        """The seat of a new student as it is stored: with the number that it had before, if a restore lost it."""
        seat = self.make(student)
        number = self.number(seat)
        return seal_seat(self.contact_keys, replace(seat, id=number, withdrawn=number in self.past.withdrawn))

    def number(self, seat: Seat) -> int:
        """`NEW`, which stands for a random number, where the list has no key; never that of a seat that was erased."""
        if seat.key_hash is None:
            return NEW
        numbers = (make_seat_number(self.key, seat.key_hash, attempt) for attempt in count())
        return next(number for number in numbers if number not in self.past.erased)

    def open(self, stored: SealedSeat) -> Seat:
        return open_seat(self.contact_keys, stored)

    def merge(self, wanted: Seat, before: Seat, columns: Container[str]) -> Seat:
        """What becomes of a seat by a list with these columns: a variable without a column stays as it is."""
        kept = {name: value for name, value in before.background.items() if name not in columns}
        language = wanted.language if LANGUAGE in columns else before.language
        return replace(wanted, id=before.id, background={**kept, **wanted.background}, language=language)


def find_changes(
    identity: Database, roster: Roster, maker: SeatMaker, kept: Container[int] | None = None, *, only_add: bool = False
) -> Changes:
    """Compare a list with the seats that there are.

    Args:
        kept: give persons on the list a withdrawn link back, but not these seats. None gives nobody one.
        only_add: persons who are not on the list keep their links.

    Raises:
        LostContactKeyError: when a seat was stored with another contact key.
        RosterError: when its persons had another key on earlier lists.
    """
    changes, code = Changes(), maker.questionnaire.code
    with identity.read() as connection:
        changes.others = changes.keyless = roster_seats.count_open(connection, code, [*roster.institutions], keyless=True)
        if not roster.reader.keys:
            changes.others = roster_seats.count_open(connection, code, [*roster.institutions])
            changes.seats.extend([NEW] * len(roster))
            changes.counts.update({institution: Counter({ADDED: count}) for institution, count in roster.institutions.items()})
            return changes
        for seat, stored in _iter_pairs(connection, map(maker.make, roster.iter_students())):
            before = maker.open(stored) if stored else None
            if before is None:
                changes.add(seat.institution, HELD if maker.number(seat) in maker.past.withdrawn else ADDED, NEW)
            else:
                _note(changes, before, maker.merge(seat, before, roster.columns), kept)
        listed = {abs(number) for number in changes.seats}
        missing: dict[str, str] = {}
        for number, institution, key_hash in roster_seats.iter_keyed(connection, code, [*roster.institutions]):
            if number not in listed:
                missing[key_hash] = institution
                changes.counts[institution][UNLISTED if only_add else REMOVED] += 1
                if not only_add:
                    changes.removed.append(number)
    if missing and changes.totals.keys() <= {ADDED, HELD, REMOVED, UNLISTED}:
        _check_columns(roster, maker, changes, missing)
    if missing:
        changes.respelled.extend(_iter_respelled(changes.iter_new(roster.iter_students()), maker, missing))
    return changes


def _check_columns(roster: Roster, maker: SeatMaker, changes: Changes, missing: Container[str]) -> None:
    """Raises RosterError when one or two other columns have the keys of persons of earlier lists.

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
    """Keys of new students that are those of missing persons but for leading zeros or strange signs, each with the former spelling.

    Args: missing: key hash of each person who is not on the list → institution.
    """
    institutions = {*missing.values()}
    for student in students:
        if student.institution in institutions:
            for spelling in iter_spellings(normalise_key(student.key)):
                if maker.hash_key(student.institution, spelling) in missing:
                    yield student.key, spelling


def _iter_pairs(connection: Connection, seats: Iterable[Seat]) -> Iterator[tuple[Seat, SealedSeat | None]]:
    """Each student's seat, with the stored one that has its key."""
    remaining = iter(seats)
    while batch := list(islice(remaining, BATCH)):
        found = roster_seats.find_by_keys(connection, batch[0].questionnaire, [seat.key_hash or "" for seat in batch])
        yield from ((seat, found.get(seat.key_hash or "")) for seat in batch)


def _note(changes: Changes, before: Seat, after: Seat, kept: Container[int] | None) -> None:
    """Note what becomes of the next student's seat."""
    if before.withdrawn and (kept is None or before.id in kept):
        changes.add(after.institution, WITHDRAWN_BEFORE, -before.id)
    elif after == before:
        changes.add(after.institution, KEPT, -before.id)
    else:
        changes.add(after.institution, REVIVED if before.withdrawn else CHANGED, before.id)
        if before.withdrawn:
            changes.revived.append(before.id)
        _note_variables(changes, before, after)


def _note_variables(changes: Changes, before: Seat, after: Seat) -> None:
    was, becomes = ({**seat.background, LANGUAGE: seat.language} for seat in (before, after))
    for name in was | becomes:
        old, new = was.get(name), becomes.get(name)
        if old != new:
            changes.variables[name][EMPTIED if new is None else FILLED if old is None else ALTERED] += 1


def store_changes(identity: Database, roster: Roster, maker: SeatMaker, changes: Changes, tokens: Iterable[str]) -> None:
    """Carry out all changes, or none; `tokens` are those of the new links, in the order of the list."""
    with identity.write() as connection:
        add_seats(connection, map(maker.seal, changes.iter_new(roster.iter_students())), map(hash_token, tokens))
        if roster.reader.keys:
            roster_seats.set_withdrawn(connection, changes.removed, withdrawn=True)
            pairs = zip(changes.seats, roster.iter_students(), strict=True)
            wanted = (maker.make(student) for seat, student in pairs if seat > 0)
            merged = (
                maker.merge(seat, maker.open(stored), roster.columns)
                for seat, stored in _iter_pairs(connection, wanted)
                if stored
            )
            roster_seats.change_seats(connection, (seal_seat(maker.contact_keys, seat) for seat in merged))


def note_withdrawals(path: Path, questionnaire: str, changes: Changes) -> None:
    """Note withdrawn and revived links on the list that is carried out again after a restore; before they are stored."""
    note(path, [Deed(WITHDRAWN, questionnaire, seat, BY_LIST) for seat in changes.removed])
    note(path, [Deed(RESTORED, questionnaire, seat) for seat in changes.revived])


def note_links_made_again(path: Path, maker: SeatMaker, students: Iterable[Student], tokens: Iterable[str]) -> list[Deed]:
    """Note the new links of lost seats whose links were replaced before: each new one is in force from now on."""
    replaced = maker.past.replaced
    if not replaced:
        return []
    numbered = ((maker.number(maker.make(student)), token) for student, token in zip(students, tokens, strict=True))
    deeds = [
        Deed(REISSUED, maker.questionnaire.code, number, f"{get_current(replaced[number])}/{hash_token(token)}")
        for number, token in numbered
        if number in replaced
    ]
    note(path, deeds)
    return deeds
