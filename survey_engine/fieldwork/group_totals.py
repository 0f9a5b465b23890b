"""Totals of groups: how many persons of an institution, or with one of its labels, have started and completed.

Only the worker counts. The stored totals have no number from which fewer than `SMALLEST` persons follow.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Container
from dataclasses import dataclass, field
from itertools import islice

from survey_engine.fieldwork.contact_keys import ContactKeys
from survey_engine.fieldwork.invitations.seat_maker import EXCLUDED, LABELS
from survey_engine.fieldwork.rosters.label_checks import Labels, find_shown
from survey_engine.fieldwork.signing import hash_for, make_pseudonym
from survey_engine.storage.database import Database, read_now
from survey_engine.storage.group_totals import GroupTotal, list_groups, set_totals
from survey_engine.storage.identity import BATCH, EncryptedSeat
from survey_engine.storage.response_counts import count_without_seat, find_completion_by_pseudonym
from survey_engine.storage.roster_seats import iter_seats

Group = tuple[str, str]
"""The code of a kind of label, such as class, and a label."""

SMALLEST = 5
"""The smallest number of persons that is shown, and the smallest number of others."""
EVERYBODY: Group = ("", "")
"""All persons of an institution."""


def normalise(label: str) -> str:
    """A label without differences of case and white-space."""
    return " ".join(label.split()).casefold()


def name_group(key: str, questionnaire: str, institution: str, code: str, label: str) -> str:
    """The stored name of a group: a keyed hash."""
    return hash_for("group", key, questionnaire, institution, code, normalise(label)).hex()[:32]


def coarsen(number: int, persons: int | None) -> int:
    """Return a lower bound of a number of persons that does not reveal fewer than `SMALLEST` of them, or of the others.

    Args: persons: all persons of the group; None when unknown.

    >>> [coarsen(number, 30) for number in (0, 4, 5, 25, 26, 30)], coarsen(29, None), coarsen(6, 8)
    ([0, 0, 5, 25, 26, 26], 29, 5)
    """
    if number < SMALLEST:
        return 0
    return number if persons is None else min(number, max(SMALLEST, persons - SMALLEST + 1))


def is_exact(number: int, persons: int | None) -> bool:
    """Whether a number of `coarsen` is the number of persons, and not only a lower bound."""
    return number >= SMALLEST and (persons is None or number <= persons - SMALLEST)


@dataclass(frozen=True, slots=True)
class GroupCounts:
    """Numbers of persons of one institution, by code and label; `EVERYBODY` counts all."""

    persons: Counter[Group] = field(default_factory=Counter)
    started: Counter[Group] = field(default_factory=Counter)
    completed: Counter[Group] = field(default_factory=Counter)
    without_seat: tuple[int, int] = (0, 0)
    """Started and completed responses by the open link: nobody knows how many persons could come in by it."""
    spellings: dict[Group, str] = field(default_factory=dict)
    """Group → its label as a list has it."""

    @property
    def codes(self) -> set[str]:
        return {code for code, _ in self.persons if code}

    def list_shown(self) -> set[Group]:
        """The groups of `SMALLEST` persons or more; without the smallest of these when the others of its code follow from it."""
        found = set[Group]()
        for code in self.codes:
            sizes: Counter[Labels] = Counter({(label,): size for (kind, label), size in self.persons.items() if kind == code})
            sizes[("",)] = self.persons[EVERYBODY] - sizes.total()
            found.update((code, labels[0]) for labels in find_shown(+sizes, SMALLEST))
        return found if self.persons[EVERYBODY] < SMALLEST else {*found, EVERYBODY}

    def summarise(self, group: Group, shown: Container[Group]) -> tuple[int | None, int | None, int | None]:
        """The numbers of persons, of those who started and of those who completed, as far as they may be stored."""
        without = self.without_seat if group == EVERYBODY else (0, 0)
        if group not in shown and not any(without):
            return None, None, None
        persons = None if any(without) else self.persons[group]
        started, completed = self.started[group] + without[0], self.completed[group] + without[1]
        return persons, coarsen(started, persons), coarsen(completed, persons)


@dataclass(frozen=True, slots=True)
class Totals:
    """Counts the groups of an installation."""

    answers: Database
    identity: Database
    keys: ContactKeys
    pseudonym_key: str

    def refresh(self) -> int:
        """Count all groups and store their totals; return the number of groups.

        Raises:
            LostContactKeyError: when a seat was encrypted with an unknown key.
        """
        groups = list_groups(self.identity)
        now = read_now(self.identity).timestamp()
        for (questionnaire, institution), names in groups.items():
            counts = self.count_institution(questionnaire, institution)
            found = {
                name_group(self.pseudonym_key, questionnaire, institution, *group): group
                for group in (EVERYBODY, *counts.persons)
            }
            shown = counts.list_shown()
            summaries = {name: counts.summarise(found[name], shown) if name in found else (None, None, None) for name in names}
            set_totals(self.identity, (GroupTotal(name, *summary, now) for name, summary in summaries.items()))
        return sum(map(len, groups.values()))

    def count_institution(self, questionnaire: str, institution: str) -> GroupCounts:
        """Count the persons of an institution whose link is in use and who are not excluded."""
        counts = GroupCounts(without_seat=count_without_seat(self.answers, questionnaire, institution))
        with self.identity.read() as connection:
            stored = iter_seats(connection, questionnaire, [institution])
            while batch := list(islice(stored, BATCH)):
                pseudonyms = {seat.id: make_pseudonym(self.pseudonym_key, questionnaire, seat.id) for seat in batch}
                completion = find_completion_by_pseudonym(self.answers, questionnaire, list(pseudonyms.values()))
                for seat in batch:
                    for group, label in self._list_groups(seat):
                        counts.spellings.setdefault(group, label)
                        counts.persons[group] += 1
                        counts.started[group] += pseudonyms[seat.id] in completion
                        counts.completed[group] += completion.get(pseudonyms[seat.id], False)
        return counts

    def _list_groups(self, stored: EncryptedSeat) -> list[tuple[Group, str]]:
        """The groups of a person with their labels as written; none of somebody who is not asked."""
        details = json.loads(self.keys.decrypt(stored.details)) if stored.details else {}
        if stored.withdrawn or details.get(EXCLUDED):
            return []
        labels = details.get(LABELS, {}).items()
        return [(EVERYBODY, ""), *(((code, normalise(label)), label) for code, label in labels if label)]
