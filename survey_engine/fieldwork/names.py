"""Spellings of names and birth dates, for a login by name. Pure: `fold_surname`, `fold_first_name`, `fold_name`, `read_birth_date`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from datetime import date
from unicodedata import category, normalize

BIRTH_DATE, SURNAME, SURNAME_PREFIX, FIRST_NAME = PERSON = ("birth_date", "surname", "surname_prefix", "first_name")
"""Names of a person's details, and of the kinds of columns that fill them."""
MAX_NAME_CHARACTERS = 200
"""Longest name or date that is read, in characters."""
_PREFIXES = """
aan af al am auf aus ben by bin da dal dalla das de degli dei del dela della den der des di do don
dos du e el het i im in la las le les lo los of op over t te ten ter thoe thor to toe tot uit unter
uyt v van vande vanden vander vant vd ver vom von voor y zu zum zur
"""
PREFIXES = frozenset(_PREFIXES.split())
"""Words before or between surnames, in lower case without marks; `fold_surname` removes them."""
_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h", "ŧ": "t"})
_UMLAUT = re.compile("([aou])e")
_SHORTEST = 3
"""Fewest letters of a surname after an attached prefix."""
_INNER = re.compile(r"['’‘ʼ`´ʹʻ′.]")
"""Apostrophes and dots, which are removed: D'Angelo becomes Dangelo."""
_ABBREVIATED = re.compile(r"\bv[./ ]+d\b")
_INITIAL = re.compile(r"\b[^\W\d_]\.")
_NAME = re.compile(
    r"(?:(?:voor|achter|roep|geslachts|sur|fore|nach|vor|fore|first|last|middle|given|family|full|volledige|student|leerling|deelnemer)"
    r"[ _-]?)?(?:naam|namen|names?)|surname|forename"
)
"""Headings of columns with a person's own name."""
_CONTACT = re.compile(r"(?:(?:student|school|leerling)[ _-]?)?(?:e-?mail|adres|address|tele(?:f|ph)oo?n|phone|mobiel|mobile|gsm)")
_BORN = re.compile(r"(?:geboorte|geb\.?[ _-]?)datum|(?:date of )?birth(?:[ _-]?da(?:te|y))?|born|dob|geburtsdatum")
_NO_LETTER = re.compile(r"[\W\d_]+")
_MONTHS = {
    **dict.fromkeys(("jan", "yan"), 1),
    "feb": 2,
    **dict.fromkeys(("mrt", "maa", "mar"), 3),
    "apr": 4,
    **dict.fromkeys(("mei", "may", "mai"), 5),
    **dict.fromkeys(("jun", "yun"), 6),
    **dict.fromkeys(("jul", "yul"), 7),
    **dict.fromkeys(("aug", "oug"), 8),
    "sep": 9,
    **dict.fromkeys(("okt", "oct"), 10),
    "nov": 11,
    **dict.fromkeys(("dec", "dez", "des"), 12),
}
"""First three letters of a month in Dutch, English, German and Papiamentu → its number."""
_DAY_FIRST = re.compile(r"([0-9]{1,2})[-/. ]+([0-9]{1,2}|[a-z]{3,12})[-/. ]+([0-9]{4})", re.ASCII)
_DIGITS = re.compile(r"([0-9]{2})([0-9]{2})([0-9]{4})", re.ASCII)
_YEAR_FIRST = re.compile(r"((?:19|20)[0-9]{2})([0-9]{2})([0-9]{2})", re.ASCII)
"""yyyymmdd, as registers write it. Read as ddmmyyyy, the year would be 1231 at most, so that both forms exclude each other."""
_ISO = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:[ t]00:00[0:.]*)?", re.ASCII)


_FIRST_YEAR, _LAST_YEAR = 1900, 2099
YOUNGEST, OLDEST = 10, 110
"""Ages of respondents, in years."""


def fold_surname(written: str) -> str:
    """Return a surname in lower case without accents, prefixes and signs, its words sorted; empty without letters.

    >>> fold_surname("van den Berg-Çelik") == fold_surname("CELIK  BERG"), fold_surname("D'Angelo"), fold_surname("Meijer")
    (True, 'dangelo', 'meyer')
    """
    words = _split(written)
    return "".join(sorted([word for word in words if word not in PREFIXES] or words))


def list_spellings(surname: str) -> list[str]:
    """Return other spellings of a folded surname: without attached prefixes, then with umlauts as one letter.

    All these spellings of a surname have the same last spelling.

    >>> list_spellings("mueller"), list_spellings("vanderpoel"), list_spellings("bos")
    (['muller'], ['poel', 'pol'], [])
    """
    found = [surname]
    while (other := _respell(found[-1])) != found[-1]:
        found.append(other)
    return found[1:]


def _respell(surname: str) -> str:
    """Remove the longest attached prefix, unless fewer than `_SHORTEST` letters remain; without a prefix, write umlauts as one letter."""
    lengths = range(len(surname) - _SHORTEST, 1, -1)
    cut = next((surname[length:] for length in lengths if surname[:length] in PREFIXES), "")
    return cut or _UMLAUT.sub(r"\1", surname)


def fold_first_name(written: str) -> str:
    """Return the first of the first names, in lower case without accents and signs; empty without letters.

    >>> fold_first_name("Anne-Marie"), fold_first_name("Zoë"), fold_first_name("d'Arcy")
    ('anne', 'zoe', 'darcy')
    """
    return next(iter(_split(written)), "")


def is_name(heading: str) -> bool:
    """Whether the heading is that of a column with names of persons.

    >>> is_name("Achternaam"), is_name("full name"), is_name("Naam opleiding"), is_name("username")
    (True, True, False, False)
    """
    return _NAME.fullmatch(heading.strip().casefold()) is not None


def is_contact(heading: str) -> bool:
    """Whether the heading is that of a column with addresses or telephone numbers of persons.

    >>> is_contact("E-mailadres1"), is_contact("Telefoon"), is_contact("klas")
    (True, True, False)
    """
    return _CONTACT.match(heading.strip().casefold()) is not None


def is_birth_date(heading: str) -> bool:
    """Whether the heading is that of a column with birth dates.

    >>> is_birth_date("Geboortedatum"), is_birth_date("date of birth"), is_birth_date("Geboorteplaats")
    (True, True, False)
    """
    return _BORN.fullmatch(heading.strip().casefold()) is not None


def fold_name(cells: Iterable[str]) -> str:
    """Return the sorted words of a name, in lower case without accents, prefixes, initials and signs; empty without words.

    >>> fold_name(["Vries, Émile de"]) == fold_name(["EMILE M.", "van Vries"]), fold_name(["J. de V."])
    (True, '')
    """
    words = _NO_LETTER.split(_INNER.sub("", _ABBREVIATED.sub("vd", _INITIAL.sub(" ", _fold(" ".join(cells))))))
    return " ".join(sorted({word for word in words if len(word) > 1 and word not in PREFIXES}))


def _split(written: str) -> list[str]:
    """Return the folded words. A single letter that is no prefix joins the next word: O Brien becomes obrien."""
    words, start = [], ""
    for word in _NO_LETTER.split(_INNER.sub("", _ABBREVIATED.sub("vd", _fold(written)))):
        if len(word) == 1 and word not in PREFIXES:
            start += word
        elif word:
            words.append(start + word)
            start = ""
    return [*words, start] if start else words


def _fold(written: str) -> str:
    """Return a text in lower case without accents and invisible characters; ij → y, ß → ss, ø → o. A character for a number → a space."""
    text = normalize("NFKD", normalize("NFKD", written[:MAX_NAME_CHARACTERS]).casefold())
    kinds = ((character, category(character)) for character in text)
    kept = "".join(" " if kind in ("Nl", "No") else character for character, kind in kinds if kind[0] != "M" and kind != "Cf")
    return kept.translate(_LETTERS).replace("ij", "y")


def read_birth_date(written: str) -> date | None:
    """Parse a date: day first, as in ISO 8601, or yyyymmdd. Return None for any other text.

    >>> [str(read_birth_date(text)) for text in ("1-2-2008", "1 feb. 2008", "2008-02-01", "01022008", "20080201", "31-2-2008", "1-2-08")]
    ['2008-02-01', '2008-02-01', '2008-02-01', '2008-02-01', '2008-02-01', 'None', 'None']
    """
    text = " ".join(_fold(written).split())
    day_first = _DAY_FIRST.fullmatch(text) or _DIGITS.fullmatch(text)
    year_first = _ISO.fullmatch(text) or _YEAR_FIRST.fullmatch(text)
    return (_make_date(*year_first.groups()) if year_first else None) or (
        _make_date(*reversed(day_first.groups())) if day_first else None
    )


def _make_date(year: str, month: str, day: str) -> date | None:
    with suppress(ValueError):
        if _FIRST_YEAR <= int(year) <= _LAST_YEAR:
            return date(int(year), int(month) if month.isdigit() else _MONTHS.get(month[:3], 0), int(day))
    return None


def is_plausible(born: date, day: date) -> bool:
    """Whether a person with this birth date has the age of a respondent on `day`.

    >>> is_plausible(date(2008, 2, 1), date(2026, 11, 29)), is_plausible(date(2025, 1, 1), date(2026, 11, 29))
    (True, False)
    """
    return YOUNGEST <= day.year - born.year - ((day.month, day.day) < (born.month, born.day)) <= OLDEST
