"""Checks names and birth dates that serve the login by name: what a student would not type, and columns with the cells of another one.

A further form that is no plain surname is a line in `_MORE`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from unicodedata import category

from survey_engine.fieldwork.names import BIRTH_DATE, FIRST_NAME, PREFIXES, SURNAME, SURNAME_PREFIX, fold_first_name, fold_surname
from survey_engine.fieldwork.rosters.encodings import is_damaged
from survey_engine.fieldwork.rosters.findings import RosterFindings
from survey_engine.fieldwork.rosters.roster_format import RosterDefinition

_FEWEST, SHARE = 5, 3
"""Smallest number of rows with one surname or birth date, which are at least one of `SHARE` rows, that are reported."""
_FEWEST_EXCHANGED = 3
"""Smallest number of surnames that are given names by which columns seem to be exchanged."""
_MARKS = frozenset("'’‘ʼ`´ʹʻ′.,‐‑–")
"""Signs beyond ASCII and letters that occur in names."""
_TEXT_MARKS = frozenset("…°“”„«»")
"""Signs that are no damage beside a word; within it they are letters of another encoding."""
_SIGNS = {"Cc", "Cn", "Co", "Nl", "No", "Pc", "Pd", "Pe", "Pf", "Pi", "Po", "Ps", "Sc", "Sk", "Sm", "So"}
_INNER_CAPITAL = re.compile("[^\\W\\d_][ŸŠŽƒ][a-zà-ÿ]")
"""Letters of another encoding within a word, as in MŸller."""
_MORE = {
    "brackets": re.compile(r"[()\[\]{}<>/\\|]"),
    "digits or signs": re.compile(r"[0-9@:;=+*\"_#%&]"),
    "a partner's name": re.compile(r"(?<!\S)(?:e\.? ?[vg]\.?|geb\.|gehuwd|wed\.|weduwe|echtg\.)(?!\S)", re.IGNORECASE),
    "initials": re.compile(r",\s*(?:[^\W\d_]\.\s*)+$"),
    "no name": re.compile(r"onbekend|unknown|n\.?v\.?t\.?|n\.?b\.?|achternaam|surname|test|x+|[-.]+", re.IGNORECASE),
}
"""What is more than a surname → its pattern; the last one fits the whole cell."""
_GIVEN_NAMES = """
adam ahmed ali amber amina amir amy anna anne anouk bart bas ben bram britt bo casper charlotte chris daan damian daniel danny dave
demi dennis dewi dylan elif elin elise emir emma esmee eva evi fatima femke finn fleur floor floris gijs hamza hanna hugo ibrahim ilse
imane iris isa isabel jaap jack james jan jasmijn jasper jayden jelle jens jesse jip job joep joost joris joshua julia julian jurre
kaan kevin kim koen lana lara lars laura lauren lena leon levi liam lieke lisa lise liv lotte luca lucas luna luuk maartje maaike maria
mark martijn max mees melissa merel mia mike mila milan mohamed mohammed mustafa naomi nick niek niels nienke nina noa noah noor nora
olivia omar oscar philip pim quinten rayan rick rik robin romy roos ruben salma sam samira sanne sara sarah sem senna sofie sophie
stijn sven teun thijs thomas tijn tijmen tim tobias tom vera vince wessel willem wouter yara yasmin yassin youssef yusuf zoe zeynep
"""
_GIVEN = frozenset(_GIVEN_NAMES.split())
"""Given names of many students, folded as in `fold_first_name`."""


def has_name_damage(written: str) -> bool:
    """Whether a name has characters that only a wrong encoding makes.

    >>> [has_name_damage(name) for name in ("Zo‰", "MŸller", "M□ller", "M\\x81ller", "Ozt³rk", "D’Angelo-Šimić")]
    [True, True, True, True, True, False]
    """
    letters = f" {written} "
    strange = (
        sign
        for before, sign, after in zip(letters, written, letters[2:], strict=False)
        if not ("\x20" <= sign <= "\x7e" or sign in _MARKS)
        and (sign not in _TEXT_MARKS or (before.isalpha() and after.isalpha()))
    )
    return (
        is_damaged(written)
        or "?" in written
        or any(category(sign) in _SIGNS for sign in strange)
        or _INNER_CAPITAL.search(written) is not None
    )


def find_more(surname: str) -> str:
    """Return what a surname has beside itself; empty for a plain one.

    >>> find_more("Jansen, S."), find_more("Vries, de"), find_more("Jansen e.v. Bos"), find_more("Onbekend")
    ('initials', '', "a partner's name", 'no name')
    """
    *parts, (whole, pattern) = _MORE.items()
    return next((kind for kind, part in parts if part.search(surname)), whole if pattern.fullmatch(surname) else "")


class LoginChecks:
    """Collects names and birth dates of a file, for a format that has both."""

    def __init__(self, definition: RosterDefinition, index: Mapping[str, int]) -> None:
        """Args: index: column → position among the values."""
        self._places = {definition.columns[name].becomes: (at, name) for name, at in index.items()}
        self._used = BIRTH_DATE in self._places and SURNAME in self._places
        self._common: dict[str, Counter[int]] = {BIRTH_DATE: Counter(), SURNAME: Counter()}
        self._votes = Counter[bool]()
        self._rows = 0

    def add(self, number: int, values: Sequence[str], findings: RosterFindings) -> None:
        """Add the first row of a person."""
        if not self._used:
            return
        born, surname, prefix, first_name = (
            values[self._places[part][0]].strip() if part in self._places else ""
            for part in (BIRTH_DATE, SURNAME, SURNAME_PREFIX, FIRST_NAME)
        )
        self._rows += 1
        folded = fold_surname(surname)
        self._common[BIRTH_DATE][hash(born)] += bool(born)
        self._common[SURNAME][hash(folded)] += bool(folded)
        self._votes[True] += (folded in _GIVEN) + _begins_with_prefix(first_name)
        self._votes[False] += (fold_first_name(first_name) in _GIVEN) + (_begins_with_prefix(surname) or bool(prefix))
        if kind := find_more(surname):
            text = (
                f"'{surname}' is no plain surname ({kind}): a student who types the surname alone cannot log in. Write it as in the "
                "passport, without anything else."
            )
            findings.add(number, "odd_name", self._places[SURNAME][1], kind, text)

    def finish(self, findings: RosterFindings) -> None:
        """Report what holds for the whole file."""
        for part, counts in self._common.items():
            most = max(counts.values(), default=0)
            if most >= _FEWEST and SHARE * most >= self._rows:
                text = f"{most} of {self._rows} rows have the same value. If it is not theirs, these persons cannot log in."
                findings.add(0, "common_name", self._places[part][1], "", text)
        if self._votes[True] >= _FEWEST_EXCHANGED and self._votes[True] > self._votes[False]:
            text = (
                "surnames and first names seem to be exchanged: nobody could log in. See whether each is under its own heading."
            )
            findings.add(0, "exchanged_names", self._places[SURNAME][1], "", text)


def _begins_with_prefix(name: str) -> bool:
    """Whether a name of several words begins with a prefix of surnames, as in "de Vries"."""
    first, *others = name.casefold().split() or [""]
    return bool(others) and len(first) > 1 and first in PREFIXES
