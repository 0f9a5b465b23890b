"""Finds persons with a known key who seem to be others than before: a key column was sorted apart, or a number was given again."""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from itertools import compress, islice
from typing import Any, NamedTuple

from survey_engine.fieldwork.invitations.moved_values import MovedValues
from survey_engine.fieldwork.invitations.row_checks import FEWEST, ColumnState, reduce_cell, reduce_value
from survey_engine.fieldwork.invitations.seat_maker import (
    ANALYSED,
    CONTACT,
    LABELS,
    MASK,
    PERSON_DETAILS,
    SHORTEST_KEY,
    SeatMaker,
    split_row_hash,
)
from survey_engine.fieldwork.names import BIRTH_DATE, FIRST_NAME, SURNAME, fold_first_name, fold_name, fold_surname
from survey_engine.fieldwork.rosters.mistakes import Mistakes, RosterError, format_ranges
from survey_engine.fieldwork.rosters.row_reader import INSTITUTION_COLUMN, LANGUAGE, Student
from survey_engine.model.messages import join_names
from survey_engine.storage.identity import Seat

_MOST_NAMES, _MOST_HASHES = 20_000, 300_000
"""Largest number of persons with another name whose names are compared, and of comparisons."""
_BOTH_PARTS = 2
"""Words of a name that identify a person without other cells."""
_MOST_RENAMED, _MOST_SAME = 0.5, 0.25
"""Share of an institution's known persons with another name above which its list is one of other persons; share above which
`--same-persons` does not accept persons with others' cells."""
_FEWEST_CHANGED = 5
"""Number of other values from which a person without a name may be another."""
_SHOWN = 10
"""Largest number of rows that a question shows."""
MOVED = (
    "these cells are those of other persons on the earlier list: the key, its pair in a file of earlier keys, or these columns were "
    "sorted or moved apart. Undo that."
)
OTHER = (
    "this key had another person's name, birth date or address before. If a number was given again, write another key for the new "
    "student, such as the number followed by -2: the earlier person's link is then withdrawn."
)
_UNLIKE = (
    "another name than the person with this key had before, as most known persons of this institution: this is a list of other persons. "
    "Give the right one. If the numbers were given again, write other keys, such as each number followed by -2. If the names are only "
    "written in another way, write them as before, or leave out the columns with names."
)
SWAPPED = (
    "first names and surnames are exchanged, compared with the earlier list: nobody could log in by name. Exchange the columns."
)
SHUFFLED = "most persons have a value that another person had before, as if these columns, or that of the key, were moved apart. Undo that."
FEW_REMEDY = "If the earlier list was wrong, or this is the same person: --same-persons."
MASS_REMEDY = (
    "More than a quarter of the persons of this institution are affected, and --same-persons does not accept so many. If the earlier "
    "list was wrong: withdraw its links with --withdraw, and give this list with other keys, such as each number followed by -2."
)


class Identity(NamedTuple):
    """What is known of a person besides the key."""

    words: frozenset[str]
    """Of the name."""
    born: str
    addresses: frozenset[str]
    """Reduced; the key in them is masked."""


def make_identity(names: Iterable[str], born: str, addresses: Iterable[str], key: str) -> Identity:
    parts = [part for part in map(reduce_cell, key.split("\n")) if len(part) >= SHORTEST_KEY]
    reduced = filter(None, map(reduce_value, addresses))
    masked = (reduce(lambda text, part: text.replace(part, MASK), parts, address) for address in reduced)
    return Identity(frozenset(fold_name(names).split()), born, frozenset(masked))


def is_other(before: Identity, after: Identity) -> bool:
    """Whether most of what is known of a person changed at once.

    A marriage changes a surname and perhaps an address, a correction one of name, birth date and address, or two with the third equal.
    Addresses that are made of the key tell nothing.

    >>> anna = make_identity(["Anna Kok"], "2008-02-01", ["anna.kok@x.org"], "123")
    >>> is_other(anna, make_identity(["Anna de Wit"], "2008-02-01", ["anna.de.wit@x.org"], "123"))
    False
    >>> is_other(anna, make_identity(["Bo Bos"], "2007-05-06", ["bo.bos@x.org"], "123"))
    True
    """
    was, now = before.words, after.words
    is_named = bool(was and now)
    is_renamed = is_named and not (was <= now or now <= was)
    is_unlike = is_named and was.isdisjoint(now)
    known = bool(before.born and after.born)
    is_born = known and before.born == after.born
    is_reborn = known and not is_born
    shared = before.addresses & after.addresses
    is_addressed = any(MASK not in address for address in shared)
    is_moved = bool(before.addresses and after.addresses) and not shared
    if is_born or not (is_named or known):
        return False
    if is_unlike:
        return is_reborn or is_moved or (not is_addressed and min(len(was), len(now)) >= _BOTH_PARTS)
    return is_reborn and not is_addressed and (is_renamed or (is_moved and not is_named))


def is_unlike(before: Seat, after: Seat, personal: Collection[str]) -> bool:
    """Whether most values changed, one that belongs to the person among them, and no name or birth date tells who it is.

    A person who changes programme keeps the values of `personal`, such as the language.
    """
    was, now = map(_map_values, (before, after))
    shared = [name for name in was if was[name] not in ("", None) and now.get(name) not in ("", None)]
    changed = [name for name in shared if was[name] != now[name]]
    is_known = bool(before.name_hash and after.name_hash) or all(
        (seat.details or {}).get(PERSON_DETAILS) for seat in (before, after)
    )
    is_most = len(changed) >= _FEWEST_CHANGED and 2 * len(changed) > len(shared)
    return is_most and not is_known and not {*personal}.isdisjoint(changed)


def _map_values(seat: Seat) -> dict[str, Any]:
    """Language, background and labels by name."""
    details = seat.details or {}
    return {**details.get(LABELS, {}), **details.get(ANALYSED, {}), **seat.background, LANGUAGE: seat.language}


class _Found(NamedTuple):
    """Rows of persons who may be others."""

    columns: str
    positions: Collection[int]
    text: str
    most_same: float = _MOST_SAME
    """Share of an institution's persons up to which `--same-persons` accepts them."""


@dataclass(slots=True)
class PersonChecker:
    """Compares the persons of a list with those who had their keys."""

    maker: SeatMaker
    _copied: ColumnState = field(default_factory=lambda: ColumnState(0, ""))
    """Stored and present hashes of the copied cells, by position of the person."""
    _masked: ColumnState = field(default_factory=lambda: ColumnState(0, ""))
    """The same for the copied cells without the key."""
    _columns: dict[tuple[str, ...], ColumnState] = field(default_factory=dict)
    """Headings → stored and present values."""
    _values: dict[tuple[str, tuple[int, ...]], MovedValues] = field(default_factory=lambda: defaultdict(MovedValues))
    """Institution and columns → values of each label, of all, and of these with the background."""
    _others: array[int] = field(default_factory=lambda: array("L"))
    """Positions of persons with another identity."""
    _swapped: array[int] = field(default_factory=lambda: array("L"))
    """Positions of persons whose first name was the surname, and the reverse."""
    _renamed: array[int] = field(default_factory=lambda: array("L"))
    """Positions of persons with another name."""
    _names: dict[int, tuple[str, str]] = field(default_factory=dict)
    """Position of such a person → key before, and hash of this key and the name before."""
    _known: Counter[str] = field(default_factory=Counter)
    """Institution → number of persons."""
    _named: Counter[str] = field(default_factory=Counter)
    """Institution → number of persons with a name before and now."""
    unlike: dict[int, int] = field(default_factory=dict)
    """Seat → position of a person without a name and with other values than before."""
    _labels: dict[int, str] = field(init=False)
    """Position of a column of labels → code."""
    _variables: dict[int, str] = field(init=False)
    """Position of a column of background or language → its name."""

    def __post_init__(self) -> None:
        roster = self.maker.roster
        self._labels = {at: code for at, (kind, code) in roster.details.items() if kind == LABELS}
        self._variables = {at: name for at, name in roster.reader.columns.items() if name != INSTITUTION_COLUMN}

    def add(self, position: int, student: Student, before: Seat, after: Seat, key: str) -> None:
        """Add a person. Args: position: index of the student · before: the stored seat · key: the key of that seat."""
        self._known[student.institution] += 1
        for at, column in enumerate((self._copied, self._masked)):
            was, now = ("".join(split_row_hash(seat.row_hash)[at : at + 1]) for seat in (before, after))
            column.compare(position, _code(was), _code(now), _EMPTY)
        if before.name_hash and after.name_hash:
            name = after.name_hash if key == student.key else self.maker.hash_name(student, key)
            self._named[student.institution] += 1
            if name != before.name_hash:
                self._note_renamed(position, student, before.name_hash, key)
        if student.institution == before.institution:
            for columns, values in self._iter_shared(before, after):
                self._values[student.institution, columns].compare(position, *values)
        if is_unlike(before, after, self.maker.roster.personal):
            self.unlike[before.id] = position
        if before.details and after.details:
            for headings, weak, was, now in self._iter_values(before, after):
                column = self._columns.setdefault(headings, ColumnState(0, "", is_weak=weak))
                column.compare(position, _code(was), _code(now), _EMPTY)
            if all(before.details.get(kind) == after.details.get(kind) for kind in (PERSON_DETAILS, CONTACT)):
                return
            if is_other(_identify(before, student.key), _identify(after, student.key)):
                self._others.append(position)
            if _are_swapped(before, after):
                self._swapped.append(position)

    def _note_renamed(self, position: int, student: Student, before: str, key: str) -> None:
        """Note a person with another name, unless it has all words of the name before."""
        if len(self._names) < _MOST_NAMES:
            if self.maker.has_name(student, key, before):
                return
            self._names[position] = key, before
        self._renamed.append(position)

    def add_missing(self, row_hashes: Iterable[str | None]) -> None:
        """Add persons who are not on the list."""
        for row_hash in row_hashes:
            for half, column in zip(split_row_hash(row_hash), (self._copied, self._masked), strict=False):
                column.compare(0, _code(half), _EMPTY, _EMPTY)

    def check(self, *, same_persons: bool) -> list[str]:
        """Return descriptions of persons who may be others. Args: same_persons: accept some who seem to be others.

        Raises:
            RosterError: with the rows of other persons.
        """
        found = [*self._iter_found()]
        rows = _Rows(self.maker) if found or self._renamed or self._swapped else None
        if rows is None:
            return self._describe_unnamed()
        renamed = rows.list_mass(self._renamed, self._named, _MOST_RENAMED)
        swapped = rows.list_mass(self._swapped, self._known, _MOST_RENAMED)
        names = self._name(self.maker.names)
        found += [_Found(names, swapped, SWAPPED, 1)] * bool(swapped) + [_Found(names, renamed, _UNLIKE)] * bool(renamed)
        mistakes, accepted, taken = Mistakes(), list[str](), set[int]()
        for one in found:
            positions = [position for position in one.positions if position not in taken]
            taken.update(positions)
            mass = {*rows.list_mass(positions, self._known, one.most_same, FEWEST)}
            for position in positions:
                line, is_mass = rows.lines[position], position in mass
                if same_persons and not is_mass:
                    accepted.append(f"row {line}: {one.columns}")
                else:
                    text = f"{one.columns}: {one.text} {MASS_REMEDY if is_mass else FEW_REMEDY}"
                    mistakes.add(line, one.columns, text, text)
        if mistakes:
            raise RosterError(self.maker.roster.text.path, mistakes)
        return self._describe(accepted, [rows.lines[at] for at in sorted({*self._renamed} - taken)])

    def _describe(self, accepted: Sequence[str], renamed: Sequence[int]) -> list[str]:
        """Describe persons with cells of others, and with another name. Args: renamed: their lines."""
        described = [f"--same-persons accepts {len(accepted)} rows with cells of others: {format_some(accepted)}."] * bool(
            accepted
        )
        if renamed:
            described.append(
                f"{len(renamed)} persons have another name than on the earlier list: row{'s' * (len(renamed) > 1)} "
                f"{format_ranges(renamed)}. For a corrected name nothing is needed. If a number was given again, write another key for the "
                "new student, such as the number followed by -2."
            )
        return described

    def _describe_unnamed(self) -> list[str]:
        """Describe a plain list with other copied cells for most persons and without names by which these could be compared."""
        known, changed = self._known.total(), len(self._copied.lines)
        if self._named or self._columns or changed < FEWEST or 2 * changed <= known:
            return []
        return [
            f"{changed} of {known} known persons have other copied cells than on the earlier list, and there are no names to compare. Is "
            "this a later list of the same persons?"
        ]

    def _iter_found(self) -> Iterator[_Found]:
        """Iterate over the rows with cells of other persons, except for names."""
        repeated = {*map(_code, self.maker.repeated)}
        unique = compress(self._masked.lines, (code not in repeated for code in self._masked.present))
        found = [(join_names(headings), column.list_moved()) for headings, column in self._columns.items()]
        copied = {*self._copied.list_moved(), *{*self._masked.list_moved()}.intersection(unique)}
        found.append((self._name(self.maker.copied), sorted(copied)))
        if not any(positions for _, positions in found):
            found.append((self._name(self.maker.names), self._list_exchanged()))
        yield from (_Found(headings, positions, MOVED, _MOST_SAME) for headings, positions in found if positions)
        details = self._name(at for at, (kind, _) in self.maker.roster.details.items() if kind in (PERSON_DETAILS, CONTACT))
        if self._others:
            yield _Found(details, self._others, OTHER, _MOST_SAME)
        moved = ((self._name(columns), values) for (_, columns), values in self._values.items() if values.are_moved())
        for columns, values in sorted(moved, key=lambda pair: not pair[1].are_telling()):
            yield _Found(columns, values.positions, SHUFFLED, _MOST_SAME if values.are_telling() else 1)

    def _list_exchanged(self) -> list[int]:
        """Positions of persons with the name that another of the renamed persons had."""
        if len(self._names) < FEWEST:
            return []
        most = max(FEWEST, _MOST_HASHES // len(self._names))
        named = (pair for pair in enumerate(self.maker.roster.iter_students()) if pair[0] in self._names)
        found = [
            at
            for at, student in islice(named, most)
            if any(self.maker.hash_name(student, key) == name for place, (key, name) in self._names.items() if place != at)
        ]
        return found if len(found) >= FEWEST else []

    def _iter_shared(self, before: Seat, after: Seat) -> Iterator[tuple[tuple[int, ...], tuple[Hashable, Hashable]]]:
        """Iterate over (columns, values before and now) of each label, of all, and of these with background and language."""
        labels, known = self._labels, self._variables
        was, now = ([(seat.details or {}).get(LABELS, {}).get(code, "") for code in labels.values()] for seat in (before, after))
        for column in zip(labels, was, now, strict=True):
            yield column[:1], column[1:]
        if len(labels) > 1:
            yield (*labels,), ((*was,), (*now,))
        for values, seat in ((was, before), (now, after)):
            values += [seat.language if name == LANGUAGE else seat.background.get(name) for name in known.values()]
        if known:
            yield (*known, *labels), ((*was,), (*now,))

    def _iter_values(self, before: Seat, after: Seat) -> Iterator[tuple[tuple[str, ...], bool, str, str]]:
        """Iterate over (headings, whether corrections may exchange the values, value before, value now)."""
        header, persons = self.maker.roster.header, dict[str, str]()
        for at, (kind, code) in self.maker.roster.details.items():
            if kind == CONTACT:
                yield (header[at],), False, _read_address(before, code), _read_address(after, code)
            elif kind == PERSON_DETAILS:
                persons[code] = header[at]
        was, now = _fold(before), _fold(after)
        for code, heading in persons.items():
            yield (heading,), True, was.get(code, ""), now.get(code, "")
        joint = [code for code in was if was[code] and now[code]]
        if len(joint) > 1:
            yield tuple(persons.values()), False, _join(was, joint), _join(now, joint)

    def _name(self, places: Iterable[int]) -> str:
        return join_names([self.maker.roster.header[at] for at in places])


class _Rows:
    """The lines and institutions of the students on a list."""

    def __init__(self, maker: SeatMaker) -> None:
        rows = islice(maker.roster.text.iter_rows(), 1, None)
        self.lines = array("L", (line for line, _ in rows))
        self._numbers = {code: number for number, code in enumerate(maker.roster.institutions)}
        self._places = array("H", (self._numbers[student.institution] for student in maker.roster.iter_students()))

    def list_mass(self, positions: Collection[int], known: Mapping[str, int], share: float, few: int = 1) -> list[int]:
        """Those of the positions whose institution has more than this share of its known persons, and more than a few, among them."""
        counts = Counter(self._places[at] for at in positions)
        mass = {number for code, number in self._numbers.items() if is_mass(counts[number], known.get(code, 0), share, few)}
        return [at for at in positions if self._places[at] in mass]


def is_mass(count: int, known: int, share: float = _MOST_SAME, few: int = FEWEST) -> bool:
    """Whether these are too many of an institution's known persons to be single ones."""
    return count > max(few, share * known)


def format_some(texts: Sequence[str]) -> str:
    return "; ".join([*texts[:_SHOWN], *["…"] * (len(texts) > _SHOWN)])


def _code(text: str) -> int:
    return hash(text) % 2**63


_EMPTY = _code("")


def _join(values: Mapping[str, str], codes: Iterable[str]) -> str:
    return "\0".join(values[code] for code in codes)


def _read_address(seat: Seat, code: str) -> str:
    return reduce_value((seat.details or {}).get(CONTACT, {}).get(code, ""))


def _fold(seat: Seat) -> dict[str, str]:
    person = (seat.details or {}).get(PERSON_DETAILS, {})
    return {
        BIRTH_DATE: person.get(BIRTH_DATE, ""),
        SURNAME: fold_surname(person.get(SURNAME, "")),
        FIRST_NAME: fold_first_name(person.get(FIRST_NAME, "")),
    }


def _are_swapped(before: Seat, after: Seat) -> bool:
    """Whether first name and surname are exchanged."""
    was, now = ((seat.details or {}).get(PERSON_DETAILS, {}) for seat in (before, after))
    first, last = (fold_name([was.get(part, "")]) for part in (FIRST_NAME, SURNAME))
    return (
        bool(first and last)
        and first != last
        and [first, last] == [fold_name([now.get(part, "")]) for part in (SURNAME, FIRST_NAME)]
    )


def _identify(seat: Seat, key: str) -> Identity:
    details = seat.details or {}
    person = details.get(PERSON_DETAILS, {})
    names = [person.get(part, "") for part in (FIRST_NAME, SURNAME)]
    return make_identity(names, person.get(BIRTH_DATE, ""), details.get(CONTACT, {}).values(), key)
