"""Spellings of a key: what a spreadsheet makes of a student number that begins with zeros."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product

_DIGITS = re.compile(r"[0-9]+")
LONGEST = 12
"""Digits up to which a key may have lost leading zeros, or more where the list has longer keys."""


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
