"""Wording that reduces measurement quality: double-barrelled statements, negations, leading words, one-sided stems.

Word lists are short to avoid false alarms. Items with `tested: true` are skipped.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import islice

from survey_engine.analysis.shown_texts import ShownText, iter_shown_texts
from survey_engine.language.question_types import QUESTION_TYPES
from survey_engine.model.messages import Problem
from survey_engine.model.questionnaire import Questionnaire

_DOUBLE: Mapping[str, str] = {"nl": "en|of|en/of", "en": "and|or|and/or", "de": "und|oder|und/oder"}
_PAIRS: Mapping[str, str] = {"nl": "tussen|zowel", "en": "between|both", "de": "zwischen|sowohl"}
"""Words before a pair that is one thing, as in "the contact between school and company"."""
_FIXED_PAIRS: Mapping[str, str] = {
    "nl": "af en toe|keer op keer|vroeg of laat|min of meer|eten en drinken|gas en elektriciteit|gas en licht|hij of zij|zijn of haar"
    "|voor- en nadelen|ups en downs|water en brood|hier en daar|nu en dan|rust en regelmaat|vader of moeder|in en uit",
    "en": "time and again|again and again|sooner or later|more or less|now and then|ups and downs|pros and cons|bed and breakfast"
    "|food and drink|gas and electricity|damp and mou?ld|(?:he|she|him|her|his) or (?:he|she|him|her|his|hers)|come and go|safe and sound"
    "|advantages and disadvantages|strengths and weaknesses|terms and conditions|health and safety|peace and quiet|hot and cold"
    "|back and forth|here and there|one or two|two or three|trial and error|by and large|mice and (?:rats|insects)|day and night",
    "de": "(?:der|die|das|ein|eine) oder (?:der|die|das|ein|eine)|er oder sie|ihr oder sein|sein oder ihr|ab und zu|früher oder später"
    "|mehr oder weniger|hin und wieder|hin und her|auf und ab|nach und nach|essen und trinken|gas und strom|vor- und nachteile"
    "|immer und immer|tag und nacht|hier und da|höhen und tiefen",
}
"""Set phrases of two words with one meaning."""
_TWO_QUESTIONS: Mapping[str, str] = {
    "nl": "en (?:ben|heb|doe|ga|vind|wil|kun|kan|zou|was|had) (?:je|jij|u)",
    "en": "and (?:do|did|are|were|have|had|will|would|can|could) (?:you|they|we)",
    "de": "und (?:bist|hast|tust|gehst|findest|willst|kannst|würdest|warst|hattest) du|und (?:sind|haben|wollen|können) sie",
}
"""The beginning of a second question in one sentence."""
_ONE_ANSWER = frozenset({"choice", "yes_no", "mark"})
_QUOTED = re.compile(r"[“\"„‘«][^“”\"„‘’«»]*[”\"“’»]")
_NEGATED: Mapping[str, str] = {
    "nl": "niet|geen|nooit|niemand|nergens|zonder",
    "en": "not|no|never|nobody|without|cannot|[a-z]+n['’]t",
    "de": "nicht|kein|keine|keinen|keiner|keinem|nie|niemand|ohne",
}
_SET_NEGATIONS: Mapping[str, str] = {
    "nl": "wel of (?:geen|niet)|al dan niet|niet alleen(?=.*\\b(?:maar|ook)\\b)"
    "|(?:half|een|twee|drie|vier|vijf|zes|\\d+) (?:dagen|we(?:ek|ken)|maand(?:en)?|jaar)(?: of (?:langer|meer))? niet",
    "en": "or not|not (?:only|just)(?=.*\\b(?:but|also)\\b)"
    "|not(?= \\w+ for (?:an?|two|three|four|five|six|\\d+) (?:days|weeks?|months?|years?)\\b)",
    "de": "oder (?:nicht|keine?n?)|nicht nur(?=.*\\b(?:sondern|auch)\\b)"
    "|(?:halbes|eine?n?|zwei|drei|vier|fünf|sechs|\\d+) (?:tage|wochen?|monate?|jahre?)(?: oder (?:länger|mehr))? nicht",
}
"""Harmless negations: set phrases, and a period in which something did not happen."""
_STEERING: Mapping[str, str] = {
    "nl": "natuurlijk|uiteraard|vanzelfsprekend|toch zeker|vind je ook|vind je niet|(?<!hoeverre )ben je het ermee eens dat"
    "|iedereen weet|(?:^|(?<=[.?!:,] ))zou je niet|(?<!hoeverre )ben je (?:tevreden|het eens)(?!.*\\bof\\b)",
    "en": "of course|obviously|surely|(?<!\\w )(?:clearly|naturally)|(?:clearly|naturally)(?=,)|don['’]t you|isn['’]t it"
    "|everyone knows|(?:^|(?<=[.?!:,] ))(?:would you not|wouldn['’]t you|do you not (?:agree|think|find))"
    "|(?:^|(?<=[.?!:,] ))(?:are you satisfied|do you agree)(?!.*\\bor\\b)",
    "de": "natürlich|selbstverständlich|offensichtlich|bekanntlich|finden sie nicht auch|findest du nicht auch|nicht wahr"
    "|(?:^|(?<=[.?!:,] ))(?:würdest du|würden sie) nicht"
    "|(?:(?:bist du|sind sie) zufrieden|stimm(?:st du|en sie) zu)(?!.*\\boder\\b)",
}
"""Leading words. The last of each language: stems with only one end of a scale, such as `Are you satisfied with`."""
_SAID: Mapping[str, str] = {
    "nl": "meer(?: dan één| dan een|dere)? antwoord(?:en)?",
    "en": "more than one|(?:several|multiple) answers|all that apply",
    "de": "mehr als eine|mehrere antworten",
}
"""Instructions that the page adds to a question with several answers."""

_BRACKETS = re.compile(r"\([^()]*\)")
"""An explanation in brackets, which is not part of the question."""


def check_wording(questionnaire: Questionnaire) -> Iterator[Problem]:
    for shown in iter_shown_texts(questionnaire):
        if not shown.about.tested:
            for code, words in _iter_rules(shown):
                yield from islice(_find(code, words, shown, questionnaire), 1)


def _iter_rules(shown: ShownText) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Yield message code and word lists of the rules for this kind of text."""
    type_ = shown.question.type if shown.question else ""
    if type_ == "multiple" and shown.kind in ("question", "help"):
        yield "said-by-page", _SAID
    if shown.kind not in ("question", "item"):
        return
    statement = shown.kind == "item" and type_ in QUESTION_TYPES and QUESTION_TYPES[type_].statements
    if statement:
        yield "double-barrelled", _DOUBLE
    elif type_ in _ONE_ANSWER:
        yield "double-barrelled", _TWO_QUESTIONS
    if (statement and not shown.about.reverse) or type_ == "yes_no":
        yield "negated", _NEGATED
    yield "steering", _STEERING


def _find(code: str, words: Mapping[str, str], shown: ShownText, questionnaire: Questionnaire) -> Iterator[Problem]:
    """Yield violations of a rule, in the first language that has one: a translation repeats its source."""
    source = questionnaire.source_language
    for language, wording in sorted(shown.wordings(), key=lambda each: each[0] != source):
        spoken = questionnaire.languages[language].spoken
        said = _QUOTED.sub(" ", wording)
        if words is _DOUBLE:
            said = _BRACKETS.sub(" ", said)
            said = re.sub(rf"(?<!\w)(?:{_FIXED_PAIRS.get(spoken, '$')})(?!\w)", "_", said, flags=re.IGNORECASE)
        elif words is _NEGATED:
            said = re.sub(rf"(?<!\w)(?:{_SET_NEGATIONS.get(spoken, '$')})(?!\w)", "_", said, flags=re.IGNORECASE)
        found = find_word(words.get(spoken, ""), said)
        if words is _DOUBLE and (find_word(_PAIRS.get(spoken, ""), said) or not joins(found, said)):
            continue
        if found:
            yield Problem(code, shown.text.place_in(language), {"code": shown.text.code, "language": language, "word": found})


def joins(word: str, wording: str) -> bool:
    """Whether a word is between other words. Dutch `of` at the beginning of a text means "whether"."""
    return bool(word) and not wording.startswith(word)


def find_word(words: str, wording: str) -> str:
    """Return the first occurrence in a wording of one of the words, which are separated by `|`; empty if there is none.

    >>> find_word("of|en", "Rust en regelmaat op een bed")
    'en'
    >>> find_word("of|en", "Een bed")
    ''
    """
    found = re.search(rf"(?<!\w)(?:{words})(?!\w)", wording, re.IGNORECASE) if words else None
    return found[0] if found else ""
