"""Translations with another period, number word, month, weekday or mail address than their source, and mixed forms of address.

Only replacements are reported, such as "a week" for "per maand": a translation may omit or rephrase something.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from survey_engine.analysis.checks.translations import find_numbers
from survey_engine.analysis.day_names import MONTHS, WEEKDAYS
from survey_engine.analysis.number_words import NUMBER_WORDS_OF, format_digits
from survey_engine.analysis.shown_texts import ShownText, iter_shown_texts
from survey_engine.analysis.units import find_units
from survey_engine.language.markup import strip_markup
from survey_engine.model.messages import Problem
from survey_engine.model.questionnaire import Questionnaire


class SpokenText(NamedTuple):
    text: str
    spoken: str


Difference = tuple[str, str]
"""(Words of the translation, words of the source)."""

_WORD = re.compile(r"[^\W\d_]+")
_PARTS_OF_DAY = re.compile(
    r"\b(?:half|halb|kwart|quarter|viertel|(?:ten|five|twenty) (?:past|to)|(?:tien|vijf) (?:over|voor)|(?:zehn|fünf) (?:vor|nach))\b",
    re.IGNORECASE,
)
"""Words of clock times, which languages relate to different hours: "half zeven" is 6:30."""
_HALF = re.compile(r"\b(?:half|halve|anderhalf|anderhalve|halbe[nrs]?|anderthalb|eineinhalb)\s*$", re.IGNORECASE)
_COMPARED = frozenset({"minute", "hour", "day", "week", "month", "year", "kilometre", "mile"})
_UNIT = re.compile(r"(?:(\d{1,6}) )?(km|[^\W\d_]{3,})")
_BEFORE = 15
"""How many characters before a unit are searched for "half"."""
_NO_UNIT = frozenset({"min", "ora"})
"""Words that also mean something else: minus, when."""
_ONE = re.compile(
    "minuut|minute|minüt|hour|stunde|dag|day|tag|dia|week|woche|siman|maand|month|monat|luna|jaar|year|jahr|aña|mile|meile",
    re.IGNORECASE,
)
_ONE_OR_MORE = frozenset({"uur", "km", "kilometer", "kilometre"})
_MAIL = re.compile(r"(?<![\w.+-])([\w.+-]{1,64})@([\w-]{1,63}(?:\.[\w-]{1,63}){1,4})")
_ADDRESS = {
    language: {word: re.compile(rf"(?<![\w'’-])(?:{words})(?![\w'’-])") for word, words in forms.items()}
    for language, forms in {
        "nl": {"u": "[Uu]w?|[Uu]zelf", "je": "[Jj]e|[Jj]ij|[Jj]ouw|[Jj]ou|[Jj]ezelf|[Jj]ullie"},
        "de": {"Sie": r"(?<=[\w,;] )(?:Sie|Ihnen|Ihr(?:e[mnrs]?)?)", "du": "[Dd]u|[Dd]ich|[Dd]ir|[Dd]ein(?:e[mnrs]?)?"},
    }.items()
}
"""Language → (formal or informal word → all its forms). A German "Sie" at the beginning of a sentence may mean "they"."""
_QUOTED = re.compile(r"[“\"„‘«][^“”\"„‘’«»]*[”\"“’»]")
_RARE = 10
"""How many texts must use the other form of address before a text is reported."""


def check_translated_words(questionnaire: Questionnaire) -> Iterator[Problem]:
    yield from _check_address(questionnaire)
    source_language = questionnaire.source_language
    for shown in iter_shown_texts(questionnaire):
        yield from _check_minutes(shown)
        source = shown.text.wording.get(source_language)
        for language, wording in shown.text.wording.items():
            if source is not None and language != source_language:
                pair = ((source, source_language), (wording, language))
                yield from _compare(
                    shown, language, *(SpokenText(text, questionnaire.languages[code].spoken) for text, code in pair)
                )


def _compare(shown: ShownText, language: str, source: SpokenText, other: SpokenText) -> Iterator[Problem]:
    for rule in RULES:
        if found := rule(source, other):
            facts = {"code": shown.text.code, "language": language, "found": found[0], "expected": found[1]}
            yield Problem("words-differ", shown.text.place_in(language), facts)
            return


def _find_number(source: SpokenText, other: SpokenText) -> Difference | None:
    """Return (number word in the translation, number word in the source) if one replaces the other; None if none does.

    >>> _find_number(SpokenText("vier weken", "nl"), SpokenText("two weeks", "en"))
    ('two', 'vier')
    """
    if any(_PARTS_OF_DAY.search(each.text) for each in (source, other)):
        return None
    words = [_map_number_words(each) for each in (source, other)]
    numbers = [{*found.values(), *_iter_digits(each.text)} for found, each in zip(words, (source, other), strict=True)]
    missing = [word for word, number in words[0].items() if number not in numbers[1]]
    added = [word for word, number in words[1].items() if number not in numbers[0]]
    return (added[0], missing[0]) if missing and added else None


def _map_number_words(wording: SpokenText) -> dict[str, int]:
    known = NUMBER_WORDS_OF.get(wording.spoken, {})
    found = (word.casefold() for word in _WORD.findall(wording.text))
    return {word: known[word] for word in found if known.get(word, 1) > 1}


def _iter_digits(text: str) -> Iterator[int]:
    for meanings in find_numbers(text).values():
        yield from (int(each) for each in meanings if each.isdecimal())


def _find_unit(source: SpokenText, other: SpokenText) -> Difference | None:
    """Return (unit in the translation, unit in the source) if one replaces the other with the same number; None if none does.

    >>> _find_unit(SpokenText("per week", "nl"), SpokenText("a month", "en"))
    ('month', 'week')
    """
    named = [_map_units(each.text) for each in (source, other)]
    missing, added = ([each for unit, each in one.items() if unit not in two] for one, two in (named, named[::-1]))
    if len(missing) != 1 or len(added) != 1:
        return None
    (numbers, word), (others, said) = missing[0], added[0]
    return (said, word) if numbers & others else None


def _map_units(text: str) -> dict[str, tuple[frozenset[int], str]]:
    """Return unit → (possible numbers, word). A unit without a number has 0; after a half there is no number."""
    digits = format_digits(text)
    found = {}
    for each in _UNIT.finditer(digits):
        word = each[2].casefold()
        half = _HALF.search(digits[max(0, each.start() - _BEFORE) : each.start()])
        bare = {0, 1} if word in _ONE_OR_MORE else {1} if _ONE.fullmatch(word) else {0}
        numbers = frozenset() if half else frozenset({int(each[1])} if each[1] else bare)
        for unit in find_units(word) & _COMPARED if word not in _NO_UNIT else ():
            found[unit] = numbers, each[2]
    return found


def _find_day(source: SpokenText, other: SpokenText) -> Difference | None:
    """Return (word in the translation, word in the source) if a day or month was replaced. Capitals count in English and German.

    >>> _find_day(SpokenText("in mei", "nl"), SpokenText("In March", "en"))
    ('March', 'mei')
    """
    for names in (MONTHS, WEEKDAYS):
        one, two = (_map_names(each, names) for each in (source, other))
        missing, added = ([words[number] for number in words.keys() - rest] for words, rest in ((one, two), (two, one)))
        if missing and added:
            return added[0], missing[0]
    return None


def _map_names(wording: SpokenText, names: Mapping[str, int]) -> dict[int, str]:
    capital = wording.spoken in ("en", "de")
    found = ((each.start(), each[0]) for each in _WORD.finditer(wording.text))
    certain = [word for start, word in found if not capital or (word[0].isupper() and (start or word != "May"))]
    return {names[word.casefold()]: word for word in certain if word.casefold() in names}


def _find_mail(source: SpokenText, other: SpokenText) -> Difference | None:
    """Return (address in the translation, address in the source) if their names differ by one added or missing letter; None if not.

    >>> _find_mail(SpokenText("(mailto:sport@example.org)", "nl"), SpokenText("(mailto:sports@example.org)", "en"))
    ('sports@example.org', 'sport@example.org')
    """
    boxes = [{(each[1].casefold(), each[2].casefold()) for each in _MAIL.finditer(wording.text)} for wording in (source, other)]
    for name, domain in sorted(boxes[1] - boxes[0]):
        for known, at in sorted(boxes[0] - boxes[1]):
            long, short = sorted((name, known), key=len, reverse=True)
            if at == domain and len(long) == len(short) + 1 and any(long[:i] + long[i + 1 :] == short for i in range(len(long))):
                return f"{name}@{domain}", f"{known}@{at}"
    return None


RULES: tuple[Callable[[SpokenText, SpokenText], Difference | None], ...] = (_find_number, _find_unit, _find_day, _find_mail)
_MINUTES = re.compile(r"\{minutes\} ([^\W\d_]+)")


def _check_minutes(shown: ShownText) -> Iterator[Problem]:
    for language, wording in shown.text.wording.items():
        found = _MINUTES.search(wording)
        if found and find_units(found[1]) - {"minute"}:
            facts = {"code": shown.text.code, "language": language, "found": found[0]}
            named = "the placeholder is a number of minutes"
            yield Problem(
                "setting-differs", shown.text.place_in(language), {**facts, "named": named, "setting": "the placeholder"}
            )


def _check_address(questionnaire: Questionnaire) -> Iterator[Problem]:
    """Report texts with the rarer form of address: "u" if many others have "je" in Dutch, "Sie" and "du" in German, or vice versa."""
    for variant in questionnaire.languages.values():
        forms = _ADDRESS.get(variant.spoken, {})
        texts: dict[str, list[ShownText]] = {word: [] for word in forms}
        for shown in iter_shown_texts(questionnaire) if forms else ():
            said = _QUOTED.sub(" ", strip_markup(shown.text.wording.get(variant.code, "")))
            if used := next((word for word, pattern in forms.items() if pattern.search(said)), None):
                texts[used].append(shown)
        word, other = sorted(texts, key=lambda each: len(texts[each])) or ("", "")
        for shown in texts.get(word, ()) if len(texts.get(word, ())) * _RARE <= len(texts.get(other, ())) else ():
            facts = {"code": shown.text.code, "language": variant.code, "word": word, "other": other}
            yield Problem("other-address", shown.text.place_in(variant.code), facts)
