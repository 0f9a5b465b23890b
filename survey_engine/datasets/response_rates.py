"""Invited, started and completed persons of an institution, in all and by label. Small numbers are withheld. Needs the extra `data`."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from survey_engine.datasets.response_bounds import COMPLETED, WAITING, ResponseBounds
from survey_engine.datasets.table_suppression import MOST_CELLS, LargeTableError, add_totals, withhold
from survey_engine.fieldwork.group_totals import EVERYBODY, GroupCounts
from survey_engine.fieldwork.joint_totals import SMALLEST

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
    started_at_least: int | None = None
    """A lower bound where the number is withheld; None without one."""
    completed_at_least: int | None = None


def list_rates(institution: str, counts: GroupCounts, kind: str = "", least: int = SMALLEST) -> list[Rate]:
    """List all persons, those by an open link, and those with each label of this kind.

    A shown number tells no number of fewer than `least` persons: of a label, or of its persons who have not started, are under way,
    or have completed. Lists of two kinds, such as class and team, can together tell one.

    Raises:
        LargeTableError: when the kind has more than MOST_CELLS / 3 labels.
    """
    rates = _list_of_kind(institution, counts, kind, least)
    total = [rates.pop()]
    if any(counts.without_seat):
        started, completed = (number if number >= least or not number else None for number in counts.without_seat)
        total.append(Rate(institution, "", OPEN_LINK, None, started, completed))
    return total + (rates if kind else [])


def _list_of_kind(institution: str, counts: GroupCounts, kind: str, least: int) -> list[Rate]:
    """The rows of one kind of label, and at last that of all persons."""
    groups = sorted(group for group in counts.persons if group[0] == kind and group != EVERYBODY)
    if 3 * len(groups) > MOST_CELLS:
        raise LargeTableError(3 * len(groups))
    cells = np.array([_list_states(counts, group) for group in groups], dtype=np.int64).reshape(-1, 3)
    without = np.array(_list_states(counts, EVERYBODY), dtype=np.int64) - cells.sum(0)
    table = add_totals(np.vstack([cells, without]))
    hidden = withhold(table, least)[0]
    bounds = ResponseBounds(table, hidden, least).find()
    names = [*(counts.spellings.get(group, group[1]) for group in groups), WITHOUT, ""]
    rates = []
    for row, (name, numbers, hides) in enumerate(zip(names, table.tolist(), hidden.tolist(), strict=True)):
        waiting, _, completed, invited = numbers
        rates.append(
            Rate(
                institution,
                kind if name else "",
                name,
                None if hides[3] else invited,
                None if hides[0] or hides[3] else invited - waiting,
                None if hides[2] else completed,
                bounds.get((row, WAITING)),
                bounds.get((row, COMPLETED)),
            )
        )
    return [rate for rate in rates if rate.label != WITHOUT or rate.invited != 0]


def _list_states(counts: GroupCounts, group: tuple[str, str]) -> tuple[int, int, int]:
    """The numbers of persons who have not started, are under way, and have completed."""
    persons, started, completed = (counter[group] for counter in (counts.persons, counts.started, counts.completed))
    return persons - started, started - completed, completed
