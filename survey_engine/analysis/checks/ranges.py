"""Ranges of numbers in labels: 0–5, "6 tot en met 10 uur", "More than 10". To add a word for an open end, add it to _BEFORE or _AFTER."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from survey_engine.analysis.units import find_units
from survey_engine.model.messages import Problem
from survey_engine.model.questionnaire import ResponseOption

_CLOSED = re.compile(r"(?<![\d.,:])(\d++)\s*+(?:[-–—]|t/m|tot en met|to|bis|te)\s*+(\d++)(?![.,:]?\d)")
_NUMBER = r"(?:€\s*)?(?<![\d.,:])(\d++)(?![.,:]?\d)"
_ABOVE = r"or|of|oder|òf|and|en|und|i"
_BEFORE = {
    "at_most": "at most|no more than|up to|hooguit|hoogstens|maximaal|ten hoogste|niet meer dan|höchstens|maximal|bis zu|te ku|no mas ku",
    "below": "(?:less|fewer|younger|shorter|lower) than|under|below|(?:minder|jonger|korter|lager) dan|onder"
    "|(?:weniger|jünger|kürzer) als|unter|ménos ku",
    "at_least": "at least|minstens|ten minste|minimaal|vanaf|mindestens|ab|a lo ménos",
    "above": "(?:more|older|longer|higher|further) than|over|above|(?:meer|ouder|langer|hoger|verder) dan|(?:mehr|älter|länger) als"
    "|über|mas ku",
}
"""Kind of open end → the words before its number."""
_AFTER = {
    "at_most": "less|fewer|younger|shorter|minder|jonger|korter|weniger|jünger|kürzer|ménos",
    "at_least": "more|over|older|longer|meer|ouder|langer|vaker|mehr|älter|länger|öfter|mas",
}
"""Kind of open end → the words after its number and "or"."""
_OPEN = [
    *((kind, re.compile(rf"\b(?:{words})\s+{_NUMBER}", re.IGNORECASE)) for kind, words in _BEFORE.items()),
    *(
        (kind, re.compile(rf"{_NUMBER}\s*(?:[^\W\d]+\s+){{0,2}}(?:{_ABOVE})\s+(?:{words})\b", re.IGNORECASE))
        for kind, words in _AFTER.items()
    ),
    ("at_least", re.compile(rf"{_NUMBER}\+")),
]
_MIN_ONE_UNIT = 3
"""Number of ranges in one unit from which a single one in another unit is suspect."""


@dataclass(frozen=True, slots=True)
class Range:
    low: int | None
    high: int | None

    @property
    def start(self) -> int:
        """The first number, for sorting; an open end begins below all others."""
        return -1 if self.low is None else self.low


def read_range(label: str) -> Range | None:
    """Return the range of whole numbers that a label names; None if it names none, or has other numbers too.

    >>> read_range("6 t/m 10 uur"), read_range("Meer dan 10 uur"), read_range("2 days a week")
    (Range(low=6, high=10), Range(low=11, high=None), None)
    >>> read_range("No more than 5"), read_range("21 years or older"), read_range("9.00-12.00")
    (Range(low=None, high=5), Range(low=21, high=None), None)
    """
    closed = _CLOSED.search(label)
    if closed:
        return None if has_digits(label[: closed.start()] + label[closed.end() :]) else Range(int(closed[1]), int(closed[2]))
    for kind, pattern in _OPEN:
        found = pattern.search(label)
        if found and not has_digits(label[: found.start(1)] + label[found.end(1) :]):
            number = int(found[1])
            if kind in ("at_most", "below"):
                return Range(None, number - (kind == "below"))
            return Range(number + (kind == "above"), None)
    return None


def has_digits(label: str) -> bool:
    return bool(re.search(r"\d", label))


def list_ranges(options: Sequence[ResponseOption], language: str) -> list[tuple[ResponseOption, Range]]:
    """Return options with their ranges, in the order of the numbers: open ends only if all numbers of the labels are in ranges."""
    labels = [(option, option.text.wording.get(language, "")) for option in options]
    read = [(option, read_range(label)) for option, label in labels if has_digits(label)]
    found = [(option, each) for option, each in read if each]
    open_ends = Counter(each.low is None for _, each in found if each.low is None or each.high is None)
    if len(found) < len(read) or max(open_ends.values(), default=0) > 1:
        found = [(option, each) for option, each in found if each.low is not None and each.high is not None]
    return sorted(found, key=lambda pair: (pair[1].high is None, pair[1].start, pair[1].high or 0))


def check_ranges(options: Sequence[ResponseOption], language: str) -> Iterator[Problem]:
    """Report `0-5, 5-10`, `0-5, 7-10` and `0-5, more than 6`, and a range in another unit than its neighbours."""
    ranges = list_ranges(options, language)
    steps = [(before, option, one.high, other.low) for (before, one), (option, other) in pairwise(ranges)]
    units = [find_units(option.text.wording.get(language, "")) for option, _ in ranges]
    named = Counter(frozenset(each) for each in units if each)
    if len(named) < 2:
        for before, option, end, start in steps:
            if end is not None and start is not None and start != end + 1:
                facts = {
                    "code": option.code,
                    "other": before.code,
                    "how": "overlaps with" if start <= end else "leaves a gap after",
                }
                yield Problem("range-overlap", option.text.place_in(language), facts)
    elif (
        sorted(named.values())[:-1] == [1]
        and max(named.values()) >= _MIN_ONE_UNIT
        and all(e and s == e + 1 for *_, e, s in steps)
    ):
        (odd,) = (option for (option, _), each in zip(ranges, units, strict=True) if named[frozenset(each)] == 1)
        yield Problem("range-unit", odd.text.place_in(language), {"code": odd.code, "label": odd.text.wording[language]})
