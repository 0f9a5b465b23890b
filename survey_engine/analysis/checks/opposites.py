"""Translated labels that are exchanged: "Te laag" with the translation "Too high" and the other way round."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from survey_engine.analysis.checks.scales import iter_option_sets
from survey_engine.model.messages import Problem
from survey_engine.model.questionnaire import Questionnaire, ResponseOption

_PAIRS: Sequence[Mapping[str, tuple[str, str]]] = (
    {"nl": ("laag|lage|lager", "hoog|hoge|hoger"), "en": ("low|lower", "high|higher"), "de": ("niedrig|niedriger", "hoch|höher")},
    {"nl": ("weinig", "veel"), "en": ("little|few", "much|many|a lot"), "de": ("wenig|wenige", "viel|viele")},
    {"nl": ("minder", "meer"), "en": ("less|fewer", "more"), "de": ("weniger", "mehr")},
    {"nl": ("nooit|zelden", "vaak|altijd"), "en": ("never|rarely|seldom", "often|always"), "de": ("nie|selten", "oft|immer")},
    {
        "nl": ("moeilijk|lastig", "makkelijk|gemakkelijk"),
        "en": ("hard|difficult", "easy"),
        "de": ("schwer|schwierig", "leicht|einfach"),
    },
    {"nl": ("kort|korter", "lang|langer"), "en": ("short|shorter", "long|longer"), "de": ("kurz|kürzer", "lang|länger")},
    {"nl": ("langzaam", "snel"), "en": ("slow", "fast|quick"), "de": ("langsam", "schnell")},
    {
        "nl": ("klein|kleiner", "groot|groter"),
        "en": ("small|smaller", "big|bigger|large|larger"),
        "de": ("klein|kleiner", "groß|größer"),
    },
    {"nl": ("slechter", "beter"), "en": ("worse", "better"), "de": ("schlechter", "besser")},
    {"nl": ("vroeg|eerder", "laat|later"), "en": ("early|earlier", "late|later"), "de": ("früh|früher", "spät|später")},
    {"nl": ("goedkoop", "duur"), "en": ("cheap", "expensive"), "de": ("billig", "teuer")},
    {"nl": ("onbelangrijk", "belangrijk"), "en": ("unimportant", "important"), "de": ("unwichtig", "wichtig")},
    {"nl": ("man|mannelijk", "vrouw|vrouwelijk"), "en": ("man|male", "woman|female"), "de": ("mann|männlich", "frau|weiblich")},
)
"""Spoken language → words of both ends of one property."""
_NEGATION = re.compile(r"\b(?:niet|geen|not|no|nicht|kein\w*|\w+n['’]t)\b", re.IGNORECASE)


def check_opposites(questionnaire: Questionnaire) -> Iterator[Problem]:
    for options in iter_option_sets(questionnaire):
        for language in questionnaire.languages:
            option = _find_exchanged(options, language, questionnaire)
            if option:
                facts = {"code": option.code, "language": language, "label": option.text.wording[language]}
                facts |= {"source": option.text.wording[questionnaire.source_language]}
                yield Problem("label-exchanged", option.text.place_in(language), facts)


def _find_exchanged(options: Sequence[ResponseOption], language: str, questionnaire: Questionnaire) -> ResponseOption | None:
    """Return the first option with the opposite meaning of its source, if another one has the other end."""
    source = questionnaire.source_language
    spoken = [questionnaire.languages[code].spoken for code in (source, language) if code in questionnaire.languages]
    for pair in _PAIRS:
        if language != source and len(spoken) == 2 and pair.keys() >= set(spoken):
            ends = [
                [_find_end(o.text.wording.get(x, ""), pair[s]) for o in options]
                for x, s in zip((source, language), spoken, strict=True)
            ]
            turned = [(option, one) for option, one, other in zip(options, ends[0], ends[1], strict=True) if one * other < 0]
            if {end for _, end in turned} == {-1, 1}:
                return turned[0][0]
    return None


def _find_end(label: str, words: tuple[str, str]) -> int:
    """Return -1 or 1 for a label with words of one end; 0 for both ends, neither, or a negation.

    >>> [_find_end(label, ("low", "high")) for label in ("Too low", "Too high", "Not high", "Low to high")]
    [-1, 1, 0, 0]
    """
    low, high = (bool(re.search(rf"\b(?:{each})\b", label, re.IGNORECASE)) for each in words)
    return 0 if low == high or _NEGATION.search(label) else 1 if high else -1
