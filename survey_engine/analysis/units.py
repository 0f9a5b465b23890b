"""Units in texts, such as "minutes", in Dutch, English, German and Papiamento. To add a unit, add its words to _UNITS."""

from __future__ import annotations

import re

from survey_engine.analysis.editions import are_alike

_UNITS = {
    "second": "seconde seconden second seconds sekunde sekunden",
    "minute": "minuut minuten min minute minutes minüt minütnan",
    "hour": "uur uren hour hours stunde stunden ora oranan",
    "day": "dag dagen day days tag tage tagen dia dianan",
    "week": "week weken weeks woche wochen siman simannan",
    "month": "maand maanden month months monat monate monaten luna lunanan",
    "year": "jaar jaren year years jahr jahre jahren aña añanan",
    "euro": "euro euro's euros eur €",
    "cent": "cent centen cents",
    "metre": "m meter meters metre metres",
    "kilometre": "km kilometer kilometers kilometre kilometres",
    "mile": "mile miles mijl mijlen meile meilen",
    "gram": "gram grams gramm gramme",
    "kilogram": "kg kilo kilos kilogram kilograms kilogramm",
    "litre": "liter liters litre litres",
    "pound": "pound pounds pond ponden pfund £",
    "dollar": "dollar dollars $",
    "florin": "florin florins gulden guldens afl florinnan",
    "per cent": "% procent percent prozent",
    "times": "keer maal time times mal biaha",
}
_UNIT_OF_WORD = {word: unit for unit, words in _UNITS.items() for word in words.split()}
_RATE = re.compile(r"\s(?:per|pro|a|an|each|elke|pa)\s.*|/.*", re.IGNORECASE | re.DOTALL)
"""The period in "hours per week"."""
_WORD = re.compile(r"[€%£$]|[^\W\d_]+(?:'s)?")
ANY_UNIT = "|".join(sorted(map(re.escape, _UNIT_OF_WORD), key=len, reverse=True))


def find_units(text: str) -> set[str]:
    """Return the units in a text, except after "per".

    >>> sorted(find_units("hours and minutes a week")), find_units("per week"), find_units("Over 10 km")
    (['hour', 'minute'], set(), {'kilometre'})
    """
    words = _WORD.findall(_RATE.sub("", f" {text.casefold()} "))
    return {_UNIT_OF_WORD[word] for word in words if word in _UNIT_OF_WORD}


def are_other_units(one: str, other: str) -> bool:
    """Whether two wordings of a unit certainly differ: in the unit, or in the period after "per".

    >>> are_other_units("minutes", "hours"), are_other_units("€ per week", "€ per month"), are_other_units("cups", "cups of tea")
    (True, True, False)
    """
    named = [find_named_units(text).keys() for text in (one, other)]
    return not are_same_units(one, other) or bool(named[0] - named[1] and named[1] - named[0])


def name_same_unit(one: str, other: str) -> bool:
    """Whether two texts are names of the same unit, without other words.

    >>> name_same_unit("km", "Kilometres"), name_same_unit("minutes", "minutes a day"), name_same_unit("ml", "cl")
    (True, False, False)
    """
    units = [_UNIT_OF_WORD.get(text.strip().casefold()) for text in (one, other)]
    return units[0] is not None and units[0] == units[1]


_SAME_TIME = (
    (r"(?:7|seven|zeven|sieben) (?:days|dagen|tage\w*)", "week"),
    (r"(?:14|fourteen|veertien|vierzehn) (?:days|dagen|tage\w*)|(?:2|two|twee|zwei) (?:weeks|weken|wochen)", "fortnight"),
    (r"(?<!and a )(?<!en een )half (?:an hour|uur)|halbe stunde", "minute"),
    (r"(?<!and a )(?<!en een )half (?:a year|year|jaar)|halbes jahr", "month"),
    (r"(?:24|twenty-four|vierentwintig) (?:hours|uur|uren|stunden)", "day"),
    (r"(?:60|sixty|zestig|sechzig) (?:minutes|minuten)", "hour"),
    (r"(?:4|four|vier) (?:weeks|weken|wochen)", "month"),
    (r"(?:12|twelve|twaalf|zwölf) (?:months|maanden|monate\w*)", "year"),
)
"""Pattern of a period → a unit in which texts also give it."""


def find_named_units(text: str) -> dict[str, str]:
    """Return the units that a text names, also after "per", each with its first word; equal periods have one unit.

    >>> find_named_units("How many pounds a week?"), find_named_units("In the last seven days")
    ({'pound': 'pounds', 'week': 'week'}, {'week': 'seven days'})
    >>> find_named_units("Half an hour"), find_named_units("Two and a half hours"), find_named_units("Half jaar")
    ({'minute': 'half an hour'}, {'hour': 'hours'}, {'month': 'half jaar'})
    """
    found: dict[str, str] = {}
    rest = text.casefold()
    for pattern, unit in _SAME_TIME:
        for period in re.finditer(rf"\b{pattern}\b", rest):
            found.setdefault(unit, period[0])
        rest = re.sub(rf"\b{pattern}\b", " ", rest)
    for word in _WORD.findall(rest):
        if word in _UNIT_OF_WORD and len(word) > 1 and _UNIT_OF_WORD[word] != "times":
            found.setdefault(_UNIT_OF_WORD[word], word)
    return found


def are_same_units(one: str, other: str) -> bool:
    """Whether two wordings of a unit may mean the same.

    >>> are_same_units("€", "euros"), are_same_units("minutes", "hours"), are_same_units("cups", "cups of tea")
    (True, False, True)
    """
    units = find_units(one), find_units(other)
    return units[0] == units[1] if all(units) else are_alike(one, other)
