"""Totals of groups: how many persons of an institution, or with one of its labels, have started and completed.

Shown numbers rise in steps of `STEP` persons and never fall. They change only when a person starts or completes while the list is
unchanged. So neither one number nor the difference of two reveals fewer than `STEP` persons. Sums are sums of these steps.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import NamedTuple

from survey_engine.fieldwork.contact_keys import ContactKeys
from survey_engine.fieldwork.invitations.seat_maker import EXCLUDED, LABELS
from survey_engine.fieldwork.rosters.label_checks import normalise_label
from survey_engine.fieldwork.signing import hash_for, make_pseudonym
from survey_engine.model.questionnaire import Institution
from survey_engine.storage.database import Database, read_now
from survey_engine.storage.group_totals import (
    GroupTotal,
    ShownCount,
    list_shown,
    map_groups,
    set_shown,
    set_totals,
)
from survey_engine.storage.identity import ROWS_PER_READ, EncryptedSeat
from survey_engine.storage.response_counts import count_without_seat, find_completion_by_pseudonym
from survey_engine.storage.roster_seats import iter_seats

Group = tuple[str, str]
"""The code of a kind of label, such as class, and a label."""
ALL_PERSONS: Group = ("", "")
"""All persons of an institution, with all responses without a seat."""
OPEN_LINK: Group = ("", "open link")
"""Responses without a seat: by an open link, or by a launch that matched no seat."""
BY_OPEN_LINK, LOGIN = "open", "login"
"""Shared ways to enter: the open link, and the login by name."""
STEP = 5
"""Shown numbers are multiples of this."""
LEAST_PERSONS = 2 * STEP
"""Nothing is shown of groups with fewer persons."""


def name_group(key: str, questionnaire: str, institution: str, code: str, label: str) -> str:
    """Return the stored name of a group: a keyed hash."""
    return hash_for("group", key, questionnaire, institution, code, normalise_label(label)).hex()[:32]


def choose_entrance(institution: Institution, group: Group, persons: int | None) -> str:
    """Return how a group enters: `BY_OPEN_LINK`, `LOGIN`, or empty when each person has a personal link.

    Persons on a list get no open link: with it they could answer twice, and their responses would not count for the list.

    Args: persons: number of persons on the list, as in `GroupTotal`.
    """
    is_listed = group != OPEN_LINK and (group != ALL_PERSONS or persons != 0)
    if institution.has_open_link and not is_listed:
        return BY_OPEN_LINK
    return LOGIN if institution.login and group != OPEN_LINK else ""


def floor_to_step(number: int, persons: int | None) -> int:
    """Return the highest multiple of `STEP` that a number has reached and that leaves at least `STEP` other persons in the group.

    Args: persons: number of persons in the group; None when unknown.

    >>> [floor_to_step(number, 25) for number in (0, 4, 5, 14, 20, 25)], floor_to_step(29, None), floor_to_step(9, 9)
    ([0, 0, 5, 10, 20, 20], 25, 0)
    """
    most = number if persons is None else max(0, min(number, persons - STEP))
    return most - most % STEP


@dataclass(frozen=True, slots=True)
class Person:
    """A person who may answer."""

    seat: int
    labels: Mapping[str, str]
    """Code of a kind of label → label, normalised."""
    started: bool
    completed: bool


@dataclass(frozen=True, slots=True)
class InstitutionCount:
    """The persons of one institution."""

    persons: Sequence[Person]
    without_seat: tuple[int, int] = (0, 0)
    """Numbers of started and completed responses without a seat. How many persons have the open link is unknown."""
    spellings: Mapping[Group, str] = field(default_factory=dict)
    """Group → its label as written on a list."""

    @property
    def codes(self) -> set[str]:
        return {code for person in self.persons for code in person.labels}

    def count_groups(self) -> Counter[Group]:
        """Group → number of its persons."""
        groups = Counter(group for person in self.persons for group in person.labels.items())
        return Counter({ALL_PERSONS: len(self.persons), **groups})

    def split(self, kinds: Sequence[str]) -> dict[tuple[str, ...], list[Person]]:
        """Labels of these kinds → the persons with all of them. The key () has persons without labels and those of too small cells."""
        cells = defaultdict[tuple[str, ...], list[Person]](list)
        for person in self.persons:
            cells[tuple(person.labels.get(code, "") for code in kinds)].append(person)
        small = [labels for labels, persons in cells.items() if len(persons) < LEAST_PERSONS or not any(labels)]
        rest = [person for labels in small for person in cells.pop(labels)]
        return {**cells, (): rest} if rest else dict(cells)


class GroupPart(NamedTuple):
    """Shown numbers of persons with the same labels. No person is in two parts."""

    labels: Mapping[str, str]
    started: int
    completed: int


@dataclass(frozen=True, slots=True)
class ShownTotals:
    """Shown numbers of an institution."""

    count: InstitutionCount
    kinds: Collection[str]
    """Kinds of labels that have numbers."""
    parts: Sequence[GroupPart]
    persons: Counter[Group]
    open: GroupPart | None = None
    """Shown numbers of responses without a seat; None when there are none."""

    def summarise(self, group: Group) -> tuple[int | None, int | None, int | None]:
        """Return the number of persons, and lower bounds of how many have started and completed.

        The number of persons is None when it is unknown or under `LEAST_PERSONS`, and 0 without a list. The lower bounds are 0 when
        they are under `STEP`, and None when nothing may be shown.
        """
        if group == OPEN_LINK:
            return (None, self.open.started, self.open.completed) if self.open else (None, None, None)
        persons = self.persons[group]
        shown = persons if not persons or persons >= LEAST_PERSONS else None
        by_link = [self.open] if group == ALL_PERSONS and self.open else []
        return shown, *(self.sum_steps(group, by_link) if shown or by_link else (None, None))

    def summarise_list(self) -> tuple[int | None, int | None, int | None]:
        """As `summarise`, for all persons with a seat."""
        return replace(self, open=None).summarise(ALL_PERSONS)

    def sum_steps(self, group: Group, more: Sequence[GroupPart] = ()) -> tuple[int | None, int | None]:
        """Return lower bounds of how many have started and completed. An empty label stands for persons without such a label."""
        code, label = group
        if code and code not in self.kinds:
            return None, None
        parts = [*(part for part in self.parts if part.labels.get(code, "") == label), *more]
        sums = sum(part.started for part in parts), sum(part.completed for part in parts)
        started, completed = (number if number or len(parts) == 1 else None for number in sums)
        return started, completed


@dataclass(frozen=True, slots=True)
class Steps:
    """Computes the shown numbers of an institution."""

    key: str
    questionnaire: str
    institution: str

    def take(
        self, count: InstitutionCount, codes: Collection[str], held: Collection[ShownCount]
    ) -> tuple[ShownTotals, list[ShownCount]]:
        """Return the shown numbers, and the steps to store.

        Args:
            codes: kinds of labels that get numbers from now on, besides all kinds that ever had numbers. The first kinds get numbers only
                when the total that was shown before does not narrow the possible numbers of a part.
            held: the stored steps.
        """
        known = {kind for step in held for kind in json.loads(step.kinds)}
        kinds = sorted({*codes, *known})
        before, parts, reached = {step.name: step for step in held}, list[GroupPart](), list[ShownCount]()
        counted = list(self._count_parts(count, kinds))
        if (
            kinds
            and not known
            and any(_is_narrowed(before.get(total.name), counted) for *_, total in self._count_parts(count, ()))
        ):
            kinds, counted = [], list(self._count_parts(count, ()))
        for labels, persons, now in counted:
            step = _advance(before.get(now.name), now)
            limit = floor_to_step(len(persons), len(persons))
            parts.append(GroupPart(dict(zip(kinds, labels, strict=False)), min(step.started, limit), min(step.completed, limit)))
            reached.append(step)
        by_link = None
        if any(count.without_seat):
            now = self._count(kinds, ("open link",) * (len(kinds) + 1), count.without_seat, (), None)
            step = _advance(before.get(now.name), now)
            by_link = GroupPart({}, step.started, step.completed)
            reached.append(step)
        return ShownTotals(count, kinds, parts, count.count_groups(), by_link), reached

    def _count_parts(
        self, count: InstitutionCount, kinds: Sequence[str]
    ) -> Iterator[tuple[tuple[str, ...], list[Person], ShownCount]]:
        """Yield labels, persons and present steps of each part, without the stored steps."""
        for labels, persons in count.split(kinds).items():
            numbers = sum(person.started for person in persons), sum(person.completed for person in persons)
            yield labels, persons, self._count(kinds, labels, numbers, sorted(person.seat for person in persons), len(persons))

    def _count(
        self, kinds: Sequence[str], labels: Sequence[str], numbers: tuple[int, int], members: Sequence[int], persons: int | None
    ) -> ShownCount:
        """Return the present steps of a part, without the stored steps."""
        place = self.questionnaire, self.institution, json.dumps(kinds)
        name, members_hash, progress = (
            hash_for(purpose, self.key, *place, json.dumps(labels), *about).hex()[:32]
            for purpose, about in (("part", ()), ("members", members), ("progress", numbers))
        )
        return ShownCount(name, *place, members_hash, progress, *(floor_to_step(number, persons) for number in numbers))


def _advance(before: ShownCount | None, now: ShownCount) -> ShownCount:
    """Return the stored steps, raised to the present ones. A change of the list raises none: that would reveal the new person."""
    if before is None:
        return now
    if before.members != now.members or before.progress == now.progress:
        return now._replace(started=before.started, completed=before.completed)
    return now._replace(started=max(before.started, now.started), completed=max(before.completed, now.completed))


def _is_narrowed(total: ShownCount | None, parts: Sequence[tuple[Sequence[str], Sequence[Person], ShownCount]]) -> bool:
    """Whether the shown total excludes some of the numbers that the step of a part allows.

    A part may have up to `STEP - 1` persons more than its step. Nothing is excluded if the excess of the total over the sum of all steps
    is at least `STEP - 1`, and at most what all parts but the one with the most room can hold.
    """
    if total is None:
        return False
    for name in ("started", "completed"):
        shown, steps = getattr(total, name), [getattr(now, name) for *_, now in parts]
        rooms = [min(STEP - 1, len(persons) - step) for (_, persons, _), step in zip(parts, steps, strict=True)]
        if shown and not STEP - 1 <= shown - sum(steps) <= sum(rooms) - max(rooms):
            return True
    return False


@dataclass(frozen=True, slots=True)
class Totals:
    """Counts and shows the groups of an installation."""

    answers: Database
    identity: Database
    keys: ContactKeys
    pseudonym_key: str

    def refresh(self) -> int:
        """Count all groups and store their totals; return the number of groups.

        Raises:
            LostContactKeyError: when a seat was encrypted with an unknown key.
        """
        groups = map_groups(self.identity)
        now = read_now(self.identity).timestamp()
        for (questionnaire, institution), names in groups.items():
            count = self.count_institution(questionnaire, institution)
            named = {
                name: group
                for group in (*count.count_groups(), OPEN_LINK)
                if (name := name_group(self.pseudonym_key, questionnaire, institution, *group)) in names
            }
            shown = self.show(questionnaire, institution, count, {code for code, _ in named.values() if code})
            summaries = {name: shown.summarise(named[name]) if name in named else (None, None, None) for name in names}
            set_totals(self.identity, (GroupTotal(name, *summary, now) for name, summary in summaries.items()))
        return sum(map(len, groups.values()))

    def show(self, questionnaire: str, institution: str, count: InstitutionCount, codes: Collection[str]) -> ShownTotals:
        """Store the steps that an institution has reached, and return its shown numbers.

        Args: codes: kinds of labels that get numbers from now on.
        """
        held = list_shown(self.identity, questionnaire, institution)
        shown, reached = Steps(self.pseudonym_key, questionnaire, institution).take(count, codes, held)
        set_shown(self.identity, [step for step in reached if step not in held])
        return shown

    def count_institution(self, questionnaire: str, institution: str) -> InstitutionCount:
        """Count the persons of an institution whose link is in use and who are not excluded."""
        persons, spellings = list[Person](), dict[Group, str]()
        with self.identity.read() as connection:
            stored = iter_seats(connection, questionnaire, [institution])
            while batch := list(islice(stored, ROWS_PER_READ)):
                pseudonyms = {seat.id: make_pseudonym(self.pseudonym_key, questionnaire, seat.id) for seat in batch}
                completion = find_completion_by_pseudonym(self.answers, questionnaire, list(pseudonyms.values()))
                for seat, written in self._iter_asked(batch):
                    labels = {code: normalise_label(label) for code, label in written.items()}
                    for code, label in labels.items():
                        spellings.setdefault((code, label), written[code])
                    name = pseudonyms[seat]
                    persons.append(Person(seat, labels, name in completion, completion.get(name, False)))
        return InstitutionCount(persons, count_without_seat(self.answers, questionnaire, institution), spellings)

    def _iter_asked(self, seats: Iterable[EncryptedSeat]) -> Iterator[tuple[int, dict[str, str]]]:
        """Iterate over the numbers of seats whose persons are invited, with their labels as written."""
        for seat in seats:
            details = json.loads(self.keys.decrypt(seat.details)) if seat.details else {}
            if not (seat.withdrawn or details.get(EXCLUDED)):
                yield seat.id, {code: label for code, label in details.get(LABELS, {}).items() if label}
