"""Keys that a spreadsheet broke, and spellings of a key: a student number may lose the zeros that it begins with."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product

_DIGITS = re.compile(r"[0-9]+")
_MONTH = r"(?:jan|feb|mrt|mar|mrz|mär|apr|mei|may|mai|jun|jul|aug|sept?|okt|oct|nov|dec|dez)\.?"
_DAMAGE = {
    "shortened": (r"-?[0-9]([.,][0-9]+)?E[+-][0-9]+", "is a number that a spreadsheet shortened: its last digits are gone"),
    "decimals": (r"[0-9]+[.,]0+", "is a number to which a spreadsheet added decimals"),
    "date": (rf"[0-9]{{1,2}}-{_MONTH}(-[0-9]+)?|{_MONTH}-[0-9]{{2,4}}", "is a key that a spreadsheet took for a date"),
    "error": (r"#+|#N/[A-Z]+|#[A-Z0-9/]+[!?]", "is what a spreadsheet shows for a wrong formula, or in a narrow column"),
    "apostrophe": (r"'.*", "begins with the apostrophe by which a spreadsheet marks text"),
}
_BROKEN = {kind: (re.compile(pattern, re.IGNORECASE | re.DOTALL), told) for kind, (pattern, told) in _DAMAGE.items()}
LONGEST = 12
"""Digits up to which a key may have lost leading zeros, or more where the list has longer keys."""


def find_damage(part: str) -> tuple[str, str] | None:
    """What a spreadsheet did to a part of a key: the kind, and the end of a sentence about it; None for a sound one.

    >>> find_damage("1,2E+11")[0], find_damage("00123")
    ('shortened', None)
    """
    return next(((kind, told) for kind, (pattern, told) in _BROKEN.items() if pattern.fullmatch(part)), None)


def strip_zeros(key: str) -> str:
    """A key without leading zeros in those of its parts that are numbers.

    >>> strip_zeros("0012345"), strip_zeros("000"), strip_zeros("007a")
    ('12345', '0', '007a')
    """
    return "\n".join((part.lstrip("0") or "0") if _DIGITS.fullmatch(part) else part for part in key.split("\n"))


def iter_spellings(key: str, longest: int = LONGEST) -> Iterator[str]:
    """A key with fewer and more leading zeros, itself left out.

    >>> list(iter_spellings("07", 3))
    ['7', '007']
    """
    parts = [
        [stripped.zfill(width) for width in range(len(stripped), max(longest, len(stripped)) + 1)]
        if _DIGITS.fullmatch(stripped)
        else [stripped]
        for stripped in strip_zeros(key).split("\n")
    ]
    return (spelling for spelling in map("\n".join, product(*parts)) if spelling != key)
