"""Removes values from a file of one institution by which the institution could recognise a person, beside the answers.

The institution hands out the links and may see who answers when, in which language and on which device. So times are left out. Each
combination of the remaining values, of what was asked (`asked_groups.py`) and of the exported background is shared by at least `least`
responses.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from survey_engine.datasets.columns import TableLayout
from survey_engine.datasets.disclosure import GroupValues, choose_small
from survey_engine.datasets.plan import Cell
from survey_engine.datasets.row_order import open_shuffle
from survey_engine.datasets.rows import ResponseRecord
from survey_engine.model.derived import TODAY

_TIMES = ("started", "completed", "duration_seconds")
SHARED = ("version", "language", "languages", "language_switches", "before_switch", "device", "channel")
"""Values that must be shared, the most important first: the last one is withheld first."""


def keep_shared(layout: TableLayout, *, channel: bool = False) -> TableLayout:
    """Return the layout of an institution's file, without times and, unless `channel` is true, without the channel of the link.

    Years until the day of the start are left out too: with a date of birth, they reveal whether a response began before a birthday.
    """
    out = _TIMES if channel else (*_TIMES, "channel")
    fixed = {content: name for content, name in layout.fixed.items() if content not in out}
    timed = {code for each in layout.questionnaires for code, derived in each.derived.items() if TODAY in derived.parts}
    derived = {code: name for code, name in layout.derived.items() if code not in timed}
    return replace(layout, fixed=fixed, derived=derived, shared=tuple(content for content in SHARED if content in fixed))


def withhold_rare(
    layout: TableLayout, rows: Iterable[ResponseRecord], least: int, parts: dict[object, list[str]]
) -> Iterator[list[Cell]]:
    """Yield the cells of the rows. `least` or more of the same group and background share those of `layout.shared`; others are empty.

    All rows are read before the first is yielded. They wait on disk.

    Args: parts: filled with what is shown → hashes of the responses.
    """
    if not layout.shared:
        yield from (row.cells for row in rows)
        return
    positions = [layout.names.index(layout.fixed[content]) for content in layout.shared]
    background = [layout.names.index(variable.code) for variable in layout.background]

    def find_key(group: Sequence[object], cells: Sequence[Cell]) -> GroupValues:
        seen = (*group, *(str(cells[position]) for position in background))
        return (seen, *(cells[position] for position in positions))

    groups: Counter[GroupValues] = Counter()
    with open_shuffle() as waiting:
        for number, row in enumerate(rows):
            groups[find_key(row.group, row.cells)] += 1
            waiting.add([(number.to_bytes(8, "big"), json.dumps([row.group, row.cells, row.hashes]))])
        shown = choose_shown(groups, least)
        for packed in waiting:
            group, cells, hash = json.loads(str(packed))
            seen, *known = part = shown[find_key(group, cells)]
            parts.setdefault(part, []).append(hash)
            for position, cell in zip(positions, known, strict=True):
                cells[position] = cell if seen else ""
            yield cells


def choose_shown(groups: Mapping[GroupValues, int], least: int) -> dict[GroupValues, GroupValues]:
    """Return the values to show for each group, so that at least `least` responses share them. The other values are empty.

    Positions are decided from left to right, among the responses with equal values so far: a value is shown if at least `least` have it.
    If values are emptied at a position, those of at least `least` responses are.

    >>> choose_shown({("en", "small"): 9, ("en", "large"): 5, ("nl", "small"): 1, ("nl", "large"): 4}, 5)
    {('en', 'small'): ('en', 'small'), ('en', 'large'): ('en', 'large'), ('nl', 'small'): ('nl', ''), ('nl', 'large'): ('nl', '')}
    """
    shown: dict[GroupValues, GroupValues] = dict.fromkeys(groups, ())
    for position in range(len(next(iter(groups), ()))):
        counts: dict[GroupValues, Counter[object]] = {}
        for group, count in groups.items():
            counts.setdefault(shown[group], Counter())[group[position]] += count
        small = {before: choose_small(values, least) for before, values in counts.items()}
        shown = {group: (*before, "" if group[position] in small[before] else group[position]) for group, before in shown.items()}
    return shown
