"""Labels of responses that have begun: which of them follow a corrected list, and which combinations go with the answers.

A changed label reaches a response only with those of enough other persons: the change of one seat and one response would join them.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from survey_engine.fieldwork.rosters.label_checks import LabelValues, find_shown, normalise_label


def combine(labels: Mapping[str, object]) -> LabelValues:
    """The labels of a person as a combination, whatever the order of the variables and the spelling of the values."""
    return tuple([f"{name}={normalise_label(str(label))}" for name, label in sorted(labels.items()) if label not in ("", None)])


class LabelChange(NamedTuple):
    """The labels of a person over time."""

    begun: LabelValues
    """Those of the response; empty if it has not begun, or began without labels."""
    before: LabelValues
    """Those of the response, else those before the last list that changed them."""
    now: LabelValues


@dataclass(slots=True)
class InstitutionLabels:
    """The labels of the persons of one institution."""

    names: set[str] = field(default_factory=set)
    """The background variables that labels become."""
    least: int = 1
    persons: Counter[LabelChange] = field(default_factory=Counter)
    spellings: dict[tuple[str, str], Counter[Any]] = field(default_factory=lambda: defaultdict(Counter))
    """Variable and normalised label → labels as written → number of persons."""
    current: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    """Pseudonym of a response → the labels that its seat has now."""
    seats: set[LabelValues] = field(default_factory=set)
    """The combinations that go with the answers of persons who begin now; known after `decide`."""
    responses: set[LabelValues] = field(default_factory=set)
    """The combinations that go with the answers of responses that have begun; known after `decide`."""
    corrected: set[tuple[LabelValues, LabelValues]] = field(default_factory=set)
    """Combinations before and now of responses that follow the list; known after `decide`."""

    def add(self, now: Mapping[str, Any], before: Mapping[str, Any] | None, begun: Mapping[str, Any], count: int = 1) -> None:
        """Add persons: the labels now, those before the last change if there was one, and those of the response."""
        for name, label in now.items():
            self.spellings[name, normalise_label(str(label))][label] += count
        own, combined = combine(begun), combine(now)
        self.persons[LabelChange(own, own or (combined if before is None else combine(before)), combined)] += count

    def decide(self) -> None:
        """Decide which combinations are shown, after all persons were added.

        A response counts with its own labels if enough persons have these, else as its seat.
        """
        self.corrected = find_corrected(self.persons, self.least)
        self.seats = find_shown(_count({change.now: count} for change, count in self.persons.items()), self.least)
        own = {change: self._follow(change) for change in self.persons}
        sizes = _count({own[change]: count} for change, count in self.persons.items())
        shown = {labels for labels, count in sizes.items() if count >= self.least}
        counted = (
            {own[change] if not change.begun or own[change] in shown else self._start(change): count}
            for change, count in self.persons.items()
        )
        self.responses = find_shown(_count(counted), self.least)
        self.seats &= self.responses

    def _start(self, change: LabelChange) -> LabelValues:
        """The labels with which a person begins now."""
        return change.now if change.now in self.seats else ()

    def _follow(self, change: LabelChange) -> LabelValues:
        """The labels of the response after corrections."""
        if not change.begun:
            return self._start(change)
        return change.now if (change.begun, change.now) in self.corrected else change.begun

    def count_hidden(self) -> int:
        """The number of persons whose labels do not go with their answers."""
        self.decide()
        return sum(count for change, count in self.persons.items() if change.now and change.now not in self.seats)

    def show(self, labels: Mapping[str, Any]) -> dict[str, Any]:
        """The labels that go with the answers of a person who begins now; empty if too few persons share them."""
        return self.spell(labels) if combine(labels) in self.seats else {}

    def spell(self, labels: Mapping[str, Any]) -> dict[str, Any]:
        """The labels, without empty ones, each in its most frequent spelling."""
        return {name: self._spell(name, label) for name, label in labels.items() if label not in ("", None)}

    def _spell(self, name: str, label: Any) -> Any:
        known = self.spellings.get((name, normalise_label(str(label))), {label: 1})
        return min(known, key=lambda written: (-known[written], str(written)))


def _count(groups: Any) -> Counter[LabelValues]:
    sizes = Counter[LabelValues]()
    for group in groups:
        sizes.update(group)
    return sizes


def find_corrected(persons: Mapping[LabelChange, int], least: int) -> set[tuple[LabelValues, LabelValues]]:
    """Find the changes that responses follow: at least so many persons share each, and the earlier labels of any others who have begun.

    Args: persons: with their numbers. Returns pairs of combinations, before and now; the second is empty for removed labels.
    """
    moves, begun = Counter[tuple[LabelValues, LabelValues]](), Counter[tuple[LabelValues, LabelValues]]()
    for change, count in persons.items():
        moves[change.before, change.now] += count
        begun[change.before, change.now] += count if change.begun else 0
    ways_from = defaultdict[LabelValues, list[tuple[LabelValues, LabelValues]]](list)
    for move in moves:
        ways_from[move[0]].append(move)
    found = set[tuple[LabelValues, LabelValues]]()
    for before, ways in ways_from.items():
        if not before:
            continue
        large = sorted((way for way in ways if way[1] != before and moves[way] >= least), key=lambda way: (-moves[way], way))
        while large and _is_small([way for way in ways if way not in large], moves, begun, least):
            large.pop()
        found.update(large)
    return found


def _is_small(rest: Collection[tuple[LabelValues, LabelValues]], moves: Counter[Any], begun: Counter[Any], least: int) -> bool:
    """Whether responses that keep their labels would be those of few persons."""
    return any(begun[way] for way in rest) and sum(moves[way] for way in rest) < least
