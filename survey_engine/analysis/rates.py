"""Frequencies in labels, such as "Eén keer per week", in times a year. To add a word, add it to a pattern."""

from __future__ import annotations

import re

from survey_engine.analysis.number_words import format_digits

_PERIODS = {
    365: "dag|day|tag|dia",
    52: "week|woche|siman",
    12: "maand|month|monat|luna",
    1: "jaar|year|jahr|aña",
}
"""Number of periods in a year → words for the period."""
_EVERY = {
    365: "dagelijks|daily|täglich",
    52: "wekelijks|weekly|wöchentlich",
    12: "maandelijks|monthly|monatlich",
    1: "jaarlijks|yearly|annually|jährlich",
}
_NEVER = re.compile(r"(?:nooit|never|nie|niemals|nunka)\W*", re.IGNORECASE)
_ONCE = {"once": 1, "eens": 1, "een": 1, "einmal": 1, "un": 1, "twice": 2, "zweimal": 2}
_PERIOD = "|".join(_PERIODS.values())
_RATE = re.compile(
    r"(?P<than>(?:minder|vaker|meer|less|more|fewer)(?: often| vaak)? (?:dan|than)|(?:seltener|weniger|öfter|mehr) als)? ?"
    rf"(?:(?P<number>\d{{1,2}}|{'|'.join(_ONCE)})(?:(?: ?[-–] ?| (?:tot|to|of|or|bis|oder|à) )\d{{1,2}})?"
    rf" ?(?:keer|maal|times?|mal|biaha)? (?:per|a|an|pro|in de|in der|im|am|pa) (?P<period>{_PERIOD})"
    rf"|(?:elke|elk|iedere|every|each|jede[nrs]?|tur) (?P<each>{_PERIOD})"
    rf"|(?P<every>{'|'.join(_EVERY.values())}))\W*",
    re.IGNORECASE,
)
_PER = re.compile(
    rf"\b(?:per|an?|pro|in de|in der|im|am|pa|elke|elk|iedere|every|each|jede[nrs]?|tur) ({_PERIOD})", re.IGNORECASE
)


def name_period(label: str) -> int:
    """Return how often the period in a label fits in a year, such as 52 for a week; 0 if the label names no period."""
    found = _PER.search(label)
    return _find(_PERIODS, found[1]) if found else 0


def read_rate(label: str) -> float | None:
    """Return the times a year if the whole label is a frequency; otherwise None.

    >>> read_rate("Nooit"), read_rate("Twee keer per maand"), read_rate("Less than once a month"), read_rate("Every day")
    (0.0, 24.0, 11.5, 365.0)
    >>> read_rate("Sometimes"), read_rate("Once a week at school")
    (None, None)
    """
    if _NEVER.fullmatch(label):
        return 0.0
    found = _RATE.fullmatch(format_digits(label))
    if not found:
        return None
    number = (found["number"] or "1").casefold()
    times = _ONCE.get(number) or int(number)
    period = found["period"] or found["each"]
    rate = float(times * (_find(_PERIODS, period) if period else _find(_EVERY, found["every"])))
    than = (found["than"] or "").casefold()
    return rate - 0.5 if than.startswith(("minder", "less", "fewer", "selten", "wenig")) else rate + 0.5 if than else rate


def _find(table: dict[int, str], word: str) -> int:
    return next(number for number, words in table.items() if word.casefold() in words.split("|"))
