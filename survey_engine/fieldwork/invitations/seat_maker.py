"""Makes seats of the students on a list."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from itertools import combinations, count
from pathlib import Path
from typing import Any

from survey_engine.fieldwork.contact_keys import ContactKeys
from survey_engine.fieldwork.erasure_list import ERASED, WITHDRAWN, SeatHistory
from survey_engine.fieldwork.invitations.links import decrypt_seat
from survey_engine.fieldwork.invitations.roster_outcomes import NEW
from survey_engine.fieldwork.invitations.row_checks import reduce_cell
from survey_engine.fieldwork.login import hash_person
from survey_engine.fieldwork.names import fold_name, is_name
from survey_engine.fieldwork.rosters.csv import Roster
from survey_engine.fieldwork.rosters.csv_text import simplify_heading
from survey_engine.fieldwork.rosters.keys import strip_signs, strip_zeros
from survey_engine.fieldwork.rosters.mistakes import RosterError
from survey_engine.fieldwork.rosters.row_reader import LANGUAGE, Student
from survey_engine.fieldwork.signing import (
    hash_address,
    hash_key,
    hash_key_names,
    hash_name,
    hash_row,
    make_seat_number,
    normalise_key,
)
from survey_engine.language.question_types.panel import is_email_address
from survey_engine.model.questionnaire import Questionnaire, Variable
from survey_engine.storage.identity import EncryptedSeat, Seat

CONTACT, LABELS, LINK, EXCLUDED, PERSON_DETAILS = "contact", "labels", "link", "excluded", "person"
"""Kinds of details of a seat: addresses and labels by code; the token of its link; the reason why the person is not asked; birth date
and names.
"""
ANALYSED, LEAST, EARLIER = "analysed", "least", "earlier"
"""Kinds of details of a seat: its labels by background variable, whether or not they go with the answers, and empty if removed; the
smallest number of persons who must share them; and its labels before the last list that changed them.
"""
_SHORTEST, SHORTEST_KEY = 8, 3
"""Smallest number of letters and digits in the copied cells of a row that identify a person, and of a key that is masked in them."""
_MOST_WORDS = 6
"""Number of words of a name whose parts are compared."""
HALF, MASK, _NONE = 16, "#", 0
"""Length of each half of a row's hash; what masks the key in the copied cells; the number of no hash."""


class RowHashes:
    """The results of `SeatMaker.hash_row` for each student in order, in 16 bytes."""

    def __init__(self) -> None:
        self._halves = array("Q")

    def add(self, hashes: Sequence[str]) -> None:
        """Add the hashes of the next student."""
        self._halves.extend([*(int(half, 16) for half in hashes), _NONE, _NONE][:2])

    def find(self, index: int) -> list[str] | None:
        """The hashes of a student; None if they were not added."""
        halves = self._halves[2 * index : 2 * index + 2]
        return [f"{half:0{HALF}x}" for half in halves if half != _NONE] if halves else None


@dataclass(frozen=True, slots=True)
class SeatRecipe:
    """What seats of the students on a list are made with, without the list and the questionnaire: another process can get it."""

    code: str
    """Of the questionnaire."""
    key: str
    """The pseudonym key."""
    contact_keys: ContactKeys
    history: SeatHistory
    """The questionnaire's seats on the list of erasures."""
    details: Mapping[int, tuple[str, str]]
    """As `Roster.details`."""
    labels: Mapping[int, Variable]
    """Position of a column of labels → background variable that they become."""
    least: int
    """As `Roster.least`."""
    key_names: str | None = None
    """Keyed hash of the headings of the key columns."""
    copied: Sequence[int] = ()
    """Positions of the copied columns that are no key."""
    names: Sequence[int] = ()
    """Positions of the columns with persons' names."""
    repeated: set[str] = field(default_factory=set)
    """Halves of hashes of rows whose copied cells are not unique in the list; filled by the first reading."""
    rows: RowHashes = field(default_factory=RowHashes)
    """Of a list whose institutions have no seats: filled by the first reading."""
    spellings: dict[str, str] = field(default_factory=dict)
    """Hash of a key on the list → hash of its stored spelling, if the list has another spelling of all keys."""

    def make(self, student: Student, hashes: Sequence[str] | None = None) -> Seat:
        """Args: hashes: `hash_row` of the student, if it is known."""
        code, institution = self.code, student.institution
        details = self._make_details(student.cells)
        if not student.key:
            return Seat(code, institution, student.background, student.language, details=details)
        key_hash, hashes = self.hash_key(institution, student.key), self.hash_row(student) if hashes is None else hashes
        unique = [half for half in hashes if half not in self.repeated]
        return Seat(
            code,
            institution,
            student.background,
            student.language,
            details=details,
            key_hash=self.spellings.get(key_hash, key_hash),
            key_names=self.key_names,
            row_hash="".join(unique) or None if unique[:1] == hashes[:1] else None,
            name_hash=self.hash_name(student),
        )

    def _make_details(self, cells: Sequence[str]) -> dict[str, Any] | None:
        """Addresses and labels by kind and code; None when the list has no such columns."""
        if not self.details:
            return None
        details: dict[str, Any] = {CONTACT: {}, LABELS: {}}
        for at, (kind, code) in self.details.items():
            cell = cells[at].strip()
            if cell or kind == LABELS:  # an empty cell removes a label
                details.setdefault(kind, {})[code] = cell
        if self.labels:
            labels = {variable.code: read_label(variable, cells[at].strip()) for at, variable in self.labels.items()}
            details |= {ANALYSED: labels, LEAST: self.least}
        return details

    def hash_name(self, student: Student, key: str | None = None) -> str | None:
        """The hash of a person's key, or of another key, and name; None when the list has no name."""
        if name := fold_name(student.cells[at] for at in self.names):
            plain = strip_zeros(strip_signs(normalise_key(student.key if key is None else key)))
            return hash_name(self.key, self.code, plain, name)
        return None

    def has_name(self, student: Student, key: str, name_hash: str) -> bool:
        """Whether this is the hash of a key and some words of a person's name."""
        words = fold_name(student.cells[at] for at in self.names).split()[:_MOST_WORDS]
        plain, code = strip_zeros(strip_signs(normalise_key(key))), self.code
        parts = (part for size in range(1, len(words) + 1) for part in combinations(words, size))
        return any(hash_name(self.key, code, plain, " ".join(part)) == name_hash for part in parts)

    def hash_row(self, student: Student) -> list[str]:
        """Halves of the row's hash: of the copied cells, and of these cells without the person's key.

        Empty when the cells are too short to identify a person; only the first one when the others are.
        """
        reduced = [text for at in self.copied if (text := reduce_cell(student.cells[at]))]
        whole = masked = "\0".join(reduced)
        for part in map(reduce_cell, student.key.split("\n")):
            masked = masked.replace(part, MASK) if len(part) >= SHORTEST_KEY else masked
        code, half = self.code, hash_cells(self.key, self.code, reduced)
        if masked == whole or not half:
            return [half] * 2 if half else []
        return [half, *filter(None, [hash_cells(self.key, code, masked.split("\0"))])]

    def hash_key(self, institution: str, written: str) -> str:
        return hash_key(self.key, self.code, institution, written)

    def outline(self, student: Student) -> Seat:
        """The seat of a student without what is encrypted and without other hashes than that of the key."""
        key_hash = self.hash_key(student.institution, student.key)
        return Seat(self.code, student.institution, key_hash=self.spellings.get(key_hash, key_hash))

    def make_new(self, student: Student, token: str, hashes: Sequence[str] | None = None) -> Seat:
        """Make the seat of a new student, with the token of the link if addresses are stored. Args: hashes: as in `make`.

        A seat that was lost by a restore gets its former number.
        """
        seat = self.make(student, hashes)
        number = self.number(seat)
        details = None if seat.details is None else {**(merge_details(None, seat.details) or {}), LINK: token}
        is_withdrawn = number in self.history.withdrawn
        persons = self._hash_person(seat.institution, details)
        return replace(seat, id=number, withdrawn=is_withdrawn, details=details, **persons)

    def number(self, seat: Seat) -> int:
        """The seat to which an earlier list gave the key, else the key's first number that was never erased; `NEW` without a key."""
        if seat.key_hash is None:
            return NEW
        moved = self.find_moved(seat.key_hash)
        numbers = (make_seat_number(self.key, seat.key_hash, attempt) for attempt in count())
        return moved or next(number for number in numbers if number not in self.history.erased)

    def find_moved(self, key_hash: str) -> int | None:
        """The seat to which an earlier list gave this key, instead of that of another institution or an earlier key."""
        return self.history.moved.get(make_seat_number(self.key, key_hash, 0)) if self.history.moved else None

    def was_erased(self, seat: Seat) -> bool:
        """Whether the answers of this person were erased. Unknown, so False, for an erasure by an older release of a seat whose number
        is not that of its key.
        """
        return seat.key_hash is not None and make_seat_number(self.key, seat.key_hash, 0) in self.history.erased_keys

    @property
    def has_history(self) -> bool:
        return bool(self.history.erased or self.history.withdrawn)

    def is_recorded(self, key_hash: str) -> bool:
        """Whether the list of erasures has the seat of this key. Unknown as in `was_erased`."""
        return bool(self.find_record(key_hash))

    def find_record(self, key_hash: str) -> str:
        """`ERASED` or `WITHDRAWN` if the list of erasures has the seat of this key, else empty. Unknown as in `was_erased`."""
        number = make_seat_number(self.key, key_hash, 0) if self.has_history else NEW
        return ERASED if number in self.history.erased_keys else WITHDRAWN if number in self.history.withdrawn else ""

    def _hash_person(self, institution: str, details: Mapping[str, Any] | None) -> dict[str, Any]:
        """Return the hashes by which a seat is found: at a login, and by the address of somebody who lost the link."""
        if not details:
            return {}
        login_hash, first_name_hash = hash_person(self.key, self.code, institution, details.get(PERSON_DETAILS, {}))
        addresses = {hash_address(self.key, one) for one in details.get(CONTACT, {}).values() if is_email_address(one)}
        return {"login_hash": login_hash, "first_name_hash": first_name_hash, "address_hashes": (*addresses,)}


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatMaker(SeatRecipe):
    """Makes seats of the students on a list, and compares them with stored ones."""

    roster: Roster
    questionnaire: Questionnaire

    @classmethod
    def of_list(
        cls, roster: Roster, questionnaire: Questionnaire, key: str, contact_keys: ContactKeys, history: SeatHistory
    ) -> SeatMaker:
        """The maker of the seats of a list."""
        header, keys = roster.header, roster.reader.keys
        copied = [at for at in range(len(header)) if at not in roster.reader.columns and at not in keys]
        return cls(
            questionnaire.code,
            key,
            contact_keys,
            history,
            roster.details,
            {at: Variable(name, questionnaire.background[name].kind) for at, name in roster.analysed.items()},
            roster.least,
            hash_key_names(key, questionnaire.code, [simplify_heading(header[at]) for at in keys]) if keys else None,
            copied,
            [at for at in copied if is_name(header[at])],
            roster=roster,
            questionnaire=questionnaire,
        )

    def detach(self) -> SeatRecipe:
        """The recipe of new seats, for another process."""
        erased, withdrawn, moved = self.history.erased, self.history.withdrawn, self.history.moved
        history = SeatHistory(frozenset(erased), withdrawn=frozenset(withdrawn), replaced={}, moved={**moved})
        kept = {one.name: getattr(self, one.name) for one in fields(SeatRecipe) if one.name != "history"}
        return SeatRecipe(**kept, history=history)

    def decrypt(self, stored: EncryptedSeat) -> Seat:
        return decrypt_seat(self.contact_keys, stored)

    def merge(self, wanted: Seat, before: Seat) -> Seat:
        """The seat after the change. Variables without a column in the list, and labels that go with the answers, stay unchanged.

        A person who moves has no label of the earlier institution.
        """
        is_there = wanted.institution == before.institution
        check_label_kinds(self.roster.text.path, self.roster.details, self.roster.analysed, before)
        labels = {*self.roster.analysed.values(), *(before.details or {}).get(ANALYSED, ())}
        columns = {*self.roster.columns} - labels
        details = merge_details(before.details if is_there else leave_labels(before.details), wanted.details)
        # A label of another file may be a column here.
        if named := {*self.roster.columns} & labels - {*self.roster.analysed.values()}:
            known = {name: wanted.background.get(name, "") for name in named}
            details = {**(details or {}), ANALYSED: {**(details or {}).get(ANALYSED, {}), **known}}
        details = keep_earlier(before.details, details) if is_there else details
        kept = {name: value for name, value in before.background.items() if name not in columns}
        listed = {name: value for name, value in wanted.background.items() if name in columns}
        language = wanted.language if LANGUAGE in columns else before.language
        return replace(
            wanted,
            id=before.id,
            withdrawn=before.withdrawn,
            background={**kept, **listed},
            language=language,
            details=details,
            name_hash=wanted.name_hash or before.name_hash,
            **self._hash_person(wanted.institution, details),
        )


def hash_cells(key: str, questionnaire: str, reduced: Sequence[str]) -> str:
    """One half of the hash of a row; empty when its cells are too short to identify a person."""
    identifies = len("".join(reduced).replace(MASK, "")) >= _SHORTEST
    return hash_row(key, questionnaire, reduced)[:HALF] if identifies else ""


def split_row_hash(row_hash: str | None) -> list[str]:
    """The halves of the hash of a row: of its copied cells, and of these cells without the key, as far as they identify a person."""
    return [row_hash[at : at + HALF] for at in range(0, len(row_hash), HALF)] if row_hash else []


def leave_labels(details: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """The details without labels."""
    if details is None:
        return None
    kept = {kind: value for kind, value in details.items() if kind not in (LABELS, EARLIER)}
    return {**kept, ANALYSED: dict.fromkeys(kept[ANALYSED], "")} if ANALYSED in kept else kept


def keep_earlier(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """The details after a change, with the labels before it if these go with the answers."""
    labels = (before or {}).get(ANALYSED)
    return {**after, EARLIER: labels} if after and labels and labels != after.get(ANALYSED) else after


def merge_details(before: Mapping[str, Any] | None, wanted: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """The details after a change by a list: addresses, names, and labels of the same columns, are replaced; all others stay."""
    if wanted is None:
        return before
    earlier = before or {}
    labels = {**earlier.get(LABELS, {}), **wanted.get(LABELS, {})}
    merged = {**earlier, **wanted, LABELS: {code: label for code, label in labels.items() if label}}
    analysed = {**earlier.get(ANALYSED, {}), **wanted.get(ANALYSED, {})}
    least = max(earlier.get(LEAST, 1), wanted.get(LEAST, 1))
    return {**merged, ANALYSED: analysed, LEAST: least} if analysed else merged


def check_label_kinds(path: Path, details: Mapping[int, tuple[str, str]], analysed: Mapping[int, str], before: Seat) -> None:
    """Raise RosterError if a label that only counts response, by this file, is one that goes with the answers, by another one.

    Args: details, analysed: as in `Roster`.
    """
    known = (before.details or {}).get(ANALYSED, {}).keys() - {*analysed.values()}
    for at, (kind, code) in details.items():
        if kind == LABELS and at not in analysed and code in known:
            raise RosterError(
                path,
                f"'{code}' is a response_label in this format, and an analysis_label by an earlier file: results would have other values "
                "than the response. Write analysis_label in both formats, or give one of them another code.",
            )


def read_label(variable: Variable, written: str) -> int | str:
    """A label as the value of a background variable."""
    return int(written) if variable.kind == "number" and written.isdecimal() else written
