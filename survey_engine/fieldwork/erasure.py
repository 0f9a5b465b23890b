"""Erasure and withdrawal, which can be undone: carried out on both stores, and kept on a list that is carried out again after a restore.

The list lies outside both stores. A line holds what was done, to which questionnaire, and the seat's number: it leads to no
person without the store of identities, and to no answer without the pseudonym key.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from survey_engine.fieldwork.signing import make_pseudonym
from survey_engine.storage import erasures
from survey_engine.storage.database import Database, keep_private
from survey_engine.storage.identity import Seat

ERASED, WITHDRAWN, RESTORED = "erased", "withdrawn", "restored"


class BrokenList(Exception):  # noqa: N818 - the name says what it is
    """The list holds a line that nobody can carry out; the message names it and ends with the remedy."""


class Deed(NamedTuple):
    """One thing that was taken back, all of a seat or its link alone; or a link that was given back."""

    what: str
    questionnaire: str
    seat: int


@dataclass(frozen=True, slots=True)
class Stores:
    """What deeds are carried out on."""

    answers: Database
    identity: Database
    key: str
    """The pseudonym key: it leads from a seat to its response."""

    def pseudonym(self, deed: Deed) -> str:
        return make_pseudonym(self.key, deed.questionnaire, deed.seat)


def note(path: Path, deeds: Iterable[Deed]) -> None:
    """Add deeds to the list; they are on disk when this returns."""
    lines = [f"{deed.what},{deed.questionnaire},{deed.seat}\n" for deed in deeds]
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
    deeds: dict[tuple[bool, str, int], Deed] = {}  # of withdrawals and restorations of one link the last one holds
    for number, line in enumerate(lines, 1):
        what, questionnaire, seat, *rest = *line.split(","), "", "", ""
        if what not in (ERASED, WITHDRAWN, RESTORED) or not seat.isdecimal() or any(rest):
            raise BrokenList(f"{path}:{number}: this is no erasure. Put back the line from a copy of the list.")
        deeds[what == ERASED, questionnaire, int(seat)] = Deed(what, questionnaire, int(seat))
    return list(deeds.values())


def erase(stores: Stores, path: Path, seat: Seat) -> None:
    """Erase what was answered from a seat, and the seat; noted on the list first."""
    deed = Deed(ERASED, seat.questionnaire, seat.id)
    note(path, [deed])
    carry_out(stores, [deed])


def withdraw(identity: Database, path: Path, questionnaire: str, seats: Collection[int]) -> int:
    """Withdraw personal links; noted on the list first. What was answered stays. Returns how many were in use."""
    note(path, (Deed(WITHDRAWN, questionnaire, seat) for seat in seats))
    return erasures.mark_withdrawn(identity, seats, withdrawn=True)


def restore(identity: Database, path: Path, questionnaire: str, seats: Collection[int]) -> int:
    """Give withdrawn links back; noted on the list first. Returns how many were withdrawn."""
    note(path, (Deed(RESTORED, questionnaire, seat) for seat in seats))
    return erasures.mark_withdrawn(identity, seats, withdrawn=False)


def carry_out(stores: Stores, deeds: Iterable[Deed]) -> int:
    """Do what the deeds say, as often as one likes; returns how many were not in effect."""
    return sum([_erase(stores, deed) if deed.what == ERASED else _set_withdrawn(stores, deed) for deed in deeds])


def carry_out_again(stores: Stores, path: Path) -> tuple[int, int]:
    """Carry out the whole list after a restore, and give no new response the number of one that was lost.

    Returns:
        How many deeds are on the list, and how many had come back.

    Raises:
        BrokenList: when a line cannot be read.
    """
    deeds = read_deeds(path)
    back = carry_out(stores, deeds)
    erasures.skip_numbers(stores.answers)
    return len(deeds), back


def list_undone(stores: Stores, deeds: Iterable[Deed]) -> list[Deed]:
    """The deeds that are not in effect, as after the restore of a backup that is older than they are."""
    return [deed for deed in deeds if _is_undone(stores, deed)]


def _is_undone(stores: Stores, deed: Deed) -> bool:
    withdrawn = erasures.is_withdrawn(stores.identity, deed.seat)
    if deed.what != ERASED:
        return withdrawn is (deed.what == RESTORED)
    return withdrawn is not None or erasures.has_answers(stores.answers, deed.questionnaire, stores.pseudonym(deed))


def _erase(stores: Stores, deed: Deed) -> bool:
    """The seat goes first: as long as it is there, its link could start the response anew."""
    seat = erasures.erase_seat(stores.identity, deed.seat)
    return erasures.erase_answers(stores.answers, deed.questionnaire, stores.pseudonym(deed)) or seat


def _set_withdrawn(stores: Stores, deed: Deed) -> bool:
    return bool(erasures.mark_withdrawn(stores.identity, [deed.seat], withdrawn=deed.what == WITHDRAWN))
