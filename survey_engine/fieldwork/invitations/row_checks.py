"""The column `link_check` of lists of links. It detects a link that was moved to another row.

It contains a keyed code of each cell, equal for equal values, and one that binds them to the link. Other columns, the order of
columns, and most changes of cells by spreadsheets make no difference. A correction has new values; a move has those of other rows.
"""

from __future__ import annotations

import re
from array import array
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import blake2b
from math import sqrt
from unicodedata import normalize

from survey_engine.fieldwork.invitations.links import read_token
from survey_engine.fieldwork.rosters.keys import find_key_damage
from survey_engine.fieldwork.signing import hash_for

CHECKED_COLUMNS = 64
"""Columns that are compared, from the left."""
FEWEST, _MOVED, _MOVED_OF_FEW = 2, 0.5, 0.9
"""Number and share of changed cells with a value that another changed row lost, from which a column counts as moved; the last is the
share for a column with few different values."""
COPIED = 0.5
"""Share of cells of a column with an unknown heading whose values were recorded in one column, from which it is that column."""
_LONGEST_COUNT = 4
"""Numbers of at most so many digits may be counts: they do not identify a column with an unknown heading."""
LOSSY = {"shortened", "decimals", "date", "error"}
"""Kinds of damage that lose the value of a cell."""
_IDENTIFYING = 0.95
"""Share of different values from which a column identifies persons."""
_LETTERS = str.maketrans("0123456789abcdef", "bcdfghjklmnpqrst")
"""Consonants: spreadsheets do not read them as a number, a date or a word."""
_DIGITS = str.maketrans("bcdfghjklmnpqrst", "0123456789abcdef")
_MOST_KEPT = 20_000
"""Number of different cells whose codes are kept."""
_BOUND, _HEADING, _VALUE = 6, 6, 11
"""Length of each code in letters of 4 bits: values of a million rows need 44 bits, and columns with equal codes are not compared."""
_CHECK = re.compile(f"[bcdfghjklmnpqrst]{{{_BOUND}}}(?:[bcdfghjklmnpqrst]{{{_HEADING + _VALUE}}})*")
_TEXT = re.compile(r"[^a-z0-9]+")
_DECORATION = re.compile(r"[\s<>:;,()\[\]]")
"""Separates an address from a name or a scheme before it."""
_DATE = re.compile(r"([0-9]{1,2}|[0-9]{4})([-/.])([0-9]{1,2})\2([0-9]{1,2}|[0-9]{4})( 0?0:00(:00)?)?")
_ZEROS = re.compile(r"(?<=[0-9])[.,]0{1,2}$")


@lru_cache(maxsize=_MOST_KEPT)
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


def reduce_value(cell: str) -> str:
    """Reduce a cell like `reduce_cell`, and an address to its part before @, without a name, a scheme and a domain.

    >>> reduce_value("mailto:An.Kok@example.org"), reduce_value('"Kok, An" <an.kok@school.example>'), reduce_value("Zoë")
    ('ankok', 'ankok', 'zo')
    """
    before, _, domain = cell.partition("@")
    return (domain and reduce_cell(_DECORATION.split(before)[-1])) or reduce_cell(cell)


class DamagedCheckError(Exception):
    """The text is not a check that this release wrote."""


class RowCodes:
    """Makes and reads checks."""

    def __init__(self, pseudonym_key: str) -> None:
        self._key = hash_for("link check", pseudonym_key)
        self._headings: dict[str, str] = {}
        self._values: dict[str, str] = {}

    def make(self, link: str, headings: Sequence[str], cells: Iterable[str]) -> str:
        """Make the check of a row: the code of the link, then codes of each heading and cell."""
        known, values = self._headings.get, self._values.get
        pairs = zip(headings[:CHECKED_COLUMNS], cells, strict=False)
        written = "".join(
            [(known(name) or self.code_heading(name)) + (values(cell) or self._code_cell(cell)) for name, cell in pairs]
        )
        return self._bind(link, written) + written

    def read(self, link: str, check: str) -> dict[str, int] | None:
        """Return code of heading → code of value, or None for the check of another link.

        Raises:
            DamagedCheckError: for a malformed check.
        """
        check = check.strip().lower()
        if not _CHECK.fullmatch(check):
            raise DamagedCheckError
        if check[:_BOUND] != self._bind(link, check[_BOUND:]):
            return None
        starts = range(_BOUND, len(check), _HEADING + _VALUE)
        digits = check.translate(_DIGITS)
        return {check[at : at + _HEADING]: int(digits[at + _HEADING : at + _HEADING + _VALUE], 16) for at in starts}

    def code_heading(self, heading: str) -> str:
        code = self._headings.get(heading)
        if code is None:
            code = self._headings[heading] = self._code(f"h{reduce_cell(heading)}", _HEADING)
        return code

    def _code_cell(self, cell: str) -> str:
        """The code of a cell that is not known yet; kept for the first different cells, because many columns have few values."""
        code = self._code(f"v{reduce_value(cell)}", _VALUE)
        if len(self._values) < _MOST_KEPT:
            self._values[cell] = code
        return code

    def code_value(self, reduced: str) -> int:
        return int(self._hash(f"v{reduced}")[:_VALUE], 16)

    def _bind(self, link: str, written: str) -> str:
        return self._code(f"b{read_token(link)}\0{written}", _BOUND)

    def _code(self, text: str, length: int) -> str:
        return self._hash(text)[:length].translate(_LETTERS)

    def _hash(self, text: str) -> str:
        return blake2b(text.encode(), digest_size=6, key=self._key).hexdigest()


def is_lost(cell: str) -> bool:
    """Whether a spreadsheet replaced the value of a cell."""
    damage = find_key_damage(cell.strip())
    return damage is not None and damage[0] in LOSSY


@dataclass(slots=True)
class ColumnState:
    """The state of one column, over all rows with recorded values."""

    at: int
    heading: str
    """Its code."""
    recorded: array[int] = field(default_factory=lambda: array("Q"))
    """Hashes of the recorded values, without empty ones."""
    lines: array[int] = field(default_factory=lambda: array("L"))
    """Lines of rows with another value than recorded, without empty and damaged ones."""
    present: array[int] = field(default_factory=lambda: array("Q"))
    """Hashes of the values of these rows."""
    lost: array[int] = field(default_factory=lambda: array("Q"))
    """Hashes of the recorded values of all rows with another value or none."""
    few: bool = False
    """Whether it has few different values, so that corrections may exchange them."""
    is_weak: bool = False
    """Whether corrections may exchange its values, however many there are."""

    def compare(self, line: int, code: int, found: int, empty: int, cell: str = "") -> bool:
        """Compare a cell with its recorded code. Return whether it has a value."""
        if code != empty:
            self.recorded.append(code)
        if found == code:
            return found != empty
        if code != empty:
            self.lost.append(code)
        if found == empty or is_lost(cell):
            return False
        self.lines.append(line)
        self.present.append(found)
        return True

    def list_moved(self) -> list[int]:
        """The lines of cells with a value of another row; empty if the cells were corrected."""
        filled, values = len(self.recorded), len({*self.recorded})
        self.few = self.is_weak or values <= min(filled / 2, max(filled / 8, 1.5 * sqrt(filled)))
        if not self.lines:
            return []
        lost = Counter(self.lost)
        hits = (lost & Counter(self.present)).total()
        share = _MOVED_OF_FEW if self.few else _MOVED
        if hits >= max(FEWEST, share * len(self.lines)) and not (self.few and 2 * len(self.lines) <= filled):
            return [line for line, code in zip(self.lines, self.present, strict=True) if code in lost]
        if not self.is_weak and values >= max(FEWEST, _IDENTIFYING * filled):
            wanted = {*self.present}
            counts = Counter(code for code in self.recorded if code in wanted)
            return [line for line, code in zip(self.lines, self.present, strict=True) if counts.get(code) == 1]
        return []


class _UnknownColumns:
    """Columns whose heading was not recorded: renamed or new ones.

    Each is compared with the recorded column that shares most of its values, and reported if they are in other rows.
    """

    def __init__(self, empty: int) -> None:
        self._empty = empty
        self._rows = array("L")
        """Lines of the added rows."""
        self._recorded: dict[str, array[int]] = {}
        """Code of heading → codes of the values of the first added rows."""
        self._cells: dict[int, tuple[array[int], array[int]]] = {}
        """Position of a column → numbers of added rows, and codes of the values there."""

    def add(self, line: int, written: Mapping[str, int], cells: Mapping[int, int]) -> None:
        """Add a row. Args: cells: position of an unknown column → code of its value."""
        number = len(self._rows)
        self._rows.append(line)
        for heading, code in written.items():
            codes = self._recorded.setdefault(heading, array("Q"))
            codes.extend([self._empty] * (number - len(codes)))
            codes.append(code)
        for at, found in cells.items():
            if found != self._empty:
                numbers, codes = self._cells.setdefault(at, (array("L"), array("Q")))
                numbers.append(number)
                codes.append(found)

    def iter_moved(self) -> Iterator[tuple[int, list[int]]]:
        """Iterate over (position of a moved column, lines of its moved cells)."""
        values = {heading: {*codes} for heading, codes in self._recorded.items()}
        for at, (numbers, present) in self._cells.items():
            hits = {heading: sum(code in listed for code in present) for heading, listed in values.items()}
            heading = max(hits, key=hits.__getitem__, default="")
            if heading and hits[heading] >= max(FEWEST, COPIED * len(present)):
                column, cells = ColumnState(at, heading), dict(zip(numbers, present, strict=True))
                for number, (line, code) in enumerate(zip(self._rows, self._recorded[heading], strict=False)):
                    column.compare(line, code, cells.get(number, self._empty), self._empty)
                lines = column.list_moved()
                if not column.few:
                    yield at, lines


class RowChecker:
    """Finds the columns of one list that were moved, and the rows whose identifying cells do not match their check.

    An identifying column has many different values.
    """

    def __init__(self, codes: RowCodes, headings: Mapping[int, str], shared: Container[int]) -> None:
        """Args: headings: position of each compared column → heading; shared: positions of columns that identify nobody."""
        self._codes, self.headings, self._shared = codes, dict(list(headings.items())[:CHECKED_COLUMNS]), shared
        self._empty = codes.code_value("")
        coded = [(at, codes.code_heading(heading)) for at, heading in self.headings.items()]
        once = Counter(code for _, code in coded)
        self._columns = [ColumnState(at, code) for at, code in coded if once[code] == 1]
        self._lines, self._known, self._present = array("L"), array("Q"), array("Q")
        self._unknown = _UnknownColumns(self._empty)

    def add(self, line: int, written: Mapping[str, int], cells: Sequence[str]) -> None:
        """Add a row with the recorded codes of its check."""
        present = known = 0
        unknown: dict[int, int] = {}
        for bit, column in enumerate(self._columns):
            reduced = reduce_value(cells[column.at])
            found = self._codes.code_value(reduced)
            code = written.get(column.heading)
            if code is not None:
                filled = column.compare(line, code, found, self._empty, cells[column.at])
                present |= filled << bit
                known |= (filled and found == code) << bit
            elif not (is_lost(cells[column.at]) or (reduced.isdecimal() and len(reduced) <= _LONGEST_COUNT)):
                unknown[column.at] = found
        if unknown:
            self._unknown.add(line, written, unknown)
        self._lines.append(line)
        self._present.append(present)
        self._known.append(known)

    def list_moved(self) -> list[tuple[str, list[int]]]:
        """The headings of moved columns with the lines of their moved cells."""
        found = [(self.headings[column.at], column.list_moved()) for column in self._columns]
        found += [(self.headings[at], lines) for at, lines in self._unknown.iter_moved()]
        return [(heading, lines) for heading, lines in found if lines]

    def list_displaced(self) -> list[int]:
        """The lines of rows with the link of another row. Call `list_moved` before."""
        telling = self._make_telling()
        rows = zip(self._lines, self._present, self._known, strict=True)
        return [line for line, present, known in rows if present & telling and not known & telling]

    def list_confirmed(self, lines: Container[int]) -> set[int]:
        """Those of the lines whose identifying cells mostly match their check. Call `list_moved` before."""
        telling = self._make_telling()
        rows = zip(self._lines, self._present, self._known, strict=True)
        return {
            line
            for line, present, known in rows
            if line in lines and known & telling and 2 * (known & telling).bit_count() >= (present & telling).bit_count()
        }

    def _make_telling(self) -> int:
        return sum(1 << bit for bit, column in enumerate(self._columns) if not column.few and column.at not in self._shared)
