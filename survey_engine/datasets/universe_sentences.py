"""The universe of a column as a sentence in Dutch and English, with the labels of questions and options."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from survey_engine.datasets.columns import Column
from survey_engine.datasets.locations import QuestionLocation
from survey_engine.datasets.universe import group_items, join_limits, list_languages
from survey_engine.model.conditions import And, Compare, Constant, Name, Or, Tree
from survey_engine.model.exposure import find_offer
from survey_engine.model.questionnaire import Condition, Item, Questionnaire, ResponseOption
from survey_engine.rendering.condition_sentences import WORDS, ConditionWriter, list_parts, make_condition_writer

VERSION = {"en": "Version {version}: {sentence}", "nl": "Versie {version}: {sentence}"}
NOBODY = Compare("in", Name("institution"), Constant(()))
"""The condition of nobody: no institution has the theme."""


def describe_in_words(column: Column) -> dict[str, str]:
    """Return language → sentence. What only earlier versions ask follows, with these versions."""
    return {language: " ".join(_list_sentences(column, language)) for language in WORDS}


def _list_sentences(column: Column, language: str) -> Iterator[str]:
    said: dict[str, list[str]] = {}
    for questionnaire, _ in column.variants:
        said.setdefault(_describe(column, questionnaire, language), []).append(questionnaire.version)
    newest = column.variants[0][0].version
    for sentence, versions in said.items():
        yield sentence if newest in versions else VERSION[language].format(version=", ".join(versions), sentence=sentence)


def _describe(column: Column, questionnaire: Questionnaire, language: str) -> str:
    """Describe all locations in one version."""
    writer = _find_writer(questionnaire, language)
    here = (location for location in column.locations if location.questionnaire is questionnaire)
    ways = [tuple(_list_trees(location, column, items)) for location in here for items in group_items(location, column)]
    ways = [way for way in ways if NOBODY not in way] or ways
    if NOBODY in ways[0]:
        return writer.words["nobody"]
    if () in ways:
        return writer.words["everyone"]
    parts = dict.fromkeys(And(way) if len(way) > 1 else way[0] for way in ways)
    return writer.describe_trees([Or(tuple(parts))] if len(parts) > 1 else list(ways[0]))


@lru_cache(maxsize=32)
def _find_writer(questionnaire: Questionnaire, language: str) -> ConditionWriter:
    return make_condition_writer(questionnaire, language)


def _list_trees(location: QuestionLocation, column: Column, items: Sequence[Item]) -> Iterator[Tree]:
    """List everything that must be true for a respondent to be asked at one location."""
    questionnaire, question = location.questionnaire, location.question
    if location.institutions is not None:
        yield _is_one_of("institution", location.institutions)
    shown = list_languages(questionnaire, location)
    if shown != list(questionnaire.languages):
        yield _is_one_of("language", shown)
    if location.group.modules and location.module:
        yield Compare("in", Constant(location.module), Name("assigned"))
    offer = None if column.options else find_offer(question)
    conditions = (location.section.when, location.page.when, question.when, offer, items[0].when if items else None)
    yield from _list_all(conditions)
    limit = join_limits(items)
    if limit is not None:
        yield _is_one_of("institution", sorted(limit))
    if column.options:
        yield from _list_offers([option for option in question.options if option.code == column.options[0].code])


def _list_offers(options: Iterable[ResponseOption]) -> Iterator[Tree]:
    """Yield the condition under which one of the options is offered; nothing if one always is."""
    offers: dict[Tree, None] = {}
    for option in options:
        limit = [] if option.institutions is None else [_is_one_of("institution", sorted(option.institutions))]
        parts = [*limit, *_list_all([option.when])]
        if not parts:
            return
        offers[And(tuple(parts)) if len(parts) > 1 else parts[0]] = None
    yield Or(tuple(offers)) if len(offers) > 1 else next(iter(offers))


def _list_all(conditions: Iterable[Condition | None]) -> Iterator[Tree]:
    for condition in conditions:
        if condition:
            yield from list_parts(condition.tree)


def _is_one_of(name: str, codes: Iterable[str]) -> Tree:
    return Compare("in", Name(name), Constant(tuple(codes)))
