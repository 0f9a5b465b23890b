"""What two totals of overlapping groups tell together about their parts: those in one of them, and those in both."""

from __future__ import annotations

from typing import NamedTuple

SMALLEST = 5
"""The smallest number of persons that is shown, and the smallest number of others."""


class ShownTotal(NamedTuple):
    """A group's number of persons, and what is known of how many of them started or completed."""

    persons: int
    least: int
    most: int


def are_safe(first: ShownTotal, second: ShownTotal, both: int) -> bool:
    """Whether two totals together reveal fewer than `SMALLEST` persons of no part, nor of its others.

    Args: both: number of persons in both groups.

    >>> everybody, class_a = ShownTotal(40, 11, 11), ShownTotal(20, 9, 9)
    >>> are_safe(everybody, class_a, 20), are_safe(everybody._replace(least=9, most=40), class_a, 20)
    (False, True)
    """
    sizes = (first.persons - both, second.persons - both, both, first.persons, second.persons)
    found = list[tuple[tuple[int, int], ...]]()
    for shared in range(both + 1):
        one = max(0, first.least - shared), min(sizes[0], first.most - shared)
        other = max(0, second.least - shared), min(sizes[1], second.most - shared)
        if one[0] <= one[1] and other[0] <= other[1]:
            sums = [(low + shared, high + shared) for low, high in (one, other)]
            found.append((one, other, (shared, shared), *sums))
    parts = zip(*found, strict=True)
    return all(
        is_safe(min(low for low, _ in part), max(high for _, high in part), size) for part, size in zip(parts, sizes, strict=True)
    )


def is_safe(least: int, most: int, persons: int) -> bool:
    """Whether a number between `least` and `most` of these persons may be known.

    >>> is_safe(2, 2, 20), is_safe(0, 4, 20), is_safe(9, 9, 20), is_safe(0, 1, 1)
    (False, True, True, True)
    """
    return most - least >= min(SMALLEST - 1, persons) or (least >= SMALLEST and most <= persons - SMALLEST)
