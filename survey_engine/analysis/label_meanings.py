"""Meanings of single words in codes and labels, such as a weekday or a direction, in English, Dutch, German and Papiamento.

A meaning has positions, such as low, middle, high. To add a meaning, add its words per position to _ROWS.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache

from survey_engine.analysis.day_names import MONTHS, WEEKDAYS
from survey_engine.analysis.number_words import NUMBER_WORDS
from survey_engine.analysis.rates import read_rate

_ROWS: Mapping[str, Sequence[str]] = {
    "amount": ("less fewer minder weniger ménos", "more meer mehr mas"),
    "time": ("early earlier vroeg vroeger früh früher", "late later laat spät später"),
    "length": ("short shorter kort korter kurz kürzer", "long longer lang langer lange länger"),
    "speed": ("slow slower langzaam langzamer langsam langsamer", "fast faster snel sneller schnell schneller"),
    "age": ("young younger jong jonger jung jünger", "old older oud ouder alt älter"),
    "newness": ("old oud oude alt alte bieu", "new nieuw nieuwe neu neue nobo"),
    "price": ("cheap cheaper goedkoop goedkoper billig billiger", "expensive duur duurder teuer teurer"),
    "agreement": ("disagree disagreement oneens", "agree agreement eens akkoord"),
    "change": ("decreased gedaald afgenomen gesunken", "increased gestegen toegenomen gestiegen"),
    "sex": ("woman women female vrouw frau", "man men male mann"),
    "bound": (
        "under below less fewer younger shorter onder minder jonger korter unter weniger jünger kürzer ménos",
        "over above more older longer boven meer ouder langer über mehr älter länger mas",
    ),
    "place": ("inside indoors binnen drinnen innen paden", "outside outdoors buiten draußen außen pafó"),
    "side": ("left links robes", "right rechts drechi"),
    "opening": ("closed dicht gesloten geschlossen será", "open offen habrí"),
    "truth": ("false onwaar falsch falsu", "true waar wahr"),
    "order": ("before voor vooraf vorher vor promé", "during tijdens während durante", "after na achteraf nachher nach despues"),
    "company": ("alone alleen allein", "together samen zusammen huntu"),
    "extent": ("part parttime deeltijd teilzeit", "full fulltime voltijd vollzeit"),
    "level": (
        "low lower laag lager niedrig niedriger abou",
        "middle midden mittel meimei",
        "high higher hoog hoger hoch höher haltu",
    ),
    "size": (
        "xs",
        "s small smaller klein kleiner kleine chikitu",
        "m medium middelgroot mittelgroß",
        "l big bigger large larger groot groter grote groß größer grandi",
        "xl",
        "xxl",
    ),
    "compass": (
        "north noord noorden nord norden nort",
        "east oost oosten ost osten ost",
        "south zuid zuiden süd süden",
        "west westen wèst",
    ),
    "part of the day": (
        "morning ochtend morgen vormittag mainta",
        "noon afternoon middag nachmittag mittag atardi",
        "evening avond abend",
        "night nacht anochi",
    ),
    "season": ("spring lente voorjaar frühling primavera", "summer zomer sommer", "autumn herfst najaar herbst otoño", "winter"),
    "rank": (
        "first eerste erste erster erstes promé",
        "second tweede zweite zweiter zweites segundo",
        "third derde dritte dritter drittes tersero",
        "fourth vierde vierte vierter viertes kuarto",
        "fifth vijfde fünfte fünfter fünftes kinto",
    ),
}
"""Meaning → the words of each position, in order."""
_ORDERED = ("level", "size", "part of the day", "rank", "order")
"""Meanings whose positions run up or down: respondents expect this order."""
_DAYS, _SHORT_MONTHS = "mon tue wed thu fri sat sun", "jan feb mar apr may jun jul aug sep oct nov dec"
_TABLES: Mapping[str, Mapping[str, int]] = {
    **{name: {word: number for number, words in enumerate(row) for word in words.split()} for name, row in _ROWS.items()},
    "weekday": {**WEEKDAYS, **{name: number for number, name in enumerate(_DAYS.split(), 1)}},
    "month": {**MONTHS, **{name: number for number, name in enumerate(_SHORT_MONTHS.split(), 1)}},
    "number": {**NUMBER_WORDS, **dict.fromkeys(("een", "ein", "eine", "eins"), 1)},
}
"""Meaning → word → its position."""
_POLITE = r"(?:\W+(?:please|thanks|thank you|of course|graag|bedankt|dank je|natuurlijk|bitte|gerne?|danke|danki))?"
_ANSWER = re.compile(rf"(?:(no|nee|nein)|yes|ja|sí|si){_POLITE}\W*", re.IGNORECASE)
_DENIALS = frozenset(["not", "no", "non", "never", "niet", "geen", "nooit", "nicht", "kein", "keine", "nie"])
_WORD = re.compile(r"[^\W\d_]+")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_LEAST_ORDERED = 3


@cache
def read_meanings(text: str) -> Mapping[str, float]:
    """Return meaning → position. A meaning is omitted if the text has words of two of its positions.

    In a denial, only `answer` and `rate` are read.

    >>> read_meanings("Te laag")["level"], read_meanings("less or more"), read_meanings("No, thanks"), read_meanings("Every week")
    (0, {}, {'answer': 0}, {'rate': 52.0})
    """
    words = [word.casefold() for word in _WORD.findall(text)]
    answer = _ANSWER.fullmatch(text)
    found: dict[str, float] = {"answer": 0 if answer[1] else 1} if answer else {}
    if not _DENIALS.intersection(words):
        for name, table in _TABLES.items():
            positions = {table[word] for word in words if word in table}
            if len(positions) == 1:
                found[name] = positions.pop()
        if len(years := {int(year) for year in _YEAR.findall(text)}) == 1:
            found["year"] = years.pop()
    if rate := read_rate(text):
        found["rate"] = rate
    return found


def find_exchanged(codes: Sequence[str | int], labels: Sequence[str]) -> int | None:
    """Return the index of the first label with the meaning of another code, if that code's label differs too; None if there is none.

    >>> find_exchanged(["more", "less"], ["Minder", "Meer"]), find_exchanged(["more_free", "other"], ["Less work", "No"])
    (0, None)
    """
    meanings = [_read_code(code, codes) for code in codes]
    against = [
        (name, meaning[name], said[name], index)
        for index, (meaning, said) in enumerate(zip(meanings, map(read_meanings, labels), strict=True))
        for name in meaning.keys() & said.keys()
        if meaning[name] != said[name]
    ]
    taken = {(name, meant) for name, meant, _, _ in against}
    return min((index for name, _, said, index in against if (name, said) in taken), default=None)


def _read_code(code: str | int, codes: Sequence[str | int]) -> Mapping[str, float]:
    """Return the meanings of a code. A number that only counts the options has none."""
    if isinstance(code, str):
        return read_meanings(code.replace("_", " "))
    return {} if sorted(map(str, codes)) == sorted(map(str, range(1, len(codes) + 1))) else {"number": code}


def have_order(labels: Sequence[str]) -> bool:
    """Whether three or more labels have positions that only rise or only fall, such as small, medium and large.

    >>> have_order(["S", "M", "L"]), have_order(["First year", "Third year", "Second year"]), have_order(["Left", "Right"])
    (True, False, False)
    """
    read = [read_meanings(label) for label in labels]
    for name in _ORDERED:
        order = [meanings[name] for meanings in read if name in meanings]
        if len(order) == len(labels) >= _LEAST_ORDERED and len(set(order)) == len(order):
            return order in (sorted(order), sorted(order, reverse=True))
    return False
