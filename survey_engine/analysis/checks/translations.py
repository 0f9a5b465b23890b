"""Translations that differ from their source in markup or numbers, or that are copies of it or of another translation."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from survey_engine.analysis.shown_texts import ShownText, iter_shown_texts
from survey_engine.language.markup import count_markup
from survey_engine.model.messages import Problem, join_names
from survey_engine.model.questionnaire import Language, Questionnaire, Text

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_SEPARATOR = re.compile(r"[.,]")
_WORD = re.compile(r"[^\W\d_]+")
_MOST_SHARED = 0.25
"""Share of the shorter text's words that two different texts may have in common."""
_MIN_WORDS = 4
"""Minimum number of words from which identical texts in two languages are suspect."""


def check_translations(questionnaire: Questionnaire) -> Iterator[Problem]:
    source_language = questionnaire.source_language
    yield from _check_pasted(questionnaire)
    for shown in iter_shown_texts(questionnaire):
        source = shown.text.wording.get(source_language)
        for language, wording in shown.text.wording.items():
            variant = questionnaire.languages[language]
            if source is not None and language != source_language:
                yield from _compare(shown, variant, source, wording)
                if len(wording.split()) >= _MIN_WORDS and (same := _find_same(shown, language, questionnaire)):
                    facts = {"code": shown.text.code, "language": language, "same": same}
                    yield Problem("untranslated", shown.text.place_in(language), facts)


def _check_pasted(questionnaire: Questionnaire) -> Iterator[Problem]:
    """Report questions with the translation of another one; a simplified variant may join two wordings."""
    source_language, first = questionnaire.source_language, dict[tuple[str, str], Text]()
    for shown in iter_shown_texts(questionnaire):
        source = shown.text.wording.get(source_language)
        for language, wording in shown.text.wording.items() if shown.kind == "question" and source else ():
            if language == source_language or questionnaire.languages[language].based_on or len(wording.split()) < _MIN_WORDS:
                continue
            other = first.setdefault((language, " ".join(wording.casefold().split())), shown.text)
            if other.code != shown.text.code and _differ(source or "", other.wording.get(source_language, "")):
                facts = {"code": shown.text.code, "language": language, "other": other.code}
                yield Problem("same-translation", shown.text.place_in(language), facts)


def _differ(one: str, other: str) -> bool:
    """Whether two texts have hardly a word in common.

    >>> _differ("What should change here?", "What else do you want to tell us?"), _differ("Explain", "Please explain it")
    (True, False)
    """
    words = [set(_WORD.findall(text.casefold())) for text in (one, other)]
    return len(words[0] & words[1]) <= _MOST_SHARED * min(map(len, words))


def _find_same(shown: ShownText, language: str, questionnaire: Questionnaire) -> str:
    """Return an earlier language variant, of another language, with the same wording; the source is first. Empty if there is none."""
    languages = questionnaire.languages
    earlier = [questionnaire.source_language, *list(languages)[: list(languages).index(language)]]
    wordings = shown.text.wording
    same = (x for x in earlier if languages[x].spoken != languages[language].spoken and wordings.get(x) == wordings[language])
    return next(same, "")


def _compare(shown: ShownText, variant: Language, source: str, wording: str) -> Iterator[Problem]:
    """Report differences; a simplified variant may omit numbers, but no variant may add one."""
    place, simpler = shown.text.place_in(variant.code), variant.based_on is not None
    facts = {"code": shown.text.code, "language": variant.code}
    expected, found = count_markup(source), count_markup(wording)
    if expected != found:
        yield Problem("markup-differs", place, {**facts, "expected": _describe(expected), "found": _describe(found)})
    numbers, others = extract_numbers(source), extract_numbers(wording)
    if numbers and others and (others - numbers or (numbers - others and not simpler)):
        yield Problem("numbers-differ", place, {**facts, "expected": join_names(numbers), "found": join_names(others)})


def extract_numbers(wording: str) -> set[str]:
    """Return the numbers in a text, without the separators of digits that languages use."""
    return {_SEPARATOR.sub("", number) for number in _NUMBER.findall(wording)}


def _describe(markup: Counter[str]) -> str:
    return ", ".join(f"{count} × {what}" for what, count in sorted(markup.items())) or "no markup"
