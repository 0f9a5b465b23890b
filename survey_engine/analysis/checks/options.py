"""Response options that mislead: ranges, order and labels that contradict codes, "other" without a text field, lists of one or many.

To add a rule about one question, add a function to QUESTION_RULES; about one set of options, to OPTION_RULES.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import TypeAlias

from survey_engine.analysis.checks.scales import NO, YES, iter_option_sets, iter_questions, measure_strength
from survey_engine.model.messages import Problem
from survey_engine.model.questionnaire import Question, Questionnaire, ResponseOption

MOST_OPTIONS = 20
_MOST_WORDS = 4
"""Longer labels are nominal: their words do not show a degree."""
_RANGE = re.compile(r"(?<![\d.,:])(\d++)\s*+(?:[-–—]|t/m|tot en met|to|bis)\s*+(\d++)(?![.,:]?\d)")
_ACADEMIC_YEAR = re.compile(r"(?:19|20)\d\d\D+(?:19|20)\d\d")
_BOUNDS = re.compile(
    r"(?:^|[^\w\s]\s*|\b(?:van|from|of|tussen|between|von|zwischen|mark|grade|cijfer|note|scale|schaal|skala)\s+)(?<![\d.,])(0|1)"
    r"\s*(?:[-–]|to|and|en|und|tot(?: en met)?|t/m|bis)\s*(\d{1,3})\b(?![.,]\d)"
    r"(?!\s*(?:da(?:y|g)|week|weken|month|maand|year|ja(?:a|h)r|hour|uur|uren|minut|tage|woche|monat|stunde))",
    re.IGNORECASE,
)
"""The bounds of a mark; after another noun, or before a unit of time, the numbers are of something else: `weeks 1 to 3`."""
_NAMELY = re.compile(r"\b(?:namelijk|namely|nämlich|please specify|a saber)\b", re.IGNORECASE)
_NONE = re.compile(
    r"(?:geen van (?:deze|dit|die|bovenstaande|de ).*|none(?: of (?:these|those|the above|them).*)?|geen|niets"
    r"|keine?[rs]? (?:davon|der genannten|dieser).*)\W*",
    re.IGNORECASE,
)
_AMOUNTS = {
    word: number
    for number, words in enumerate(
        ("none geen keine", "one één een eine", "two twee zwei", "three drie drei", "four vier", "five vijf fünf")
    )
    for word in words.split()
}
_AGREEING, _REFUSING = frozenset({"yes", "ja"}), frozenset({"no", "nee", "nein"})
_FREQUENCIES = (
    *(r"\b(?:nooit|never|nie|niemals)\b", r"\b(?:zelden|rarely|seldom|selten)\b", r"\b(?:soms|sometimes|manchmal)\b"),
    *(r"\b(?:vaak|often|oft)\b", r"\b(?:altijd|always|immer)\b"),
)

Options: TypeAlias = tuple[ResponseOption, ...]


def check_options(questionnaire: Questionnaire) -> Iterator[Problem]:
    for name, options in questionnaire.scales.items():
        yield from _check_points(name, options)
    for options in iter_option_sets(questionnaire):
        for rule in OPTION_RULES:
            yield from rule(options, questionnaire.source_language)
    for _, question in iter_questions(questionnaire):
        for check in QUESTION_RULES:
            yield from check(question, questionnaire.source_language)


def _check_points(name: str, options: Options) -> Iterator[Problem]:
    """Report one number that is missing between the points of a scale: 1, 2, 4, 5."""
    codes = sorted(option.code for option in options if isinstance(option.code, int))
    missing = sorted({*range(codes[0], codes[-1] + 1)}.difference(codes)) if len(codes) > 2 else []
    if len(missing) == 1:
        place = next(option.text.place for option in options if option.code == missing[0] + 1)
        yield Problem("missing-point", place, {"name": name, "missing": missing[0]})


def _find_range(label: str) -> re.Match[str] | None:
    """Return the range of a label that has no other numbers; an academic year such as 2025–2026 is none."""
    match = _RANGE.search(label)
    if match is None or re.search(r"\d", label[: match.start()] + label[match.end() :]) or _ACADEMIC_YEAR.fullmatch(match[0]):
        return None
    return match


def _check_ranges(options: Options, language: str) -> Iterator[Problem]:
    """Report `0-5, 5-10` and `0-5, 7-10`; clock times and decimal numbers are no ranges."""
    found = [(option, _find_range(option.text.wording.get(language, ""))) for option in options]
    ranges = sorted(((int(match[1]), int(match[2]), option) for option, match in found if match), key=lambda each: each[:2])
    for (_, end, before), (start, _, option) in pairwise(ranges):
        if start != end + 1:
            facts = {"code": option.code, "other": before.code, "how": "overlaps with" if start <= end else "leaves a gap after"}
            yield Problem("range-overlap", option.text.place_in(language), facts)


def _check_order(options: Options, language: str) -> Iterator[Problem]:
    """Report degrees and ranges that run neither up nor down, in the list or in the order of the codes; codes alone may have any order."""
    labels = [(option.code, option.text.wording.get(language, "")) for option in options]
    ranges = [(code, int(match[1])) for code, label in labels if (match := _find_range(label))]
    measured = ranges if len(ranges) > 2 else [(code, measure_degree(label)) for code, label in labels]
    degrees = [(code, degree) for code, degree in measured if isinstance(code, int) and degree is not None]
    for order, found in (("list", degrees), ("codes", sorted(degrees))):
        if len(degrees) > 2 and not _is_monotone([degree for _, degree in found]):
            yield Problem("order-differs", options[0].text.place, {"order": order, "first": options[0].code})
            return


def measure_degree(label: str) -> int | None:
    """Return the degree that a short label expresses; None if it expresses none."""
    if len(label.split()) > _MOST_WORDS:
        return None
    frequency = next((n for n, words in enumerate(_FREQUENCIES) if re.search(words, label, re.IGNORECASE)), None)
    return frequency if frequency is not None else measure_strength(label) or None


def _is_monotone(order: Sequence[int]) -> bool:
    return list(order) in (sorted(order), sorted(order, reverse=True))


def _check_opposites(options: Options, _: str) -> Iterator[Problem]:
    for option in options:
        for language, label in option.text.wording.items():
            wrong = NO if option.code in _AGREEING else YES if option.code in _REFUSING else None
            if wrong and wrong.fullmatch(label):
                facts = {"code": option.code, "language": language, "label": label}
                yield Problem("label-opposite", option.text.place_in(language), facts)


def _check_shuffled(question: Question, language: str) -> Iterator[Problem]:
    """Report options in a random order whose labels run up or down: "None, One, Two"."""
    labels = [option.text.wording.get(language, "") for option in question.options if not option.outside_scale]
    if not question.random_order or question.items[0].text:
        return
    counted = [number for label in labels if (number := _read_amount(label)) is not None]
    degrees = [degree for label in labels if (degree := measure_degree(label)) is not None]
    for order in (counted, degrees):
        if 2 < len(order) == len(labels) == len(set(order)) and _is_monotone(order):
            yield Problem("ordered-options", question.place, {"code": question.code})
            return


def _read_amount(label: str) -> int | None:
    """Return the number with which a label begins, in digits or as a word."""
    found = re.match(r"\d+|[^\W\d_]+", label)
    if found is None:
        return None
    return int(found[0]) if found[0].isdecimal() else _AMOUNTS.get(found[0].casefold())


def _check_number_of_options(question: Question, _: str) -> Iterator[Problem]:
    if question.type == "choice" and len(question.options) == 1 and question.options[0].institutions is None:
        yield Problem("single-option", question.place, {"code": question.code})
    everywhere = [option for option in question.options if option.institutions is None]
    if question.type in ("choice", "multiple") and len(everywhere) > MOST_OPTIONS:
        yield Problem("many-options", question.place, {"code": question.code, "count": len(everywhere), "limit": MOST_OPTIONS})


def _check_namely(question: Question, language: str) -> Iterator[Problem]:
    for option in question.options:
        label = option.text.wording.get(language, "")
        if question.type in ("choice", "multiple") and not option.namely and _NAMELY.search(label):
            yield Problem("other-without-text", option.text.place, {"code": option.code, "label": label})
        if question.type == "multiple" and not option.exclusive and len(question.options) > 2 and _NONE.fullmatch(label):
            yield Problem("none-with-others", option.text.place, {"code": option.code, "label": label})


def _check_bounds(question: Question, _: str) -> Iterator[Problem]:
    """Report a mark or grid of marks whose text names other bounds."""
    for language, wording in question.text.wording.items() if question.low is not None and question.type != "number" else ():
        named = {(int(low), int(high)) for low, high in _BOUNDS.findall(wording)}
        if len(named) == 1 and (question.low, question.high) not in named:
            low, high = named.pop()
            facts = {
                "code": question.code,
                "language": language,
                "found": f"{low}–{high}",
                "bounds": f"{question.low}–{question.high}",
            }
            yield Problem("bounds-differ", question.text.place_in(language), facts)


OPTION_RULES: tuple[Callable[[Options, str], Iterator[Problem]], ...] = (_check_ranges, _check_order, _check_opposites)
QUESTION_RULES: tuple[Callable[[Question, str], Iterator[Problem]], ...] = (
    _check_number_of_options,
    _check_namely,
    _check_bounds,
    _check_shuffled,
)
