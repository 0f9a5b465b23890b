"""Finds persons of earlier lists under another key, another key column or at another institution."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice, permutations
from shlex import quote

from sqlalchemy import Connection

from survey_engine.fieldwork.invitations.roster_outcomes import (
    ADDED,
    HELD,
    KEPT,
    NEW,
    REMOVED,
    UNLISTED,
    Rekeyed,
    Relocated,
    Respelled,
    RosterChanges,
)
from survey_engine.fieldwork.invitations.seat_maker import (
    ANALYSED,
    CONTACT,
    EXCLUDED,
    LABELS,
    PERSON_DETAILS,
    SeatMaker,
    split_row_hash,
)
from survey_engine.fieldwork.rosters.csv_text import simplify_heading
from survey_engine.fieldwork.rosters.keys import iter_spellings, read_former_key, read_key
from survey_engine.fieldwork.rosters.mistakes import RosterError
from survey_engine.fieldwork.rosters.row_reader import Student
from survey_engine.fieldwork.signing import hash_key_names, normalise_key
from survey_engine.model.messages import join_names
from survey_engine.storage.identity import ROWS_PER_READ, Seat
from survey_engine.storage.roster_seats import KeyedSeat, find_by_keys, find_by_numbers, list_institutions

SAME, OTHERS = DECISIONS = ("same", "others")
"""What an option says about new persons who may be those of earlier lists."""
SAMPLE, _FEWEST, KNOWN = 500, 2, 0.2
"""Number of new persons that are sampled to find another key column; smallest number and share of known keys in that column."""
_MOST_ELSEWHERE, FEW = 2_000, 4
"""Number of new persons whose key is looked up at other institutions; number from which equal keys of most of them are a coincidence."""
_MOST_ALIKE = 20
"""Largest number of added, and of removed, persons of an institution whose background is compared."""


@dataclass(slots=True)
class StoredKeys:
    """The seats with a key of the institutions of a list."""

    missing: dict[str, KeyedSeat] = field(default_factory=dict)
    """Key hash → seat in use of a person who is not on the list."""
    withdrawn: dict[str, KeyedSeat] = field(default_factory=dict)
    """Key hash → withdrawn seat of a person who is not on the list."""
    names: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """Institution → hashes of the headings of its key columns, as far as known."""
    used: Counter[str] = field(default_factory=Counter)
    """Institution → number of seats in use."""

    def add(self, seat: KeyedSeat, *, is_listed: bool) -> None:
        if seat.withdrawn:
            if not is_listed:
                self.withdrawn[seat.key_hash] = seat
            return
        self.used[seat.institution] += 1
        if seat.key_names:
            self.names[seat.institution].add(seat.key_names)
        if not is_listed:
            self.missing[seat.key_hash] = seat

    def leave_out(self, key_hashes: Collection[str]) -> None:
        """Leave out persons who were found on the list."""
        for key_hash in key_hashes:
            self.missing.pop(key_hash, None)
            self.withdrawn.pop(key_hash, None)


def refuse_moved_keys(maker: SeatMaker, changes: RosterChanges, missing: Container[str]) -> None:
    """Raise RosterError if one or two other columns have the keys of persons of earlier lists.

    Args: missing: key hashes of persons who are not on the list by its key.
    """
    roster = maker.roster
    students = list(islice(changes.iter_new(roster.iter_students()), SAMPLE))
    places = range(len(roster.header))
    for chosen in chain(permutations(places, 1), permutations(places, 2)):
        found = {maker.hash_key(student.institution, "\n".join(read_key(student.cells, chosen))) for student in students}
        known = sum(key_hash in missing for key_hash in found)
        if len(found) == len(students) and known >= min(len(students), max(_FEWEST, KNOWN * len(students))) > 0:
            options = " ".join(f"--key {quote(roster.header[at])}" for at in chosen)
            raise RosterError(
                roster.text.path,
                f"{known} persons on this list have links by another key. Give {options}, as for the earlier list: else they get a "
                "second link. To change the key, withdraw the links of the earlier list first.",
            )


def find_former(connection: Connection, maker: SeatMaker) -> dict[str, str]:
    """Hash of a key → that of its former reading, for persons whom an earlier release stored so."""
    found, reader = dict[str, str](), maker.roster.reader
    pairs = (
        (student.institution, student.key, read_former_key(student.cells, reader.keys))
        for student in maker.roster.iter_students()
    )
    hashed = ((maker.hash_key(place, key), maker.hash_key(place, former)) for place, key, former in pairs if key != former)
    while batch := list(islice(hashed, ROWS_PER_READ)):
        seats = find_by_keys(connection, maker.questionnaire.code, [former for _, former in batch])
        found.update((key, former) for key, former in batch if former in seats or maker.is_recorded(former))
    return found


def iter_respelled(students: Iterable[Student], maker: SeatMaker, keys: StoredKeys) -> Iterator[Respelled]:
    """Iterate over the new students with another spelling of the key of a missing, withdrawn or erased person."""
    institutions = {seat.institution for seat in chain(keys.missing.values(), keys.withdrawn.values())}
    for student in students:
        if student.institution in institutions or maker.has_history:
            for spelling in iter_spellings(normalise_key(student.key)):
                former = maker.hash_key(student.institution, spelling)
                if former in keys.missing or former in keys.withdrawn or maker.is_recorded(former):
                    yield Respelled(student.key, spelling, maker.hash_key(student.institution, student.key), former)


def check_key_names(maker: SeatMaker, changes: RosterChanges, stored: StoredKeys) -> None:
    """Raise RosterError if institutions had another key column before and most of their persons are not found by this one."""
    roster = maker.roster
    strange = [
        code
        for code, names in stored.names.items()
        if maker.key_names not in names and 2 * changes.count_known(code) < min(stored.used[code], roster.institutions[code])
    ]
    if strange:
        header = roster.header
        given = " and ".join(f"'{header[at]}'" for at in roster.reader.keys)
        earlier = _find_key_names(header, maker, set().union(*(stored.names[code] for code in strange)))
        remedy = f"Give {earlier}, as for the earlier lists" if earlier else "Add that column to the list and give it as --key"
        raise RosterError(
            roster.text.path,
            f"earlier lists of {join_names(strange)} had another key column than {given}: everybody on this list would get a second "
            f"link. {remedy}. If the column only has another name now, or these are other persons: --new-key.",
            1,
        )


def _find_key_names(header: Sequence[str], maker: SeatMaker, names: Container[str]) -> str:
    """Options for the columns of the header with one of these hashes; empty if there are none."""
    code = maker.questionnaire.code
    for chosen in chain(permutations(header, 1), permutations(header, 2)):
        if hash_key_names(maker.key, code, map(simplify_heading, chosen)) in names:
            return " ".join(f"--key {quote(name)}" for name in chosen)
    return ""


def iter_rekeyed(maker: SeatMaker, changes: RosterChanges, keys: StoredKeys, *, only_add: bool) -> Iterator[Rekeyed]:
    """Iterate over the new students whose copied cells are those of a missing or withdrawn person of the same institution.

    The key within these cells, as in many e-mail addresses, makes no difference.
    """
    seats = chain(keys.withdrawn.values(), keys.missing.values())
    rows = {(seat.institution, half): seat for seat in seats for half in split_row_hash(seat.row_hash)}
    if not rows:
        return
    taken = set[int]()
    for position, (number, student) in enumerate(changes.iter_numbered(maker.roster.iter_students())):
        if number == NEW:
            seat = maker.make(student)
            halves = split_row_hash(seat.row_hash)
            found = next((rows[seat.institution, half] for half in halves if (seat.institution, half) in rows), None)
            if found and found.id not in taken:
                taken.add(found.id)
                outcome = HELD if maker.number(seat) in maker.history.withdrawn else ADDED
                fate = "" if found.withdrawn else UNLISTED if only_add else REMOVED
                yield Rekeyed(position, student.key, seat.key_hash or "", found, outcome, fate)


def count_elsewhere(connection: Connection, maker: SeatMaker, changes: RosterChanges, *, are_others: bool) -> None:
    """Count the new persons whose key another institution has or had too; nothing if most have, because it then numbers its own persons.

    Args: are_others: whether persons of withdrawn seats are known to be others, whatever their names.
    """
    places = list_institutions(connection, maker.questionnaire.code)
    students = list(islice(changes.iter_new(maker.roster.iter_students()), _MOST_ELSEWHERE))
    pairs = ((maker.hash_key(place, one.key), place, one) for one in students for place in places if place != one.institution)
    found, equal, used, removed = Counter[str](), dict[str, None](), 0, {*changes.removed}
    while batch := list(islice(pairs, ROWS_PER_READ)):
        seats = find_by_keys(connection, maker.questionnaire.code, [key_hash for key_hash, _, _ in batch])
        for key_hash, place, student in batch:
            if (seat := seats.get(key_hash)) or maker.is_recorded(key_hash):
                found[place] += 1
                used += bool(seat and not seat.withdrawn and seat.id not in removed)
                is_other = seat is not None and are_others and seat.withdrawn
                if (
                    seat
                    and not is_other
                    and (_has_name(maker, student, seat.name_hash) or _has_cells(maker, student, seat.row_hash))
                ):
                    equal[student.key] = None
    if equal or found.total() < max(FEW, len(students) / 2):
        changes.elsewhere, changes.equal_elsewhere, changes.used_elsewhere = found, [*equal], used


def relocate(connection: Connection, maker: SeatMaker, changes: RosterChanges, keys: StoredKeys, moved: str | None) -> None:
    """Let new persons keep the seats that they have, and miss, at another institution of the list.

    Args: moved: `SAME` or `OTHERS` for persons of whom only key and name are equal; None notes them as doubtful.
    """
    for found in list(_iter_relocated(connection, maker, changes, keys)):
        if found.is_certain or moved == SAME:
            changes.relocate(found)
            _record_labels(connection, maker, changes, found)
            del keys.missing[found.seat.key_hash]
        elif moved is None:
            changes.doubtful.append(found.student.key)


def move_again(connection: Connection, maker: SeatMaker, changes: RosterChanges, keys: StoredKeys) -> None:
    """Let new persons keep the seats that an earlier list moved to their institution, before an older store was restored."""
    if not maker.history.moved:
        return
    numbered = enumerate(changes.iter_numbered(maker.roster.iter_students()))
    for at, student in [(at, student) for at, (number, student) in numbered if number == NEW]:
        key_hash = maker.hash_key(student.institution, student.key)
        moved = maker.find_moved(key_hash)
        for seat in find_by_numbers(connection, [moved]) if moved else ():
            if seat.key_hash and seat.institution != student.institution and not seat.withdrawn:
                known = KeyedSeat(seat.id, seat.institution, seat.key_hash, None, seat.row_hash, seat.name_hash, withdrawn=False)
                found = Relocated(at, student, key_hash, known, is_certain=True)
                changes.relocate(found)
                _record_labels(connection, maker, changes, found)
                keys.missing.pop(seat.key_hash, None)


def _iter_relocated(connection: Connection, maker: SeatMaker, changes: RosterChanges, keys: StoredKeys) -> Iterator[Relocated]:
    """Iterate over new persons who are missing at another institution, with the same key there.

    Their name is the same, or not known at one of both.
    """
    numbered, taken = enumerate(changes.iter_numbered(maker.roster.iter_students())), set[int]()
    new = islice(((at, student) for at, (seat, student) in numbered if seat == NEW), _MOST_ELSEWHERE)
    for at, student in new:
        others = (maker.hash_key(place, student.key) for place in maker.roster.institutions if place != student.institution)
        for known in (keys.missing[key_hash] for key_hash in others if key_hash in keys.missing):
            certain = known.id not in taken and _is_same(connection, maker, student, known)
            if certain or (known.id not in taken and _may_have_name(maker, student, known)):
                taken.add(known.id)
                yield Relocated(at, student, maker.hash_key(student.institution, student.key), known, certain)
                break


def _record_labels(connection: Connection, maker: SeatMaker, changes: RosterChanges, found: Relocated) -> None:
    """Count the labels that a person who moves loses, and the exclusions."""
    (stored,) = find_by_numbers(connection, [found.seat.id])
    before = maker.decrypt(stored)
    details = before.details or {}
    wanted = maker.make(found.student).details or {}
    lost = {kind: {code for code, label in details.get(kind, {}).items() if label != ""} for kind in (LABELS, ANALYSED)}
    changes.unlabelled.update(lost[LABELS] - wanted.get(LABELS, {}).keys())
    changes.unlabelled.update(lost[ANALYSED] - wanted.get(ANALYSED, {}).keys() - lost[LABELS])
    changes.excluded += bool(details.get(EXCLUDED))


def _is_same(connection: Connection, maker: SeatMaker, student: Student, known: KeyedSeat) -> bool:
    if _has_cells(maker, student, known.row_hash):
        return True
    (stored,) = find_by_numbers(connection, [known.id])
    before, after = maker.decrypt(stored).details or {}, maker.make(student).details or {}
    return any(before.get(kind) and before.get(kind) == after.get(kind) for kind in (CONTACT, PERSON_DETAILS))


def _has_cells(maker: SeatMaker, student: Student, row_hash: str | None) -> bool:
    """Whether a person has the copied cells of a stored row, also if the list has them twice."""
    return not {*split_row_hash(row_hash)}.isdisjoint(maker.hash_row(student))


def _has_name(maker: SeatMaker, student: Student, name_hash: str | None) -> bool:
    return name_hash is not None and name_hash == maker.hash_name(student)


def _may_have_name(maker: SeatMaker, student: Student, known: KeyedSeat) -> bool:
    """Whether the names are equal, or one of both is not known."""
    return None in (known.name_hash, maker.hash_name(student)) or _has_name(maker, student, known.name_hash)


def warn_of_alike_persons(
    connection: Connection, maker: SeatMaker, changes: RosterChanges, missing: Collection[KeyedSeat]
) -> None:
    """Compare the background of added and removed persons of institutions that add and remove about as many.

    Persons whose copied cells differ are others, if the copied cells of most other persons did not change.
    """
    are_same_columns = 2 * len(changes.refreshed) < changes.totals[KEPT]
    removed = defaultdict[str, list[int]](list)
    for seat in missing:
        if seat.id not in changes.moved:
            removed[seat.institution] += [] if seat.row_hash and are_same_columns else [seat.id]
    near = {
        code: numbers
        for code, numbers in removed.items()
        if 0 < (count := changes.counts[code][ADDED]) <= min(_MOST_ALIKE, 2 * len(numbers))
        and len(numbers) <= min(_MOST_ALIKE, 2 * count)
    }
    if not near:
        return
    added = defaultdict[str, Counter[str]](Counter)
    for student in changes.iter_new(maker.roster.iter_students()):
        if student.institution in near:
            added[student.institution][_format_background(maker.make(student), maker)] += 1
    for code, numbers in near.items():
        gone = Counter(_format_background(maker.decrypt(seat), maker) for seat in find_by_numbers(connection, numbers))
        if (count := (gone & added[code]).total()) == min(gone.total(), added[code].total()):
            changes.alike[code] = count


def _format_background(seat: Seat, maker: SeatMaker) -> str:
    """The background of a seat, as far as the list has its columns."""
    return str(sorted((name, value) for name, value in seat.background.items() if name in maker.roster.reader.background))
