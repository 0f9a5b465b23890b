"""Texts of codes with other words than in earlier versions, moved ranges, and other arms of an experiment. Only a person can tell
whether the codes mean the same."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from survey_engine.analysis.definition_changes import describe_range, share_institution
from survey_engine.analysis.editions import AskedItem, index_asked_items, is_year
from survey_engine.analysis.units import name_same_unit
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
    """Empty for what is no text."""
    was: str
    now: str
    place: Place

    def __str__(self) -> str:
        variant = f" ({self.language})" if self.language else ""
        return f"{self.place}: {join_names(self.codes)}{variant}: “{self.was}” → “{self.now}”"


def list_rewordings(questionnaire: Questionnaire, earlier: Iterable[Questionnaire]) -> list[Rewording]:
    """List the texts of items, options, units, help, background and terms that have other words than before, ranges and arms.

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
                        wording = " ".join(text.wording.get(language, "").split())
                        found[text.place_in(language), language, was, wording].append(_name(key))
        for key, was, moved, place in _iter_moved(version, questionnaire):
            if (key, "") not in seen:
                found[place, "", was, moved].append(_name(key))
        seen.update((key, language) for key in before for language in languages)
        seen.update(((code, part, None), "") for code, _, _ in before for part in ("range", "arms"))
    return [
        Rewording(tuple(dict.fromkeys(codes)), language, was, text, place)
        for (place, language, was, text), codes in found.items()
    ]


def _iter_moved(old: Questionnaire, new: Questionnaire) -> Iterator[tuple[_Key, str, str, Place]]:
    """Yield ranges of numbers of which both ends moved up or down, and conditions on arms that differ."""
    before = index_asked_items(old)
    shared = [experiment.variable for code, experiment in new.experiments.items() if code in old.experiments]
    for code, asked in index_asked_items(new).items():
        if code in before:
            ranges = [(each.question.low, each.question.high) for each in (before[code], asked)]
            if asked.question.type == "number" and is_moved(*ranges):
                yield (code, "range", None), describe_range(*ranges[0]), describe_range(*ranges[1]), asked.item.place
            for variable in shared:
                conditions = [_map_conditions(each, variable) for each in (before[code], asked)]
                if conditions[0].keys() != conditions[1].keys():
                    was, now = (" · ".join(each.values()) or "everybody" for each in conditions)
                    yield (code, "arms", None), was, now if now != was else f"{now}, as defined now", asked.item.place


def is_moved(old: tuple[int | None, int | None], new: tuple[int | None, int | None]) -> bool:
    """Whether both ends of a range of numbers moved up, or both down.

    >>> is_moved((0, 90), (100, 9000)), is_moved((0, 90), (0, 9000)), is_moved((1, 9), (2, 8))
    (True, False, False)
    """
    (low, high), (new_low, new_high) = old, new
    if low is None or high is None or new_low is None or new_high is None or is_year(low):
        return False
    return (new_low > low and new_high > high) or (new_low < low and new_high < high)


def _map_conditions(asked: AskedItem, variable: str) -> dict[str, str]:
    """Return what decides → its source, for the conditions of an item on the arm of an experiment."""
    conditions = (condition for guard in asked.guards for condition in guard)
    return {repr(each.tree): each.source for each in conditions if variable in each.names}


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
            if asked.question.type == "number":  # a unit that is added or removed is another one
                found.setdefault((code, "unit", None), [(None, Text(f"{code}.unit", {}, asked.question.place))])
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
    is_unit = key[1] == "unit"
    for earlier, old in before:
        for option, new in now:
            was, text = (" ".join(each.wording.get(language, "").split()) for each in (old, new))
            shared = not (earlier and option) or share_institution(earlier, option)
            same = has_same_words(was, text) or (is_unit and name_same_unit(was, text))
            if shared and not same and (is_unit or (was and text)):
                yield was, new


def _name(key: _Key) -> str:
    code, part, option = key
    return f"option {option} of {code}" if part == "option" else " of ".join(filter(None, (part, code)))
