"""Keys of persons on lists: damage by spreadsheets, keys unlike all others, and spellings of one key."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import product

from survey_engine.rendering.spreadsheet_cells import unguard

_DIGITS = re.compile(r"[0-9]+")
_MONTH = r"(?:jan|feb|mrt|mar|mrz|mär|apr|mei|may|mai|jun|jul|aug|sept?|okt|oct|nov|dec|dez)\.?"
INVISIBLE = "\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff"
_DAMAGE = {
    "shortened": (r"-?[0-9]([.,][0-9]+)?E[+-][0-9]+", "is a number that a spreadsheet shortened: its last digits are gone"),
    "decimals": (r"[0-9]+[.,]0+", "is a number to which a spreadsheet added decimals"),
    "date": (rf"[0-9]{{1,2}}-{_MONTH}(-[0-9]+)?|{_MONTH}-[0-9]{{2,4}}", "is a key that a spreadsheet took for a date"),
    "error": (r"#+|#N/[A-Z]+|#[A-Z0-9/]+[!?]", "is the text that a spreadsheet shows for a wrong formula, or in a narrow column"),
    "apostrophe": (r"'.*", "begins with the apostrophe by which a spreadsheet marks text"),
    "quotes": (r"[\"“”„‘’‚«»‹›`´].*|.*[\"“”„«»‹›]", "has quotation marks around it"),
    "wide": (r".*[\uff01-\uff5e].*", "has full-width characters"),
    "invisible": (rf".*[{INVISIBLE}].*", "has characters that cannot be seen"),
}
_BROKEN = {kind: (re.compile(pattern, re.IGNORECASE | re.DOTALL), predicate) for kind, (pattern, predicate) in _DAMAGE.items()}
_ODD = {
    "thousands": (r"[0-9]{1,3}([., '’\u00a0\u202f][0-9]{3})+", "seems to be a number that a spreadsheet divided into thousands"),
    "day": (r"[0-9]{1,4}[-/.][0-9]{1,2}[-/.][0-9]{1,4}", "seems to be a key that a spreadsheet took for a date"),
    "word": (r"[^0-9]+", "is no number: the row may be a total or a heading"),
}
_ODD_KEYS = {kind: (re.compile(pattern), predicate) for kind, (pattern, predicate) in _ODD.items()}
FEWEST, NUMBERS = 4, 0.8
"""Smallest number of keys, and share of whole numbers among them, for which a key of another form is a mistake."""
_SIGNS = "., '’\u00a0\u202f"
_SEPARATORS = re.compile(rf"(?<=[0-9])[{_SIGNS}](?=[0-9]{{3}}(?![0-9]))|[{INVISIBLE}\"“”„‘’‚«»‹›`´]")
_MOST_ODD = 1_000
LONGEST = 12
"""Length in digits up to which leading zeros are tried."""


def group_thousands(digits: str, separator: str) -> str:
    """Return the digits in groups of three from the end.

    >>> group_thousands("1000004", ".")
    '1.000.004'
    """
    first = len(digits) % 3
    groups = [digits[:first]] * bool(first) + [digits[at : at + 3] for at in range(first, len(digits), 3)]
    return separator.join(groups)


def find_damage(part: str) -> tuple[str, str] | None:
    """Damage of a key by a spreadsheet: the kind and the predicate of a message; None for an undamaged key.

    >>> find_damage("1,2E+11")[0], find_damage("00123")
    ('shortened', None)
    """
    if part.isascii() and part.isalnum():
        return None
    return next(((kind, predicate) for kind, (pattern, predicate) in _BROKEN.items() if pattern.fullmatch(part)), None)


def read_key(cells: Sequence[str], positions: Sequence[int]) -> list[str]:
    """The parts of a person's key, without the spreadsheet guard of lists with links."""
    return [unguard(cells[at].strip()) for at in positions]


def find_odd(key: str) -> tuple[str, str] | None:
    """A key that looks wrong among numbers: the kind and the predicate of a message; None for any other key.

    >>> find_odd("1.000.004")[0], find_odd("Totaal")[0], find_odd("s123"), find_odd("123")
    ('thousands', 'word', None, None)
    """
    return next(((kind, predicate) for kind, (pattern, predicate) in _ODD_KEYS.items() if pattern.fullmatch(key)), None)


def strip_signs(key: str) -> str:
    """Remove thousands separators, quotation marks and invisible characters from a key.

    >>> strip_signs("1.000.004"), strip_signs("“12”"), strip_signs("1.5")
    ('1000004', '12', '1.5')
    """
    return _SEPARATORS.sub("", key)


def strip_zeros(key: str) -> str:
    """Remove leading zeros from the numeric parts of a key.

    >>> strip_zeros("0012345"), strip_zeros("000"), strip_zeros("007a")
    ('12345', '0', '007a')
    """
    return "\n".join((part.lstrip("0") or "0") if _DIGITS.fullmatch(part) else part for part in key.split("\n"))


def iter_spellings(key: str, longest: int = LONGEST) -> Iterator[str]:
    """Iterate over other spellings of a key: fewer or more leading zeros, other thousands separators, no quotation marks.

    >>> list(iter_spellings("07", 3)), list(iter_spellings("1004", 4))
    (['7', '007'], ['1.004', '1,004', '1 004', "1'004", '1’004', '1\\xa0004', '1\\u202f004'])
    """
    parts = [
        [
            *(stripped.zfill(width) for width in range(len(stripped), max(longest, len(stripped)) + 1)),
            *(group_thousands(stripped, separator) for separator in _SIGNS if len(stripped) > 3),
        ]
        if _DIGITS.fullmatch(stripped)
        else [stripped]
        for stripped in strip_zeros(strip_signs(key)).split("\n")
    ]
    return (spelling for spelling in map("\n".join, product(*parts)) if spelling != key)


class OddKeys:
    """Finds keys that are no number in a list of numeric keys."""

    def __init__(self) -> None:
        self._keys, self._numbers = Counter[int](), Counter[int]()
        """Position in the key → number of keys, and number of whole numbers."""
        self._odd: list[tuple[int, int, str]] = []

    def add(self, line: int, key: str) -> None:
        for at, part in enumerate(key.split("\n")):
            self._keys[at] += 1
            if _DIGITS.fullmatch(part):
                self._numbers[at] += 1
            elif len(self._odd) < _MOST_ODD:
                self._odd.append((line, at, part))

    def iter_found(self) -> Iterator[tuple[int, str, str, str]]:
        """Iterate over (line, part of the key, kind, predicate of a message)."""
        for line, at, part in self._odd:
            if self._keys[at] >= FEWEST and self._numbers[at] >= NUMBERS * self._keys[at] and (found := find_odd(part)):
                yield line, part, *found
