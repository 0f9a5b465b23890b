"""Finds persons with a known key who seem to be others than before: a key column was sorted apart, or a number was given again."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import reduce
from itertools import compress
from typing import NamedTuple

from survey_engine.fieldwork.invitations.row_checks import FEWEST, Column, reduce_cell, reduce_value
from survey_engine.fieldwork.invitations.seat_maker import CONTACT, MASK, PERSON, SHORTEST_KEY, SeatMaker, split_row_hash
from survey_engine.fieldwork.names import BIRTH_DATE, FIRST_NAME, SURNAME, fold_first_name, fold_name, fold_surname
from survey_engine.fieldwork.rosters.mistakes import Mistakes, RosterError
from survey_engine.fieldwork.rosters.row_reader import Student
from survey_engine.model.messages import join_names
from survey_engine.storage.identity import Seat

MOST_NAMES, MOST_HASHES = 20_000, 300_000
"""Largest number of persons with another name whose names are compared, and of comparisons."""
FULL = 2
"""Words of a name that identify a person without other cells."""
MOVED = (
    "these cells are those of other persons on the earlier list: the key, its pair in a file of earlier keys, or these columns were "
    "sorted or moved apart. Undo that. If the earlier list was wrong and this one is right: --same-persons."
)
OTHER = (
    "this key had another person's name, birth date or address before. If a number was given again, write another key for the new "
    "student, such as the number followed by -2: the earlier person's link is then withdrawn. If this is the same person: --same-persons."
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
        return is_reborn or is_moved or (not is_addressed and min(len(was), len(now)) >= FULL)
    return is_reborn and not is_addressed and (is_renamed or (is_moved and not is_named))


@dataclass(slots=True)
class PersonChecker:
    """Compares the persons of a list with those who had their keys."""

    maker: SeatMaker
    _copied: Column = field(default_factory=lambda: Column(0, ""))
    """Stored and present hashes of the copied cells, by position of the person."""
    _masked: Column = field(default_factory=lambda: Column(0, ""))
    """The same for the copied cells without the key."""
    _columns: dict[tuple[str, ...], Column] = field(default_factory=dict)
    """Headings → stored and present values."""
    _others: array[int] = field(default_factory=lambda: array("L"))
    """Positions of persons with another identity."""
    _renamed: dict[int, str] = field(default_factory=dict)
    """Position of a person with another name → hash of key and name before."""

    def add(self, position: int, student: Student, before: Seat, after: Seat) -> None:
        """Add a person. Args: position: index of the student · before: the stored seat of the key."""
        for at, column in enumerate((self._copied, self._masked)):
            was, now = ("".join(split_row_hash(seat.row_hash)[at : at + 1]) for seat in (before, after))
            column.compare(position, _code(was), _code(now), _EMPTY)
        if before.name_hash and after.name_hash and before.name_hash != after.name_hash and len(self._renamed) < MOST_NAMES:
            self._renamed[position] = before.name_hash
        if before.details and after.details:
            for headings, weak, was, now in self._iter_values(before, after):
                column = self._columns.setdefault(headings, Column(0, "", is_weak=weak))
                column.compare(position, _code(was), _code(now), _EMPTY)
            if is_other(_identify(before, student.key), _identify(after, student.key)):
                self._others.append(position)

    def add_missing(self, row_hashes: Iterable[str | None]) -> None:
        """Add persons who are not on the list."""
        for row_hash in row_hashes:
            for half, column in zip(split_row_hash(row_hash), (self._copied, self._masked), strict=False):
                column.compare(0, _code(half), _EMPTY, _EMPTY)

    def check(self) -> None:
        """Raise RosterError with the rows of other persons."""
        mistakes, lines = Mistakes(), list[int]()
        for headings, position, text in self._iter_found():
            lines = lines or [line for line, _ in self.maker.roster.text.iter_rows()][1:]
            mistakes.add(lines[position], headings, text, f"{headings}: {text}")
        if mistakes:
            raise RosterError(self.maker.roster.text.path, mistakes)

    def _iter_found(self) -> Iterator[tuple[str, int, str]]:
        """Iterate over (columns, position, mistake)."""
        moved, copied = set[int](), self._name(self.maker.copied)
        repeated = {*map(_code, self.maker.repeated)}
        unique = compress(self._masked.lines, (code not in repeated for code in self._masked.present))
        found = [(headings, column.list_moved()) for headings, column in self._columns.items()]
        found.append((copied, sorted({*self._copied.list_moved(), *{*self._masked.list_moved()}.intersection(unique)})))
        if not any(positions for _, positions in found):
            found.append((self._name(self.maker.names), self._list_exchanged()))
        for headings, positions in found:
            for position in positions:
                if position not in moved:
                    yield join_names(headings), position, MOVED
            moved.update(positions)
        details = self._name(at for at, (kind, _) in self.maker.roster.details.items() if kind in (PERSON, CONTACT))
        yield from ((join_names(details), position, OTHER) for position in self._others if position not in moved)

    def _list_exchanged(self) -> list[int]:
        """Positions of persons with the name that another of the renamed persons had."""
        if len(self._renamed) < FEWEST:
            return []
        most = max(FEWEST, MOST_HASHES // len(self._renamed))
        named = (pair for pair in enumerate(self.maker.roster.iter_students()) if pair[0] in self._renamed)
        students = dict(named)
        found = [
            at
            for at, student in [*students.items()][:most]
            if any(
                self.maker.hash_name(student, other.key) == self._renamed[place]
                for place, other in students.items()
                if place != at
            )
        ]
        return found if len(found) >= FEWEST else []

    def _iter_values(self, before: Seat, after: Seat) -> Iterator[tuple[tuple[str, ...], bool, str, str]]:
        """Iterate over (headings, whether corrections may exchange the values, value before, value now)."""
        header, persons = self.maker.roster.header, dict[str, str]()
        for at, (kind, code) in self.maker.roster.details.items():
            if kind == CONTACT:
                yield (header[at],), False, _read_address(before, code), _read_address(after, code)
            elif kind == PERSON:
                persons[code] = header[at]
        was, now = _fold(before), _fold(after)
        for code, heading in persons.items():
            yield (heading,), True, was.get(code, ""), now.get(code, "")
        joint = [code for code in was if was[code] and now[code]]
        if len(joint) > 1:
            yield tuple(persons.values()), False, _join(was, joint), _join(now, joint)

    def _name(self, places: Iterable[int]) -> tuple[str, ...]:
        return tuple(self.maker.roster.header[at] for at in places)


def _code(text: str) -> int:
    return hash(text) % 2**63


_EMPTY = _code("")


def _join(values: Mapping[str, str], codes: Iterable[str]) -> str:
    return "\0".join(values[code] for code in codes)


def _read_address(seat: Seat, code: str) -> str:
    return reduce_value((seat.details or {}).get(CONTACT, {}).get(code, ""))


def _fold(seat: Seat) -> dict[str, str]:
    person = (seat.details or {}).get(PERSON, {})
    return {
        BIRTH_DATE: person.get(BIRTH_DATE, ""),
        SURNAME: fold_surname(person.get(SURNAME, "")),
        FIRST_NAME: fold_first_name(person.get(FIRST_NAME, "")),
    }


def _identify(seat: Seat, key: str) -> Identity:
    details = seat.details or {}
    person = details.get(PERSON, {})
    names = [person.get(part, "") for part in (FIRST_NAME, SURNAME)]
    return make_identity(names, person.get(BIRTH_DATE, ""), details.get(CONTACT, {}).values(), key)
