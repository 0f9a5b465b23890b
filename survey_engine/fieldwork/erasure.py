"""Erasure, withdrawal and replacement of links. Each is appended to a list, which is applied again after a backup was restored.

The list is a file outside both stores. A line has the kind, the questionnaire and a number: the seat, or a keyed hash of a response
without a seat. It identifies no person without the store of identity, and no answers without the pseudonym key.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from survey_engine.fieldwork.signing import (
    hash_for,
    hash_private_key,
    make_entry,
    make_entry_name,
    make_pseudonym,
    make_waiting_name,
    make_withdrawn_name,
)
from survey_engine.storage import erasures
from survey_engine.storage.database import Database, make_private_file
from survey_engine.storage.identity import list_seats
from survey_engine.storage.leftovers import clear_leftovers

ERASED, WITHDRAWN, RESTORED, REISSUED, ERASED_RESPONSE = "erased", "withdrawn", "restored", "reissued", "erased response"
BY_LINK, BY_FILE, BY_LIST = "link", "file", "list"
"""Origin of a withdrawal: a single link, a file of links, or a corrected list without the person."""
_BY = re.compile(f"(?:{BY_LINK}|{BY_FILE}|{BY_LIST})?")
_LINKS = re.compile("[0-9a-f]{64}(/[0-9a-f]{64})+")
TABLES = {"answers": ("response", "page", "panel_waiting", "withdrawn_response"), "identity": ("seat",)}
"""Store → tables with rows that may be erased."""


class BrokenListError(Exception):
    """A line of the list is invalid. The message has its position and the remedy."""


class ErasureEntry(NamedTuple):
    """One line of the list: the erasure of a seat or response, or the withdrawal, restoration or replacement of a link."""

    kind: str
    questionnaire: str
    number: int
    """The seat, or a keyed hash of the id of a response without a seat."""
    by: str = ""
    """For a withdrawal, its origin. For a replacement, the hashes of the seat's links, separated by slashes, the valid one last."""


@dataclass(frozen=True, slots=True)
class Stores:
    """Both stores, with the key that connects them."""

    answers: Database
    identity: Database
    key: str
    """The pseudonym key: it computes a seat's pseudonym."""
    _numbered: dict[str, dict[int, int]] = field(default_factory=dict)
    """Questionnaire → number on the list → response; filled at the first access."""

    def pseudonym(self, entry: ErasureEntry) -> str:
        return make_pseudonym(self.key, entry.questionnaire, entry.number)

    def name_withdrawn(self, entry: ErasureEntry) -> str:
        return make_withdrawn_name(self.key, self.pseudonym(entry))

    def name_replaced(self, entry: ErasureEntry) -> list[str]:
        """Names of all links but the valid one, and of devices whose cookie has no link mark (older releases)."""
        *replaced, current = entry.by.split("/")
        link_marks = ["", *(make_entry(self.key, link) for link in {*replaced} - {current})]
        return [make_entry_name(self.key, self.pseudonym(entry), mark) for mark in link_marks]

    def name_waiting(self, response: int) -> str:
        return make_waiting_name(self.key, response)

    def hash_number(self, questionnaire: str, response: int) -> int:
        """The number on the list of a response without a seat."""
        return int.from_bytes(hash_for("erased", self.key, questionnaire, response)[:7], "big")

    def find_response(self, entry: ErasureEntry) -> int | None:
        """The response id of an entry of kind ERASED_RESPONSE. Hashes the ids of all responses to the questionnaire once."""
        code = entry.questionnaire
        if code not in self._numbered:
            self._numbered[code] = {self.hash_number(code, id): id for id in erasures.list_answers(self.answers, code)}
        return self._numbered[code].get(entry.number)


class SeatHistory(NamedTuple):
    """The seats of a questionnaire that are on the list."""

    erased: Collection[int] = frozenset()
    withdrawn: Collection[int] = frozenset()
    replaced: Mapping[int, ErasureEntry] = MappingProxyType({})
    """Seat → entry of its replacement."""


def append_entries(path: Path, entries: Iterable[ErasureEntry]) -> None:
    """Append entries to the list. Durable on return."""
    lines = [f"{entry.kind},{entry.questionnaire},{entry.number}{entry.by and ','}{entry.by}\n" for entry in entries]
    if not lines:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with make_private_file(path).open("a") as file:
        file.writelines(lines)
        file.flush()
        os.fsync(file.fileno())


def read_entries(path: Path) -> list[ErasureEntry]:
    """Return the entries of the list without those that a later entry replaced. A missing file is an empty list.

    Raises:
        BrokenListError: when a line is invalid.
    """
    lines = path.read_text().splitlines() if path.is_file() else []
    entries: dict[
        tuple[str, str, int], ErasureEntry
    ] = {}  # the last entry of a seat and kind counts; withdrawal and restoration are one kind
    for at, line in enumerate(lines, 1):
        kind, questionnaire, number, by, *rest = *line.split(","), "", "", "", ""
        form = _LINKS if kind == REISSUED else _BY
        if kind not in _APPLY or not number.isdecimal() or not form.fullmatch(by) or any(rest):
            raise BrokenListError(f"{path}:{at}: this line is no erasure. Restore it from a copy of the list.")
        entry = ErasureEntry(kind, questionnaire, int(number), by)
        if before := entries.get((REISSUED, questionnaire, entry.number)) if kind == REISSUED else None:
            entry = entry._replace(by=f"{before.by}/{by}")
        entries[WITHDRAWN if kind == RESTORED else kind, questionnaire, entry.number] = entry
        for about_link in (WITHDRAWN, REISSUED) if kind == ERASED else ():
            entries.pop((about_link, questionnaire, entry.number), None)
    return list(entries.values())


def read_seat_history(path: Path, questionnaire: str) -> SeatHistory:
    """Read the entries of the seats of a questionnaire.

    Raises:
        BrokenListError: when a line is invalid.
    """
    seats: dict[str, dict[int, ErasureEntry]] = {ERASED: {}, WITHDRAWN: {}, REISSUED: {}}
    for entry in read_entries(path):
        if entry.questionnaire == questionnaire and entry.kind in seats:
            seats[entry.kind][entry.number] = entry
    return SeatHistory(seats[ERASED].keys(), seats[WITHDRAWN].keys(), seats[REISSUED])


class ErasureResult(NamedTuple):
    """The result of an erasure."""

    answered: bool
    """Whether a response was erased."""
    cleared: bool
    """Whether no bytes are left in the files of the stores."""


def erase(stores: Stores, path: Path, entry: ErasureEntry) -> ErasureResult:
    """Append an entry to the list, then erase."""
    append_entries(path, [entry])
    answered = entry.kind != ERASED or erasures.has_answers(stores.answers, entry.questionnaire, stores.pseudonym(entry))
    apply_entries(stores, [entry])
    return ErasureResult(answered, clear_files(stores))


def count_responses_without_seat(stores: Stores) -> tuple[int, int]:
    """Return the number of responses by personal links that have no seat, and of all responses by personal links.

    Seats are missing after an older backup of the store of identity was restored.
    """
    named = erasures.list_pseudonyms(stores.answers)
    total = sum(map(len, named.values()))
    for questionnaire, pseudonyms in named.items():
        pseudonyms.difference_update(
            make_pseudonym(stores.key, questionnaire, seat) for seat in list_seats(stores.identity, questionnaire)
        )
    return sum(map(len, named.values())), total


def clear_files(stores: Stores) -> bool:
    """Clear the bytes of erased rows in both stores; return True when none are left."""
    cleared = [clear_leftovers(store, *TABLES[store.store]) for store in (stores.answers, stores.identity)]
    return all(cleared)


def find_by_private_key(stores: Stores, questionnaire: str, private_key: str) -> ErasureEntry | None:
    """The entry that erases the response with this private key, with its seat if it has one; None when there is no such response."""
    found = erasures.find_by_key(stores.answers, questionnaire, hash_private_key(stores.key, questionnaire, private_key))
    if found is None:
        return None
    id, pseudonym = found
    for seat in list_seats(stores.identity, questionnaire) if pseudonym else ():
        if make_pseudonym(stores.key, questionnaire, seat) == pseudonym:
            return ErasureEntry(ERASED, questionnaire, seat)
    return ErasureEntry(ERASED_RESPONSE, questionnaire, stores.hash_number(questionnaire, id))


def read_withdrawn(path: Path, questionnaire: str, by: str) -> set[int]:
    """The seats that were withdrawn with another origin than `by`.

    Raises:
        BrokenListError: when a line is invalid.
    """
    entries = (entry for entry in read_entries(path) if entry.kind == WITHDRAWN and entry.questionnaire == questionnaire)
    return {entry.number for entry in entries if entry.by not in ("", by)}


def withdraw(stores: Stores, path: Path, questionnaire: str, seats: Collection[int], by: str = BY_LINK) -> int:
    """Append entries to the list, then withdraw the links. The answers stay, but no device can see or change them.

    Returns:
        The number of links that were in use.
    """
    append_entries(path, (ErasureEntry(WITHDRAWN, questionnaire, seat, by) for seat in seats))
    return _mark(stores, questionnaire, seats, withdrawn=True)


def restore(stores: Stores, path: Path, questionnaire: str, seats: Collection[int]) -> int:
    """Append entries to the list, then restore withdrawn links and the access of their devices.

    Returns:
        The number of links that were withdrawn.
    """
    append_entries(path, (ErasureEntry(RESTORED, questionnaire, seat) for seat in seats))
    return _mark(stores, questionnaire, seats, withdrawn=False)


def reissue(stores: Stores, path: Path, questionnaire: str, links: Iterable[tuple[int, str, str]]) -> None:
    """Append entries to the list, then replace personal links, all or none. Devices with an old link lose access to the answers.

    Args: links: seat, hash of its link, hash of its new link.
    """
    entries = [ErasureEntry(REISSUED, questionnaire, seat, f"{old}/{new}") for seat, old, new in links]
    append_entries(path, entries)
    erasures.replace_links(stores.identity, ((entry.number, find_current_link(entry)) for entry in entries))
    erasures.set_names(stores.answers, (name for entry in entries for name in stores.name_replaced(entry)), withdrawn=True)


def find_current_link(entry: ErasureEntry) -> str:
    """The hash of the valid link of a replacement."""
    return entry.by.rpartition("/")[2]


def _mark(stores: Stores, questionnaire: str, seats: Collection[int], *, withdrawn: bool) -> int:
    """Mark the seats first: a valid link could start a response that is not closed."""
    changed = erasures.mark_withdrawn(stores.identity, seats, withdrawn=withdrawn)
    mark_responses(stores, questionnaire, seats, withdrawn=withdrawn)
    return changed


def mark_responses(stores: Stores, questionnaire: str, seats: Iterable[int], *, withdrawn: bool) -> int:
    """Close the responses of seats to all devices, or open them again; return the number of changed seats."""
    names = (stores.name_withdrawn(ErasureEntry(WITHDRAWN, questionnaire, seat)) for seat in seats)
    return erasures.set_names(stores.answers, names, withdrawn=withdrawn)


def apply_entries(stores: Stores, entries: Iterable[ErasureEntry]) -> int:
    """Apply entries to both stores. Idempotent. Return the number of entries that were not in effect."""
    return sum([_APPLY[entry.kind](stores, entry) for entry in entries])


def apply_list(stores: Stores, path: Path) -> tuple[int, int]:
    """Apply the whole list after a backup was restored.

    Returns:
        The number of entries, and of those that were not in effect.

    Raises:
        BrokenListError: when a line is invalid.
    """
    entries = read_entries(path)
    back = apply_entries(stores, entries)
    clear_files(stores)
    return len(entries), back


def list_not_in_effect(stores: Stores, entries: Iterable[ErasureEntry]) -> list[ErasureEntry]:
    """The entries that are not in effect, for example after an older backup was restored."""
    return [entry for entry in entries if _is_not_in_effect(stores, entry)]


def _is_not_in_effect(stores: Stores, entry: ErasureEntry) -> bool:
    if entry.kind == ERASED_RESPONSE:
        return stores.find_response(entry) is not None
    if entry.kind == REISSUED:
        closed = all(erasures.has_name(stores.answers, name) for name in stores.name_replaced(entry))
        return not closed or erasures.find_link(stores.identity, entry.number) not in (None, find_current_link(entry))
    withdrawn = erasures.is_withdrawn(stores.identity, entry.number)
    if entry.kind != ERASED:
        return (entry.kind == RESTORED) in (withdrawn, erasures.has_name(stores.answers, stores.name_withdrawn(entry)))
    return withdrawn is not None or erasures.has_answers(stores.answers, entry.questionnaire, stores.pseudonym(entry))


def _erase(stores: Stores, entry: ErasureEntry) -> bool:
    """Delete the seat first: its link could start the response again."""
    seat = erasures.erase_seat(stores.identity, entry.number)
    found = erasures.erase_answers(stores.answers, entry.questionnaire, stores.pseudonym(entry), stores.name_waiting)
    mark_responses(stores, entry.questionnaire, [entry.number], withdrawn=False)
    return found or seat


def _erase_response(stores: Stores, entry: ErasureEntry) -> bool:
    id = stores.find_response(entry)
    return id is not None and erasures.erase_response(stores.answers, entry.questionnaire, id, stores.name_waiting)


def _set_withdrawn(stores: Stores, entry: ErasureEntry) -> bool:
    """Mark the seat first: a valid link could start a response that is not closed."""
    withdrawn = entry.kind == WITHDRAWN
    seat = erasures.mark_withdrawn(stores.identity, [entry.number], withdrawn=withdrawn)
    return bool(mark_responses(stores, entry.questionnaire, [entry.number], withdrawn=withdrawn) or seat)


def _reissue(stores: Stores, entry: ErasureEntry) -> bool:
    """A seat that is missing after a restore has no link to replace."""
    lost = erasures.find_link(stores.identity, entry.number) not in (None, find_current_link(entry))
    if lost:
        erasures.replace_links(stores.identity, [(entry.number, find_current_link(entry))])
    return bool(erasures.set_names(stores.answers, stores.name_replaced(entry), withdrawn=True)) or lost


_APPLY: dict[str, Callable[[Stores, ErasureEntry], bool]] = {
    ERASED: _erase,
    ERASED_RESPONSE: _erase_response,
    WITHDRAWN: _set_withdrawn,
    RESTORED: _set_withdrawn,
    REISSUED: _reissue,
}
"""Kind of entry → function that applies it and returns whether it was not in effect."""
