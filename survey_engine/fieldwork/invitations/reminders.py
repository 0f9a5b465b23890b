"""Reminders: the rows of links.csv whose person has neither completed nor been withdrawn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from survey_engine.fieldwork.invitations.link_lists import LinkList, write_list
from survey_engine.fieldwork.rosters.mistakes import RosterError
from survey_engine.fieldwork.signing import make_pseudonym
from survey_engine.storage.answers import find_completed
from survey_engine.storage.database import Database
from survey_engine.storage.identity import BATCH, SealedSeat

COMPLETED, WITHDRAWN, UNKNOWN, REPEATED, REMIND = "completed", "withdrawn", "unknown", "repeated", "remind"


@dataclass(frozen=True, slots=True)
class Reminders:
    """Tells who on a list is to be reminded: neither completed nor withdrawn."""

    answers: Database
    identity: Database
    pseudonym_key: str
    questionnaire: str

    def iter_open(self, links: LinkList, count: Callable[[str], None], seen: set[int]) -> Iterator[list[str]]:
        """The rows of those to remind.

        Args:
            count: is told of each row what it is.
            seen: seats that were on an earlier list; those of this list are added.
        """
        rows = links.iter_seats(self.identity, self.questionnaire)
        while batch := list(islice(rows, BATCH)):
            done = self._find_completed([seat for *_, seat in batch if seat])
            for _, cells, seat in batch:
                state = _judge(seat, done, seen)
                count(state)
                if seat:
                    seen.add(seat.id)
                if state == REMIND:
                    yield cells

    def _find_completed(self, seats: Collection[SealedSeat]) -> set[int]:
        found = {make_pseudonym(self.pseudonym_key, self.questionnaire, seat.id): seat.id for seat in seats}
        return {found[pseudonym] for pseudonym in find_completed(self.answers, self.questionnaire, found)}


def _judge(seat: SealedSeat | None, done: Collection[int], seen: Collection[int]) -> str:
    if seat is None:
        return UNKNOWN
    if seat.id in seen:
        return REPEATED
    return COMPLETED if seat.id in done else WITHDRAWN if seat.withdrawn else REMIND


def write_reminders(path: Path, lists: Sequence[LinkList], reminders: Reminders, key: str = "") -> tuple[Counter[str], int]:
    """Write those rows of all lists whose person has neither completed nor been withdrawn.

    Args:
        key: the column that names a person, who may have several links.

    Returns:
        How many rows are what, and how many persons are written: by their key, or else by their links.

    Raises:
        RosterError: when the lists do not have the same columns, or no such column.
    """
    counts: Counter[str] = Counter()
    persons: set[int] = set()
    seen: set[int] = set()
    first = lists[0]
    for other in lists[1:]:
        if other.header != first.header:
            raise RosterError(other.text.path, f"it has other columns than {first.text.path}. Remind by each list apart.", 1)

    def count(state: str) -> None:
        counts[state] += 1

    place = first.find_column(key) if key else None

    def iter_rows() -> Iterator[list[str]]:
        for links in lists:
            for cells in reminders.iter_open(links, count, seen):
                if place is not None:
                    persons.add(hash(cells[place].strip()))
                yield cells

    write_list(path, first, iter_rows())
    return counts, len(persons) if key else counts[REMIND]
