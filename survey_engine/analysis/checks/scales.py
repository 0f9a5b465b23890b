"""Misleading scales: numbers in labels that differ from codes, options that look alike, opposite directions."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from survey_engine.analysis.degrees import Degree, is_bipolar, read_degrees
from survey_engine.model.messages import Problem
from survey_engine.model.questionnaire import Language, Page, Question, Questionnaire, ResponseOption

_NUMBER = re.compile(r"(?:(?<![^\s(])[-−])?\d+")
"""A number with its sign. In `0-5`, the hyphen is no minus sign."""
_WRITTEN_AS_CODE = re.compile(r"\(?(\d{1,9})\s*[-–.:=)]\s*[^\W\d_]")
"""A label that begins with a number written as a code: `3 - Disagree`, `3. Disagree`, `(3) Disagree`."""
_LAST_NUMBER = re.compile(r"_(\d+)$")
_MIN_NUMBERED_LABELS = 2
"""If this many labels contain their own code, the other labels must contain theirs too."""

_RARE, _OFTEN = 2, 8
"""Amounts of frequencies at the low end and at the high end of a scale."""
YES_WORDS, NO_WORDS = re.compile(r"(?:ja|yes|sí|si)\W*", re.IGNORECASE), re.compile(r"(?:nee|no|nein)\W*", re.IGNORECASE)


def check_scales(questionnaire: Questionnaire) -> Iterator[Problem]:
    for options in iter_option_sets(questionnaire):
        yield from _check_numbers(options)
        yield from _check_alike(options)
    yield from _check_directions(questionnaire)


def iter_questions(questionnaire: Questionnaire) -> Iterator[tuple[Page, Question]]:
    """Yield every question that may be asked, with its page."""
    for section in questionnaire.all_sections:
        for page in section.pages:
            yield from ((page, question) for question in page.questions)


def iter_option_sets(questionnaire: Questionnaire) -> Iterator[tuple[ResponseOption, ...]]:
    """Yield every set of options once. Questions with one named scale share a set."""
    scales = list(questionnaire.scales.values())
    backgrounds = [variable.options for variable in questionnaire.background.values()]
    asked = [question.options for _, question in iter_questions(questionnaire)]
    seen: set[tuple[str, ...]] = set()
    for options in [*scales, *backgrounds, *asked]:
        key = _list_texts(options)
        if key and key not in seen:
            seen.add(key)
            yield tuple(option for option in options if not option.outside_scale)


def _check_numbers(options: tuple[ResponseOption, ...]) -> Iterator[Problem]:
    """Report a label with another code: `4 uur` with code 3 if other labels contain their codes; `4 - vaak` always."""
    coded = [(option, code) for option in options if (code := _read_code(option)) is not None]
    for language in sorted({language for option in options for language in option.text.wording}):
        for option, code, number in _iter_numbered_labels(coded, language):
            if number != code:
                facts = {"code": option.code, "language": language, "number": number, "label": option.text.wording[language]}
                yield Problem("label-number", option.text.place_in(language), facts)


def _iter_numbered_labels(coded: list[tuple[ResponseOption, int]], language: str) -> Iterator[tuple[ResponseOption, int, int]]:
    """Yield (option, its code, number in its label) for labels in this language that contain a code."""
    labels = [(option, code, option.text.wording.get(language, "")) for option, code in coded]
    single = {code: int(found[0].replace("−", "-")) for _, code, label in labels if len(found := _NUMBER.findall(label)) == 1}
    usual = sum(code == number for code, number in single.items()) >= _MIN_NUMBERED_LABELS
    for option, code, label in labels:
        written = _WRITTEN_AS_CODE.match(label)
        if written:
            yield option, code, int(written[1])
        elif usual and single.get(code) in {other for _, other in coded}:
            yield option, code, single[code]


def _read_code(option: ResponseOption) -> int | None:
    if isinstance(option.code, int):
        return option.code
    found = _LAST_NUMBER.search(option.code)
    return int(found[1]) if found else None


def _check_alike(options: tuple[ResponseOption, ...]) -> Iterator[Problem]:
    for language in sorted({language for option in options for language in option.text.wording}):
        first: dict[tuple[str, object], ResponseOption] = {}
        for option in options:
            wording = option.text.wording.get(language, "").casefold().rstrip(" .,;")
            for institution in option.institutions or (None,):
                other = first.setdefault((wording, institution), option)
                if other.code != option.code and wording:
                    facts = {"code": option.code, "other": other.code, "language": language}
                    yield Problem("same-label", option.text.place_in(language), facts)


class _Direction(NamedTuple):
    """Direction of a scale: `sign` is 1 from little to much or from negative to positive, and -1 in the opposite order."""

    page: Page
    question: Question
    kind: str
    sign: int


def _check_directions(questionnaire: Questionnaire) -> Iterator[Problem]:
    """Report scales in the less usual direction, if another scale of the same kind has the usual one. Of a tie, the first is usual."""
    source = questionnaire.languages[questionnaire.source_language]
    found = [
        _Direction(page, question, *direction)
        for page, question in iter_questions(questionnaire)
        if (direction := find_direction(question.options, source))
    ]
    usual = Counter(each.sign for each in found).most_common(1)
    names = {_list_texts(options): name for name, options in questionnaire.scales.items()}
    reported: set[str] = set()
    for each in found:
        other = next((other for other in found if other.kind == each.kind and other.sign != each.sign), None)
        scale = names.get(_list_texts(each.question.options))
        if other and each.sign != usual[0][0] and scale not in reported:
            where = f"'{other.question.code}'" + (" on the same page" if other.question in each.page.questions else "")
            facts, place = {"kind": "", "code": each.question.code, "other": where}, each.question.place
            if scale:
                reported.add(scale)
                facts, place = {**facts, "kind": "scale ", "code": scale}, questionnaire.scales[scale][0].text.place
            yield Problem("opposite-scales", place, facts)


def _list_texts(options: Iterable[ResponseOption]) -> tuple[str, ...]:
    """Return the text codes of the labels; they identify a named scale."""
    return tuple(option.text.code for option in options if not option.outside_scale)


def find_direction(options: Iterable[ResponseOption], source: Language) -> tuple[str, int] | None:
    """Return (kind, direction) of a scale; None if its labels show no direction, or its codes are not numbers.

    The direction of an evaluation or frequency follows the order of the list; of an amount of one property, the order of the codes.
    """
    inside = [option for option in options if not option.outside_scale]
    codes = [option.code for option in inside if isinstance(option.code, int)]
    labels = [option.text.wording.get(source.code, "") for option in inside]
    if len(codes) < max(len(inside), 2):
        return None
    degrees = read_degrees(labels, source.spoken)
    ends = [_find_sign(each) for each in (degrees[0], degrees[-1]) if each]
    if len(ends) == 2 and ends[0] * ends[1] < 0 and any(each and (each.polarity > 0 or each.is_frequency) for each in degrees):
        return "evaluation", ends[1]
    if len(ends) < 2 or is_bipolar(degrees) or any(YES_WORDS.match(x) or NO_WORDS.fullmatch(x) for x in labels):
        return None
    low, high = (degrees[codes.index(code)] for code in (min(codes), max(codes)))
    amounts = (low.amount, high.amount) if low and high else (0, 0)
    return ("amount", 1 if amounts[0] < amounts[1] else -1) if min(amounts) < 0 < max(amounts) else None


def _find_sign(degree: Degree) -> int:
    """Return 1 for a positive evaluation or a high frequency, -1 for the opposite, 0 for others."""
    if degree.is_frequency:
        return 1 if degree.amount >= _OFTEN else -1 if degree.amount <= _RARE else 0
    return (degree.polarity * degree.amount > 0) - (degree.polarity * degree.amount < 0)
