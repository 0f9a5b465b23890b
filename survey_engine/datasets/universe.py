"""Who is asked something, in the author's own words: every condition on the way to it."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from survey_engine.datasets.columns import Column, Home
from survey_engine.language.condition_parser import list_words
from survey_engine.model.exposure import find_offer
from survey_engine.model.questionnaire import Condition, Item, Questionnaire, ResponseOption

EVERYBODY = "everybody"


def describe_universe(questionnaire: Questionnaire, column: Column) -> tuple[str, ...]:
    """One line for each way to be asked, such as `section internship: path == 'bol'; page story: unequal == 'yes'`."""
    lines = dict.fromkeys("; ".join(_describe_home(questionnaire, home, column)) or EVERYBODY for home in column.homes)
    return tuple(lines)


def _describe_home(questionnaire: Questionnaire, home: Home, column: Column) -> Iterator[str]:
    if home.institutions is not None:
        yield f"institution in {list(home.institutions)}" if home.institutions else "at no institution in this edition"
    shown = _list_languages(questionnaire, home)
    if shown != list(questionnaire.languages):
        yield f"language in {shown}"
    if home.group.modules and home.module:
        yield f"'{home.module}' in assigned"
    item = column.find_item(home)
    levels: tuple[tuple[str, Condition | None], ...] = (
        (f"section {home.section.code}", home.section.when),
        (f"page {home.page.code}", home.page.when),
        (f"question {home.question.code}", home.question.when),
        (f"options of {home.question.code}", None if column.options else find_offer(home.question)),
        (f"statement {column.variable.code}", item.when if item else None),
    )
    for level, condition in levels:
        if condition:
            yield f"{level}: {spell_out(condition, questionnaire)}"
    if item and item.institutions is not None:
        yield f"institution in {sorted(item.institutions)}"
    if column.options:
        offered = dict.fromkeys(describe_offer(option, questionnaire, home.institutions) for option in column.options)
        if "" not in offered:
            yield f"option {column.options[0].code}: {' or '.join(offered)}"


def _list_languages(questionnaire: Questionnaire, home: Home) -> list[str]:
    return [
        code
        for code, language in questionnaire.languages.items()
        if language.shows(home.group) and (home.section.languages is None or code in home.section.languages)
    ]


def describe_offer(option: ResponseOption, questionnaire: Questionnaire, asked_at: Collection[str] | None = None) -> str:
    """Who is offered an option; empty when everybody is who is asked the question, at these institutions."""
    limit = option.institutions
    who = [f"institution in {sorted(limit)}"] if limit is not None and not (asked_at and limit.issuperset(asked_at)) else []
    when = [spell_out(option.when, questionnaire)] if option.when else []
    return " and ".join(who + when)


def spell_out(condition: Condition, questionnaire: Questionnaire) -> str:
    """The author's words, with the meaning of every named condition in them."""
    meanings = _list_named(condition.source, questionnaire)
    explained = ", ".join(f"{name} = {source}" for name, source in meanings.items())
    return f"{condition.source} (where {explained})" if explained else condition.source


def _list_named(source: str, questionnaire: Questionnaire) -> dict[str, str]:
    """The named conditions in a condition, also those in their own meaning; each once."""
    found: dict[str, str] = {}
    waiting = [source]
    while waiting:
        for name in list_words(waiting.pop()):
            if name in questionnaire.conditions and name not in found:
                found[name] = questionnaire.conditions[name].source
                waiting.append(found[name])
    return found


def list_institutions(column: Column) -> tuple[str, ...]:
    """The institutions where it may be asked; empty is all of them."""
    found: set[str] = set()
    for home in column.homes:
        item = column.find_item(home)
        limits = [set(limit) for limit in (home.institutions, item.institutions if item else None) if limit is not None]
        if not limits:
            return ()
        found |= set.intersection(*limits)
    return tuple(sorted(found))


def find_about_item(column: Column) -> Item | None:
    """The item that says what researchers know of a column; its first, where it is asked at several places."""
    return next((item for home in column.homes if (item := column.find_item(home))), None)
