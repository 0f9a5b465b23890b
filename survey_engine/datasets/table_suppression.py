"""Cell suppression in tables of counts with one or more characteristics and known totals. Needs the extra `data`.

For a reader of the shown groups and totals, at least `least` + 1 counts remain possible for each small withheld group. Tables of
single characteristics are decided first, then tables of their combinations, so that smaller tables agree with larger ones where
possible. Within a table, hypercubes are chosen greedily (Repsilber 1994): a count can change at one corner only if all corners change.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, combinations, product
from typing import NamedTuple

import numpy as np
import polars as pl

from survey_engine.datasets.disclosure import GroupValues, blank, choose_small, is_small
from survey_engine.settings import GroupSizes

MOST_CELLS = 10_000
"""Maximum number of groups in a table: every combination of the values of its characteristics counts."""
_TOTAL = 1e9
"""Cost of withholding a total, which a smaller table shows: more than the cost of any number of groups."""


class LargeTableError(ValueError):
    """A table has more than MOST_CELLS groups."""

    def __init__(self, cells: int, most: int) -> None:
        super().__init__(f"The table would have {cells:,} groups, more than {most:,}. Name fewer columns.")


class Withheld(NamedTuple):
    """The groups that a table withholds."""

    groups: set[GroupValues]
    totals: bool
    """Whether a table with fewer characteristics would reveal a withheld group, because it shows totals that this table withholds."""


def count_groups(frame: pl.DataFrame, by: Sequence[str]) -> dict[GroupValues, int]:
    """Return values of the columns → number of rows, sorted by the values."""
    found = frame.group_by(by).len().sort(by) if by else frame.select(pl.len())
    return {tuple(row[:-1]): row[-1] for row in found.iter_rows()}


@dataclass(frozen=True, slots=True)
class Grouping:
    """The groups of a table, and the minimum number of responses in a group."""

    by: Sequence[str] = ()
    """Columns whose values define the groups."""
    generalised: Sequence[str] = ()
    """The columns of `by` that are null in small groups."""
    sizes: GroupSizes = field(default_factory=GroupSizes)
    public: bool = False
    """Whether everybody may see the table."""
    sensitive: bool = False
    """Whether one of the columns is marked sensitive."""

    def find_least(self, *, sensitive: bool = False) -> int:
        return self.sizes.find_least(public=self.public, sensitive=sensitive or self.sensitive)

    def generalise(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return a frame in which small groups have null in the generalised columns, so that they count together."""
        shown = blank(count_groups(frame, self.by), [self.by.index(name) for name in self.generalised], self.find_least())
        small = [group for group in shown if shown[group] != group]
        if not small:
            return frame
        marks = pl.DataFrame(small, {name: frame.schema[name] for name in self.by}, orient="row").with_columns(
            small=pl.lit(value=True)
        )
        joined = frame.select(self.by).join(marks, on=self.by, how="left", nulls_equal=True, maintain_order="left")
        return frame.with_columns(
            [pl.when(joined["small"].is_null()).then(pl.col(name)).alias(name) for name in self.generalised]
        )


def choose_withheld(counts: Mapping[GroupValues, int], least: int, most: int = MOST_CELLS) -> Withheld:
    """Choose the groups to withhold: small groups, and groups from which these could be computed.

    Args:
        counts: values of the characteristics → number of responses. Groups without a key have no responses. Readers see that the table
        has no row for them, so they cannot protect another group.
        most: maximum number of groups.

    Raises:
        LargeTableError: the characteristics have too many combinations.
    """
    values = [list(dict.fromkeys(column)) for column in zip(*counts, strict=True)]
    table = np.zeros([len(column) for column in values], dtype=np.int64)
    named = np.zeros(table.shape, dtype=np.int64)
    if table.size > most:
        raise LargeTableError(table.size, most)
    places = [{value: place for place, value in enumerate(column)} for column in values]
    cells = {group: tuple(place[value] for place, value in zip(places, group, strict=True)) for group in counts}
    for group, cell in cells.items():
        table[cell], named[cell] = counts[group], 1
    mask, totals = withhold_cells(add_totals(table), least, add_totals(named) > 0)
    return Withheld({group for group, cell in cells.items() if mask[cell]}, totals)


def add_totals(table: np.ndarray) -> np.ndarray:
    """Return the table with one more position at the end of each dimension: the total over that dimension."""
    for axis in range(table.ndim):
        table = np.concatenate([table, table.sum(axis=axis, keepdims=True)], axis=axis)
    return table


def withhold_cells(table: np.ndarray, least: int, named: np.ndarray | None = None) -> tuple[np.ndarray, bool]:
    """Return a mask of the withheld cells of a table with totals, and whether it withholds a total that a smaller table shows.

    Args: named: mask of the cells with a row; None if all have one.
    """
    mask, totals = np.zeros(table.shape, dtype=bool), False
    named = np.ones(table.shape, dtype=bool) if named is None else named
    axes = range(table.ndim)
    for free in chain.from_iterable(combinations(axes, size) for size in range(table.ndim + 1)):
        part = tuple(slice(None) if axis in free else -1 for axis in axes)
        if len(free) == 0:
            mask[part] = is_small(int(table[part]), least)
        elif len(free) == 1:
            small = choose_small(dict(enumerate(map(int, table[part][:-1]))), least)
            mask[part][list(small)] = True
        else:
            totals |= _withhold_part(table[part], mask[part], least, named[part])
    return mask, totals


def _withhold_part(table: np.ndarray, mask: np.ndarray, least: int, named: np.ndarray) -> bool:
    """Extend the mask of a table, whose totals are decided, so that all small cells are protected.

    Totals are added only where inner cells do not suffice; the grand total is never added. Returns whether any total was added.
    """
    inner = np.zeros(table.shape, dtype=bool)
    inner[(slice(-1),) * table.ndim] = True
    decided = mask.copy()
    mask |= inner & (table > 0) & (table < least)
    small = [tuple(map(int, cell)) for cell in np.argwhere(mask & (table > 0) & (table < least))]
    for cell in sorted(small, key=lambda cell: (table[cell], cell)):
        cost = np.where(mask, 0.0, table + np.where(inner, 1.0, _TOTAL))
        cost[~named] = np.inf
        cost[(-1,) * table.ndim] = np.inf
        other = _find_hypercube(table, cost, cell, least)
        if other is None:
            mask |= inner
            break
        for corner in product(*zip(cell, other, strict=True)):
            mask[corner] = True
    return bool((mask & ~inner & ~decided).any())


def _find_hypercube(table: np.ndarray, cost: np.ndarray, cell: tuple[int, ...], least: int) -> tuple[int, ...] | None:
    """Return the corner opposite to a cell in the cheapest hypercube that protects the cell; None if no hypercube does.

    If the count of a corner changes by one, its neighbours change by one in the other direction, or in the same direction if one of
    the two is a total. Counts can change until a corner would become negative.
    """
    last = [size - 1 for size in table.shape]
    total, down, up = np.zeros(table.shape), np.full(table.shape, np.inf), np.full(table.shape, np.inf)
    possible = np.ones(table.shape, dtype=bool)
    turns = []
    for axis, size in enumerate(table.shape):
        places = np.arange(size).reshape([-1 if each == axis else 1 for each in range(table.ndim)])
        possible &= places != cell[axis]
        turns.append((places != last[axis]) & (cell[axis] != last[axis]))
    for moved in product((False, True), repeat=table.ndim):
        corner = tuple(slice(None) if moves else slice(place, place + 1) for moves, place in zip(moved, cell, strict=True))
        opposite = np.zeros((1,) * table.ndim, dtype=bool)
        for moves, turn in zip(moved, turns, strict=True):
            opposite = opposite ^ turn if moves else opposite
        total = total + cost[corner]
        up = np.where(opposite, np.minimum(up, table[corner]), up)
        down = np.where(opposite, down, np.minimum(down, table[corner]))
    total = np.where(possible & (up + down >= least), total, np.inf)
    best = int(np.argmin(total))
    return tuple(map(int, np.unravel_index(best, table.shape))) if np.isfinite(total.flat[best]) else None
