"""Exchanged labels in a translation: a label with the words of another option's code, a neutral label that is not in the
middle, and "all of these" for "none of these"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import combinations

from survey_engine.analysis.checks.scales import iter_option_sets
from survey_engine.model.messages import Problem
from survey_engine.model.questionnaire import Code, Questionnaire, ResponseOption

_NEUTRAL = re.compile(
    r"neutraal|neutral|(?:niet|noch) .*(?:en niet|noch) .*|neither .*|weder .*|teils.*|ni .* ni .*", re.IGNORECASE
)
_NONE = re.compile(r"(?:geen|niets|none|nothing|kein\w*|nichts)\b.*", re.IGNORECASE)
_ALL = re.compile(r"(?:alle|alles|allemaal|all|everything)\b.*", re.IGNORECASE)
_MIN_CODE = 2


def check_exchanged_labels(questionnaire: Questionnaire) -> Iterator[Problem]:
    for options in iter_option_sets(questionnaire):
        for language in questionnaire.languages:
            found = _find_misplaced(options, language, questionnaire.source_language)
            if found:
                label = found.text.wording[language]
                facts = {"code": found.code, "language": language, "label": label}
                yield Problem("label-of-another", found.text.place_in(language), facts)


def _find_misplaced(options: Sequence[ResponseOption], language: str, source: str) -> ResponseOption | None:
    """Return the first option whose label in this language belongs to another option; None if there is none."""
    labels = {option.code: option.text.wording.get(language, "") for option in options}
    for one, other in combinations(options, 2):
        if all(_names(code, labels[at]) for code, at in ((one.code, other.code), (other.code, one.code))) and not any(
            _names(each.code, labels[each.code]) for each in (one, other)
        ):
            return one
    sources = {option.code: option.text.wording.get(source, "") for option in options}
    neutral = [[code for code, label in each.items() if _NEUTRAL.fullmatch(label.strip(" ."))] for each in (sources, labels)]
    if len(neutral[0]) == len(neutral[1]) == 1 and neutral[0] != neutral[1]:
        return next(option for option in options if option.code == neutral[1][0])
    turned = ((_NONE, _ALL), (_ALL, _NONE))
    return next(
        (o for o in options if any(was.fullmatch(sources[o.code]) and now.fullmatch(labels[o.code]) for was, now in turned)), None
    )


def _names(code: Code, label: str) -> bool:
    """Whether a word of the label begins with the code, or the code consists of the initials of the label.

    >>> _names("plus", "Pluspas"), _names("ft", "Full-time"), _names("basic", "Plus card")
    (True, True, False)
    """
    if not isinstance(code, str) or len(code) < _MIN_CODE or not code.isalpha():
        return False
    words = re.findall(r"[^\W\d_]+", label.casefold())
    return any(word.startswith(code) for word in words) or "".join(word[0] for word in words) == code
