"""Clusters (items with the same indicator): different scales, misspelt indicators, and `reverse` on items without an order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from survey_engine.analysis.editions import AskedItem, index_asked_items
from survey_engine.model.messages import Problem
from survey_engine.model.questionnaire import Questionnaire

_LEAST_LETTERS = 6
"""Least length of names that are reported for a difference of one letter."""


def check_clusters(questionnaire: Questionnaire) -> Iterator[Problem]:
    clusters = defaultdict[str, list[AskedItem]](list)
    for asked in index_asked_items(questionnaire).values():
        for indicator in dict.fromkeys(asked.item.about.indicators):
            clusters[indicator].append(asked)
        if asked.item.about.reverse and not _list_points(asked) and asked.question.low is None:
            yield Problem("reverse-without-order", asked.item.place, {"code": asked.code})
    listed = list(clusters)
    for number, (indicator, items) in enumerate(clusters.items()):
        yield from _check_points(indicator, items)
        others = [*listed[:number], *(name for name in listed[number + 1 :] if len(clusters[name]) > 1)]
        similar = next((name for name in others if _differ_by_one_letter(indicator, name)), "") if len(items) == 1 else ""
        if similar:
            facts = {"code": items[0].code, "indicator": indicator, "similar": similar}
            yield Problem("similar-indicator", items[0].item.place, facts)


def _differ_by_one_letter(one: str, other: str) -> bool:
    """Whether one letter is wrong, missing, added or moved.

    >>> _differ_by_one_letter("quality", "qualty"), _differ_by_one_letter("theme_1", "theme_2"), _differ_by_one_letter("mood", "food")
    (True, False, False)
    """
    letters = ["".join(sign for sign in name if not sign.isdecimal()) for name in (one, other)]
    without = [{name, *(name[:at] + name[at + 1 :] for at in range(len(name)))} for name in letters]
    return min(map(len, letters)) >= _LEAST_LETTERS and letters[0] != letters[1] and not without[0].isdisjoint(without[1])


def _check_points(indicator: str, items: list[AskedItem]) -> Iterator[Problem]:
    """Report items of a cluster whose points differ from those of its first item. Items without points are in no score."""
    ranges = [(item, f"{min(points)}–{max(points)}") for item in items if (points := _list_points(item))]
    for item, found in ranges:
        if found != ranges[0][1]:
            facts = {
                "indicator": indicator,
                "other": ranges[0][0].code,
                "bounds": ranges[0][1],
                "code": item.code,
                "found": found,
            }
            yield Problem("cluster-of-scales", item.item.place, facts)


def _list_points(asked: AskedItem) -> list[int]:
    """Return the codes of the points of an item's scale; empty if some are words, or if it has no options."""
    codes = [option.code for option in asked.question.options if not option.outside_scale]
    points = [code for code in codes if isinstance(code, int)]
    return points if len(points) == len(codes) and asked.question.type not in ("mark", "multiple") else []
