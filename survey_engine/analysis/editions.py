"""The items that one edition of a questionnaire asks, for comparison with another edition.

Items are identified by their codes; the page does not matter.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from functools import cached_property
from operator import eq
from typing import Literal

from survey_engine.analysis.reachability import Guard, iter_asked_questions, join_guard, list_all_sections
from survey_engine.language.characters import fold_look
from survey_engine.model.questionnaire import Code, Item, Page, Question, Questionnaire, ResponseOption, Section

_MIN_SIMILARITY = 0.4
"""Minimum similarity (difflib's ratio) of two versions of a text; below it, the texts are different."""
_SHORT_LABEL, _LITTLE_WORD = 3, 3
"""A word of at most `_LITTLE_WORD` letters in a label of at most `_SHORT_LABEL` words says little about the label's meaning."""

_TOKEN = re.compile(r"\d+(?:[.,:]\d+)*|\w+|[^\w\s.,;:!?…'\"“”‘’„«»*_]")
"""Numbers, words, and signs that may have a meaning, such as % and <."""
_YEARS = range(1900, 2200)
"""Ranges within these numbers are years, which move with the edition."""


@dataclass(frozen=True)
class AskedItem:
    """One item of an edition; section and page are None if it is only in the bank."""

    item: Item
    question: Question
    section: Section | None = None
    page: Page | None = None
    guards: tuple[Guard, ...] = ()

    @property
    def code(self) -> str:
        return self.item.code

    @cached_property
    def wording(self) -> Mapping[str, str]:
        """Language → the full text: the question, and the statement if the item has one."""
        own = self.item.text.wording if self.item.text else {}
        asked = self.question.text.wording
        return {
            language: f"{asked.get(language, '')} – {own[language]}" if language in own else asked[language]
            for language in {**asked, **own}
        }

    @cached_property
    def statement(self) -> Mapping[str, str]:
        """Language → the statement; the question if the item has no statement."""
        return self.item.text.wording if self.item.text else self.question.text.wording

    @cached_property
    def labels(self) -> dict[Code, Mapping[str, str]]:
        """Response option → its label per language."""
        return {option.code: option.text.wording for option in self.question.options}


def index_asked_items(questionnaire: Questionnaire) -> dict[str, AskedItem]:
    """Return code → item, for all items that sections ask, in reading order. Occurrences in several places are merged."""
    found: dict[str, AskedItem] = {}
    for place in iter_asked_questions(list_all_sections(questionnaire)):
        for item in place.question.items:
            asked = AskedItem(item, place.question, place.section, place.page, (join_guard(place.guard, item.when),))
            before = found.get(item.code)
            found[item.code] = _merge_items(before, asked) if before else asked
    return found


def _merge_items(before: AskedItem, again: AskedItem) -> AskedItem:
    """Merge two occurrences of an item: join their guards and their institutions."""
    lists = (before.item.institutions, again.item.institutions)
    institutions = None if None in lists else frozenset().union(*(names for names in lists if names))
    guards = dict.fromkeys((*before.guards, *again.guards))
    return replace(before, item=replace(before.item, institutions=institutions), guards=tuple(guards))


def index_bank_items(questionnaire: Questionnaire) -> dict[str, AskedItem]:
    """Return code → item of the bank, including sections that this edition does not ask."""
    return {item.code: AskedItem(item, question) for question in questionnaire.bank.values() for item in question.items}


def is_year(number: int | None) -> bool:
    return number in _YEARS


def have_years(*bounds: int | None) -> bool:
    """Whether all ends of ranges are years: such ranges move with the edition.

    >>> have_years(1980, 2026, 1981, 2027), have_years(1980, 2026, 1, 10), have_years(2000, 9000)
    (True, False, False)
    """
    return all(map(is_year, bounds))


def list_shared_languages(old: Questionnaire, new: Questionnaire) -> list[str]:
    """Return the language variants that both editions have, except drafts."""
    return [
        code
        for code, language in old.languages.items()
        if code in new.languages and not (language.draft or new.languages[code].draft)
    ]


def iter_item_differences(
    old: AskedItem, new: AskedItem, languages: list[str], same: Callable[[str, str], bool] = eq
) -> Iterator[str]:
    """Yield the differences between two items and their scales: `wording in nl`, `options`, `label of 3 in en`.

    Args:
        same: whether two wordings count as one; of a frozen item, every difference counts.
    """
    if old.question.type != new.question.type:
        yield f"{old.question.type} → {new.question.type}"
    for language in languages:
        if not same(_normalize(old.wording, language), _normalize(new.wording, language)):
            yield f"wording in {language}"
        if not same(_read_unit(old, language), _read_unit(new, language)):
            yield f"unit in {language}"
    if list(old.labels) != list(new.labels):
        yield "options"
    yield from (f"`{key}`" for key, was in _map_settings(old).items() if was != _map_settings(new)[key])
    yield from _iter_bound_differences(old, new)
    yield from (f"`exclusive` of {code}" for code in list_option_changes(old.question, new.question, "exclusive"))
    yield from (f"`namely` of {code}" for code in list_option_changes(old.question, new.question, "namely"))
    if old.item.about.frozen_until is not None:
        yield from _iter_context_differences(old, new, languages)
    for code, label in old.labels.items():
        for language in languages:
            if code in new.labels and not same(_normalize(label, language), _normalize(new.labels[code], language)):
                yield f"label of {code} in {language}"


def _iter_context_differences(old: AskedItem, new: AskedItem, languages: list[str]) -> Iterator[str]:
    """Yield differences in the context of an item: the order of statements, new statements before it, and help."""
    if _order_shared(old, new) != _order_shared(new, old):
        yield "order of the statements"
    statements = [item.code for item in new.question.items]
    known = {item.code for item in old.question.items}
    yield from (f"statement {code} before it" for code in statements[: statements.index(new.code)] if code not in known)
    for language in languages:
        helps = [asked.question.help.wording if asked.question.help else {} for asked in (old, new)]
        if _normalize(helps[0], language) != _normalize(helps[1], language):
            yield f"help in {language}"


def _map_settings(asked: AskedItem) -> dict[str, object]:
    question = asked.question
    limits = {"at_least": question.at_least, "at_most": question.at_most, "random_order": question.random_order}
    return {"reverse": asked.item.about.reverse, "required": asked.item.required, **limits}


def _iter_bound_differences(old: AskedItem, new: AskedItem) -> Iterator[str]:
    """Yield the bounds of a number that exclude former values; of a frozen item, every other bound. Years may move."""
    if not have_years(old.question.low, old.question.high, new.question.low, new.question.high):
        for key, sign in (("low", 1), ("high", -1)):
            was, now = getattr(old.question, key), getattr(new.question, key)
            narrower = was is not None and now is not None and (now - was) * sign > 0
            if narrower or (was != now and old.item.about.frozen_until is not None):
                yield "`from`" if key == "low" else "`to`"


def list_option_changes(old: Question, new: Question, setting: Literal["exclusive", "namely"]) -> list[Code]:
    """Return the codes of shared options that have the setting in one of the questions only."""
    was, now = ({option.code: getattr(option, setting) for option in question.options} for question in (old, new))
    return [code for code, value in was.items() if now.get(code, value) != value]


def _order_shared(one: AskedItem, other: AskedItem) -> list[str]:
    """Return the statements of `one`'s question that are also in `other`'s question, in the order of `one`."""
    shared = {item.code for item in other.question.items}
    return [item.code for item in one.question.items if item.code in shared]


def _read_unit(asked: AskedItem, language: str) -> str:
    return _normalize(asked.question.unit.wording, language) if asked.question.unit else ""


def _normalize(wording: Mapping[str, str], language: str) -> str:
    return " ".join(wording.get(language, "").split())


def has_same_words(one: str, other: str) -> bool:
    """Whether two texts differ in capitals, emphasis, punctuation and characters that look the same at most.

    >>> has_same_words("*Never*.", "never"), has_same_words("Up to 1,5", "Up to 15"), has_same_words("< 5", "> 5")
    (True, False, False)
    """
    return _read_words(one) == _read_words(other)


def is_same_label(one: str, other: str) -> bool:
    """Whether two labels have the same words, and have any."""
    return bool(_read_words(one)) and has_same_words(one, other)


def _read_words(text: str) -> list[str]:
    return _TOKEN.findall(fold_look(text).casefold())


def are_alike(one: str, other: str) -> bool:
    """Whether two wordings are versions of the same text. Little words that two short labels have in common do not count.

    >>> are_alike("De uitleg van docenten", "De uitleg die docenten geven"), are_alike("Je boeken", "De sfeer in de klas")
    (True, False)
    >>> are_alike("Too expensive", "Too far"), are_alike("By train", "By trains")
    (False, True)
    """
    if one == other:
        return True
    texts = _omit_little_words(one.casefold(), other.casefold())
    matcher = SequenceMatcher(None, *texts, autojunk=False)
    return matcher.real_quick_ratio() >= _MIN_SIMILARITY and matcher.ratio() >= _MIN_SIMILARITY


def _omit_little_words(one: str, other: str) -> tuple[str, str]:
    """Remove common little words from two short labels, unless a label then has no words left."""
    words = one.split(), other.split()
    common = set(words[0]).intersection(words[1])
    left = [" ".join(word for word in each if word not in common) for each in words]
    short = max(map(len, words)) <= _SHORT_LABEL and all(len(word) <= _LITTLE_WORD for word in common)
    return (left[0], left[1]) if short and all(any(map(str.isalpha, rest)) for rest in left) else (one, other)


def index_options(questionnaire: Questionnaire) -> dict[str, tuple[ResponseOption, ...]]:
    """Return item or background variable → its options."""
    items = {code: asked.question.options for code, asked in index_asked_items(questionnaire).items()}
    return items | {code: variable.options for code, variable in questionnaire.background.items()}
