"""Disclosure control: decides from counts alone which figures may be shown. Every table and report with counts uses it.

A group of at least `least` responses is shown, a smaller one is not; 0 is shown, because nobody is in the group. Small groups are
first generalised: they lose characteristics, so that they count together. Groups that are still small are withheld, and so are the
groups from which they could be computed. `table_suppression.py` does this for tables of several characteristics.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from typing import Any, NamedTuple, TypeAlias, TypeVar

GroupValues: TypeAlias = tuple[object, ...]
"""The values of the characteristics that define a group."""
Origin: TypeAlias = tuple[str, ...]
"""Institution and background values."""
Key = TypeVar("Key")
LEAST_INSTITUTIONS = 4
"""Minimum number of institutions behind a figure of several institutions: each of them sees at least three others."""


def is_small(count: int, least: int) -> bool:
    """Return whether a count must not be shown.

    >>> [is_small(count, 5) for count in (0, 1, 4, 5)]
    [False, True, True, False]
    """
    return 0 < count < least


def count_seen(counts: Collection[int]) -> int:
    """Return the smallest count of all other institutions together that one institution can compute by subtracting its own.

    Returns 1, which is always small, if fewer than LEAST_INSTITUTIONS have a count, and 0 if none has.

    >>> [count_seen(counts) for counts in ([30, 9, 8, 7], [30, 30, 30], [])]
    [24, 1, 0]
    """
    return sum(counts) - max(counts) if len(counts) >= LEAST_INSTITUTIONS else min(1, sum(counts))


def choose_small(counts: Mapping[Key, int], least: int) -> set[Key]:
    """Choose the groups smaller than `least`, and the next smallest groups until all chosen groups together reach `least`.

    The sum of all groups minus the shown groups then reveals no small group.

    >>> sorted(choose_small({"a": 3, "b": 9, "c": 7, "d": 0}, 5))
    ['a', 'c']
    """
    small: set[Key] = set()
    together = 0
    for group, count in sorted(counts.items(), key=lambda entry: (entry[1], str(entry[0]))):
        if count >= least and (not small or together >= least):
            break
        if count:
            small.add(group)
            together += count
    return small


class ChosenCounts(NamedTuple):
    """The counts of one question to withhold."""

    withheld: set[Any]
    hides_valid: bool
    """Whether the number of valid answers is withheld, too."""


def choose_counts(
    answered: Mapping[Key, int], missing: Mapping[Key, int], unanswered: Collection[Key], least: int
) -> ChosenCounts:
    """Choose the counts of a question to withhold. All tables of a delivery with the same least number withhold the same counts.

    Counts of skipped and broken-off questions tell nothing about persons, and are withheld only to protect another missing value. The
    number of valid answers is shown if it is large enough, and so is the number of other responses, which a reader can compute from it.

    >>> choose_counts({"yes": 9, "no": 9}, {"outside": 2, "skipped": 7}, ["skipped"], 5) == ({"outside", "skipped"}, False)
    True
    >>> choose_counts({"yes": 9, "no": 8}, {"outside": 2}, ["skipped"], 5) == ({"outside", "no"}, True)
    True

    Args:
        answered: code → number of valid answers.
        missing: missing code → number of responses.
        unanswered: the missing codes of questions that were skipped or broken off.
        least: minimum number of responses.
    """
    telling = [count for code, count in missing.items() if code not in unanswered]
    small = choose_small(answered, least)
    few_missing = any(telling) and is_small(sum(missing.values()), least)
    if few_missing or is_small(sum(answered.values()), least):
        return ChosenCounts(small | choose_small({**answered, **missing}, least), hides_valid=True)
    needs_cover = any(is_small(count, least) for count in telling)
    return ChosenCounts(small | (choose_small(missing, least) if needs_cover else set()), hides_valid=False)


def blank(groups: Mapping[GroupValues, int], positions: Collection[int], least: int) -> dict[GroupValues, GroupValues]:
    """Return the values to show for each group: those of groups smaller than `least` are None at `positions`.

    >>> blank({("a", "day"): 9, ("a", "evening"): 2, ("a", "distance"): 3}, [1], 5)
    {('a', 'day'): ('a', 'day'), ('a', 'evening'): ('a', None), ('a', 'distance'): ('a', None)}
    """
    return {
        group: tuple(None if number in positions else value for number, value in enumerate(group)) if count < least else group
        for group, count in groups.items()
    }


def generalise(groups: Mapping[Origin, int], least: int, *, of_one: bool = False) -> dict[Origin, Origin]:
    """Return the institution and background to show for each group, so that at least `least` responses share both.

    Small groups lose their background. Small institutions lose their name too, unless all responses are `of_one` institution. If the
    groups without background are too few together, the next smallest group loses it too: otherwise the other groups would reveal them.

    >>> generalise({("a", "x"): 9, ("a", "y"): 1, ("a", "z"): 6}, 5)[("a", "y")], generalise({("a", "x"): 1}, 5)[("a", "x")]
    (('a', ''), ('', ''))
    """
    institutions: dict[str, Counter[Origin]] = {}
    for origin, count in groups.items():
        institutions.setdefault(origin[0], Counter())[origin] = count
    sizes = {code: counts.total() for code, counts in institutions.items()}
    nameless = set() if of_one else choose_small(sizes, least)
    shown: dict[Origin, Origin] = {}
    for code, counts in institutions.items():
        small = choose_small(counts, least)
        for origin in counts:
            empty = ("",) * (len(origin) - 1)
            shown[origin] = ("", *empty) if code in nameless else (code, *empty) if origin in small else origin
    return shown
