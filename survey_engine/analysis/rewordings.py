"""Texts of codes with other words than in earlier versions. Only a person can tell whether they mean the same."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from survey_engine.analysis.definition_changes import share_institution
from survey_engine.analysis.editions import AskedItem, index_asked_items
from survey_engine.analysis.units import are_same_units
from survey_engine.model.messages import join_names
from survey_engine.model.questionnaire import Code, Place, Questionnaire, ResponseOption, Text

_TOKEN = re.compile(r"\d+(?:[.,:]\d+)*|\w+|[^\w\s.,;:!?…'\"“”‘’„«»*_]")
"""Numbers, words, and signs that may have a meaning, such as % and <."""
_Key = tuple[str, str, Code | None]
"""Code of an item, variable or term; which of its texts; and the option, or the institution of a term."""


@dataclass(frozen=True, slots=True)
class Rewording:
    """A text with other words. A shared text, such as a point of a scale, is one rewording of all its codes."""

    codes: tuple[str, ...]
    language: str
    was: str
    now: str
    place: Place

    def __str__(self) -> str:
        return f"{self.place}: {join_names(self.codes)} ({self.language}): “{self.was}” → “{self.now}”"


def list_rewordings(questionnaire: Questionnaire, earlier: Iterable[Questionnaire]) -> list[Rewording]:
    """List the texts of items, options, units, help, background and terms that have other words than before.

    Capitals, emphasis and punctuation do not count; nor does a consent, whose texts have a version.

    Args:
        earlier: versions, newest first; each text is compared with the newest version that has it in the language.
    """
    now = _index_texts(questionnaire)
    found, seen = defaultdict[tuple[Place, str, str, str], list[str]](list), set[tuple[_Key, str]]()
    for version in earlier:
        before = _index_texts(version)
        languages = [language for language in version.languages if language in questionnaire.languages]
        for key, texts in now.items():
            for language in languages:
                if key in before and (key, language) not in seen:
                    for was, text in _iter_changed(key, before[key], texts, language):
                        found[text.place_in(language), language, was, text.wording[language]].append(_name(key))
        seen.update((key, language) for key in before for language in languages)
    return [
        Rewording(tuple(dict.fromkeys(codes)), language, was, text, place)
        for (place, language, was, text), codes in found.items()
    ]


def has_same_words(one: str, other: str) -> bool:
    """Whether two texts differ in capitals, emphasis and punctuation at most.

    >>> has_same_words("*Never*.", "never"), has_same_words("Up to 1,5", "Up to 15"), has_same_words("< 5", "> 5")
    (True, False, False)
    """
    return _TOKEN.findall(one.casefold()) == _TOKEN.findall(other.casefold())


_Texts = list[tuple[ResponseOption | None, Text]]
"""The texts under one key: institutions may have several options with one code."""


def _index_texts(questionnaire: Questionnaire) -> Mapping[_Key, _Texts]:
    found = defaultdict[_Key, _Texts](list)
    for code, asked in index_asked_items(questionnaire).items():
        if not asked.question.version:
            _add_texts(found, code, _map_texts(asked), asked.question.options)
    for code, variable in questionnaire.background.items():
        _add_texts(found, code, {"": variable.text}, variable.options)
    for institution in (None, *questionnaire.institutions.values()):
        own = institution.terms if institution else {}
        for code, text in {**questionnaire.terms, **own}.items():
            found[code, "term", institution.code if institution else None] = [(None, text)]
    return found


def _map_texts(asked: AskedItem) -> Mapping[str, Text | None]:
    question, statement = asked.question, asked.item.text
    return {
        "": statement or question.text,
        "question": question.text if statement else None,
        "help": question.help,
        "unit": question.unit,
    }


def _add_texts(found: dict[_Key, _Texts], code: str, texts: Mapping[str, Text | None], options: Sequence[ResponseOption]) -> None:
    found.update({(code, part, None): [(None, text)] for part, text in texts.items() if text})
    for option in options:
        found[code, "option", option.code].append((option, option.text))


def _iter_changed(key: _Key, before: _Texts, now: _Texts, language: str) -> Iterator[tuple[str, Text]]:
    """Yield the earlier wording and the text, for texts that one institution showed and shows."""
    same = are_same_units if key[1] == "unit" else has_same_words
    for earlier, old in before:
        for option, new in now:
            was, text = (" ".join(each.wording.get(language, "").split()) for each in (old, new))
            shared = not (earlier and option) or share_institution(earlier, option)
            if was and text and shared and not same(was, text):
                yield was, new


def _name(key: _Key) -> str:
    code, part, option = key
    return f"option {option} of {code}" if part == "option" else " of ".join(filter(None, (part, code)))
