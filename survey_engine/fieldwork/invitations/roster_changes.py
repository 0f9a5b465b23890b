"""Compares a list of respondents with the stored seats, and stores the changes.

The key column identifies a person. Without a key every row is a new person.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice, tee
from pathlib import Path

from sqlalchemy import Connection

from survey_engine.fieldwork.erasure import ChangedSeatsError
from survey_engine.fieldwork.erasure_list import (
    BY_LIST,
    NEW_KEY,
    REISSUED,
    RESTORED,
    WITHDRAWN,
    ErasureEntry,
    SeatHistory,
    append_entries,
    find_current_link,
)
from survey_engine.fieldwork.invitations.earlier_keys import EarlierKeys
from survey_engine.fieldwork.invitations.links import encrypt_seat
from survey_engine.fieldwork.invitations.new_seats import NewSeats
from survey_engine.fieldwork.invitations.other_persons import PersonChecker
from survey_engine.fieldwork.invitations.recorded_persons import iter_recorded, leave_out_recorded
from survey_engine.fieldwork.invitations.roster_outcomes import (
    ADDED,
    ALTERED,
    CHANGED,
    EMPTIED,
    ERASED_BEFORE,
    FILLED,
    HELD,
    KEPT,
    LEFT_OUT,
    NEW,
    REMOVED,
    REVIVED,
    UNLISTED,
    WITHDRAWN_BEFORE,
    RosterChanges,
)
from survey_engine.fieldwork.invitations.same_persons import (
    StoredKeys,
    check_key_names,
    count_elsewhere,
    find_former,
    iter_rekeyed,
    iter_respelled,
    move_again,
    refuse_moved_keys,
    relocate,
    warn_of_alike_persons,
)
from survey_engine.fieldwork.invitations.seat_maker import CONTACT, LABELS, PERSON_DETAILS, SeatMaker, split_row_hash
from survey_engine.fieldwork.rosters.hash_sets import HashSet
from survey_engine.fieldwork.rosters.row_reader import LANGUAGE, NORMALISED, Student
from survey_engine.fieldwork.signing import hash_token, make_seat_number
from survey_engine.storage import roster_seats
from survey_engine.storage.database import Database
from survey_engine.storage.identity import ROWS_PER_READ, EncryptedSeat, Seat

_CELL_KINDS = {PERSON_DETAILS: "names and birth dates", CONTACT: "addresses", LABELS: "labels"}
"""Kind of details → what a summary calls it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListRules:
    """How a list with a key is compared with earlier ones."""

    kept: Container[int] | None = None
    """Restore the withdrawn links of persons on the list, except those of these seats. None restores no links."""
    only_add: bool = False
    """Persons who are not on the list keep their links."""
    erased: bool = False
    """Persons whose answers were erased get a link too."""
    elsewhere: bool = False
    """Persons whose key was erased or withdrawn at another institution are others, and get a link."""
    new_key: bool = False
    """The list may have another key column than earlier lists of its institutions."""
    keep_rekeyed: bool = False
    """Persons with another key, and with the copied cells of a missing person, keep that person's link."""
    moved: str | None = None
    """What persons are whose key and name a person at another institution has: `SAME` or `OTHERS`; None when nobody decided."""
    earlier: EarlierKeys | None = None
    """The earlier keys of persons who keep their links."""
    same_persons: bool = False
    """Few persons with a known key are the same, whoever had their cells on the earlier list."""


def find_changes(identity: Database, maker: SeatMaker, rules: ListRules) -> RosterChanges:
    """Compare a list with the stored seats. Another spelling of all keys makes no other persons.

    Raises:
        LostContactKeyError: when a seat was encrypted with an unknown key.
        RosterError: when its persons had another key on earlier lists.
    """
    with identity.read() as connection:
        digest = _digest(connection, maker)
        if maker.roster.read_as[NORMALISED]:
            maker.spellings.update(find_former(connection, maker))
    are_new = digest == roster_seats.NO_SEATS
    changes = _compare(identity, maker, rules, are_new=are_new)
    has_zeros_again = changes.has_zeros_again(maker.roster)
    if has_zeros_again or changes.is_respelled:
        respelled = {one.key_hash: one.former_hash for one in changes.respelled}
        maker.spellings.update(respelled)
        changes = _compare(identity, maker, rules, are_new=are_new)
        changes.padded = len(respelled) if has_zeros_again else 0
    changes.digest = digest
    return changes


def _digest(connection: Connection, maker: SeatMaker) -> bytes:
    return roster_seats.digest_seats(connection, maker.questionnaire.code, [*maker.roster.institutions])


def check_unchanged(
    connection: Connection, maker: SeatMaker, changes: RosterChanges, rules: ListRules, history: SeatHistory
) -> None:
    """Raise an error if seats or the list of erasures have changed since the comparison.

    Args: history: the questionnaire's seats on the list of erasures, read in this transaction.

    Raises:
        ChangedSeatsError: when another command changed seats of these institutions, or recorded a person with the key of a new one.
    """
    if _digest(connection, maker) != changes.digest or history.erased_keys != maker.history.erased_keys:
        raise ChangedSeatsError
    is_withdrawn = not rules.elsewhere and history.withdrawn != maker.history.withdrawn
    if is_withdrawn and any(iter_recorded(connection, replace(maker, history=history), changes)):
        raise ChangedSeatsError


def _compare(identity: Database, maker: SeatMaker, rules: ListRules, *, are_new: bool) -> RosterChanges:
    """Args: are_new: whether the institutions of the list have no seats."""
    changes, code, roster = RosterChanges(), maker.questionnaire.code, maker.roster
    with identity.read() as connection:
        changes.others = changes.keyless = roster_seats.count_open(connection, code, [*roster.institutions], keyless=True)
        if not roster.reader.keys:
            changes.others = roster_seats.count_open(connection, code, [*roster.institutions])
            changes.seats.extend([NEW] * len(roster))
            changes.numbers.extend([0] * len(roster))
            changes.counts.update({institution: Counter({ADDED: count}) for institution, count in roster.institutions.items()})
            return changes
        persons = _record_listed(connection, changes, maker, rules, are_new=are_new)
        keys = _record_missing(
            changes, roster_seats.iter_keyed(connection, code, [*roster.institutions]), only_add=rules.only_add
        )
        persons.add_missing(seat.row_hash for seat in chain(keys.missing.values(), keys.withdrawn.values()))
        _rekey_listed(connection, persons, changes, keys, rules)
        changes.doubts = persons.check(same_persons=rules.same_persons) + changes.list_mass_changes()
        if persons.unlike and not rules.same_persons:
            _, *rows = (number for number, _ in roster.text.iter_rows())
            changes.unlike.update((seat, rows[position]) for seat, position in persons.unlike.items())
        move_again(connection, maker, changes, keys)
        if keys.missing and not rules.only_add:
            relocate(connection, maker, changes, keys, rules.moved)
        if keys.missing or keys.withdrawn or maker.has_history:
            _compare_missing(connection, maker, changes, keys, rules)
        if not rules.elsewhere:
            leave_out_recorded(connection, maker, changes)
        if not rules.new_key:
            check_key_names(maker, changes, keys)
            if rules.only_add:
                changes.strange.extend(code for code, used in keys.used.items() if changes.is_strange(code, used))
        if rules.keep_rekeyed:
            known = {*keys.used, *(seat.institution for seat in keys.withdrawn.values())}
            new = changes.iter_new(roster.iter_students())
            changes.unmatched.extend(student.key for student in new if student.institution in known)
        if len(roster.institutions) > 1 and not rules.only_add:
            changes.absent.extend({*roster_seats.list_institutions(connection, code)} - {*roster.institutions})
        if changes.totals[ADDED]:
            removed = {*changes.removed}
            changes.exchanged.extend(seat.id for seat in keys.missing.values() if seat.id in removed)
        count_elsewhere(connection, maker, changes, are_others=rules.elsewhere)
    return changes


def _record_listed(
    connection: Connection, changes: RosterChanges, maker: SeatMaker, rules: ListRules, *, are_new: bool
) -> PersonChecker:
    """Record the outcome of the persons on the list; return the comparison with those who had their keys.

    Args: are_new: as in `_compare`.
    """
    persons = PersonChecker(maker)
    if are_new:
        seen = HashSet()
        for student in maker.roster.iter_students():
            _record_new(changes, maker, rules, maker.outline(student))
            maker.rows.add(hashes := maker.hash_row(student))
            _note_repeated(maker, seen, hashes)
        return persons
    students, noted = tee(maker.roster.iter_students())
    for student, (seat, stored) in zip(students, _iter_pairs(connection, _iter_noted(maker, noted)), strict=True):
        if stored is None:
            _record_new(changes, maker, rules, seat)
        else:
            before = maker.decrypt(stored)
            persons.add(len(changes.seats), student, before, seat, student.key)
            _record(changes, maker, rules, seat, before)
    return persons


def _iter_noted(maker: SeatMaker, students: Iterable[Student]) -> Iterator[Seat]:
    """Iterate over the seats of a list and note the rows that are repeated."""
    seen = HashSet()
    for seat in map(maker.make, students):
        _note_repeated(maker, seen, split_row_hash(seat.row_hash))
        yield seat


def _note_repeated(maker: SeatMaker, seen: HashSet, hashes: Sequence[str]) -> None:
    """Note the hashes of a row that an earlier row has too."""
    maker.repeated.update([half for half in {*hashes} if not seen.add(hash(half))])


def _record_missing(changes: RosterChanges, stored: Iterable[roster_seats.KeyedSeat], *, only_add: bool) -> StoredKeys:
    """Record the outcome of the persons who are not on the list."""
    listed, keys = {abs(number) for number in changes.seats}, StoredKeys()
    for seat in stored:
        keys.add(seat, is_listed=seat.id in listed)
    for seat in keys.missing.values():
        changes.counts[seat.institution][UNLISTED if only_add else REMOVED] += 1
        if not only_add:
            changes.removed.append(seat.id)
    return keys


def _rekey_listed(
    connection: Connection, persons: PersonChecker, changes: RosterChanges, keys: StoredKeys, rules: ListRules
) -> None:
    """Let persons whose earlier key is known keep their seats, and compare them with those who had that key."""
    if rules.earlier:
        maker = persons.maker
        changes.rekeyed.extend(rules.earlier.iter_rekeyed(maker, changes, keys, only_add=rules.only_add))
        seats = {person.position: person.seat.id for person in changes.rekeyed}
        students = (pair for pair in enumerate(maker.roster.iter_students()) if pair[0] in seats)
        for position, student in students:
            (stored,) = roster_seats.find_by_numbers(connection, [seats[position]])
            earlier = rules.earlier.find_earlier(student.key)
            persons.add(position, student, maker.decrypt(stored), maker.make(student), earlier)
        keys.leave_out({person.seat.key_hash for person in changes.rekeyed})
        changes.rekey(rules.kept)


def _compare_missing(
    connection: Connection, maker: SeatMaker, changes: RosterChanges, keys: StoredKeys, rules: ListRules
) -> None:
    """Find missing, withdrawn and erased persons among the new ones."""
    if changes.totals.keys() <= {ADDED, HELD, REMOVED, ERASED_BEFORE, UNLISTED}:
        refuse_moved_keys(maker, changes, keys.missing)
    changes.respelled.extend(iter_respelled(changes.iter_new(maker.roster.iter_students()), maker, keys))
    changes.rekeyed.extend(iter_rekeyed(maker, changes, keys, only_add=rules.only_add))
    if rules.keep_rekeyed:
        changes.rekey(rules.kept)
    if not rules.only_add:
        warn_of_alike_persons(connection, maker, changes, keys.missing.values())


def _iter_pairs(connection: Connection, seats: Iterable[Seat]) -> Iterator[tuple[Seat, EncryptedSeat | None]]:
    """Iterate over each student's seat and the stored seat with the same key."""
    remaining = iter(seats)
    while batch := list(islice(remaining, ROWS_PER_READ)):
        found = roster_seats.find_by_keys(connection, batch[0].questionnaire, [seat.key_hash or "" for seat in batch])
        yield from ((seat, found.get(seat.key_hash or "")) for seat in batch)


def _record_new(changes: RosterChanges, maker: SeatMaker, rules: ListRules, seat: Seat) -> None:
    """Record the outcome of the next student, who has no seat."""
    if not rules.erased and maker.was_erased(seat):
        changes.add(seat.institution, ERASED_BEFORE, LEFT_OUT)
    else:
        number = maker.number(seat)
        changes.add(seat.institution, HELD if number in maker.history.withdrawn else ADDED, NEW, number)


def _record(changes: RosterChanges, maker: SeatMaker, rules: ListRules, seat: Seat, before: Seat) -> None:
    """Record the outcome of the next student, who has a seat."""
    after = maker.merge(seat, before)
    if before.withdrawn and (rules.kept is None or before.id in rules.kept):
        changes.add(after.institution, WITHDRAWN_BEFORE, -before.id)
        return
    if after == before and not before.withdrawn:
        changes.add(after.institution, KEPT, -before.id)
    else:
        changes.add(after.institution, REVIVED if before.withdrawn else CHANGED, before.id)
        if before.withdrawn:
            changes.revived.append(before.id)
        _record_variables(changes, before, after)
    # if two rows of the list were equal, the stored hash is None or only the first half
    halves = split_row_hash(after.row_hash)
    is_recopied = before.row_hash not in (None, after.row_hash, "".join(halves[:1]))
    if is_recopied:
        changes.recopied[after.institution] += 1
        changes.same_names += before.name_hash is not None and before.name_hash == after.name_hash
    if before.key_names != after.key_names or is_recopied or before.name_hash != after.name_hash:
        changes.refreshed.add(before.id)


def _record_variables(changes: RosterChanges, before: Seat, after: Seat) -> None:
    was, becomes = ({**seat.background, LANGUAGE: seat.language} for seat in (before, after))
    for name in was | becomes:
        old, new = was.get(name), becomes.get(name)
        if old != new:
            changes.variables[name][EMPTIED if new is None else FILLED if old is None else ALTERED] += 1
    for kind, name in _CELL_KINDS.items():
        was, becomes = ((seat.details or {}).get(kind, {}) for seat in (before, after))
        if was != becomes:
            changes.variables[name][FILLED if not was else EMPTIED if not becomes else ALTERED] += 1


def store_changes(connection: Connection, maker: SeatMaker, changes: RosterChanges, seats: NewSeats) -> list[str]:
    """Store all changes in a transaction of `begin_seat_transaction`, after `check_unchanged`.

    Returns: The institutions that had no seats, and whose labels need not be counted again.
    """
    settled = seats.finish()
    if maker.roster.reader.keys:
        roster_seats.set_withdrawn(connection, changes.removed, withdrawn=True)
        roster_seats.set_withdrawn(connection, changes.revived, withdrawn=False)
        roster_seats.set_keys(connection, changes.moved.items())
        changed = (at for at, seat in enumerate(changes.seats) if seat > 0)
        wanted = (maker.make(maker.roster.students.read(at)) for at in changed)
        merged = (maker.merge(seat, maker.decrypt(stored)) for seat, stored in _iter_pairs(connection, wanted) if stored)
        roster_seats.change_seats(
            connection, (encrypt_seat(maker.contact_keys, seat) for seat in merged), roster_seats.LISTED_COLUMNS
        )
        if changes.refreshed:
            known = ((-seat, at) for at, seat in enumerate(changes.seats) if -seat in changes.refreshed)
            rows = ((seat, maker.make(maker.roster.students.read(at))) for seat, at in known)
            roster_seats.set_rows(connection, ((number, seat.key_names, seat.row_hash, seat.name_hash) for number, seat in rows))
    return settled if changes.digest == roster_seats.NO_SEATS else []


def append_withdrawals(path: Path, maker: SeatMaker, changes: RosterChanges) -> None:
    """Append withdrawn and restored links, and new keys, to the list of erasures; call it before `store_changes`."""
    questionnaire = maker.questionnaire.code
    append_entries(path, [ErasureEntry(WITHDRAWN, questionnaire, seat, BY_LIST) for seat in changes.removed])
    append_entries(path, [ErasureEntry(RESTORED, questionnaire, seat) for seat in changes.revived])
    keys = [*changes.moved.items(), *_iter_back(maker, changes)]
    numbers = [(seat, make_seat_number(maker.key, key_hash, 0)) for seat, key_hash in keys]
    append_entries(path, [ErasureEntry(NEW_KEY, questionnaire, seat, str(number)) for seat, number in numbers])


def _iter_back(maker: SeatMaker, changes: RosterChanges) -> Iterator[tuple[int, str]]:
    """Iterate over (seat, hash of its key) where a list confirms the earlier key of a seat that a restore gave back."""
    moved = {seat: number for number, seat in maker.history.moved.items()}
    for number, student in changes.iter_numbered(maker.roster.iter_students()) if moved else ():
        if (seat := abs(number)) in moved and seat not in changes.moved:
            key_hash = maker.make(student).key_hash
            if key_hash and make_seat_number(maker.key, key_hash, 0) != moved[seat]:
                yield seat, key_hash


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
