"""Outcomes of a list of respondents: which persons get, keep or lose a link."""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from survey_engine.fieldwork.rosters.csv import Roster
from survey_engine.fieldwork.rosters.keys import strip_zeros
from survey_engine.fieldwork.rosters.row_reader import Student
from survey_engine.storage.roster_seats import KeyedSeat

_MOST_OTHER, _FEWEST_OTHER = 0.25, 10
"""Share of the known persons, and their number, from which other cells in a column are asked about."""
_MANY = 3
"""A list that removes or only adds half of the persons or more is refused from this number of persons on."""
NEW, LEFT_OUT = 0, -(2**63)
ADDED, CHANGED, REVIVED = "get a link", "get another background or language", "get their withdrawn link back"
HELD = "get another link, withdrawn as theirs was before a restore lost it"
_REKEYED = "keep their link under another key"
_RELOCATED = "keep their link at another institution"
REMOVED, WITHDRAWN_BEFORE = "are no longer on the list: their links are withdrawn", "stay withdrawn"
KEPT, UNLISTED = "stay as they are", "are not on the list and keep their links"
ERASED_BEFORE = "get no link: they had their answers erased"
ELSEWHERE_BEFORE = "get no link: a person with their key was erased or withdrawn at another institution"
_OUTCOMES = (
    ADDED,
    HELD,
    CHANGED,
    REVIVED,
    _REKEYED,
    _RELOCATED,
    REMOVED,
    WITHDRAWN_BEFORE,
    ERASED_BEFORE,
    ELSEWHERE_BEFORE,
    KEPT,
    UNLISTED,
)
ALTERED, EMPTIED, FILLED = FATES = ("change", "become empty", "are filled in")


class Respelled(NamedTuple):
    """A new person whose key is another spelling of the key of a person of earlier lists."""

    key: str
    former: str
    """The former spelling."""
    key_hash: str
    former_hash: str


class Rekeyed(NamedTuple):
    """A new person whose copied cells are those of a person of earlier lists who is not on this one."""

    position: int
    """Index of the student."""
    key: str
    key_hash: str
    seat: KeyedSeat
    """Of the missing person."""
    outcome: str
    """Of the student: `ADDED` or `HELD`."""
    fate: str
    """Of the missing person: `REMOVED` or `UNLISTED`; empty if the link was withdrawn before."""


class Relocated(NamedTuple):
    """A new person whose key is that of a person who is missing at another institution of the list."""

    position: int
    """Index of the student."""
    student: Student
    key_hash: str
    """Of the person's key at the new institution."""
    seat: KeyedSeat
    """Of the missing person."""
    is_certain: bool
    """Whether other cells, addresses, or birth date and names are equal too, not the name alone."""


@dataclass(slots=True)
class RosterChanges:
    """The changes to the seats by a list."""

    digest: bytes = b""
    """Of the stored seats of the list's institutions, before they were compared."""
    seats: array[int] = field(default_factory=lambda: array("q"))
    """For each student in order: `NEW`, `LEFT_OUT`, the number of a changed seat, or minus the number of an unchanged seat."""
    numbers: array[int] = field(default_factory=lambda: array("q"))
    """For each student in order: the number of the seat that is made, else 0."""
    removed: array[int] = field(default_factory=lambda: array("q"))
    """Seats whose person is no longer on the list."""
    revived: array[int] = field(default_factory=lambda: array("q"))
    """Changed seats that were withdrawn before."""
    counts: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    """Institution → outcome → number of persons."""
    padded: int = 0
    """Number of keys that have leading zeros again, which the earlier list had lost."""
    respelled: list[Respelled] = field(default_factory=list)
    """New keys that equal the key of a missing, withdrawn or erased person but for leading zeros or special characters."""
    rekeyed: list[Rekeyed] = field(default_factory=list)
    """New persons whose other cells are those of a missing person."""
    unmatched: list[str] = field(default_factory=list)
    """Keys of new persons, at institutions with earlier lists, who are nobody in `rekeyed`; filled if those keep their seats."""
    exchanged: array[int] = field(default_factory=lambda: array("q"))
    """Removed seats of a list that adds persons too, at any institution."""
    strange: list[str] = field(default_factory=list)
    """Institutions to which a list of only new persons adds as many persons as half of those they have, or more."""
    moved: dict[int, str] = field(default_factory=dict)
    """Seat → hash of its new key."""
    relocated: dict[int, Student] = field(default_factory=dict)
    """Seat of a person who is on the list at another institution → the person."""
    routes: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Earlier and new institution of these persons → their number."""
    unlabelled: Counter[str] = field(default_factory=Counter)
    """Label → number of these persons who lose it."""
    excluded: int = 0
    """Number of these persons who are excluded."""
    doubtful: list[str] = field(default_factory=list)
    """Keys of new persons who have key and name of a person who is missing at another institution, and no decision."""
    refreshed: set[int] = field(default_factory=set)
    """Seats, otherwise unchanged, whose row or key columns had other hashes."""
    absent: list[str] = field(default_factory=list)
    """Institutions with links that a list of several institutions lacks."""
    unlike: dict[int, int] = field(default_factory=dict)
    """Seat → line of a person without a name, most of whose values changed."""
    recopied: Counter[str] = field(default_factory=Counter)
    """Institution → number of persons with other copied cells, such as an address, than on the earlier list."""
    same_names: int = 0
    """Number of these persons whose name is as before."""
    doubts: list[str] = field(default_factory=list)
    """Descriptions of persons with a known key who may be others."""
    recorded: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    """How persons who are left out are recorded, such as `erased at north` → their rows."""
    elsewhere: Counter[str] = field(default_factory=Counter)
    """Other institution → number of new persons whose key is a key there too."""
    equal_elsewhere: list[str] = field(default_factory=list)
    """Keys of these persons whose name, or whose other cells, are equal too."""
    used_elsewhere: int = 0
    """Number of links at the other institutions that stay in use."""
    alike: dict[str, int] = field(default_factory=dict)
    """Institution → number of added persons with the background of removed persons, if there are about as many of both."""
    variables: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    """Background variable or language → kind of change → number of persons."""
    others: int = 0
    """Number of links of these institutions that stay in use and are not compared with this list."""
    keyless: int = 0
    """Number of links of these institutions in use that are from lists without a key."""

    def add(self, institution: str, outcome: str, seat: int, number: int = 0) -> None:
        """Add the outcome of the next student."""
        self.seats.append(seat)
        self.numbers.append(number)
        self.counts[institution][outcome] += 1

    def leave_out(self, position: int, institution: str, outcome: str) -> None:
        """Give no link to a new person who is recorded at another institution. Args: outcome: `ADDED` or `HELD`."""
        self.seats[position] = LEFT_OUT
        self.counts[institution].subtract([outcome])
        self.counts[institution].update([ELSEWHERE_BEFORE])
        self.counts[institution] = +self.counts[institution]

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
        return self.totals.keys() <= {WITHDRAWN_BEFORE, ERASED_BEFORE, ELSEWHERE_BEFORE, KEPT, UNLISTED}

    @property
    def is_respelled(self) -> bool:
        """Whether the list has another spelling of all keys, so that its persons are those of earlier lists."""
        counts, found = self.totals, len(self.respelled)
        known = sum(counts[outcome] for outcome in (CHANGED, REVIVED, WITHDRAWN_BEFORE, ERASED_BEFORE, KEPT))
        return self._is_one_to_one and not known and 2 * found >= counts[ADDED] + counts[HELD] + counts[_REKEYED]

    def has_zeros_again(self, roster: Roster) -> bool:
        """Whether the list has numbers as keys, none shorter than those of another spelling, and these had lost their leading zeros."""
        if not self._is_one_to_one or any(strip_zeros(one.key) != one.former for one in self.respelled):
            return False
        keys = [student.key for student in roster.iter_students()]
        widths = {len(one.key) for one in self.respelled}
        return {min(map(len, keys))} == widths and all(key.isascii() and key.isdecimal() for key in keys)

    @property
    def _is_one_to_one(self) -> bool:
        found = len(self.respelled)
        return 0 < found == len({one.key_hash for one in self.respelled}) == len({one.former_hash for one in self.respelled})

    def list_mostly_removed(self) -> list[str]:
        """Institutions that lose half of their persons or more; if there are none and all together do, all that lose some.

        The list may be incomplete, or a spreadsheet may have changed its keys.
        """
        found = [code for code, counts in self.counts.items() if _loses_most(counts, self.count_leaving(code))]
        return found or ([code for code, counts in self.counts.items() if counts[REMOVED]] if _loses_most(self.totals) else [])

    def count_known(self, institution: str) -> int:
        """The number of persons of an institution who are on the list and had a link in use or revived."""
        counts = self.counts[institution]
        return counts[CHANGED] + counts[REVIVED] + counts[KEPT] + counts[_REKEYED]

    def list_mass_changes(self) -> list[str]:
        """Describe the institutions where many known persons have other copied cells, and variables with another value for many."""
        known = {code: self.count_known(code) for code in self.counts}
        everybody = sum(known.values())
        altered = {name: fates[ALTERED] for name, fates in self.variables.items() if _is_mass(fates[ALTERED], everybody)}
        return [
            f"{count} of {everybody} known persons have another value of {name} than before. Was this column sorted on its own? Carry "
            "this out only if the values of these persons are right."
            for name, count in altered.items()
        ] + [
            f"{count} of {known[code]} known persons of {code} have other copied cells than on the earlier list. Was a column sorted on "
            "its own, filled in anew, added or left out? Carry this out only if the cells of these persons are right."
            for code, count in self.recopied.items()
            if _is_mass(count, known[code])
        ]

    def count_leaving(self, institution: str) -> int:
        """The number of persons who move from an institution to another one."""
        return sum(count for (before, _), count in self.routes.items() if before == institution)

    @property
    def is_exchange(self) -> bool:
        """Whether an institution both gets and loses persons."""
        return any(counts[ADDED] and counts[REMOVED] for counts in self.counts.values())

    def is_strange(self, institution: str, used: int) -> bool:
        """Whether most persons of an institution may have been added to it under other keys.

        Args: used: its number of seats in use.
        """
        counts = self.counts[institution]
        known = self.count_known(institution) + counts[WITHDRAWN_BEFORE] + counts[ERASED_BEFORE]
        return not known and counts[ADDED] >= max(_MANY, used / 2)

    def rekey(self, kept: Container[int] | None) -> None:
        """Let the persons in `rekeyed` keep their seats.

        Args: kept: withdrawn seats that stay withdrawn; None for all.
        """
        for person in self.rekeyed:
            seat = person.seat
            stays = seat.withdrawn and (kept is None or seat.id in kept)
            self.seats[person.position] = -seat.id if stays else seat.id
            self.moved[seat.id] = person.key_hash
            if seat.withdrawn and not stays:
                self.revived.append(seat.id)
            become = WITHDRAWN_BEFORE if stays else REVIVED if seat.withdrawn else _REKEYED
            counts = self.counts[seat.institution]
            counts[person.outcome] -= 1
            counts[person.fate] -= 1
            counts[become] += 1
        self.counts = defaultdict(Counter, {code: +counts for code, counts in self.counts.items()})
        self.removed = array("q", (number for number in self.removed if number not in self.moved))
        self.rekeyed = []

    def relocate(self, found: Relocated) -> None:
        """Let a new person keep the seat that a missing person has at another institution."""
        student, seat = found.student, found.seat
        self.seats[found.position] = seat.id
        self.moved[seat.id], self.relocated[seat.id] = found.key_hash, student
        self.routes[seat.institution, student.institution] += 1
        for institution, before, after in ((student.institution, ADDED, _RELOCATED), (seat.institution, REMOVED, "")):
            self.counts[institution].subtract([before])
            self.counts[institution].update([after] if after else [])
            self.counts[institution] = +self.counts[institution]
        self.removed = array("q", (number for number in self.removed if number != seat.id))

    def iter_new(self, students: Iterable[Student]) -> Iterator[Student]:
        """Iterate over the students who get a link."""
        return (student for seat, student in self.iter_numbered(students) if seat == NEW)

    def iter_numbered(self, students: Iterable[Student]) -> Iterator[tuple[int, Student]]:
        """Iterate over the students with their numbers in `seats`."""
        return zip(self.seats, students, strict=True)

    def summarise(self) -> str:
        """The totals, then one line per institution with changes if there are several, then one line per changed variable."""
        apart = (
            [] if len(self.counts) == 1 else [code for code, counts in self.counts.items() if counts.keys() - {KEPT, UNLISTED}]
        )
        lines = [f"  {code}: {_format_counts(self.counts[code])}" for code in apart]
        lines += [f"  {before} → {after}: {count} {_RELOCATED}" for (before, after), count in sorted(self.routes.items())]
        if self.unlabelled:
            shown = ", ".join(f"{code} ({count})" for code, count in sorted(self.unlabelled.items()))
            lines.append(f"  Labels of the earlier institution, removed from those who move: {shown}")
        if self.excluded:
            lines.append(f"  Of those who move, {self.excluded} are excluded, and stay excluded")
        lines += [f"  {name}: {_format_counts(self.variables[name], FATES)}" for name in sorted(self.variables)]
        return "\n".join([f"{_format_counts(self.totals)}.", *lines])


def _is_mass(count: int, known: int) -> bool:
    """Whether so many of the known persons have other cells that a column may be wrong."""
    return count >= _FEWEST_OTHER and count > _MOST_OTHER * known


def _loses_most(counts: Counter[str], leaving: int = 0) -> bool:
    """Args: leaving: number of persons who move to another institution."""
    return counts[REMOVED] + leaving >= max(_MANY, counts[CHANGED] + counts[REVIVED] + counts[KEPT] + counts[_REKEYED])


def _format_counts(counts: Counter[str], outcomes: Sequence[str] = _OUTCOMES) -> str:
    return "; ".join(f"{counts[outcome]} {outcome}" for outcome in outcomes if counts[outcome])
