"""Ranges of numbers in labels: 0–5, "6 tot en met 10 uur", "More than 10". To add a word for an open end, add it to _BEFORE or _AFTER."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from survey_engine.analysis.number_words import format_digits
from survey_engine.analysis.rates import name_period
from survey_engine.analysis.units import ANY_UNIT, find_units
from survey_engine.model.messages import Problem
from survey_engine.model.questionnaire import Language, ResponseOption

_FIRST = rf"(?<![\d.,:])(\d++)(?:\s*+(?:{ANY_UNIT})(?!\w))?\s*+"
_SECOND = r"\s*+(?:€\s*+)?(\d++)(?![.,:]?\d)"
_CLOSED = re.compile(rf"{_FIRST}(?:[-–—]|t/m|tot en met|to|bis|te){_SECOND}", re.IGNORECASE)
_LOOSE = re.compile(
    rf"{_FIRST}(?:tot(?: aan| onder| minder dan)?|to (?:just )?(?:under|less than)|bis unter){_SECOND}"
    rf"|\b(?:tussen|between|zwischen)\s++(?:€\s*+)?{_FIRST}(?:de |the )?(?:en|and|und){_SECOND}",
    re.IGNORECASE,
)
"""Ranges whose last number may be the first number of the next range: "5 tot 10", "10 tot 20"."""
_ONE_OF_TWO = re.compile(r"(?<![\d.,:])(\d++) (?:of|or|oder|òf) (\d++)(?![.,:]?\d)", re.IGNORECASE)
_YEAR = re.compile(r"(?:19|20)\d\d")
_THOUSANDS = re.compile(r"(?<![\d.,])[1-9]\d{0,2}(?:[.,\u00a0\u202f]\d{3})+(?![.,]?\d)")
_DECIMAL = re.compile(r"(?<![\d.,:])(\d{1,6})(?:[.,](\d{1,2}))?(?![.,:]?\d)")
_TENTHS = re.compile(r"(?<![\d.,:])\d{1,6}[.,]\d(?![.,:]?\d)")
_MOST_TENTHS = 5
"""Largest distance between ranges, in tenths, that is no gap: marks may have halves."""
_NUMBER = r"(?:€\s*)?(?<![\d.,:])(\d++)(?![.,:]?\d)"
_ABOVE = r"or|of|oder|òf|and|en|und|i"
_BEFORE = {
    "at_most": "at most|no more than|up to|hooguit|hoogstens|maximaal|ten hoogste|niet meer dan|höchstens|maximal|bis zu|te ku|no mas ku",
    "until": "tot|bis",
    "below": "(?:less|fewer|younger|shorter|lower) than|under|below|(?:minder|jonger|korter|lager) dan|onder"
    "|(?:weniger|jünger|kürzer) als|unter|ménos ku",
    "at_least": "at least|minstens|ten minste|minimaal|vanaf|mindestens|ab|a lo ménos",
    "above": "(?:more|older|longer|higher|further) than|over|above|(?:meer|ouder|langer|hoger|verder) dan|(?:mehr|älter|länger) als"
    "|über|mas ku",
}
"""Kind of open range → the words before its number."""
_AFTER = {
    "at_most": "less|fewer|younger|shorter|minder|jonger|korter|weniger|jünger|kürzer|ménos",
    "at_least": "more|over|older|longer|meer|ouder|langer|vaker|mehr|älter|länger|öfter|mas",
}
"""Kind of open range → the words after its number and "or"."""
_SIGNS = {"below": "<", "at_most": "≤|<=", "above": ">", "at_least": "≥|>="}
_OPEN = [
    *((kind, re.compile(rf"(?:{sign})\s*{_NUMBER}")) for kind, sign in _SIGNS.items()),
    *((kind, re.compile(rf"\b(?:{words})\s+{_NUMBER}", re.IGNORECASE)) for kind, words in _BEFORE.items()),
    *(
        (kind, re.compile(rf"{_NUMBER}\s*(?:[^\W\d]+\s+){{0,2}}(?:{_ABOVE})\s+(?:{words})\b", re.IGNORECASE))
        for kind, words in _AFTER.items()
    ),
    ("at_least", re.compile(rf"{_NUMBER}\+")),
]
_BEGINNING = re.compile(rf"^\W*+(?:\d|(?:van|from|von|tussen|between|zwischen|{'|'.join(_BEFORE.values())})\b)", re.IGNORECASE)
_MIN_ONE_UNIT = 3
"""Least number of ranges in one unit; a single range in another unit is then suspect."""


@dataclass(frozen=True, slots=True)
class Range:
    low: int | None
    high: int | None
    loose: bool = False
    """Whether the last number may be the first number of the next range."""

    @property
    def start(self) -> int:
        """The first number, for sorting; a range without a lower bound precedes all others."""
        return -1 if self.low is None else self.low


def read_range(label: str, *, academic: bool = False) -> Range | None:
    """Return the range of whole numbers in a label; None if there is none, or the label has other numbers too.

    Two successive years, usually one academic year, count as a range only if `academic` is true.

    >>> read_range("6 t/m 10 uur"), read_range("Meer dan 10 uur"), read_range("2 days a week")
    (Range(low=6, high=10, loose=False), Range(low=11, high=None, loose=False), None)
    >>> read_range("Twee tot vijf jaar"), read_range("Up to 5"), read_range("9.00-12.00")
    (Range(low=2, high=5, loose=True), Range(low=None, high=5, loose=False), None)
    """
    label = _format_numbers(label)
    loose = _LOOSE.search(label)
    closed = loose or _CLOSED.search(label) or _ONE_OF_TWO.search(label)
    if closed:
        first, second = (number for number in closed.groups() if number)
        low, high = int(first), int(second)
        is_academic_year = not academic and _YEAR.fullmatch(first) and high == low + 1
        is_other = is_academic_year or has_number(label[: closed.start()] + label[closed.end() :])
        is_name = loose and (low >= high or not begins_with_range(label))  # names, not ranges: 22 tot 6 uur, Havo 4 tot 5
        is_list = closed.re is _ONE_OF_TWO and (high != low + 1 or not begins_with_range(label))  # Groep 4 of 5, 4 of 6
        return None if is_other or is_name or is_list else Range(low, high, bool(loose))
    for kind, pattern in _OPEN:
        found = pattern.search(label)
        if found and not has_number(label[: found.start(1)] + label[found.end(1) :]):
            number = int(found[1])
            if kind in ("at_most", "until", "below"):
                return Range(None, number - (kind == "below"), kind == "until")
            return Range(number + (kind == "above"), None)
    return None


def _format_numbers(label: str) -> str:
    """Replace number words in a label by digits, and remove the separators of thousands.

    >>> _format_numbers("Een of twee"), _format_numbers("1.000–2.999")
    ('1 of 2', '1000–2999')
    """
    plain = _THOUSANDS.sub(lambda found: re.sub(r"\D", "", found[0]), label)
    return re.sub(r"\b(?:een|an?|eine)(?= (?:of|or|oder|tot|bis) 2\b)", "1", format_digits(plain), flags=re.IGNORECASE)


def has_number(label: str) -> bool:
    return bool(re.search(r"\d", format_digits(label)))


def begins_with_range(label: str) -> bool:
    return bool(_BEGINNING.match(format_digits(label)))


def list_ranges(options: Sequence[ResponseOption], language: str) -> list[tuple[ResponseOption, Range]]:
    """Return (option, range) pairs, sorted by number. Open ranges are included only if all labels with numbers are ranges."""
    labels = [(option, option.text.wording.get(language, "")) for option in options]
    read = [(option, read_range(label)) for option, label in labels if has_number(label)]
    if any(each and _YEAR.fullmatch(str(each.low)) for _, each in read):
        read = [(option, read_range(label, academic=True)) for option, label in labels if has_number(label)]
    found = [(option, each) for option, each in read if each]
    open_ends = Counter(each.low is None for _, each in found if each.low is None or each.high is None)
    if len(found) < len(read) or max(open_ends.values(), default=0) > 1:
        found = [(option, each) for option, each in found if each.low is not None and each.high is not None]
    return sorted(found, key=lambda pair: (pair[1].high is None, pair[1].start, pair[1].high or 0))


def _find_turned_end(options: Sequence[ResponseOption], language: str) -> tuple[ResponseOption, ResponseOption] | None:
    """Return (option with a reversed open range, option before it), as in `9 or less, 10 to 19, 20 or less`; None if there is none."""
    read = [(option, each) for option in options if (each := read_range(option.text.wording.get(language, "")))]
    closed = [(each.high, option) for option, each in read if each.low is not None and each.high is not None]
    ends = [(each.high, option) for option, each in read if each.low is None and each.high is not None]
    if len(ends) != 2 or not closed:
        return None
    (first, _), (last, option) = sorted(ends, key=lambda end: end[0])
    highest, before = max(closed, key=lambda end: end[0])
    return (option, before) if first < highest <= last + 1 else None


def _find_gap_of_decimals(options: Sequence[ResponseOption], language: str) -> tuple[ResponseOption, ResponseOption] | None:
    """Return two options with a gap of more than half a unit between ranges in tenths: `0–1.9, 2.5–3.9`; None if there are none."""
    labels = [option.text.wording.get(language, "") for option in options]
    if not any(_TENTHS.search(label) for label in labels):
        return None
    tenths = [_DECIMAL.sub(lambda found: f"{found[1]}{(found[2] or '0')[:1]}", label) for label in labels]
    read = [(option, each) for option, label in zip(options, tenths, strict=True) if (each := read_range(label))]
    read.sort(key=lambda pair: (pair[1].start, pair[1].high or 0))
    if len(read) < len([label for label in labels if has_number(label)]) or sum(each.high is None for _, each in read) > 1:
        return None
    for (before, one), (option, other) in pairwise(read):
        if one.high is None or other.low is None or one.high % 10 == other.low % 10 == 0:
            continue
        if other.low > one.high + _MOST_TENTHS:
            return option, before
    return None


def check_ranges(options: Sequence[ResponseOption], source: Language) -> Iterator[Problem]:
    """Report overlaps and gaps, such as `0-5, 5-10` and `0-5, 7-10`, and a range in another unit than its neighbours."""
    if turned := _find_turned_end(options, source.code):
        facts = {"code": turned[0].code, "other": turned[1].code, "how": "overlaps with"}
        yield Problem("range-overlap", turned[0].text.place_in(source.code), facts)
    if gap := _find_gap_of_decimals(options, source.code):
        facts = {"code": gap[0].code, "other": gap[1].code, "how": "leaves a gap after"}
        yield Problem("range-overlap", gap[0].text.place_in(source.code), facts)
    ranges = list_ranges(options, source.code)
    if len({name_period(option.text.wording.get(source.code, "")) for option, _ in ranges}) > 1:
        return  # 1–3 times a week, 1–3 times a month
    units = [find_units(option.text.wording.get(source.code, "")) for option, _ in ranges]
    named = Counter(frozenset(each) for each in units if each)
    steps = [(before, option, _join(one, other)) for (before, one), (option, other) in pairwise(ranges)]
    if len(named) < 2:
        backwards = {option.code: option for option, each in ranges if each.high is not None and each.start > each.high}
        for option in backwards.values():
            facts = {"code": option.code, "label": option.text.wording[source.code]}
            yield Problem("range-backwards", option.text.place_in(source.code), facts)
        for before, option, how in steps:
            if how and backwards.keys().isdisjoint({before.code, option.code}):
                yield Problem(
                    "range-overlap", option.text.place_in(source.code), {"code": option.code, "other": before.code, "how": how}
                )
    elif _has_odd_unit(units, named) and not any(how for *_, how in steps):
        (odd,) = (option for (option, _), each in zip(ranges, units, strict=True) if named[frozenset(each)] == 1)
        yield Problem("range-unit", odd.text.place_in(source.code), {"code": odd.code, "label": odd.text.wording[source.code]})


def _has_odd_unit(units: Sequence[set[str]], named: Counter[frozenset[str]]) -> bool:
    """Whether one range has another unit than all others. Of three ranges, only the middle one is suspect."""
    if sorted(named.values())[:-1] != [1]:
        return False
    between = len(units) == _MIN_ONE_UNIT and units[0] == units[2] != set()
    return between or max(named.values()) >= _MIN_ONE_UNIT


def _join(one: Range, other: Range) -> str:
    """Return how the second range joins the first: overlap, gap, or an empty string if it follows directly or one is open there.

    >>> _join(Range(0, 5), Range(5, 9)), _join(Range(0, 5), Range(7, None)), _join(Range(0, 5), Range(6, 9))
    ('overlaps with', 'leaves a gap after', '')
    """
    if one.high is None or other.low is None or other.low == one.high + 1 or (one.loose and other.low == one.high):
        return ""
    return "overlaps with" if other.low <= one.high else "leaves a gap after"
