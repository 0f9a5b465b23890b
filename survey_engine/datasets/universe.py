"""Who is asked something, in the author's own words: every condition on the way to it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from survey_engine.datasets.columns import Column
from survey_engine.datasets.homes import QuestionHome
from survey_engine.language.condition_parser import list_condition_words
from survey_engine.model.exposure import find_offer
from survey_engine.model.questionnaire import Condition, Item, Questionnaire, ResponseOption

EVERYBODY = "everybody"


def describe_universe(column: Column) -> tuple[str, ...]:
    """One line for each way to be asked, such as `section internship: path == 'bol'; page story: unequal == 'yes'`.

    A way that is not there any more says in which version it was.
    """
    newest = column.homes[0].questionnaire
    lines = dict.fromkeys(line for home in column.homes if home.questionnaire is newest for line in _describe_ways(home, column))
    before: dict[str, dict[str, None]] = {}
    for home in column.homes:
        for line in _describe_ways(home, column):
            if line not in lines:
                before.setdefault(line, {})[home.questionnaire.version] = None
    return (*lines, *(f"version in {list(versions)}: {line}" for line, versions in before.items()))


def _describe_ways(home: QuestionHome, column: Column) -> Iterator[str]:
    """The ways to be asked at one place: institutions that share an item's condition stand together."""
    alike: dict[str, list[Item]] = {}
    for item in home.list_items(column.variable.code):
        alike.setdefault(item.when.source if item.when else "", []).append(item)
    for items in alike.values() or [[]]:
        yield "; ".join(_describe_way(home, column, items)) or EVERYBODY


def _describe_way(home: QuestionHome, column: Column, items: Sequence[Item]) -> Iterator[str]:
    questionnaire = home.questionnaire
    if home.institutions is not None:
        yield f"institution in {list(home.institutions)}" if home.institutions else "at no institution in this edition"
    shown = _list_languages(questionnaire, home)
    if shown != list(questionnaire.languages):
        yield f"language in {shown}"
    if home.group.modules and home.module:
        yield f"'{home.module}' in assigned"
    levels: tuple[tuple[str, Condition | None], ...] = (
        (f"section {home.section.code}", home.section.when),
        (f"page {home.page.code}", home.page.when),
        (f"question {home.question.code}", home.question.when),
        (f"options of {home.question.code}", None if column.options else find_offer(home.question)),
        (f"statement {column.variable.code}", items[0].when if items else None),
    )
    for level, condition in levels:
        if condition:
            yield f"{level}: {expand_named_conditions(condition, questionnaire)}"
    limit = _join_limits(items)
    if limit is not None:
        yield f"institution in {sorted(limit)}"
    if column.options:
        code = column.options[0].code
        options = (option for option in home.question.options if option.code == code)
        offered = dict.fromkeys(describe_offer(option, questionnaire, home.institutions) for option in options)
        if "" not in offered:
            yield f"option {code}: {' or '.join(offered)}"


def _join_limits(items: Iterable[Item]) -> frozenset[str] | None:
    """The institutions that ask any of these items; None is all of them."""
    limits = [item.institutions for item in items]
    return None if None in limits or not limits else frozenset().union(*(limit for limit in limits if limit))


def _list_languages(questionnaire: Questionnaire, home: QuestionHome) -> list[str]:
    return [
        code
        for code, language in questionnaire.languages.items()
        if language.shows(home.group) and (home.section.languages is None or code in home.section.languages)
    ]


def describe_offer(option: ResponseOption, questionnaire: Questionnaire, asked_at: Collection[str] | None = None) -> str:
    """Who is offered an option; empty when everybody is who is asked the question, at these institutions."""
    limit = option.institutions
    who = [f"institution in {sorted(limit)}"] if limit is not None and not (asked_at and limit.issuperset(asked_at)) else []
    when = [expand_named_conditions(option.when, questionnaire)] if option.when else []
    return " and ".join(who + when)


def expand_named_conditions(condition: Condition, questionnaire: Questionnaire) -> str:
    """The author's words, with the meaning of every named condition in them."""
    meanings = _list_named(condition.source, questionnaire)
    explained = ", ".join(f"{name} = {source}" for name, source in meanings.items())
    return f"{condition.source} (where {explained})" if explained else condition.source


def _list_named(source: str, questionnaire: Questionnaire) -> dict[str, str]:
    """The named conditions in a condition, also those in their own meaning; each once."""
    found: dict[str, str] = {}
    waiting = [source]
    while waiting:
        for name in list_condition_words(waiting.pop()):
            if name in questionnaire.conditions and name not in found:
                found[name] = questionnaire.conditions[name].source
                waiting.append(found[name])
    return found


def list_asking_institutions(column: Column) -> tuple[str, ...]:
    """The institutions where it may be asked; empty is all of them."""
    found: set[str] = set()
    for home in column.homes:
        limits = [set(x) for x in (home.institutions, _join_limits(home.list_items(column.variable.code))) if x is not None]
        if not limits:
            return ()
        found |= set.intersection(*limits)
    return tuple(sorted(found))


def find_about_item(column: Column) -> Item | None:
    """The item that says what researchers know of a column; its first, where it is asked at several places."""
    return next((item for home in column.homes for item in home.list_items(column.variable.code)), None)
