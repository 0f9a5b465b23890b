"""Labels of existing seats from a label file: which seats change, and the change in one transaction.

A label file does not say who may answer: a seat without a row keeps its link, and a row without a seat gets none.
"""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from collections.abc import Collection, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any, NamedTuple, TypeAlias

from sqlalchemy import Connection

from survey_engine.fieldwork.contact_keys import ContactKeys
from survey_engine.fieldwork.erasure import ChangedSeatsError
from survey_engine.fieldwork.invitations.analysed_labels import gather_labels, note_labels
from survey_engine.fieldwork.invitations.begun_labels import InstitutionLabels
from survey_engine.fieldwork.invitations.links import decrypt_seat, encrypt_seat
from survey_engine.fieldwork.invitations.seat_maker import (
    ANALYSED,
    EXCLUDED,
    LABELS,
    LEAST,
    check_label_kinds,
    keep_earlier,
    read_label,
)
from survey_engine.fieldwork.rosters.examination import Examination
from survey_engine.fieldwork.rosters.keys import iter_spellings
from survey_engine.fieldwork.rosters.mistakes import Mistakes, RosterError
from survey_engine.fieldwork.rosters.translated_rows import TranslatedRows
from survey_engine.fieldwork.signing import hash_key, normalise_key
from survey_engine.model.questionnaire import Questionnaire
from survey_engine.model.variables import can_have, format_domain
from survey_engine.storage import roster_seats
from survey_engine.storage.database import Database
from survey_engine.storage.identity import ROWS_PER_READ, EncryptedSeat, Seat

LABELLED, _RELABELLED, _SAME, _UNLABELLED = "get labels", "get other labels", "keep their labels", "lose their labels"
_FEWEST_LOST = 3
"""Smallest number of persons who lose a label that is reported as most of them."""
_FEWEST_MOVED, _FEWEST_COMBINATIONS, _BALANCE = 3, 5, 10
"""Labels moved to other persons: at least so many persons get other labels, which are half of all or have so many combinations, and
at most one of `_BALANCE` of them gets a combination that nobody gave up."""
_UNMATCHED, WITHOUT = "rows have no seat", "seats have no row: these persons come in without labels"
_KEPT_LABELS = "seats have no row: these persons keep their labels"
NOW_EXCLUDED, _ASKED_AGAIN = "are excluded", "are no longer excluded"
_HIDDEN_LABELS = "have labels that do not go with their answers: too few persons share them"
_UNLINKED = (
    "this person is excluded and has no link yet: the exclusion cannot be stored, and a later list would give the person a link and "
    "reminders. Make the links first, and give this file again; or, if the person is on no list, add --ignore-unlinked."
)
_RESPELLED = "rows match a seat by other leading zeros or signs of the key"
_OUTCOMES = (
    LABELLED,
    _RELABELLED,
    _SAME,
    _UNLABELLED,
    NOW_EXCLUDED,
    _ASKED_AGAIN,
    _HIDDEN_LABELS,
    _RESPELLED,
    _UNMATCHED,
    WITHOUT,
    _KEPT_LABELS,
)


Combination: TypeAlias = tuple[tuple[str, str], ...]
"""The labels of a person: pairs of code and label."""


class LabelRow(NamedTuple):
    """One row of a label file."""

    number: int
    institution: str
    key: str
    labels: Mapping[str, str]
    background: Mapping[str, int | str]
    excluded: str | None
    """The reason why the person is not asked, or empty; None without a column of exclusions, which changes none."""
    analysed: Mapping[str, int | str]
    """The labels that go with the answers if enough persons share them, by background variable."""


@dataclass(slots=True)
class LabelChanges:
    """The result of comparing a label file with the seats."""

    counts: Counter[str] = field(default_factory=Counter)
    """Outcome → number of persons or rows."""
    unmatched: array[int] = field(default_factory=lambda: array("L"))
    """Rows without a seat."""
    unlinked: array[int] = field(default_factory=lambda: array("L"))
    """Rows of excluded persons without a seat."""
    labelled: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Institution and code of a label or background variable → number of persons who have one."""
    lost: Counter[tuple[str, str]] = field(default_factory=Counter)
    """The same of persons who lose it."""
    moved: Counter[Combination] = field(default_factory=Counter)
    """Combination of labels → the persons who get it less those who give it up, of `changed` persons."""
    changed: int = 0
    """Persons who had labels and get others."""

    @property
    def is_idle(self) -> bool:
        return not any(self.counts[outcome] for outcome in (LABELLED, _RELABELLED, _UNLABELLED, NOW_EXCLUDED, _ASKED_AGAIN))

    def list_mostly_lost(self) -> list[str]:
        """The labels that most persons of an institution lose, or of all institutions of the file together."""
        groups = [*self.labelled, *({("", code): None for _, code in self.labelled})]
        return sorted({code for place, code in groups if self._is_mostly_lost(place, code)})

    def count_moved(self) -> int:
        """Return the number of persons who get the labels of another person; 0 unless the labels seem to have moved to other rows."""
        changed, gained = self.changed, sum(count for count in self.moved.values() if count > 0)
        many = changed >= self.counts[_SAME] or len(self.moved) >= _FEWEST_COMBINATIONS
        return changed if many and changed >= _FEWEST_MOVED and _BALANCE * gained <= changed else 0

    def note_change(self, before: Combination, after: Combination) -> None:
        """Note the labels of a person before and after."""
        if before != after and any(value for _, value in before):
            self.changed += 1
            self.moved.subtract([before])
            self.moved.update([after])

    def _is_mostly_lost(self, institution: str, code: str) -> bool:
        had, lost = (
            sum(count for (place, label), count in counts.items() if label == code and institution in ("", place))
            for counts in (self.labelled, self.lost)
        )
        return lost >= _FEWEST_LOST and 2 * lost >= had

    def summarise(self) -> str:
        lines = [f"  {self.counts[outcome]} {outcome}" for outcome in _OUTCOMES if self.counts[outcome]]
        if self.unmatched:
            more = ", …" if len(self.unmatched) > 10 else ""
            lines.append(f"  Rows without a seat: {', '.join(map(str, self.unmatched[:10]))}{more}")
        return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class LabelFile:
    """A checked label file and the seats of its institutions."""

    questionnaire: Questionnaire
    pseudonym_key: str
    contact_keys: ContactKeys
    examination: Examination
    adds: bool = False
    """Whether persons without a row keep their labels."""

    def compare(self, identity: Database, *, ignore_unlinked: bool = False) -> LabelChanges:
        """Compare the file with the seats.

        Args: ignore_unlinked: accept excluded persons without a seat.

        Raises:
            RosterError: with the excluded persons without a seat: their exclusion would be lost.
            RosterError: when no row has a seat, or a label is no value of the background variable that it becomes.
            LostContactKeyError: when a seat was encrypted with an unknown key.
        """
        changes = LabelChanges()
        with identity.read() as connection:
            for _ in self._iter_changed(connection, changes):
                pass
        rows = self.examination.persons.count
        if rows and changes.counts[_UNMATCHED] == rows:
            person = " and ".join(self.examination.definition.person)
            wrong = f"none of its {rows} rows has a seat. Make links with the same key first: --key {person}"
            raise RosterError(self.examination.source.path, f"{wrong}; and see whether --institution names the right one.")
        if changes.unlinked and not ignore_unlinked:
            mistakes = Mistakes()
            for number in changes.unlinked:
                mistakes.add(number, "", _UNLINKED, _UNLINKED)
            raise RosterError(self.examination.source.path, mistakes)
        return changes

    def apply(self, connection: Connection, shown: LabelChanges) -> None:
        """Store the labels in a transaction of `begin_seat_transaction`.

        Raises:
            ChangedSeatsError: when the changes are not those that were shown.
        """
        changes = LabelChanges()
        changed = list(self._iter_changed(connection, changes))
        if changes != shown:
            raise ChangedSeatsError
        roster_seats.change_seats(connection, changed, roster_seats.ENCRYPTED)

    def _iter_changed(self, connection: Connection, changes: LabelChanges) -> Iterator[EncryptedSeat]:
        """Iterate over the changed seats, encrypted; count all outcomes."""
        groups, seen = defaultdict[str, InstitutionLabels](InstitutionLabels), set[int]()
        source = TranslatedRows(self.examination, self.questionnaire, all_labels=True)
        named = {code for kind, code in source.details.values() if kind == LABELS}, {*source.analysed.values()}
        for row, stored in self._iter_pairs(connection, changes):
            if stored is None:
                changes.counts[_UNMATCHED] += 1
                changes.unmatched.append(row.number)
                if row.excluded:
                    changes.unlinked.append(row.number)
                continue
            seen.add(stored.id)
            before = decrypt_seat(self.contact_keys, stored)
            check_label_kinds(self.examination.source.path, source.details, source.analysed, before)
            yield from self._record(before, self._change(before, row, changes), groups, changes)
        for stored in self._iter_without(connection, seen):
            keeps = self.adds or not any(named)
            changes.counts[_KEPT_LABELS if keeps else WITHOUT] += 1
            before = decrypt_seat(self.contact_keys, stored)
            after = before if keeps else self._remove(before, changes, *named)
            yield from self._record(before, after, groups, changes)
        changes.counts[_HIDDEN_LABELS] = sum(group.count_hidden() for group in groups.values())

    def _record(
        self, before: Seat, after: Seat, groups: Mapping[str, InstitutionLabels], changes: LabelChanges
    ) -> Iterator[EncryptedSeat]:
        """Count the labels of a seat, and yield it if it changed."""
        if not after.withdrawn:
            had, has = map(_list_labelled, (before, after))
            changes.labelled.update((after.institution, code) for code in had)
            changes.lost.update((after.institution, code) for code in had - has)
            group = groups[after.institution]
            note_labels(group, after.details or {})
            group.add(gather_labels(after, group.names), None, {})
        if after != before:
            yield encrypt_seat(self.contact_keys, replace(after, details=keep_earlier(before.details, after.details)))

    def _iter_pairs(self, connection: Connection, changes: LabelChanges) -> Iterator[tuple[LabelRow, EncryptedSeat | None]]:
        rows = self._iter_rows()
        while batch := list(islice(rows, ROWS_PER_READ)):
            yield from self._find_seats(connection, batch, changes)

    def _iter_without(self, connection: Connection, seen: Container[int]) -> Iterator[EncryptedSeat]:
        """Iterate over the seats in use without a row."""
        institutions = {*self.examination.map_institutions().values()}
        stored = roster_seats.iter_seats(connection, self.questionnaire.code, institutions)
        return (seat for seat in stored if seat.id not in seen and not seat.withdrawn)

    def _change(self, before: Seat, row: LabelRow, changes: LabelChanges) -> Seat:
        """The seat with the labels of its row. Labels of other columns stay, as do those that go with the answers until they settle.

        A background variable that another file made a label stays one.
        """
        details: dict[str, Any] = dict(before.details or {})
        named = {name: value for name, value in row.background.items() if name in details.get(ANALYSED, {})}
        listed = {name: value for name, value in row.background.items() if name not in named}
        old = details.get(LABELS, {})
        new = {code: label for code, label in {**old, **row.labels}.items() if label}
        is_same = new == old and all(before.background.get(name, "") == value for name, value in row.background.items())
        changes.counts[LABELLED if new and not old else _SAME if is_same else _RELABELLED] += 1
        given = {**row.background, **row.analysed}
        known = {**before.background, **details.get(ANALYSED, {})}
        changes.note_change(_combine(old, {name: known.get(name, "") for name in given}), _combine(new, given))
        if row.excluded is not None:
            was_excluded = bool(details.pop(EXCLUDED, ""))
            if row.excluded:
                details[EXCLUDED] = row.excluded
            if bool(row.excluded) != was_excluded:
                changes.counts[NOW_EXCLUDED if row.excluded else _ASKED_AGAIN] += 1
        background = {name: value for name, value in before.background.items() if name not in listed}
        added = {name: value for name, value in listed.items() if value != ""}
        after = {**details, LABELS: new, **self._analyse(details, {**named, **row.analysed})}
        return replace(before, background={**background, **added}, details=after)

    def _analyse(self, details: Mapping[str, Any], labels: Mapping[str, int | str]) -> dict[str, Any]:
        """The details that say which labels go with the answers; none if there never were any."""
        analysed = {**details.get(ANALYSED, {}), **labels}
        return {ANALYSED: analysed, LEAST: max(details.get(LEAST, 1), self.examination.labels.smallest)} if analysed else {}

    def _remove(self, before: Seat, changes: LabelChanges, codes: Collection[str], variables: Collection[str]) -> Seat:
        """Remove the labels of a person without a row. An exclusion stays: only its column says that it ended.

        Args: codes: of the labels of the file · variables: that they become.
        """
        details = dict(before.details or {})
        old = details.pop(LABELS, {})
        kept = {code: label for code, label in old.items() if code not in codes}
        if kept == old and not any(details.get(ANALYSED, {}).get(name) for name in variables):
            return before
        changes.counts[_UNLABELLED] += 1
        analysed = {name: "" for name in details.get(ANALYSED, {}) if name in variables}
        return replace(before, details={**details, **({LABELS: kept} if kept else {}), **self._analyse(details, analysed)})

    def _find_seats(
        self, connection: Connection, rows: Sequence[LabelRow], changes: LabelChanges
    ) -> Iterator[tuple[LabelRow, EncryptedSeat | None]]:
        """Iterate over rows and their seats; a key that a spreadsheet changed is found by its other spellings."""
        code = self.questionnaire.code
        hashes = [hash_key(self.pseudonym_key, code, row.institution, row.key) for row in rows]
        found = roster_seats.find_by_keys(connection, code, hashes)
        for row, key_hash in zip(rows, hashes, strict=True):
            seat = found.get(key_hash)
            if seat is None:
                spellings = iter_spellings(normalise_key(row.key))
                others = [hash_key(self.pseudonym_key, code, row.institution, spelling) for spelling in spellings]
                seat = next(iter(roster_seats.find_by_keys(connection, code, others).values()), None)
                changes.counts[_RESPELLED] += seat is not None
            yield row, seat

    def _iter_rows(self) -> Iterator[LabelRow]:
        source = TranslatedRows(self.examination, self.questionnaire, all_labels=True)
        rows = source.iter_rows()
        _, header = next(rows)
        keys = [header.index(name) for name in source.key]
        labels = [(at, code) for at, (kind, code) in source.details.items() if kind == LABELS]
        excluded = [header.index(name) for name in self.examination.definition.iter_kind("exclusion") if name in header]
        known, named = self.questionnaire.background, {*source.analysed.values()}
        variables = [(at, name) for at, name in enumerate(header) if name in known]
        for number, cells in rows:
            values = {name: self._read_value(number, name, cells[at]) for at, name in variables}
            yield LabelRow(
                number,
                cells[0],
                "\n".join(cells[at] for at in keys),
                {code: cells[at] for at, code in labels},
                {name: value for name, value in values.items() if name not in named},
                cells[excluded[0]] if excluded else None,
                {name: value for name, value in values.items() if name in named},
            )

    def _read_value(self, number: int, name: str, cell: str) -> int | str:
        variable = self.questionnaire.background[name]
        value = read_label(variable, cell)
        if cell and not can_have(variable, value):
            wrong = f"'{cell}' is no value of '{name}'. Its values: {format_domain(variable)}."
            raise RosterError(self.examination.source.path, wrong, number)
        return value


def _combine(labels: Mapping[str, str], variables: Mapping[str, int | str]) -> Combination:
    return tuple(sorted([*labels.items(), *((name, str(value)) for name, value in variables.items())]))


def _list_labelled(seat: Seat) -> set[str]:
    """The codes of labels and background variables of which a person has one. Labels stay in the background until they settle."""
    details = seat.details or {}
    return {*details.get(LABELS, {}), *(seat.background.keys() - details.get(ANALYSED, {}).keys())}
