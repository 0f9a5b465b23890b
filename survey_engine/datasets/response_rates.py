"""Invited, started and completed persons of an institution, in all and by label. Small numbers are withheld. Needs the extra `data`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from survey_engine.datasets.table_suppression import MOST_CELLS, LargeTableError, add_totals, withhold
from survey_engine.fieldwork.group_totals import EVERYBODY, SMALLEST, GroupCounts

OPEN_LINK, WITHOUT = "open link", "without label"
"""The rows of responses without a seat, and of persons without a label of this kind."""


class Rate(NamedTuple):
    """One row of the table; None is withheld, or unknown for an open link."""

    institution: str
    kind: str
    """The code of the label, such as class; empty for all persons."""
    label: str
    invited: int | None
    started: int | None
    completed: int | None


def list_rates(institution: str, counts: GroupCounts, kinds: Sequence[str] = (), least: int = SMALLEST) -> list[Rate]:
    """List all persons, those by an open link, and those with each label of these kinds.

    A shown number tells no number of fewer than `least` persons: of a label, or of its persons who have started or completed, or
    have not. Tables of two kinds, such as class and team, can together tell one.

    Raises:
        LargeTableError: when a kind has more than MOST_CELLS / 2 labels.
    """
    tables = [_list_of_kind(institution, counts, kind, least) for kind in kinds or [""]]
    total = Rate(institution, "", "", *(_hide_any([table[-1][at] for table in tables]) for at in (3, 4, 5)))
    rates = [total]
    if any(counts.without_seat):
        started, completed = (number if number >= least or not number else None for number in counts.without_seat)
        rates.append(Rate(institution, "", OPEN_LINK, None, started, completed))
    return rates + [rate for table in tables if kinds for rate in table[:-1]]


def _hide_any(numbers: Sequence[object]) -> int | None:
    """A number that several tables have; None if one of them withholds it."""
    return numbers[0] if all(isinstance(number, int) for number in numbers) and isinstance(numbers[0], int) else None


def _list_of_kind(institution: str, counts: GroupCounts, kind: str, least: int) -> list[Rate]:
    """The rows of one kind of label, and at last that of all persons."""
    groups = sorted(group for group in counts.persons if group[0] == kind and group != EVERYBODY)
    tables, masks = [], []
    for number in (counts.started, counts.completed):
        table, mask = _withhold(counts.persons, number, groups, least)
        tables.append(table)
        masks.append(mask)
    invited = masks[0][:, -1] | masks[1][:, -1]
    names = [*(counts.spellings.get(group, group[1]) for group in groups), WITHOUT, ""]
    rates = [
        Rate(
            institution,
            kind,
            name,
            None if invited[at] else int(tables[0][at, -1]),
            *(None if mask[at, 1] else int(table[at, 1]) for table, mask in zip(tables, masks, strict=True)),
        )
        for at, name in enumerate(names)
    ]
    return [rate for rate in rates if rate.label != WITHOUT or rate.invited != 0]


def _withhold(
    persons: Counter[tuple[str, str]], number: Counter[tuple[str, str]], groups: Sequence[tuple[str, str]], least: int
) -> tuple[np.ndarray, np.ndarray]:
    """The table of labels by no and yes, with totals, and its withheld cells."""
    cells = [(persons[group] - number[group], number[group]) for group in groups]
    if 2 * len(cells) > MOST_CELLS:
        raise LargeTableError(2 * len(cells))
    without = [persons[EVERYBODY] - number[EVERYBODY], number[EVERYBODY]] - np.array(cells, dtype=np.int64).reshape(-1, 2).sum(0)
    table = add_totals(np.array([*cells, tuple(without)], dtype=np.int64))
    return table, withhold(table, least)[0]
