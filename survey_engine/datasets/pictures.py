"""Geometry of the pictures in a codebook: a stacked bar of shares, or a histogram."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from survey_engine.datasets.disclosure import is_small
from survey_engine.datasets.frequencies import Frequency
from survey_engine.model.questionnaire import Code

WIDTH, HEIGHT = 160.0, 32.0
BINS = 20


@dataclass(frozen=True, slots=True)
class Bar:
    """A rectangle, in the units of a picture of WIDTH × HEIGHT."""

    x: float
    width: float
    height: float
    opacity: float
    title: str


def draw_shares(frequency: Frequency, labels: Mapping[Code, str]) -> list[Bar]:
    """Draw the shares of all codes as one bar, in the order of the codes. Later codes are darker; withheld shares are blank, at the end."""
    codes = [code for code in labels if code not in frequency.entry.missing.values()]
    bars, x = [], 0.0
    for index, code in enumerate(codes):
        share = frequency.share(code) or 0.0
        opacity = 0.2 + 0.8 * index / max(1, len(codes) - 1)
        if share:
            bars.append(Bar(round(x, 1), round(share * WIDTH, 1), HEIGHT, round(opacity, 2), f"{labels[code]}: {share:.0%}"))
        x += share * WIDTH
    return bars


def draw_histogram(frequency: Frequency) -> list[Bar]:
    """Draw the distribution of numbers in at most BINS classes of equal width. Small classes are joined with their neighbours."""
    numbers = [(cell, count) for cell, count in frequency.list_valid() if isinstance(cell, int)]
    if not numbers or not frequency.valid:
        return []
    least, most = min(numbers)[0], max(numbers)[0]
    size = -(-(most - least + 1) // BINS)
    counts = [0] * ((most - least) // size + 1)
    for number, count in numbers:
        counts[(number - least) // size] += count
    width, classes = WIDTH / len(counts), join_classes(counts, frequency.least_group)
    highest = max(sum(counts[start:stop]) / (stop - start) for start, stop in classes)
    bars = []
    for start, stop in classes:
        count, first, last = sum(counts[start:stop]), least + start * size, least + stop * size - 1
        height = round(count / (stop - start) / highest * HEIGHT, 1)
        name = f"{first}" if first == last else f"{first} to {last}"
        bars.append(Bar(round(start * width, 1), round((stop - start - 0.1) * width, 1), height, 1.0, f"{name}: {count}"))
    return bars


def join_classes(counts: Sequence[int], least: int) -> list[tuple[int, int]]:
    """Return (start, stop) of classes of at least `least` numbers each; one class if there are fewer numbers in all.

    >>> join_classes([2, 3, 0, 9, 1], 5)
    [(0, 2), (2, 3), (3, 5)]
    """
    classes, start = list[tuple[int, int]](), 0
    for stop in range(1, len(counts) + 1):
        if not is_small(sum(counts[start:stop]), least):
            classes.append((start, stop))
            start = stop
    if start < len(counts):
        classes = [*classes[:-1], (classes[-1][0] if classes else 0, len(counts))]
    return classes
