"""Misleading scales: numbers in labels that differ from codes, options that look alike, opposite directions."""

from __future__ import annotations

import re
from collections.abc import Iterator

from survey_engine.model.messages import Problem
from survey_engine.model.questionnaire import Page, Question, Questionnaire, ResponseOption

_NUMBER = re.compile(r"(?:(?<![^\s(])[-−])?\d+")
"""A number with its minus sign; in `0-5` the sign is a dash."""
_WRITTEN_AS_CODE = re.compile(r"\(?(\d{1,9})\s*[-–.:=)]\s*[^\W\d_]")
"""A label that begins with a number written as a code: `3 - Disagree`, `3. Disagree`, `(3) Disagree`."""
_LAST_NUMBER = re.compile(r"_(\d+)$")
_MIN_NUMBERED_LABELS = 2
"""Number of labels with their own code from which the other labels must have theirs too."""

_NEGATIVE = re.compile(
    r"\b(?:ontevreden|(?:mee )?oneens|niet (?:mee )?eens|nooit|zelden|slechte?|onvoldoende|dissatisfied|unsatisfied|disagree"
    r"|never|rarely|seldom|poor|bad|unzufrieden|stimme nicht|stimme überhaupt nicht|nie|selten|schlecht)\b",
    re.IGNORECASE,
)
"""Words of the negative end of common scales in Dutch, English and German."""
_POSITIVE = re.compile(
    r"\b(?:tevreden|(?:mee )?eens|altijd|vaak|goede?|satisfied|agree|always|often|good|excellent|zufrieden"
    r"|stimme|immer|oft|gut)\b",
    re.IGNORECASE,
)

_STRONG = re.compile(
    r"\b(?:heel|zeer|erg|helemaal|volledig|sterk|very|strongly|completely|totally|extremely|sehr|völlig|voll|stark)\b",
    re.IGNORECASE,
)
YES, NO = re.compile(r"(?:ja|yes|sí|si)\W*", re.IGNORECASE), re.compile(r"(?:nee|no|nein)\W*", re.IGNORECASE)


def check_scales(questionnaire: Questionnaire) -> Iterator[Problem]:
    for options in iter_option_sets(questionnaire):
        yield from _check_numbers(options)
        yield from _check_alike(options)
        yield from _check_languages(options, questionnaire)
    yield from _check_directions(questionnaire)


def iter_questions(questionnaire: Questionnaire) -> Iterator[tuple[Page, Question]]:
    """Yield every question that may be asked, with its page."""
    for section in questionnaire.all_sections:
        for page in section.pages:
            yield from ((page, question) for question in page.questions)


def iter_option_sets(questionnaire: Questionnaire) -> Iterator[tuple[ResponseOption, ...]]:
    """Yield every set of options once; a named scale is the same set in all questions."""
    scales = list(questionnaire.scales.values())
    backgrounds = [variable.options for variable in questionnaire.background.values()]
    asked = [question.options for _, question in iter_questions(questionnaire)]
    seen: set[tuple[str, ...]] = set()
    for options in [*scales, *backgrounds, *asked]:
        key = tuple(option.text.code for option in options if not option.outside_scale)
        if key and key not in seen:
            seen.add(key)
            yield tuple(option for option in options if not option.outside_scale)


def _check_numbers(options: tuple[ResponseOption, ...]) -> Iterator[Problem]:
    """Report a label such as `4 uur` with code 3 if other labels contain their codes, and `4 - vaak` always."""
    coded = [(option, code) for option in options if (code := _read_code(option)) is not None]
    for language in sorted({language for option in options for language in option.text.wording}):
        for option, code, number in _iter_numbered_labels(coded, language):
            if number != code:
                facts = {"code": option.code, "language": language, "number": number, "label": option.text.wording[language]}
                yield Problem("label-number", option.text.place_in(language), facts)


def _iter_numbered_labels(coded: list[tuple[ResponseOption, int]], language: str) -> Iterator[tuple[ResponseOption, int, int]]:
    """Yield options whose label in this language contains a code: the option, its code and the code in the label."""
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
            wording = option.text.wording.get(language, "").casefold()
            for institution in option.institutions or (None,):
                other = first.setdefault((wording, institution), option)
                if other.code != option.code and wording:
                    facts = {"code": option.code, "other": other.code, "language": language}
                    yield Problem("same-label", option.text.place_in(language), facts)


def _check_languages(options: tuple[ResponseOption, ...], questionnaire: Questionnaire) -> Iterator[Problem]:
    """Report a language in which the same strengths of opinion are at other codes than in the source language."""
    expected = [measure_strength(option.text.wording.get(questionnaire.source_language, "")) for option in options]
    for language in questionnaire.languages if len(set(expected)) > 1 else ():
        labels = [option.text.wording.get(language, "") for option in options]
        found = [measure_strength(label) for label in labels]
        if found != expected and sorted(found) == sorted(expected):
            option = next(o for o, one, other in zip(options, found, expected, strict=True) if one != other)
            facts = {"code": option.code, "language": language, "label": option.text.wording[language]}
            facts |= {"source": option.text.wording[questionnaire.source_language]}
            yield Problem("label-exchanged", option.text.place_in(language), facts)


def measure_strength(label: str) -> int:
    """Return the opinion in a label: -2 strongly negative, -1 negative, 0 unknown or neutral, 1 positive, 2 strongly positive.

    >>> [measure_strength(label) for label in ("Zeer oneens", "Oneens", "Neutraal", "Agree", "Strongly agree")]
    [-2, -1, 0, 1, 2]
    """
    negative, positive = (bool(words.search(label)) for words in (_NEGATIVE, _POSITIVE))
    opinion = -1 if negative or NO.fullmatch(label) else 1 if positive or YES.fullmatch(label) else 0
    return 0 if negative and positive else opinion * (2 if _STRONG.search(label) else 1)


def _check_directions(questionnaire: Questionnaire) -> Iterator[Problem]:
    first: tuple[int, Question] | None = None
    for page, question in iter_questions(questionnaire):
        direction = find_direction(question.options, questionnaire.source_language)
        if direction and first is None:
            first = direction, question
        elif direction and first and direction != first[0]:
            where = f"'{first[1].code}'" + (" on the same page" if first[1] in page.questions else "")
            yield Problem("opposite-scales", question.place, {"code": question.code, "other": where})


def find_direction(options: tuple[ResponseOption, ...], language: str) -> int:
    """Return 1 for a scale from negative to positive, -1 for the opposite, 0 if its words do not show a direction."""
    labels = [option.text.wording.get(language, "") for option in options if not option.outside_scale]
    if len(labels) < 2:
        return 0
    ends = [bool(_NEGATIVE.search(label)) for label in (labels[0], labels[-1])]
    pleased = [bool(_POSITIVE.search(label)) for label in (labels[0], labels[-1])]
    if ends[0] and not ends[1] and pleased[1]:
        return 1
    return -1 if ends[1] and not ends[0] and pleased[0] else 0
