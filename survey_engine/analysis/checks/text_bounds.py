"""Numbers and dates whose bounds contradict the text: up to 31 days a week, an age of 1900, a past event in ten years.

To add a period, add it to _MOST. Texts about several persons are skipped: together they may work more hours than a week has.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from survey_engine.analysis.checks.scales import iter_questions
from survey_engine.analysis.checks.years import find_edition
from survey_engine.analysis.units import ANY_UNIT, find_named_units, find_units
from survey_engine.model.messages import Problem
from survey_engine.model.questionnaire import Question, Questionnaire

_MOST = {
    **{("second", "minute"): 60, ("minute", "hour"): 60, ("minute", "day"): 24 * 60, ("minute", "week"): 7 * 24 * 60},
    **{("hour", "day"): 24, ("hour", "week"): 7 * 24, ("hour", "month"): 31 * 24, ("hour", "year"): 366 * 24},
    **{("day", "week"): 7, ("day", "month"): 31, ("day", "year"): 366},
    **{("week", "month"): 5, ("week", "year"): 53, ("month", "year"): 12},
}
"""(Unit, period) → the largest number of units in the period."""
_PARTS_OF_TIME = frozenset({"second", "minute", "hour"})
_ASKED = re.compile(rf"\b(?:hoeveel|how many|wie ?viele?|kuantu)\s+({ANY_UNIT})(?!\w)", re.IGNORECASE)
_PERIOD = rf"({ANY_UNIT})(?![\w'’])"
_BESIDE = re.compile(
    rf"(?<!\s)\s++(?:per|pro|an?|each|every|elke|iedere|op een|on an?|am|an einem|in de[rn]?|jede[nrs]?|pa)\s++{_PERIOD}",
    re.IGNORECASE,
)
_LATER = re.compile(rf"[^.?!;:\d]{{0,60}}?\s(?:per|pro|each|every|elke|iedere|jede[nrs]?|pa)\s+{_PERIOD}", re.IGNORECASE)
_LAST = re.compile(rf"[^.?!;:\d]{{0,60}}?\s(?:an?|on an?|op een|am|an einem)\s+{_PERIOD}(?=\W*$|\W*[.?!])", re.IGNORECASE)
_UNIT = re.compile(rf"({ANY_UNIT})\s*(?:/|per|pro|an?|pa)\s*{_PERIOD}", re.IGNORECASE)
_SEVERAL_PERSONS = re.compile(
    r"\b(?:samen|gezamenlijk|elkaar|teams?|groep|klas|school|club|vereniging|organisatie|afdeling|huishouden|gezin|jullie|iedereen|alle"
    r"|together|all|group|class|organi[sz]ation|department|household|family|everyone|staff|people"
    r"|zusammen|gemeinsam|gruppe|klasse|schule|verein|abteilung|haushalt|familie|ihr|huntu)\b",
    re.IGNORECASE,
)
_SHARE = re.compile(
    r"(?:\b(?:hoeveel procent|welk percentage) van|\b(?:how many|what) per ?cent(?:age)? of|\bwie ?viel prozent (?:von|der|des|deiner))"
    r"(?: (?:de|het|je|jouw|alle|the|your|all|den|dem|deiner))? (?:tijd|dagen|uren|lessen|leden|studenten|leerlingen|mensen"
    r"|time|days|hours|lessons|members|students|pupils|people|zeit|tage|stunden|mitglieder|studierenden|menschen)\b",
    re.IGNORECASE,
)
_AGE = re.compile(
    r"\b(?:hoe oud (?:ben|bent) (?:je|jij|u)|how old are you|wie alt (?:bist du|sind sie)|kuantu aña bo tin"
    r"|wat is (?:je|jouw|uw) leeftijd|what is your age)(?=\s*\?)",
    re.IGNORECASE,
)
_OLDEST = 130
_YEAR = re.compile(
    r"\bin (?:welk jaar (?:werd|begon|ben je geboren|ging|kwam)|(?:which|what) year (?:did|were|was)"
    r"|welchem jahr (?:wurdest|bist|hast|kamst))\b",
    re.IGNORECASE,
)
_LEAST_YEAR, _MOST_SHORT_YEAR = 1800, 99
_PARTICIPLES = (
    "geboren|begonnen|gestart|geworden|verhuisd|afgestudeerd|gestopt|gekomen|gegaan|geslaagd|getrouwd|vertrokken|ingeschreven|aangemeld"
    "|angefangen|eingetreten|umgezogen|angekommen"
)
_PAST = re.compile(
    r"\b(?:wanneer|op welke (?:dag|datum)|wann|an welchem (?:tag|datum)) (?:werd|begon|kwam|ging|was|wurdest|warst|begannst|kamst|gingst)\b"
    r"|\b(?:when|on (?:which|what) (?:day|date)) (?:did|were|was)\b"
    rf"|\b(?:wanneer|op welke (?:dag|datum)|wann|an welchem tag) (?:ben|bent|heb|hebt|bist|hast) [^.?!]{{1,60}}\b(?:{_PARTICIPLES})\W*$"
    r"|\b(?:geboortedatum|date of birth|geburtsdatum|dia di nasementu)\b",
    re.IGNORECASE,
)
_MOST_YEARS_AHEAD = 2


def check_text_bounds(questionnaire: Questionnaire) -> Iterator[Problem]:
    edition = find_edition(questionnaire)
    for _, question in iter_questions(questionnaire):
        for language, wording in question.text.wording.items() if question.type in ("number", "date") else ():
            found = (
                _find_number(question, wording, language) if question.type == "number" else _find_date(question, wording, edition)
            )
            if found:
                bounds = (question.low, question.high) if question.type == "number" else (question.earliest, question.latest)
                named = f"the {question.type} is from {bounds[0]} to {bounds[1]}"
                facts = {"code": question.code, "language": language, "found": found, "named": named, "setting": "the bounds"}
                yield Problem("setting-differs", question.text.place_in(language), facts)


def _find_number(question: Question, wording: str, language: str) -> str:
    """Return the words of a text that contradict the bounds of its number; an empty string if there are none."""
    unit = question.unit.wording.get(language, "") if question.unit else ""
    low, high = question.low or 0, question.high or 0
    if (found := _SHARE.search(wording)) and (low < 0 or high > 100):
        return found[0]
    if (found := _AGE.search(wording)) and find_units(unit) <= {"year"} and high > _OLDEST:
        return found[0]
    if (found := _YEAR.search(wording)) and _MOST_SHORT_YEAR < high < _LEAST_YEAR:
        return found[0]
    asked, period, words = _read_period(wording, unit)
    several = asked in _PARTS_OF_TIME and _SEVERAL_PERSONS.search(wording)
    return words if high > _MOST.get((asked, period), high) and not several else ""


def _read_period(wording: str, unit: str) -> tuple[str, str, str]:
    """Return (unit, period, words) from a text such as "How many hours do you work a week?", or from the unit beside the field.

    >>> _read_period("How many hours do you work a week?", "")[:2], _read_period("How much?", "hours / week")[:2]
    (('hour', 'week'), ('hour', 'week'))
    """
    asked = _ASKED.search(wording)
    period = next((found for each in (_BESIDE, _LATER, _LAST) if asked and (found := each.match(wording, asked.end()))), None)
    if asked and period and not find_named_units(wording[asked.end() : period.start(1)]):
        return _name(asked[1]), _name(period[1]), wording[asked.start() : period.end()]
    both = None if asked else _UNIT.fullmatch(unit.strip())
    return (_name(both[1]), _name(both[2]), both[0]) if both else ("", "", "")


def _name(word: str) -> str:
    return next(iter(find_units(word)), "")


def _find_date(question: Question, wording: str, edition: int | None) -> str:
    """Return the words of a text about the past if the date may be years after the edition; otherwise an empty string."""
    found = _PAST.search(wording) if edition else None
    return found[0] if found and edition and int((question.latest or "0")[:4]) > edition + _MOST_YEARS_AHEAD else ""
