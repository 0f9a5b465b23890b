"""The universe of a column: who is asked the column, as conditions in the author's words."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TypeVar

from survey_engine.datasets.columns import Column, TableLayout
from survey_engine.datasets.locations import QuestionLocation
from survey_engine.engine.assignment import choose_modules, list_candidates, list_rules
from survey_engine.language.condition_parser import list_condition_words
from survey_engine.model.conditions import evaluate_partially
from survey_engine.model.exposure import find_offer
from survey_engine.model.questionnaire import EXPERIMENT, Condition, Item, Questionnaire, ResponseOption

UNIVERSE_OF_ALL, INSTITUTION = "everybody", "institution"
Limited = TypeVar("Limited", Item, ResponseOption)


def describe_universe(column: Column) -> tuple[str, ...]:
    """List the conditions of a column, one line per location: `section internship: path == 'bol'; page story: unequal == 'yes'`.

    A line that applies only to earlier versions starts with these versions.
    """
    newest = column.locations[0].questionnaire
    lines = dict.fromkeys(
        line for location in column.locations if location.questionnaire is newest for line in _describe_ways(location, column)
    )
    before: dict[str, dict[str, None]] = {}
    for location in column.locations:
        for line in _describe_ways(location, column):
            if line not in lines:
                before.setdefault(line, {})[location.questionnaire.version] = None
    return (*lines, *(f"version in {list(versions)}: {line}" for line, versions in before.items()))


def _describe_ways(location: QuestionLocation, column: Column) -> Iterator[str]:
    """Iterate over the lines of one location. Institutions with the same condition on an item share a line."""
    for items in group_items(location, column):
        yield "; ".join(_describe_way(location, column, items)) or UNIVERSE_OF_ALL


def group_items(location: QuestionLocation, column: Column) -> list[list[Item]]:
    """Group the items of a column at a location by condition; one empty group if the column has no items."""
    alike: dict[str, list[Item]] = {}
    for item in location.list_items(column.variable.code):
        alike.setdefault(item.when.source if item.when else "", []).append(item)
    return list(alike.values()) or [[]]


def _describe_way(location: QuestionLocation, column: Column, items: Sequence[Item]) -> Iterator[str]:
    questionnaire = location.questionnaire
    if location.institutions is not None:
        yield f"institution in {list(location.institutions)}" if location.institutions else "at no institution in this edition"
    shown = list_languages(questionnaire, location)
    if shown != list(questionnaire.languages):
        yield f"language in {shown}"
    if location.group.modules and location.module:
        yield f"'{location.module}' in assigned"
    levels: tuple[tuple[str, Condition | None], ...] = (
        (f"section {location.section.code}", location.section.when),
        (f"page {location.page.code}", location.page.when),
        (f"question {location.question.code}", location.question.when),
        (f"options of {location.question.code}", None if column.options else find_offer(location.question)),
        (f"statement {column.variable.code}", items[0].when if items else None),
    )
    for level, condition in levels:
        if condition:
            yield f"{level}: {expand_named_conditions(condition, questionnaire)}"
    limit = join_limits(items)
    if limit is not None:
        yield f"institution in {sorted(limit)}"
    if column.options:
        code = column.options[0].code
        options = (option for option in location.question.options if option.code == code)
        offered = dict.fromkeys(describe_offer(option, questionnaire, location.institutions) for option in options)
        if "" not in offered:
            yield f"option {code}: {' or '.join(offered)}"


def join_limits(items: Iterable[Item]) -> frozenset[str] | None:
    """Return the institutions that ask any of these items; None if all do."""
    limits = [item.institutions for item in items]
    return None if None in limits or not limits else frozenset().union(*(limit for limit in limits if limit))


def list_languages(questionnaire: Questionnaire, location: QuestionLocation) -> list[str]:
    """List the languages in which a location is asked."""
    return [
        code
        for code, language in questionnaire.languages.items()
        if language.shows(location.group) and (location.section.languages is None or code in location.section.languages)
    ]


def describe_offer(option: ResponseOption, questionnaire: Questionnaire, asked_at: Collection[str] | None = None) -> str:
    """Describe who is offered an option; empty if all respondents who get the question at these institutions are offered it."""
    limit = option.institutions
    who = [f"institution in {sorted(limit)}"] if limit is not None and not (asked_at and limit.issuperset(asked_at)) else []
    when = [expand_named_conditions(option.when, questionnaire)] if option.when else []
    return join_conditions(who + when)


def join_conditions(parts: Iterable[str]) -> str:
    """Join conditions that must all be true, with brackets around alternatives.

    >>> join_conditions(["version a or b", "level == 2"]), join_conditions(["version a or b"])
    ('(version a or b) and level == 2', 'version a or b')
    """
    several = list(parts)
    return " and ".join(f"({part})" if " or " in part and several[1:] else part for part in several)


def expand_named_conditions(condition: Condition, questionnaire: Questionnaire) -> str:
    """Return the author's condition, followed by the definitions of its named conditions."""
    meanings = _map_named(condition.source, questionnaire)
    explained = ", ".join(f"{name} = {source}" for name, source in meanings.items())
    return f"{condition.source} (where {explained})" if explained else condition.source


def _map_named(source: str, questionnaire: Questionnaire) -> dict[str, str]:
    """Return named condition → definition for all named conditions of a condition, nested ones included."""
    found: dict[str, str] = {}
    waiting = [source]
    while waiting:
        for name in list_condition_words(waiting.pop()):
            if name in questionnaire.conditions and name not in found:
                found[name] = questionnaire.conditions[name].source
                waiting.append(found[name])
    return found


def list_filters(layout: TableLayout, column: Column) -> frozenset[str]:
    """Return the columns that decide who is asked a column."""
    names = {name for location in column.locations for name in _iter_filters(location, column)}
    fixed = {"institution": layout.fixed["institution"], "language": layout.fixed["language"]}
    own = {**fixed, **layout.modules, **{f"{EXPERIMENT}{code}": name for code, name in layout.experiments.items()}}
    answers = {each.name for each in layout.answers if each.variable.code in names}
    return frozenset(answers | {own.get(name, name) for name in names})


def _iter_filters(location: QuestionLocation, column: Column) -> Iterator[str]:
    """Iterate over the variables and modules that decide who is asked a column at one location."""
    question = location.question
    items = location.list_items(column.variable.code)
    options = [option for option in question.options if column.options and option.code == column.options[0].code]
    offer = None if options else find_offer(question)
    limited: tuple[Item | ResponseOption, ...] = (*items, *options)
    conditions = (location.section.when, location.page.when, question.when, offer, *(part.when for part in limited))
    for condition in conditions:
        yield from condition.names if condition else ()
    if any(limit is not None for limit in (location.institutions, *(part.institutions for part in limited))):
        yield "institution"
    if list_languages(location.questionnaire, location) != list(location.questionnaire.languages):
        yield "language"
    if location.group.modules and location.module:
        yield location.module


def list_asking_institutions(column: Column) -> tuple[str, ...]:
    """List the institutions that may ask a column; empty if all do."""
    found: set[str] = set()
    for location in column.locations:
        limits = [
            set(x) for x in (location.institutions, join_limits(location.list_items(column.variable.code))) if x is not None
        ]
        if not limits:
            return ()
        found |= set.intersection(*limits)
    return tuple(sorted(found))


def keep_asked_by(layout: TableLayout, institution: str) -> TableLayout:
    """Return the layout of one institution: without columns, statements, options and wordings that no version has there.

    Modules that nobody at the institution can get are left out, too.
    """
    found = (_restrict(column, institution) for column in layout.columns)
    columns = tuple(column for column in found if column)
    asked = {location.question.code for column in columns for location in column.locations}
    orders = {question: name for question, name in layout.orders.items() if question in asked}
    sections = {location.section.code for column in columns for location in column.locations}
    page_orders = {section: name for section, name in layout.page_orders.items() if section in sections}
    pages = {location.page.code for column in columns for location in column.locations}
    question_orders = {page: name for page, name in layout.question_orders.items() if page in pages}
    here = {module for each in layout.questionnaires for module in list_assignable(each, institution)}
    modules = {module: name for module, name in layout.modules.items() if module in here}
    return replace(
        layout, columns=columns, orders=orders, page_orders=page_orders, question_orders=question_orders, modules=modules
    )


def list_assignable(questionnaire: Questionnaire, institution: str) -> set[str]:
    """Return the modules that respondents of an institution can get in a version: chosen ones, and drawable ones that conditions allow."""
    if institution not in questionnaire.institutions:
        return set()
    place, found = questionnaire.institutions[institution], set[str]()
    for rule in list_rules(questionnaire):
        found.update(assigned.name for assigned in choose_modules(questionnaire, place, rule))
        drawn = ((code, questionnaire.modules[code].when) for code in list_candidates(questionnaire, place, rule))
        found.update(code for code, when in drawn if when is None or _may_hold(when, institution))
    return found


def _may_hold(condition: Condition, institution: str) -> bool:
    """Whether a condition can be true for a respondent of an institution."""
    others = {*condition.names} - {INSTITUTION}
    return evaluate_partially(condition, {INSTITUTION: institution}, others) is not False


def _restrict(column: Column, institution: str) -> Column | None:
    """Return a column as one institution is asked it, with the same numbers of codes; None if no version asks it there."""
    variants = []
    locations: list[QuestionLocation] = []
    for questionnaire, variable in column.variants:
        options = _keep_here(variable.options, institution)
        asked = [_restrict_location(each, institution) for each in column.locations if each.questionnaire is questionnaire]
        here = [each for each in asked if each and (not each.question.items or each.list_items(variable.code))]
        if here and (not column.options or any(option.code == column.options[0].code for option in options)):
            texts = [item.text for item in here[0].list_items(variable.code) if item.institutions]
            variants.append((questionnaire, replace(variable, options=options, text=(*texts, variable.text)[0])))
            locations += here
    if not variants:
        return None
    newest = variants[0][1]
    return replace(
        column,
        variable=replace(column.variable, options=newest.options, text=newest.text),
        locations=tuple(locations),
        variants=tuple(variants),
        options=tuple(option for option in newest.options if column.options and option.code == column.options[0].code),
        numbered=column.variants,
        institution=institution,
    )


def _restrict_location(location: QuestionLocation, institution: str) -> QuestionLocation | None:
    """Return a location with the items and options of one institution; None if the institution does not ask it."""
    limit, question = location.institutions, location.question
    if institution not in location.questionnaire.institutions or (limit is not None and institution not in limit):
        return None
    if location.group.modules and location.module not in list_assignable(location.questionnaire, institution):
        return None
    here = replace(question, items=_keep_here(question.items, institution), options=_keep_here(question.options, institution))
    return replace(location, question=here, institutions=None if limit is None else (institution,))


def _keep_here(things: Iterable[Limited], institution: str) -> tuple[Limited, ...]:
    """Return the items or options of one institution, without the names of other institutions that have them."""
    return tuple(
        thing if thing.institutions is None else replace(thing, institutions=frozenset({institution}))
        for thing in things
        if thing.is_at(institution)
    )


def find_about_item(column: Column) -> Item | None:
    """Return the item with a column's metadata; the first one if several locations ask the column."""
    return next((item for location in column.locations for item in location.list_items(column.variable.code)), None)
