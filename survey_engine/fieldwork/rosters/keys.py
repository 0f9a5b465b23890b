"""Keys of persons on lists: their normal form, damage by spreadsheets, keys unlike all others, and spellings of one key."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import product
from unicodedata import category, decomposition, normalize

from survey_engine.rendering.spreadsheet_cells import unguard

_DIGITS = re.compile(r"[0-9]+")
_MONTH = r"(?:jan|feb|mrt|mar|mrz|mär|apr|mei|may|mai|jun|jul|aug|sept?|okt|oct|nov|dec|dez)\.?"
_SINGLE, _DOUBLE = "‘’‚‹›`´", '"“”„«»'
_ELIDED = r"[a-z]{1,2}[ \u00a0-]"
"""An article after its apostrophe: 's-Gravenhage, 't Harde."""
INVISIBLE = "\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff"
_DAMAGE = {
    "shortened": (r"-?[0-9]([.,][0-9]+)?E[+-][0-9]+", "is a number that a spreadsheet shortened: its last digits are gone"),
    "decimals": (r"[0-9]+[.,]0+", "is a number to which a spreadsheet added decimals"),
    "date": (rf"[0-9]{{1,2}}-{_MONTH}(-[0-9]+)?|{_MONTH}-[0-9]{{2,4}}", "is a key that a spreadsheet took for a date"),
    "error": (r"#+|#N/[A-Z]+|#[A-Z0-9/]+[!?]", "is the text that a spreadsheet shows for a wrong formula, or in a narrow column"),
    "apostrophe": (r"'.*", "begins with the apostrophe by which a spreadsheet marks text"),
    "quotes": (rf"[{_DOUBLE}].*|[{_SINGLE}](?!{_ELIDED}).*|.*[{_DOUBLE}‹›]", "has quotation marks around it"),
    "wide": (r".*[\uff01-\uff5e].*", "has full-width characters"),
    "invisible": (rf".*[{INVISIBLE}].*", "has characters that cannot be seen"),
}
_BROKEN = {kind: (re.compile(pattern, re.IGNORECASE | re.DOTALL), predicate) for kind, (pattern, predicate) in _DAMAGE.items()}
_QUOTED = re.compile(rf"[{_DOUBLE}][^{_DOUBLE}]*[{_DOUBLE}]|['{_SINGLE}](?!{_ELIDED})[^'{_SINGLE}]*['{_SINGLE}]", re.IGNORECASE)
_MONTH_OF_YEAR = re.compile(rf"{_MONTH}-[0-9]{{4}}", re.IGNORECASE)
_MARKED = re.compile(r"'(?=[0-9][^']*\Z)")
"""The apostrophe by which a spreadsheet marks a number as text."""
_ODD = {
    "thousands": (r"[0-9]{1,3}([., '’\u00a0\u202f][0-9]{3})+", "seems to be a number that a spreadsheet divided into thousands"),
    "fraction": (r"[0-9]+[.,][0-9]+", "is no whole number"),
    "power": (r"[0-9]+[eE][0-9]+", "seems to be a number that a program wrote with a power of ten"),
    "day": (r"[0-9]{1,4}[-/.][0-9]{1,2}[-/.][0-9]{1,4}( [0-9:.]+)?", "seems to be a key that a spreadsheet took for a date"),
    "blanks": (r"[0-9]+( [0-9]+)+", "is a number with blanks in it"),
    "word": (r"[^0-9]+", "is no number: the row may be a total or a heading"),
}
_MISSING = re.compile(
    r"n/a|n\.?v\.?t\.?|n\.b\.|k\.a\.|null|undefined|unknown|onbekend|unbekannt|\\n|[^\w#]*|true|false|waar|onwaar|[-+]?inf|(?-i:None|nan|NaN)",
    re.IGNORECASE,
)
"""Words and signs for no value, and values that are no key."""
_SHOWN = 40
"""Characters of a key that a message shows."""
_ODD_KEYS = {kind: (re.compile(pattern), predicate) for kind, (pattern, predicate) in _ODD.items()}
_FEWEST, NUMBERS = 4, 0.8
"""Smallest number of keys, and share of whole numbers among them, for which a key of another form is a mistake."""
_SIGNS = "., '’\u00a0\u202f"
_SEPARATORS = re.compile(rf"(?<=[0-9])[{_SIGNS}](?=[0-9]{{3}}(?![0-9]))|[{INVISIBLE}\"“”„‘’‚«»‹›`´]")
_MOST_ODD = 1_000
_ADDED = re.compile(r"(?<=[0-9])[.,]00?$")
"""Decimals that a program added to a whole number; more zeros may be thousands."""
_EXACT = 15
"""Digits of a number that spreadsheets keep."""
_UNSEEN = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Characters that cannot be seen and whose Unicode category does not say so."""
_LONGEST = 12
"""Length in digits up to which leading zeros are tried."""


def group_thousands(digits: str, separator: str) -> str:
    """Return the digits in groups of three from the end.

    >>> group_thousands("1000004", ".")
    '1.000.004'
    """
    first = len(digits) % 3
    groups = [digits[:first]] * bool(first) + [digits[at : at + 3] for at in range(first, len(digits), 3)]
    return separator.join(groups)


def find_key_damage(part: str) -> tuple[str, str] | None:
    """Damage of a key by a spreadsheet: the kind and the predicate of a message; None for an undamaged key.

    >>> find_key_damage("1,2E+11")[0], find_key_damage("00123")
    ('shortened', None)
    """
    if part.isascii() and part.isalnum():
        return None
    return next(((kind, predicate) for kind, (pattern, predicate) in _BROKEN.items() if pattern.fullmatch(part)), None)


def find_text_damage(text: str) -> tuple[str, str] | None:
    """Damage of a text, such as a label or a place: like `find_key_damage`, but quotation marks count in pairs around the text alone.

    >>> find_text_damage("’s-Gravenhage"), find_text_damage("sep-2025"), find_text_damage("“Zorg”")[0]
    (None, None, 'quotes')
    """
    if _QUOTED.fullmatch(text):
        return "quotes", _DAMAGE["quotes"][1]
    damage = find_key_damage(text)
    is_ordinary = damage is None or damage[0] in ("apostrophe", "quotes") or _MONTH_OF_YEAR.fullmatch(text)
    return None if is_ordinary else damage


def unmark_text(text: str) -> str:
    """A text without the apostrophe by which a spreadsheet marks a number, or `guard` a formula, as text.

    >>> unmark_text("'4/5"), unmark_text("'@home"), unmark_text("'s-Gravenhage")
    ('4/5', '@home', "'s-Gravenhage")
    """
    return unguard(_MARKED.sub("", text, count=1))


def is_missing_key(part: str) -> bool:
    """Whether a word or sign stands for a missing key.

    >>> is_missing_key("N/A"), is_missing_key("-"), is_missing_key("Nan")
    (True, True, False)
    """
    return _MISSING.fullmatch(part) is not None


def shorten_key(part: str) -> str:
    """A key for messages, shortened."""
    return part if len(part) <= _SHOWN else f"{part[:_SHOWN]}…"


def normalise_cell(cell: str) -> str:
    """A key or code without what programs change and nobody sees.

    Full-width letters, digits of other scripts and hyphens are written in ASCII; invisible characters, the apostrophe that marks
    text, and decimals that are zero are removed; blanks are single.

    >>> normalise_cell("１２３\\ufeff"), normalise_cell("'0012"), normalise_cell("12.0"), normalise_cell("a \\u2013\\xa0 b")
    ('123', '0012', '12', 'a - b')
    """
    if cell.isascii() and cell.isalnum():
        return cell
    if not (cell.isascii() and cell.isprintable()):
        cell = "".join(map(_normalise_character, normalize("NFC", cell)))
    text = " ".join(cell.split()).lstrip("'")
    whole = _ADDED.sub("", text)
    return whole if len(whole) <= _EXACT and _DIGITS.fullmatch(whole) else text


@lru_cache(1_000)
def _normalise_character(character: str) -> str:
    kind = category(character)
    if character.isspace():
        return " "
    if character.isdecimal():
        return str(int(character))
    if kind == "Pd" or character == "\u2212":
        return "-"
    if (
        kind in ("Cc", "Cf")
        or character in _UNSEEN
        or "\ufe00" <= character <= "\ufe0f"
        or "\U000e0100" <= character <= "\U000e01ef"
    ):
        return ""
    return normalize("NFKC", character) if decomposition(character).startswith(("<wide>", "<narrow>")) else character


def read_key(cells: Sequence[str], positions: Sequence[int]) -> list[str]:
    """The parts of a person's key."""
    return [normalise_cell(cells[at]) for at in positions]


def read_former_key(cells: Sequence[str], positions: Sequence[int]) -> str:
    """The key as earlier releases read it, without `normalise_cell`."""
    return "\n".join(unguard(cells[at].strip()) for at in positions)


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


def iter_spellings(key: str, longest: int = _LONGEST, separators: str = _SIGNS) -> Iterator[str]:
    """Iterate over other spellings of a key: fewer or more leading zeros, other thousands separators, no quotation marks.

    >>> list(iter_spellings("07", 3)), list(iter_spellings("1004", 4))
    (['7', '007'], ['1.004', '1,004', '1 004', "1'004", '1’004', '1\\xa0004', '1\\u202f004'])
    """
    parts = [
        [
            *(stripped.zfill(width) for width in range(len(stripped), max(longest, len(stripped)) + 1)),
            *(group_thousands(stripped, separator) for separator in separators if len(stripped) > 3),
        ]
        if _DIGITS.fullmatch(stripped)
        else [stripped]
        for stripped in strip_zeros(strip_signs(key)).split("\n")
    ]
    return (spelling for spelling in map("\n".join, product(*parts)) if spelling != key)


LETTERED = re.compile(r"([a-z]{0,3})([1-9][0-9]{3,19})([-_./ ][0-9a-z]{1,2}|[a-z]{1,2})?")
"""A number with or without letters before it, and with or without a suffix, in a folded key."""


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
            if self._keys[at] >= _FEWEST and self._numbers[at] >= NUMBERS * self._keys[at] and (found := find_odd(part)):
                yield line, part, *found
