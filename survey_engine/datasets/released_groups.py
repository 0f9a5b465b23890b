"""The counts of groups in released tables. The difference of two releases must be a table that may be shown.

Commands write the counts into the record of the least group. Counts below the least number are not written.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, combinations
from typing import Any, NamedTuple, TypeAlias

from survey_engine.datasets.disclosure import GroupValues, is_small

OUTSIDE_CODES = ""
"""Code of all answers outside the scale."""
Counts: TypeAlias = Mapping[str, int]
"""Code → number of answers."""
Key: TypeAlias = frozenset[tuple[str, Any]]
"""(column, value) of each characteristic of a group; empty for all responses."""


class FewBehind(NamedTuple):
    """A group in which two releases differ in few responses."""

    group: Key
    is_rest: bool
    """Whether the difference is in the rest of the group, outside its parts that both releases show."""
    item: str
    """The item that the group answered; empty for the number of responses."""
    number: int
    least: int

    def describe(self) -> str:
        """Name the group and the item.

        >>> FewBehind(frozenset({("path", "bol")}), False, "good", 1, 5).describe()
        '1 response where path is bol, in the answers to good (5 are needed)'
        """
        place = " and ".join(f"{column} is {'empty' if value is None else value}" for column, value in sorted(self.group))
        where = f" where {place}" if place else " of all"
        rest = ", without the groups that both releases show" if self.is_rest else ""
        item = f", in the answers to {self.item}" if self.item else ""
        return f"{self.number} response{'s' * (self.number != 1)}{where}{rest}{item} ({self.least} are needed)"


@dataclass
class ReleasedGroups:
    """The groups that tables show, or that tables of fewer columns would show, and the counts of their answers."""

    codes: bool = False
    """Whether the tables also protect the count of each code, as public ones do."""
    least: dict[str, int] = field(default_factory=dict)
    """Item → minimum number of answers to it."""
    cells: dict[Key, dict[str, Counts]] = field(default_factory=dict)
    """Group → item → its counts."""
    withheld: dict[Key, set[str]] = field(default_factory=dict)
    """Group → items whose counts are withheld. A group that is neither in `cells` nor in `withheld` has no answers."""

    @property
    def has_parts(self) -> bool:
        """Whether the tables show other groups than the total."""
        return len(self.cells) > 1

    def list_institutions(self) -> list[str]:
        """List the institutions that are groups."""
        return sorted(value for key in self.cells for column, value in key if column == "institution" and len(key) == 1)

    def add(
        self,
        item: str,
        columns: Sequence[str],
        counts: Mapping[GroupValues, Counts],
        least: int,
        withheld: Collection[GroupValues] = (),
    ) -> None:
        """Add the counts of an item, and their totals over any of the columns.

        Counts below the least number are withheld. All larger totals are added: a table of fewer columns may show them.

        Args:
            counts: values of the columns → counts.
            withheld: the groups that the table withholds.
        """
        self.least[item] = max(least, self.least.get(item, 0))
        for places in chain.from_iterable(combinations(range(len(columns)), size) for size in range(len(columns) + 1)):
            totals: dict[Key, Counter[str]] = {}
            hidden = set[Key]()
            for group in {**counts, **dict.fromkeys(withheld)}:
                key = frozenset((columns[place], group[place]) for place in places)
                totals.setdefault(key, Counter()).update(counts.get(group, {}))
                hidden |= {key} if len(places) == len(columns) and group in withheld else set()
            for key, total in totals.items():
                if key in hidden or is_small(_count_valid(total), least):
                    self.withheld.setdefault(key, set()).add(item)
                else:
                    self.cells.setdefault(key, {})[item] = total

    def limit(self, institution: str) -> ReleasedGroups:
        """Return the groups with the institution as another characteristic; unchanged if `institution` is empty."""
        place: Key = frozenset({("institution", institution)} if institution else ())
        cells = {key | place: found for key, found in self.cells.items()}
        return replace(self, cells=cells, withheld={key | place: items for key, items in self.withheld.items()})

    def find_few_behind(self, earlier: ReleasedGroups, least: int) -> list[FewBehind]:
        """List the groups, and rests of groups, in which two releases differ in few answers. The smallest differences come first.

        Args: least: minimum number of responses for every item.
        """
        found = list(self._compare(earlier, least))
        return sorted(found, key=lambda few: (few.number - few.least, len(few.group), few.is_rest, few.item))

    def _compare(self, earlier: ReleasedGroups, least: int) -> Iterator[FewBehind]:
        known = {(key, item) for each in (self, earlier) for key, items in each.cells.items() for item in items}
        shapes = self._list_shapes() & earlier._list_shapes()
        rests: dict[tuple[Key, str, str], Counter[str]] = {}
        differences: dict[tuple[Key, str], Counter[str]] = {}
        for key, item in known:
            if (_list_columns(key), item) in shapes and not any(item in each.withheld.get(key, ()) for each in (self, earlier)):
                differences[key, item] = _subtract(self._count(key, item), earlier._count(key, item))
        for (key, item), difference in differences.items():
            for pair in key:
                whole = (key - {pair}, item)
                if whole in differences:
                    rests.setdefault((*whole, pair[0]), Counter(differences[whole])).subtract(difference)
        parts = [(key, item, False, difference) for (key, item), difference in differences.items()]
        parts += [(key, item, True, rest) for (key, item, _), rest in rests.items()]
        for key, item, is_rest, difference in parts:
            needed = max(least, self.least[item])
            numbers = _list_moved(difference)
            if self.codes and not is_rest:
                numbers += _list_moved_codes(self._count(key, item), earlier._count(key, item), needed)
            if number := min((each for each in numbers if is_small(each, needed)), default=0):
                yield FewBehind(key, is_rest, item, number, needed)

    def _list_shapes(self) -> set[tuple[frozenset[str], str]]:
        """Return (columns, item) of each table, also of tables with fewer columns."""
        return {
            (_list_columns(key), item) for each in (self.cells, self.withheld) for key, items in each.items() for item in items
        }

    def _count(self, key: Key, item: str) -> Counts:
        return self.cells.get(key, {}).get(item, {})

    def dump(self) -> str:
        cells = [[dict(sorted(key)), found] for key, found in self.cells.items()]
        withheld = [[dict(sorted(key)), sorted(items)] for key, items in self.withheld.items()]
        stored = {"codes": self.codes, "least": self.least, "cells": cells, "withheld": withheld}
        return json.dumps(stored, default=str, separators=(",", ":"))


def load_groups(text: str) -> ReleasedGroups:
    """Read what `dump` wrote."""
    stored = json.loads(text)
    cells, withheld = ({frozenset(key.items()): found for key, found in stored[name]} for name in ("cells", "withheld"))
    return ReleasedGroups(stored["codes"], stored["least"], cells, {key: set(items) for key, items in withheld.items()})


def _list_columns(key: Key) -> frozenset[str]:
    return frozenset(column for column, _ in key)


def _count_valid(counts: Counts) -> int:
    return sum(count for code, count in counts.items() if code != OUTSIDE_CODES)


def _subtract(counts: Counts, earlier: Counts) -> Counter[str]:
    return Counter({code: counts.get(code, 0) - earlier.get(code, 0) for code in {*counts, *earlier}})


def _list_moved(difference: Counts) -> list[int]:
    """Return the minimum number of answers that moved on the scale, and the minimum number of all answers that moved.

    A changed answer lowers the count of one code and raises that of another. The number of answers on the scale is shown.
    """
    valid = [count for code, count in difference.items() if code != OUTSIDE_CODES]
    return [max(_sum_positive(part), _sum_positive(-count for count in part)) for part in (valid, list(difference.values()))]


def _sum_positive(numbers: Iterable[int]) -> int:
    return sum(number for number in numbers if number > 0)


def _list_moved_codes(counts: Counts, earlier: Counts, least: int) -> list[int]:
    """Return by how many answers each code differs. The codes with fewer than `least` answers in a release count together as one."""
    shown = {code for code in {*counts, *earlier} if min(counts.get(code, 0), earlier.get(code, 0)) >= least}
    moved, together = _subtract(counts, earlier), 0
    for code in moved.keys() - shown:
        together += moved.pop(code)
    return [*map(abs, moved.values()), abs(together)]
