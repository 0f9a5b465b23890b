"""The column `link_check` of lists of links. It detects a link that was moved to another row.

It contains a keyed code of each cell of the row, bound to the link. Other columns, the order of columns, and most changes of cells by
spreadsheets make no difference. It needs columns that differ between persons, such as names or numbers.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b
from unicodedata import normalize

from survey_engine.fieldwork.invitations.links import read_token
from survey_engine.fieldwork.rosters.keys import find_damage
from survey_engine.fieldwork.signing import hash_for

SAMPLE = 2_000
"""Number of rows that are sampled to find the columns that identify persons."""
COLUMNS = 64
"""Number of compared columns, from the left."""
_LETTERS = str.maketrans("0123456789abcdef", "bcdfghjklmnpqrst")
"""Consonants: spreadsheets do not read them as a number, a date or a word."""
_LENGTH = 3
_TEXT = re.compile(r"[^a-z0-9]+")
_DATE = re.compile(r"([0-9]{1,2}|[0-9]{4})([-/.])([0-9]{1,2})\2([0-9]{1,2}|[0-9]{4})( 0?0:00(:00)?)?")
_ZEROS = re.compile(r"(?<=[0-9])[.,]0{1,2}$")


def reduce_cell(cell: str) -> str:
    """Reduce a cell to the part that spreadsheets keep when they reformat numbers and dates and lose non-ASCII characters.

    >>> reduce_cell(" Zoë "), reduce_cell("0012345"), reduce_cell("1.000.004"), reduce_cell("+31 6 12")
    ('zo', '12345', '1000004', '31612')
    >>> reduce_cell("2004-03-01") == reduce_cell("1-3-04") == reduce_cell("3/1/2004")
    True
    """
    text = normalize("NFC", cell).casefold().strip()
    if any(map(str.isalpha, text)):
        return _TEXT.sub("", text)
    if date := _DATE.fullmatch(text):
        return " ".join(sorted(part[-2:].zfill(2) for part in date.group(1, 3, 4)))
    return _TEXT.sub("", _ZEROS.sub("", text)).lstrip("0") or ("0" if "0" in text else "")


class RowCodes:
    """Makes and reads checks."""

    def __init__(self, pseudonym_key: str) -> None:
        self._key = hash_for("link check", pseudonym_key)

    def make(self, link: str, cells: Iterable[str]) -> str:
        """Make the check of a row: the sorted codes of its cells."""
        token = read_token(link)
        return "".join(sorted({self._code(token, reduced) for reduced in map(reduce_cell, cells) if reduced}))

    def iter_known(self, link: str, check: str, cells: Iterable[str]) -> Iterator[bool | None]:
        """Yield True for each cell that matches the check, False for another, None for an empty or damaged one."""
        token, check = read_token(link), check.strip().lower()
        codes = {check[at : at + _LENGTH] for at in range(0, len(check), _LENGTH)}
        for cell in cells:
            reduced = reduce_cell(cell)
            if not reduced:
                yield None
            elif self._code(token, reduced) in codes:
                yield True
            else:
                yield None if find_damage(cell.strip()) else False

    def _code(self, token: str, reduced: str) -> str:
        written = f"{token}\0{reduced}".encode()
        return blake2b(written, digest_size=2, key=self._key).hexdigest()[:_LENGTH].translate(_LETTERS)


class RowChecker:
    """Finds the rows of one list whose identifying cells do not match their check.

    An identifying column has different values in more than half of its rows.
    """

    def __init__(self) -> None:
        self._lines, self._known, self._present = array("L"), array("Q"), array("Q")
        self._values: list[set[str]] = []
        self._filled: list[int] = []
        self._read = 0
        self.confirms = False
        """Whether a cell of some row matches the check of the row."""

    def sample(self, cells: Sequence[str]) -> None:
        """Add the values of the next row to the sample."""
        self._read += 1
        if self._read > SAMPLE:
            return
        for at, cell in enumerate(cells[:COLUMNS]):
            if at == len(self._values):
                self._values.append(set())
                self._filled.append(0)
            if reduced := reduce_cell(cell):
                self._values[at].add(reduced)
                self._filled[at] += 1

    def add(self, line: int, known: Iterable[bool | None]) -> None:
        """Add a row with a check."""
        present = matching = 0
        for at, found in enumerate(known):
            if at < COLUMNS and found is not None:
                present |= 1 << at
                matching |= found << at
        self.confirms = self.confirms or matching != 0
        self._lines.append(line)
        self._present.append(present)
        self._known.append(matching)

    def list_displaced(self) -> list[int]:
        """The lines of rows with the link of another row."""
        telling = sum(
            1 << at
            for at, (values, filled) in enumerate(zip(self._values, self._filled, strict=True))
            if len(values) > filled / 2
        )
        rows = zip(self._lines, self._present, self._known, strict=True)
        return [line for line, present, known in rows if present & telling and not known & telling]
