"""What one edition of a questionnaire asks, item by item, so that it can be laid beside another edition.

Items are told apart by their codes alone: an item keeps its code wherever it stands.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from functools import cached_property

from survey_engine.analysis.reachability import Way, join_conditions, list_all_sections, list_question_places
from survey_engine.model.questionnaire import Code, Item, Page, Question, Questionnaire, Section

ALIKE = 0.4
"""Two wordings of which less than this share runs alike (difflib's ratio) count as different texts, not as a rewording."""


@dataclass(frozen=True)
class AskedItem:
    """One item where an edition asks it; without section and page when it rests in the bank."""

    item: Item
    question: Question
    section: Section | None = None
    page: Page | None = None
    ways: tuple[Way, ...] = ()

    @property
    def code(self) -> str:
        return self.item.code

    @cached_property
    def wording(self) -> Mapping[str, str]:
        """Language → what a respondent reads: the question, and the statement if it has one of its own."""
        said = self.item.text.wording if self.item.text else {}
        asked = self.question.text.wording
        return {
            language: f"{asked.get(language, '')} – {said[language]}" if language in said else asked[language]
            for language in {**asked, **said}
        }

    @cached_property
    def statement(self) -> Mapping[str, str]:
        """Language → the item's own words: its statement, or the question where it has none."""
        return self.item.text.wording if self.item.text else self.question.text.wording

    @cached_property
    def labels(self) -> dict[Code, Mapping[str, str]]:
        """Response option → its label per language."""
        return {option.code: option.text.wording for option in self.question.options}


def index_asked_items(questionnaire: Questionnaire) -> dict[str, AskedItem]:
    """Every item that some respondent may be asked, by code, in reading order; whatever asks it again is added to it."""
    found: dict[str, AskedItem] = {}
    for stop in list_question_places(list_all_sections(questionnaire)):
        for item in stop.question.items:
            asked = AskedItem(item, stop.question, stop.section, stop.page, (join_conditions(stop.way, item.when),))
            before = found.get(item.code)
            found[item.code] = _add(before, asked) if before else asked
    return found


def _add(before: AskedItem, again: AskedItem) -> AskedItem:
    """An item with one more way to it, or one more institution that has it in its list."""
    lists = (before.item.institutions, again.item.institutions)
    institutions = None if None in lists else frozenset().union(*(names for names in lists if names))
    ways = dict.fromkeys((*before.ways, *again.ways))
    return replace(before, item=replace(before.item, institutions=institutions), ways=tuple(ways))


def list_resting(questionnaire: Questionnaire) -> dict[str, AskedItem]:
    """The items of the bank, by code: those of resting sections among them."""
    return {item.code: AskedItem(item, question) for question in questionnaire.bank.values() for item in question.items}


def list_shared(old: Questionnaire, new: Questionnaire) -> list[str]:
    """Language variants of both editions whose wording is no longer a draft in either."""
    return [
        code
        for code, language in old.languages.items()
        if code in new.languages and not (language.draft or new.languages[code].draft)
    ]


def compare_items(old: AskedItem, new: AskedItem, languages: list[str]) -> Iterator[str]:
    """In words, what an item and its scale no longer have in common: `wording in nl`, `options`, `label of 3 in en`."""
    for language in languages:
        if _said(old.wording, language) != _said(new.wording, language):
            yield f"wording in {language}"
    if list(old.labels) != list(new.labels):
        yield "options"
    for code, label in old.labels.items():
        for language in languages:
            if code in new.labels and _said(label, language) != _said(new.labels[code], language):
                yield f"label of {code} in {language}"


def _said(wording: Mapping[str, str], language: str) -> str:
    return " ".join(wording.get(language, "").split())


def are_alike(one: str, other: str) -> bool:
    """Whether two wordings are versions of the same text.

    >>> are_alike("De uitleg van docenten", "De uitleg die docenten geven"), are_alike("Je boeken", "De sfeer in de klas")
    (True, False)
    """
    matcher = SequenceMatcher(None, one.casefold(), other.casefold(), autojunk=False)
    return matcher.real_quick_ratio() >= ALIKE and matcher.ratio() >= ALIKE
