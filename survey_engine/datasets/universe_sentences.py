"""The universe of a column as a sentence in Dutch and English, with the labels of questions and options."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from survey_engine.datasets.columns import Column
from survey_engine.datasets.locations import QuestionLocation
from survey_engine.datasets.universe import INSTITUTION, group_items, join_limits, list_languages
from survey_engine.model.conditions import And, Compare, Constant, Name, Or, Tree, collect_variables, simplify_tree
from survey_engine.model.exposure import find_offer
from survey_engine.model.questionnaire import Condition, Item, Questionnaire, ResponseOption
from survey_engine.rendering.condition_sentences import SENTENCE_WORDS, ConditionWriter, iter_conjuncts, make_condition_writer

VERSION = {"en": "Version {version}: {sentence}", "nl": "Versie {version}: {sentence}"}
_NOBODY = Compare("in", Name(INSTITUTION), Constant(()))
"""A condition that is never true, for an option that no institution offers."""


def describe_in_words(column: Column) -> dict[str, str]:
    """Return language → sentence. Conditions of earlier versions follow, with these versions."""
    return {language: " ".join(_iter_sentences(column, language)) for language in SENTENCE_WORDS}


def _iter_sentences(column: Column, language: str) -> Iterator[str]:
    said: dict[str, list[str]] = {}
    for questionnaire, _ in column.variants:
        said.setdefault(_describe(column, questionnaire, language), []).append(questionnaire.version)
    newest = column.variants[0][0].version
    for sentence, versions in said.items():
        yield sentence if newest in versions else VERSION[language].format(version=", ".join(versions), sentence=sentence)


def _describe(column: Column, questionnaire: Questionnaire, language: str) -> str:
    """Describe all locations in one version."""
    here = [location for location in column.locations if location.questionnaire is questionnaire]
    found = [_find_way(location, column, items) for location in here for items in group_items(location, column)]
    ways = [way for way in found if way.institutions]
    writer = _find_writer(questionnaire, language, frozenset().union(*(way.institutions for way in ways)))
    if not ways:
        return writer.words["nobody"]
    if any(not way.trees for way in ways):
        return writer.words["everyone"]
    parts = dict.fromkeys(And(way.trees) if len(way.trees) > 1 else way.trees[0] for way in ways)
    return writer.describe_trees([Or(tuple(parts))] if len(parts) > 1 else list(ways[0].trees))


@lru_cache(maxsize=64)
def _find_writer(questionnaire: Questionnaire, language: str, institutions: frozenset[str]) -> ConditionWriter:
    return make_condition_writer(questionnaire, language, institutions)


@dataclass(frozen=True, slots=True)
class _Way:
    """One way to be asked a column."""

    institutions: frozenset[str]
    """The institutions at which respondents can be asked this way."""
    trees: tuple[Tree, ...]
    """Conditions that must all be true for the respondent."""


def _find_way(location: QuestionLocation, column: Column, items: Sequence[Item]) -> _Way:
    questionnaire, question = location.questionnaire, location.question
    every = frozenset({column.institution} if column.institution else questionnaire.institutions)
    limits = [each for each in (location.institutions, join_limits(items)) if each is not None]
    limited = every.intersection(*limits)
    offer = None if column.options else find_offer(question)
    whens = (location.section.when, location.page.when, question.when, offer, items[0].when if items else None)
    trees = list(_iter_all(whens))
    if column.options:
        trees += _iter_offers([option for option in question.options if option.code == column.options[0].code], limited)
    possible = frozenset(code for code in limited if all(_simplify(tree, code) is not False for tree in trees))
    if column.institution or limits:
        trees = list(_resolve(trees, possible))
    language = list_languages(questionnaire, location)
    head = [_compare_with_any(INSTITUTION, _order(possible, limits))] if limits and not column.institution else []
    head += [_compare_with_any("language", language)] if language != list(questionnaire.languages) else []
    if location.group.modules and location.module:
        head.append(Compare("in", Constant(location.module), Name("assigned")))
    return _Way(possible, (*head, *trees))


def _order(possible: Collection[str], limits: Iterable[Iterable[str]]) -> list[str]:
    """Return institutions in the order of the first limit, or sorted if there is no limit."""
    first = next(iter(limits))
    return [code for code in (first if isinstance(first, tuple) else sorted(first)) if code in possible]


def _resolve(trees: Iterable[Tree], institutions: Collection[str]) -> Iterator[Tree]:
    """Yield the conditions, simplified with the institutions' known values if the result is the same at all of them."""
    for tree in trees:
        left = {_simplify(tree, code) for code in institutions}
        resolved = left.pop() if len(left) == 1 else tree
        if resolved is not True:
            yield from iter_conjuncts(tree if resolved is False else resolved)


def _simplify(tree: Tree, institution: str) -> Tree | bool:
    """Return a condition, simplified for an institution."""
    names = collect_variables(tree)
    return simplify_tree(tree, {INSTITUTION: institution}, names - {INSTITUTION}) if INSTITUTION in names else tree


def _iter_offers(options: Iterable[ResponseOption], institutions: Collection[str]) -> Iterator[Tree]:
    """Yield the condition under which one of the options is offered at these institutions; nothing if one of them is always offered."""
    offers: dict[Tree, None] = {}
    for option in options:
        here = option.institutions
        limit = (
            []
            if here is None or here.issuperset(institutions)
            else [_compare_with_any(INSTITUTION, sorted(here & set(institutions)))]
        )
        parts = [*limit, *_iter_all([option.when])]
        if not parts:
            return
        if here is None or not here.isdisjoint(institutions):
            offers[And(tuple(parts)) if len(parts) > 1 else parts[0]] = None
    yield Or(tuple(offers)) if len(offers) > 1 else next(iter(offers), _NOBODY)


def _iter_all(conditions: Iterable[Condition | None]) -> Iterator[Tree]:
    for condition in conditions:
        if condition:
            yield from iter_conjuncts(condition.tree)


def _compare_with_any(name: str, codes: Iterable[str]) -> Tree:
    return Compare("in", Name(name), Constant(tuple(codes)))
