"""Labels that contradict their code, position or neighbours: `yes: No`, `more: Less`, "Satisfied" among frequencies.

Words of codes and labels are in `label_meanings.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TypeAlias

from survey_engine.analysis.checks.scales import NO_WORDS, YES_WORDS
from survey_engine.analysis.degrees import DEGREE_WORDS, find_reversed_label, is_bipolar, measure_labels, read_degrees
from survey_engine.analysis.label_kinds import name_kinds
from survey_engine.analysis.label_meanings import find_exchanged
from survey_engine.model.messages import Problem
from survey_engine.model.questionnaire import Language, Question, ResponseOption

Options: TypeAlias = tuple[ResponseOption, ...]

_AGREEING, _REFUSING = frozenset({"yes", "ja"}), frozenset({"no", "nee", "nein"})
_NEITHER = re.compile(
    r"neutra+l|\b(?:neither|weder|noch|niet .* niet|tussenin|in between|in the middle|mittel\w*|gemiddeld)\b", re.IGNORECASE
)
_MOST_WORDS = 4
_MIN_SCALE, _TOP_MARK = 5, 10
_MIN_OF_A_KIND = 3


def check_opposite_labels(options: Options, source: Language) -> Iterator[Problem]:
    """Report labels that mean the opposite of their codes: `yes: No` in any language, `a_lot: Not at all`, and `more: Less`."""
    found = False
    for option in options:
        for language, label in option.text.wording.items():
            said = option.text.wording.get(source.code, "") if language != source.code else ""
            agrees = option.code in _AGREEING or YES_WORDS.fullmatch(said)
            refuses = option.code in _REFUSING or NO_WORDS.fullmatch(said)
            wrong = NO_WORDS if agrees else YES_WORDS if refuses else None
            if wrong and wrong.fullmatch(label):
                found = True
                yield _report(option, language)
    labels = [option.text.wording.get(source.code, "") for option in options]
    codes = [str(option.code).replace("_", " ") for option in options]
    turned = (find_reversed_label(codes, spoken, labels, source.spoken) for spoken in ("en", source.spoken))
    index = None if found else next((each for each in turned if each is not None), None)
    if index is None and not found:
        index = find_exchanged([option.code for option in options], labels)
    if index is not None:
        yield _report(options[index], source.code)


def _report(option: ResponseOption, language: str) -> Problem:
    facts = {"code": option.code, "language": language, "label": option.text.wording[language]}
    return Problem("label-opposite", option.text.place_in(language), facts)


def check_other_kinds(options: Options, source: Language) -> Iterator[Problem]:
    """Report labels such as "Satisfied" among frequencies, or "Rather dissatisfied" on the positive side, once per set of options."""
    if len(options) < _MIN_OF_A_KIND + 1 or not all(isinstance(option.code, int) for option in options):
        return
    for language in [source.code, *sorted(options[0].text.wording.keys() - {source.code})]:
        labels = [option.text.wording.get(language, "") for option in options]
        if (index := _find_other_kind(labels)) is not None:
            facts = {"code": options[index].code, "language": language, "label": labels[index]}
            yield Problem("other-kind-label", options[index].text.place_in(language), facts)
            return
    labels = [option.text.wording.get(source.code, "") for option in options]
    if (index := _find_wrong_side(labels, source.spoken)) is not None:
        yield _report(options[index], source.code)


def _find_other_kind(labels: Sequence[str]) -> int | None:
    """Return the index of the only short label whose kind differs from all others; None if there is none.

    >>> _find_other_kind(["Never", "Rarely", "Satisfied", "Always"]), _find_other_kind(["Never", "Rarely", "Neutral", "Always"])
    (2, None)
    """
    kinds = [name_kinds(label) for label in labels]
    if any(len(label.split()) > _MOST_WORDS for label in labels):
        return None
    for kind in {kind for each in kinds for kind in each}:
        others = [index for index, each in enumerate(kinds) if each and kind not in each]
        if len(others) == 1 and sum(kind in each for each in kinds) >= max(_MIN_OF_A_KIND, len(labels) - 2):
            return others[0]
    return None


def _find_wrong_side(labels: Sequence[str], spoken: str) -> int | None:
    """Return the index of a label that is on the wrong side of the middle; None if there is none, or the scale has no middle.

    >>> _find_wrong_side(["Bad", "Rather bad", "Neutral", "Rather bad", "Very good"], "en")
    3
    """
    middle, odd = divmod(len(labels), 2)
    if len(labels) < _MIN_SCALE or not odd or spoken not in DEGREE_WORDS or not _NEITHER.search(labels[middle]):
        return None
    signs = [0 if each is None or not each.polarity else 1 if each.signed > 0 else -1 for each in read_degrees(labels, spoken)]
    first, last = signs[0], signs[-1]
    if first * last != -1:
        return None
    sides = [first] * middle + [0] + [last] * middle
    return next((index for index, (sign, side) in enumerate(zip(signs, sides, strict=True)) if sign * side == -1), None)


def check_ends(question: Question, source: Language) -> Iterator[Problem]:
    """Report a scale of marks whose ends are exchanged: 0 "Certainly", 10 "Certainly not"."""
    marks = [option for option in question.options if not option.outside_scale]
    if question.type != "mark" or len(marks) < _MIN_SCALE:
        return
    ends = [option.text.wording.get(source.code, "") for option in (marks[0], marks[-1])]
    low, high = measure_labels(ends, source.spoken)
    if low is None or high is None or not low > 0 > high or marks[-1].code != _TOP_MARK:
        return
    if not is_bipolar(read_degrees(ends, source.spoken)) or _asks_for_good(
        question.text.wording.get(source.code, ""), source.spoken
    ):
        yield _report(marks[-1], source.code)


def _asks_for_good(wording: str, spoken: str) -> bool:
    """Whether a question names only something good: "How satisfied", but not "How easy or difficult".

    >>> _asks_for_good("How satisfied are you?", "en"), _asks_for_good("How was the test?", "en")
    (True, False)
    """
    good, bad = (
        re.search(rf"\b(?:{words})\b", wording.casefold())
        for words in (DEGREE_WORDS[spoken].positive, DEGREE_WORDS[spoken].negative)
    )
    return bool(good and not bad)
