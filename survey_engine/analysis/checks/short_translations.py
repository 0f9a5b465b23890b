"""Short texts in the wrong language, exchanged languages, misspelt mail addresses, and titles of other modules."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import combinations

from survey_engine.analysis.checks.languages import list_certain_words
from survey_engine.analysis.checks.translations import has_enough_words
from survey_engine.analysis.shown_texts import iter_shown_texts
from survey_engine.model.messages import Problem
from survey_engine.model.questionnaire import Questionnaire, Section, Text

_MIN_OTHERS = 2
"""How many languages must agree on a mail address before a different one is reported."""
_UNITS = {
    "nl": frozenset({"dag", "dagen", "uur", "uren", "weken", "maand", "maanden", "jaar", "jaren", "keer"}),
    "en": frozenset({"day", "days", "hour", "hours", "weeks", "month", "months", "year", "years", "times"}),
    "de": frozenset({"tag", "tage", "stunde", "stunden", "wochen", "monat", "monate", "jahr", "jahre", "mal"}),
}
"""Language → names of units that exist in no other of these languages."""
_MAIL = re.compile(r"(?<![\w.+-])([\w.+-]{4,64})@([\w-]{1,63}(?:\.[\w-]{1,63}){1,4})")
_VOWELS = frozenset("aeiouyäöü")
_MIN_TITLE = 4
"""Least number of characters of a title that identifies a module in a text."""


def check_short_translations(questionnaire: Questionnaire) -> Iterator[Problem]:
    background = (text for v in questionnaire.background.values() for text in (v.text, *(option.text for option in v.options)))
    for text in (*(shown.text for shown in iter_shown_texts(questionnaire)), *filter(None, background)):
        yield from _check_copies(text, questionnaire)
        yield from _check_exchanged(text, questionnaire)
        yield from _check_mail(text, questionnaire)
    yield from _check_other_modules(questionnaire)


def _check_copies(text: Text, questionnaire: Questionnaire) -> Iterator[Problem]:
    """Report a copy of another variant's wording if it has a word of that language only; names may be the same in all languages."""
    languages, source = questionnaire.languages, questionnaire.source_language
    for one, wording in text.wording.items() if len(text.wording) > 1 else ():
        others = [other for other in text.wording if languages[other].spoken != languages[one].spoken]
        equal = [other for other in others if text.wording[other] == wording]
        same = next((other for other in equal if _is_in(wording, languages[other].spoken, questionnaire, one)), None)
        if one != source and same and len(equal) < len(others) and not has_enough_words(wording):
            yield Problem("untranslated", text.place_in(one), {"code": text.code, "language": one, "same": same})


def _is_in(wording: str, spoken: str, questionnaire: Questionnaire, language: str) -> bool:
    """Whether a wording has a word of `spoken`, and no word of its variant's language."""
    own = questionnaire.languages[language].spoken
    words = list_certain_words(wording, spoken, own), list_certain_words(wording, own, spoken)
    units = [{*re.findall(r"\w+", wording.casefold())} & _UNITS.get(each, frozenset()) for each in (spoken, own)]
    return bool(words[0] or units[0]) and not (words[1] or units[1])


def _check_exchanged(text: Text, questionnaire: Questionnaire) -> Iterator[Problem]:
    """Report a text with two wordings that are each in the other's language."""
    for one, other in combinations(text.wording, 2):
        spoken = [questionnaire.languages[each].spoken for each in (one, other)]
        turned = zip((one, other), spoken[::-1], strict=True)
        if spoken[0] != spoken[1] and all(_is_in(text.wording[each], said, questionnaire, each) for each, said in turned):
            yield Problem("languages-exchanged", text.place_in(other), {"code": text.code, "one": one, "other": other})


def _check_mail(text: Text, questionnaire: Questionnaire) -> Iterator[Problem]:
    """Report a mail address in which one language differs by a consonant from all others."""
    boxes = {language: {(each[1], each[2]) for each in _MAIL.finditer(wording)} for language, wording in text.wording.items()}
    single = {language: next(iter(found)) for language, found in boxes.items() if len(found) == 1}
    for language, (name, domain) in single.items():
        others = {box for each, box in single.items() if each != language}
        rest = len(single) - 1
        if len(others) == 1 and rest >= _MIN_OTHERS and (name, domain) not in others:
            known, at = others.pop()
            if at == domain and _differs_by_consonant(name, known):
                facts = {"code": text.code, "language": language, "found": f"{name}@{domain}", "expected": f"{known}@{at}"}
                yield Problem("words-differ", text.place_in(language), facts)


def _differs_by_consonant(one: str, other: str) -> bool:
    """Whether exactly one consonant differs. A vowel may differ between languages: "hulp" and "help".

    >>> _differs_by_consonant("desk", "dest"), _differs_by_consonant("help", "hulp"), _differs_by_consonant("info", "infos")
    (True, False, False)
    """
    letters = [{*pair} for pair in zip(one, other, strict=False) if pair[0] != pair[1]]
    return len(one) == len(other) and len(letters) == 1 and not letters[0] & _VOWELS


def _check_other_modules(questionnaire: Questionnaire) -> Iterator[Problem]:
    """Report translations with the title of another module, if the source has the title of the text's own module."""
    source = questionnaire.source_language
    titles = {code: module.title.wording for code, module in questionnaire.modules.items() if module.title}
    for code, module in questionnaire.modules.items():
        for text in _iter_texts(module) if code in titles else ():
            for language, wording in text.wording.items():
                named = _name_modules(wording, language, titles)
                if (
                    language != source
                    and code in _name_modules(text.wording.get(source, ""), source, titles)
                    and code not in named
                ):
                    missed = named - _name_modules(text.wording.get(source, ""), source, titles)
                    for other in sorted(missed)[:1]:
                        facts = {"code": text.code, "language": language, "title": titles[other][language], "other": other}
                        yield Problem("other-module", text.place_in(language), facts)


def _iter_texts(section: Section) -> Iterator[Text]:
    yield from (text for question in section.iter_questions() for text in question.iter_texts())


def _name_modules(wording: str, language: str, titles: Mapping[str, Mapping[str, str]]) -> set[str]:
    """Return the modules whose title occurs in a text as whole words."""
    found = {code: title.get(language, "").casefold() for code, title in titles.items()}
    said = wording.casefold()
    return {
        code
        for code, title in found.items()
        if len(title) >= _MIN_TITLE and title in said and re.search(rf"\b{re.escape(title)}\b", said)
    }
