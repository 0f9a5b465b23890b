"""Which counts of the answers to an item are withheld, and which measures would reveal them. Needs the extra `data`.

The codebook uses `choose_counts` for one group of responses. This module decides on all groups of a table together, so that no table
of a delivery reveals a count that another one withholds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field

import polars as pl

from survey_engine.datasets.disclosure import GroupValues, choose_counts, choose_small, count_seen, is_small
from survey_engine.datasets.frequencies import UNANSWERED
from survey_engine.datasets.reading import VariableInfo
from survey_engine.datasets.table_suppression import MOST_CELLS, Grouping, choose_withheld

POINTS = (1, 2, 3, 4, 5)
OUTSIDE_SCALE = 0
"""Code of all answers outside the scale, such as "does not apply"."""
_SHARES = {"share_4_5": {4, 5}, "share_3": {3}, "share_1_2": {1, 2}}
"""Measure → the codes whose share it is."""
CountsByGroup = Mapping[GroupValues, Mapping[object, Counter[int]]]
"""Group → institution → number of answers by code."""


@dataclass(frozen=True, slots=True)
class HiddenCounts:
    """The counts of one item that a table withholds."""

    groups: set[GroupValues] = field(default_factory=set)
    """Groups whose number of valid answers is withheld. They have no figure."""
    codes: dict[GroupValues, set[int]] = field(default_factory=dict)
    """Group → points of the scale whose counts are withheld, and OUTSIDE_SCALE."""
    totals: bool = False
    """Whether a table with fewer characteristics would reveal a group."""

    def hides(self, group: GroupValues, measure: str) -> bool:
        """Return whether a measure of a group, together with the shown measures, would reveal a withheld count.

        The mean, its margin and the shares of five codes determine each other: if a count is withheld, only shares over all withheld
        codes, or over none of them, are shown.
        """
        hidden = self.codes.get(group, set())
        points = hidden - {OUTSIDE_SCALE}
        if group in self.groups or measure == "share_not_applicable":
            return group in self.groups or OUTSIDE_SCALE in hidden
        if measure in _SHARES:
            return bool(points & _SHARES[measure]) and not points <= _SHARES[measure]
        return measure != "margin_of_share" and bool(points)


def choose_hidden(
    frame: pl.DataFrame, name: str, variable: VariableInfo, grouping: Grouping, institution: str = ""
) -> HiddenCounts:
    """Choose the counts of one item that a table withholds: small groups, and in a public table also small counts of codes.

    Args:
        frame: the responses, generalised.
        institution: the column of the institution, if a figure needs enough other institutions beside each one; else empty.
    """
    least = grouping.find_least(sensitive=bool(variable.sensitive))
    counts = _count_answers(frame, name, grouping.by, institution)
    if not grouping.public:
        return _choose_groups(counts, variable, least)
    hidden = _choose_numbers(counts, variable, least)
    _hide_points(hidden, counts, sum, least)
    if institution:
        _hide_seen(hidden, counts, variable, least)
    return hidden


def _choose_groups(counts: CountsByGroup, variable: VariableInfo, least: int) -> HiddenCounts:
    """Choose the groups with few answers on the scale, or with few answers in total."""
    found = [
        choose_withheld({group: _reduce(places, codes, sum) for group, places in counts.items()}, least)
        for codes in (POINTS, (*POINTS, *variable.outside))
    ]
    return HiddenCounts(found[0].groups | found[1].groups, totals=found[0].totals or found[1].totals)


def _count_answers(frame: pl.DataFrame, name: str, by: Iterable[str], institution: str) -> CountsByGroup:
    place = pl.col(institution) if institution else pl.lit("")
    columns = (*map(pl.col, by), place.alias("place "), pl.col(name).alias("code "))
    counts: dict[GroupValues, dict[object, Counter[int]]] = {}
    for *group, at, code, count in frame.group_by(*columns).len().sort(pl.all().exclude("len")).iter_rows():
        if code is not None:
            counts.setdefault(tuple(group), {}).setdefault(at, Counter())[code] = count
    return counts


def _reduce(places: Mapping[object, Counter[int]], codes: Collection[int], how: Callable[[list[int]], int]) -> int:
    """Return `how` of the institutions' numbers of answers with these codes; institutions without such answers are left out."""
    return how([count for counts in places.values() if (count := sum(counts[code] for code in codes))])


def _choose_numbers(counts: CountsByGroup, variable: VariableInfo, least: int) -> HiddenCounts:
    """Choose the groups without figures, and those in which answers outside the scale are withheld.

    A reader who knows the number of valid answers can compute the number of all others; one who also knows the number outside the
    scale can compute the rest.
    """
    unanswered = _list_unanswered(variable)
    unasked = [code for code in variable.missing.values() if code not in {*unanswered, *variable.outside}]
    valid = {group: _reduce(places, POINTS, sum) for group, places in counts.items()}
    outside = {group: _reduce(places, variable.outside, sum) for group, places in counts.items()}
    others, rest = (
        {
            group: count + _reduce(places, unanswered, sum) if (count := _reduce(places, codes, sum)) else 0
            for group, places in counts.items()
        }
        for codes in ([*variable.outside, *unasked], unasked)
    )
    found, told = ([choose_withheld(numbers, least) for numbers in pair] for pair in ((valid, others), (outside, rest)))
    everywhere = any(each.totals for each in told) or _hides_outside(counts, variable, least)
    few = {*counts} if everywhere else told[0].groups | told[1].groups
    codes = {group: {OUTSIDE_SCALE} if group in few else set[int]() for group in counts}
    return HiddenCounts(found[0].groups | found[1].groups, codes, found[0].totals or found[1].totals)


def _list_unanswered(variable: VariableInfo) -> list[int]:
    return [code for reason, code in variable.missing.items() if reason in UNANSWERED]


def _hides_outside(counts: CountsByGroup, variable: VariableInfo, least: int) -> bool:
    """Return whether the codebook withholds a count of answers outside the scale."""
    total = sum((answers for places in counts.values() for answers in places.values()), Counter[int]())
    answered = {code: total[code] for code in POINTS}
    missing = {code: count for code, count in total.items() if code not in answered}
    return not choose_counts(answered, missing, _list_unanswered(variable), least).withheld.isdisjoint(variable.outside)


def _hide_points(hidden: HiddenCounts, counts: CountsByGroup, how: Callable[[list[int]], int], least: int) -> None:
    """Add the points of the scale whose counts are withheld."""
    cells = {(*group, code): _reduce(places, [code], how) for group, places in counts.items() for code in POINTS}
    withheld = choose_withheld(cells, least, MOST_CELLS * len(POINTS))
    for group in counts:
        hidden.codes[group].update(code for code in POINTS if withheld.totals or (*group, code) in withheld.groups)


def _hide_seen(hidden: HiddenCounts, counts: CountsByGroup, variable: VariableInfo, least: int) -> None:
    """Add the counts from which an institution could compute small counts of all others together.

    Such counts of groups do not add up to the count of all groups: a code that is withheld for all groups together is withheld in each.
    """
    valid = {group: _reduce(places, POINTS, count_seen) for group, places in counts.items()}
    hidden.groups.update(choose_withheld(valid, least).groups)
    _hide_points(hidden, counts, count_seen, least)
    together: dict[object, Counter[int]] = {}
    for places in counts.values():
        for at, answers in places.items():
            together.setdefault(at, Counter()).update(answers)
    always = choose_small({code: _reduce(together, [code], count_seen) for code in POINTS}, least)
    for group, places in counts.items():
        few = is_small(_reduce(places, variable.outside, count_seen), least)
        hidden.codes[group] |= always | ({OUTSIDE_SCALE} if few else set())
