"""Geometry of the small pictures in a codebook: a stacked bar of shares, or a histogram."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

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
    """Draw the shares of all codes as one bar, in the order of the codes; later codes are darker."""
    codes = [code for code in labels if frequency.share(code) is not None]
    bars, x = [], 0.0
    for index, code in enumerate(codes):
        share = frequency.share(code) or 0.0
        opacity = 0.2 + 0.8 * index / max(1, len(codes) - 1)
        if share:
            bars.append(Bar(round(x, 1), round(share * WIDTH, 1), HEIGHT, round(opacity, 2), f"{labels[code]}: {share:.0%}"))
        x += share * WIDTH
    return bars


def draw_histogram(frequency: Frequency) -> list[Bar]:
    """Draw the distribution of numbers in at most BINS classes of equal width."""
    numbers = [(cell, count) for cell, count in frequency.list_valid() if isinstance(cell, int)]
    if not numbers:
        return []
    least, most = min(numbers)[0], max(numbers)[0]
    size = -(-(most - least + 1) // BINS)
    classes = [0] * ((most - least) // size + 1)
    for number, count in numbers:
        classes[(number - least) // size] += count
    width, highest = WIDTH / len(classes), max(classes)
    bars = []
    for index, count in enumerate(classes):
        start = least + index * size
        name = f"{start}" if size == 1 else f"{start} to {start + size - 1}"
        bars.append(
            Bar(round(index * width, 1), round(width * 0.9, 1), round(count / highest * HEIGHT, 1), 1.0, f"{name}: {count}")
        )
    return bars
