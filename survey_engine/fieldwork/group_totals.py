"""Totals of groups: how many persons of an institution, or with one of its labels, have started and completed.

Only the worker counts. The stored totals have no number from which fewer than `SMALLEST` persons follow, neither alone nor beside
the total of another group of the institution.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Container, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import islice

from survey_engine.fieldwork.contact_keys import ContactKeys
from survey_engine.fieldwork.invitations.seat_maker import EXCLUDED, LABELS
from survey_engine.fieldwork.joint_totals import SMALLEST, ShownTotal, are_safe
from survey_engine.fieldwork.rosters.label_checks import Labels, find_shown, normalise_label
from survey_engine.fieldwork.signing import hash_for, make_pseudonym
from survey_engine.storage.database import Database, read_now
from survey_engine.storage.group_totals import GroupTotal, list_groups, set_totals
from survey_engine.storage.identity import BATCH, EncryptedSeat
from survey_engine.storage.response_counts import count_without_seat, find_completion_by_pseudonym
from survey_engine.storage.roster_seats import iter_seats

Group = tuple[str, str]
"""The code of a kind of label, such as class, and a label."""

Summary = tuple[int | None, int | None, int | None]
"""The numbers of persons, and of those who started and completed."""
_ANYBODY = 10**9
EVERYBODY: Group = ("", "")
"""All persons of an institution."""


def name_group(key: str, questionnaire: str, institution: str, code: str, label: str) -> str:
    """The stored name of a group: a keyed hash."""
    return hash_for("group", key, questionnaire, institution, code, normalise_label(label)).hex()[:32]


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
    overlaps: Counter[tuple[Group, Group]] = field(default_factory=Counter)
    """Two groups of one person → number of persons in both."""
    without_seat: tuple[int, int] = (0, 0)
    """Started and completed responses by the open link: nobody knows how many persons could come in by it."""
    spellings: dict[Group, str] = field(default_factory=dict)
    """Group → its label as a list has it."""

    def add(self, groups: Collection[Group], *, started: bool, completed: bool) -> None:
        """Add a person of these groups."""
        self.persons.update(groups)
        self.overlaps.update((one, other) for one in groups for other in groups)
        for counter, counts in ((self.started, started), (self.completed, completed)):
            counter.update(dict.fromkeys(groups, int(counts)))

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

    def summarise_all(self, groups: Iterable[Group]) -> dict[Group, Summary]:
        """The numbers of groups whose pages may be compared: the smallest groups first, all persons last.

        A number that would reveal a small one beside those of smaller groups is negative, a lower bound that follows from these; None
        without such a bound.
        """
        shown, found = self.list_shown(), dict[Group, Summary]()
        for group in sorted(groups, key=lambda group: (group == EVERYBODY, self.persons[group], group)):
            persons, started, completed = self.summarise(group, shown)
            found[group] = persons, self._protect(group, 1, started, found), self._protect(group, 2, completed, found)
        return found

    def _protect(self, group: Group, at: int, number: int | None, found: Mapping[Group, Summary]) -> int | None:
        """Args: at: position of the number in a summary."""
        if number is None:
            return None
        others = [other for other in found if found[other][at] is not None and self.overlaps[group, other]]
        pairs = [(self._know(other, found[other][at]), self.overlaps[group, other]) for other in others]
        inside = [other for other in others if self.overlaps[group, other] == self.persons[other]]
        for code in {code for code, _ in inside}:
            parts = [self._know(other, found[other][at]) for other in inside if other[0] == code]
            union = ShownTotal(*map(sum, zip(*parts, strict=True)))
            pairs.append((union, union.persons))
        known = self._know(group, number)
        if all(are_safe(known, total, both) for total, both in pairs):
            return number
        bound = max((total.least for total, both in pairs if total.persons == both), default=0)
        return -bound if bound >= SMALLEST else None

    def _know(self, group: Group, number: int | None) -> ShownTotal:
        """What a stored number tells; anybody may come in by an open link."""
        is_open = group == EVERYBODY and any(self.without_seat)
        persons = self.persons[group] + (_ANYBODY if is_open else 0)
        if number is None or number < 0:
            return ShownTotal(persons, -(number or 0), persons)
        if number < SMALLEST:
            return ShownTotal(persons, 0, min(SMALLEST - 1, persons))
        return ShownTotal(persons, number, number if is_exact(number, persons) else persons)


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
            shown = counts.summarise_all([group for name, group in found.items() if name in names])
            summaries = {name: shown[found[name]] if name in found else (None, None, None) for name in names}
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
                    labels = dict(self._list_groups(seat))
                    for group, label in labels.items():
                        counts.spellings.setdefault(group, label)
                    pseudonym = pseudonyms[seat.id]
                    counts.add([*labels], started=pseudonym in completion, completed=completion.get(pseudonym, False))
        return counts

    def _list_groups(self, stored: EncryptedSeat) -> list[tuple[Group, str]]:
        """The groups of a person with their labels as written; none of somebody who is not asked."""
        details = json.loads(self.keys.decrypt(stored.details)) if stored.details else {}
        if stored.withdrawn or details.get(EXCLUDED):
            return []
        labels = details.get(LABELS, {}).items()
        return [(EVERYBODY, ""), *(((code, normalise_label(label)), label) for code, label in labels if label)]
