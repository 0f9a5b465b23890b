"""Exchanged labels in translations: "Te laag" is translated as "Too high", and "Te hoog" as "Too low"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

from survey_engine.analysis.checks.scales import iter_option_sets
from survey_engine.analysis.degrees import find_reversed_label
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
"""Language → words for both ends of a property."""
_WHOLE_LABELS: Sequence[Mapping[str, tuple[str, str]]] = (
    {"nl": ("niemand", "iedereen"), "en": ("nobody|no one", "everybody|everyone"), "de": ("niemand", "alle|jeder")},
    {"nl": ("niets", "alles"), "en": ("nothing", "everything"), "de": ("nichts", "alles")},
    {"nl": ("nooit", "altijd"), "en": ("never", "always"), "de": ("nie|niemals", "immer")},
    {"nl": ("nergens", "overal"), "en": ("nowhere", "everywhere"), "de": ("nirgends|nirgendwo", "überall")},
    {"nl": ("geen", "alle|allemaal"), "en": ("none", "all"), "de": ("keine|keiner", "alle")},
)
"""Language → labels with opposite meanings; translating one as its opposite is always wrong."""
_NEGATION = re.compile(r"\b(?:niet|geen|not|no|nicht|kein\w*|\w+n['’]t)\b", re.IGNORECASE)

_NOT, _INDEED = frozenset({"niet", "geen", "not", "no", "nicht", "kein", "keine"}), frozenset({"wel", "doch", "schon"})


def check_opposites(questionnaire: Questionnaire) -> Iterator[Problem]:
    for options in iter_option_sets(questionnaire):
        for language in questionnaire.languages:
            finders = (_find_turned, _find_exchanged, _find_opposite, _find_exchanged_negation)
            option = next(filter(None, (find(options, language, questionnaire) for find in finders)), None)
            if option:
                facts = {"code": option.code, "language": language, "label": option.text.wording[language]}
                facts |= {"source": option.text.wording[questionnaire.source_language]}
                yield Problem("label-exchanged", option.text.place_in(language), facts)


def _find_turned(options: Sequence[ResponseOption], language: str, questionnaire: Questionnaire) -> ResponseOption | None:
    """Return the first option whose degree, such as "Strongly agree", is reversed relative to another option; None if there is none."""
    source = questionnaire.source_language
    labels = [[option.text.wording.get(code, "") for option in options] for code in (source, language)]
    spoken, other = (questionnaire.languages[code].spoken for code in (source, language))
    turned = find_reversed_label(labels[0], spoken, labels[1], other) if language != source else None
    return None if turned is None else options[turned]


def _find_exchanged(options: Sequence[ResponseOption], language: str, questionnaire: Questionnaire) -> ResponseOption | None:
    """Return the first option with the opposite meaning of its source, if another option has the opposite end; None if there is none."""
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


def _find_opposite(options: Sequence[ResponseOption], language: str, questionnaire: Questionnaire) -> ResponseOption | None:
    """Return the first option whose label is the opposite of its source, such as "Iedereen" for "Nobody"; None if there is none."""
    source = questionnaire.source_language
    for option in options if language != source else ():
        labels = [(questionnaire.languages[code].spoken, option.text.wording.get(code, "")) for code in (source, language)]
        for pair in _WHOLE_LABELS:
            ends = [
                next((n for n, words in enumerate(pair.get(s, ())) if _compare_with_any(label, words)), None)
                for s, label in labels
            ]
            if None not in ends and ends[0] != ends[1]:
                return option
    return None


def _compare_with_any(label: str, words: str) -> bool:
    return label.casefold().strip(" .!") in words.split("|")


def _find_exchanged_negation(
    options: Sequence[ResponseOption], language: str, questionnaire: Questionnaire
) -> ResponseOption | None:
    """Return the first of two options that differ only by a negation, if the translation has the negation in the other option."""
    source = questionnaire.source_language
    for one, other in combinations(options, 2) if language != source else ():
        labels = [[_split_negation(option.text.wording.get(code, "")) for option in (one, other)] for code in (source, language)]
        alike = all(first[1] == second[1] != "" and first[0] != second[0] for first, second in labels)
        if alike and labels[0][0][0] != labels[1][0][0]:
            return one
    return None


def _split_negation(label: str) -> tuple[bool, str]:
    """Return (whether a label has a negation, its other words).

    >>> _split_negation("Zeker niet"), _split_negation("Zeker wel")
    ((True, 'zeker'), (False, 'zeker'))
    """
    words = label.casefold().strip(" .!").split()
    return any(word in _NOT for word in words), " ".join(word for word in words if word not in _NOT | _INDEED)


def _find_end(label: str, words: tuple[str, str]) -> int:
    """Return -1 for words of the first end, 1 for words of the second; 0 for both, neither, or a negation.

    >>> [_find_end(label, ("low", "high")) for label in ("Too low", "Too high", "Not high", "Low to high")]
    [-1, 1, 0, 0]
    """
    low, high = (bool(re.search(rf"\b(?:{each})\b", label, re.IGNORECASE)) for each in words)
    return 0 if low == high or _NEGATION.search(label) else 1 if high else -1
