"""Erasure and withdrawal, which can be undone: carried out on both stores, and kept on a list that is carried out again after a restore.

The list lies outside both stores. A line holds what was done, to which questionnaire, and a number: of the seat, or where there
is none a keyed hash of the response's. It leads to no person without the store of identities, and to no answer without the
pseudonym key.
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
from survey_engine.storage.database import Database, keep_private
from survey_engine.storage.identity import list_seats
from survey_engine.storage.leftovers import clear_leftovers

ERASED, WITHDRAWN, RESTORED, REISSUED, ERASED_RESPONSE = "erased", "withdrawn", "restored", "reissued", "erased response"
BY_LINK, BY_FILE, BY_LIST = "link", "file", "list"
"""How a link was withdrawn: named by itself, in a file of links, or because its person was no longer on a list."""
_BY = re.compile(f"(?:{BY_LINK}|{BY_FILE}|{BY_LIST})?")
_LINKS = re.compile("[0-9a-f]{64}(/[0-9a-f]{64})+")
TABLES = {"answers": ("response", "page", "panel_waiting", "withdrawn_response"), "identity": ("seat",)}
"""What holds rows that are erased, by store."""


class BrokenList(Exception):  # noqa: N818 - the name says what it is
    """The list holds a line that nobody can carry out; the message names it and ends with the remedy."""


class Deed(NamedTuple):
    """One thing that was taken back: all of a seat, or its link alone, or a response without a seat; or a link given back or replaced."""

    what: str
    questionnaire: str
    number: int
    """The seat's; of a response without a seat a keyed hash, which a restored backup cannot change."""
    by: str = ""
    """Of a withdrawal: how it came. Of a replacement: hashes of the seat's links with slashes between them, the one in force last."""


@dataclass(frozen=True, slots=True)
class Stores:
    """What deeds are carried out on."""

    answers: Database
    identity: Database
    key: str
    """The pseudonym key: it leads from a seat to its response."""
    _numbered: dict[str, dict[int, int]] = field(default_factory=dict)
    """Questionnaire → number on the list → response, once that was asked for."""

    def pseudonym(self, deed: Deed) -> str:
        return make_pseudonym(self.key, deed.questionnaire, deed.number)

    def name_withdrawn(self, deed: Deed) -> str:
        return make_withdrawn_name(self.key, self.pseudonym(deed))

    def name_replaced(self, deed: Deed) -> list[str]:
        """Of all links but the one in force, and of devices of releases that did not tell links apart."""
        *replaced, current = deed.by.split("/")
        entries = ["", *(make_entry(self.key, link) for link in {*replaced} - {current})]
        return [make_entry_name(self.key, self.pseudonym(deed), entry) for entry in entries]

    def name_waiting(self, response: int) -> str:
        return make_waiting_name(self.key, response)

    def hash_number(self, questionnaire: str, response: int) -> int:
        """The number of a response without a seat on the list."""
        return int.from_bytes(hash_for("erased", self.key, questionnaire, response)[:7], "big")

    def find_response(self, deed: Deed) -> int | None:
        """The response that a deed names by a hash: the hashes of all responses to the questionnaire are made once."""
        code = deed.questionnaire
        if code not in self._numbered:
            self._numbered[code] = {self.hash_number(code, id): id for id in erasures.list_answers(self.answers, code)}
        return self._numbered[code].get(deed.number)


class Past(NamedTuple):
    """What the list holds about the seats of a questionnaire."""

    erased: Collection[int] = frozenset()
    withdrawn: Collection[int] = frozenset()
    replaced: Mapping[int, Deed] = MappingProxyType({})
    """Seat → the replacement of its link."""


def note(path: Path, deeds: Iterable[Deed]) -> None:
    """Add deeds to the list; they are on disk when this returns."""
    lines = [f"{deed.what},{deed.questionnaire},{deed.number}{deed.by and ','}{deed.by}\n" for deed in deeds]
    if not lines:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with keep_private(path).open("a") as file:
        file.writelines(lines)
        file.flush()
        os.fsync(file.fileno())


def read_deeds(path: Path) -> list[Deed]:
    """What is on the list and still holds; nothing when there is no list.

    Raises:
        BrokenList: when a line cannot be read.
    """
    lines = path.read_text().splitlines() if path.is_file() else []
    deeds: dict[
        tuple[str, str, int], Deed
    ] = {}  # of withdrawals and restorations of one link the last one holds, of new links too
    for at, line in enumerate(lines, 1):
        what, questionnaire, number, by, *rest = *line.split(","), "", "", "", ""
        form = _LINKS if what == REISSUED else _BY
        if what not in _CARRY_OUT or not number.isdecimal() or not form.fullmatch(by) or any(rest):
            raise BrokenList(f"{path}:{at}: this is no erasure. Put back the line from a copy of the list.")
        deed = Deed(what, questionnaire, int(number), by)
        if before := deeds.get((REISSUED, questionnaire, deed.number)) if what == REISSUED else None:
            deed = deed._replace(by=f"{before.by}/{by}")
        deeds[WITHDRAWN if what == RESTORED else what, questionnaire, deed.number] = deed
        for about_link in (WITHDRAWN, REISSUED) if what == ERASED else ():
            deeds.pop((about_link, questionnaire, deed.number), None)
    return list(deeds.values())


def read_past(path: Path, questionnaire: str) -> Past:
    """Raises BrokenList when a line cannot be read."""
    seats: dict[str, dict[int, Deed]] = {ERASED: {}, WITHDRAWN: {}, REISSUED: {}}
    for deed in read_deeds(path):
        if deed.questionnaire == questionnaire and deed.what in seats:
            seats[deed.what][deed.number] = deed
    return Past(seats[ERASED].keys(), seats[WITHDRAWN].keys(), seats[REISSUED])


class Erasure(NamedTuple):
    """What came of one."""

    answered: bool
    """Whether there was a response."""
    cleared: bool
    """Whether nothing is left of it in the stores' files."""


def erase(stores: Stores, path: Path, deed: Deed) -> Erasure:
    """Erase what a deed names; noted on the list first."""
    note(path, [deed])
    answered = deed.what != ERASED or erasures.has_answers(stores.answers, deed.questionnaire, stores.pseudonym(deed))
    carry_out(stores, [deed])
    return Erasure(answered, clear_files(stores))


def count_seatless(stores: Stores) -> tuple[int, int]:
    """How many responses to personal links have no seat, as after the restore of an older backup of the seats; and how many in all."""
    named = erasures.list_pseudonyms(stores.answers)
    total = sum(map(len, named.values()))
    for questionnaire, pseudonyms in named.items():
        pseudonyms.difference_update(
            make_pseudonym(stores.key, questionnaire, seat) for seat in list_seats(stores.identity, questionnaire)
        )
    return sum(map(len, named.values())), total


def clear_files(stores: Stores) -> bool:
    """Clear what erased rows left in the files, as far as others who use the stores let it; returns whether that was all."""
    cleared = [clear_leftovers(store, *TABLES[store.store]) for store in (stores.answers, stores.identity)]
    return all(cleared)


def find_by_private_key(stores: Stores, questionnaire: str, private_key: str) -> Deed | None:
    """The erasure of the response with this private key, and of the seat that it was started from, if there is one."""
    found = erasures.find_by_key(stores.answers, questionnaire, hash_private_key(stores.key, questionnaire, private_key))
    if found is None:
        return None
    id, pseudonym = found
    for seat in list_seats(stores.identity, questionnaire) if pseudonym else ():
        if make_pseudonym(stores.key, questionnaire, seat) == pseudonym:
            return Deed(ERASED, questionnaire, seat)
    return Deed(ERASED_RESPONSE, questionnaire, stores.hash_number(questionnaire, id))


def read_withdrawn(path: Path, questionnaire: str, by: str) -> set[int]:
    """The seats whose links are noted as withdrawn in another way than this one.

    Raises:
        BrokenList: when a line cannot be read.
    """
    deeds = (deed for deed in read_deeds(path) if deed.what == WITHDRAWN and deed.questionnaire == questionnaire)
    return {deed.number for deed in deeds if deed.by not in ("", by)}


def withdraw(stores: Stores, path: Path, questionnaire: str, seats: Collection[int], by: str = BY_LINK) -> int:
    """Withdraw personal links; noted on the list first. What was answered stays, and no device adds to it or sees it.

    Returns:
        How many links were in use.
    """
    note(path, (Deed(WITHDRAWN, questionnaire, seat, by) for seat in seats))
    return _mark(stores, questionnaire, seats, withdrawn=True)


def restore(stores: Stores, path: Path, questionnaire: str, seats: Collection[int]) -> int:
    """Give withdrawn links back, and their devices what was answered; noted on the list first.

    Returns:
        How many links were withdrawn.
    """
    note(path, (Deed(RESTORED, questionnaire, seat) for seat in seats))
    return _mark(stores, questionnaire, seats, withdrawn=False)


def reissue(stores: Stores, path: Path, questionnaire: str, links: Iterable[tuple[int, str, str]]) -> None:
    """Replace personal links; noted on the list first. Devices that came in by the old ones neither see nor add to the answers.

    Args: links: seat, hash of its link and of the one that replaces it. All are replaced, or none.
    """
    deeds = [Deed(REISSUED, questionnaire, seat, f"{old}/{new}") for seat, old, new in links]
    note(path, deeds)
    erasures.replace_links(stores.identity, ((deed.number, get_current(deed)) for deed in deeds))
    erasures.set_names(stores.answers, (name for deed in deeds for name in stores.name_replaced(deed)), withdrawn=True)


def get_current(deed: Deed) -> str:
    """Of a replacement: the hash of the link in force."""
    return deed.by.rpartition("/")[2]


def _mark(stores: Stores, questionnaire: str, seats: Collection[int], *, withdrawn: bool) -> int:
    """The links go first: as long as one works, it could start a response that nothing closes."""
    changed = erasures.mark_withdrawn(stores.identity, seats, withdrawn=withdrawn)
    mark_responses(stores, questionnaire, seats, withdrawn=withdrawn)
    return changed


def mark_responses(stores: Stores, questionnaire: str, seats: Iterable[int], *, withdrawn: bool) -> int:
    """Close what is or will be answered from seats to every device, or open it again; returns how many that changed."""
    names = (stores.name_withdrawn(Deed(WITHDRAWN, questionnaire, seat)) for seat in seats)
    return erasures.set_names(stores.answers, names, withdrawn=withdrawn)


def carry_out(stores: Stores, deeds: Iterable[Deed]) -> int:
    """Do what the deeds say, as often as one likes; returns how many were not in effect."""
    return sum([_CARRY_OUT[deed.what](stores, deed) for deed in deeds])


def carry_out_again(stores: Stores, path: Path) -> tuple[int, int]:
    """Carry out the whole list after a restore.

    Returns:
        How many deeds are on the list, and how many had come back.

    Raises:
        BrokenList: when a line cannot be read.
    """
    deeds = read_deeds(path)
    back = carry_out(stores, deeds)
    clear_files(stores)
    return len(deeds), back


def list_undone(stores: Stores, deeds: Iterable[Deed]) -> list[Deed]:
    """The deeds that are not in effect, as after the restore of a backup that is older than they are."""
    return [deed for deed in deeds if _is_undone(stores, deed)]


def _is_undone(stores: Stores, deed: Deed) -> bool:
    if deed.what == ERASED_RESPONSE:
        return stores.find_response(deed) is not None
    if deed.what == REISSUED:
        closed = all(erasures.has_name(stores.answers, name) for name in stores.name_replaced(deed))
        return not closed or erasures.find_link(stores.identity, deed.number) not in (None, get_current(deed))
    withdrawn = erasures.is_withdrawn(stores.identity, deed.number)
    if deed.what != ERASED:
        return (deed.what == RESTORED) in (withdrawn, erasures.has_name(stores.answers, stores.name_withdrawn(deed)))
    return withdrawn is not None or erasures.has_answers(stores.answers, deed.questionnaire, stores.pseudonym(deed))


def _erase(stores: Stores, deed: Deed) -> bool:
    """The seat goes first: as long as it is there, its link could start the response anew."""
    seat = erasures.erase_seat(stores.identity, deed.number)
    found = erasures.erase_answers(stores.answers, deed.questionnaire, stores.pseudonym(deed), stores.name_waiting)
    mark_responses(stores, deed.questionnaire, [deed.number], withdrawn=False)
    return found or seat


def _erase_response(stores: Stores, deed: Deed) -> bool:
    id = stores.find_response(deed)
    return id is not None and erasures.erase_response(stores.answers, deed.questionnaire, id, stores.name_waiting)


def _set_withdrawn(stores: Stores, deed: Deed) -> bool:
    """The link goes first: as long as it works, it could start a response that nothing closes."""
    withdrawn = deed.what == WITHDRAWN
    seat = erasures.mark_withdrawn(stores.identity, [deed.number], withdrawn=withdrawn)
    return bool(mark_responses(stores, deed.questionnaire, [deed.number], withdrawn=withdrawn) or seat)


def _reissue(stores: Stores, deed: Deed) -> bool:
    """A seat that a restore lost has no link to replace."""
    lost = erasures.find_link(stores.identity, deed.number) not in (None, get_current(deed))
    if lost:
        erasures.replace_links(stores.identity, [(deed.number, get_current(deed))])
    return bool(erasures.set_names(stores.answers, stores.name_replaced(deed), withdrawn=True)) or lost


_CARRY_OUT: dict[str, Callable[[Stores, Deed], bool]] = {
    ERASED: _erase,
    ERASED_RESPONSE: _erase_response,
    WITHDRAWN: _set_withdrawn,
    RESTORED: _set_withdrawn,
    REISSUED: _reissue,
}
"""Kind of deed → function that carries it out; each says whether it was not in effect."""
