"""Conditions that are written out again and again, or say what the page around them says already."""

from __future__ import annotations

from collections.abc import Iterator

from survey_engine.analysis.reachability import list_all_sections
from survey_engine.model.conditions import Compare, Not, Tree
from survey_engine.model.messages import Problem
from survey_engine.model.questionnaire import Condition, Questionnaire

MOST_REPEATS = 4
"""A comparison, or `not` with a named condition, may be written out so often before it deserves a name; anything longer once."""


def check_repeats(questionnaire: Questionnaire) -> Iterator[Problem]:
    names = {condition.tree: name for name, condition in questionnaire.conditions.items()}
    written: dict[Tree, list[Condition]] = {}
    for condition in dict.fromkeys(list_used(questionnaire)):
        name = names.get(condition.tree)
        if name is None:
            written.setdefault(condition.tree, []).append(condition)
        elif condition.source.strip() not in questionnaire.conditions:
            yield Problem("has-name", condition.place, {"condition": condition.source, "name": name})
    for tree, conditions in written.items():
        plain = isinstance(tree, Compare) or (isinstance(tree, Not) and tree.part in names)
        if len(conditions) > (MOST_REPEATS if plain else 1):
            facts = {"condition": conditions[0].source, "count": len(conditions)}
            yield Problem("deserves-name", conditions[0].place, facts)
    yield from _check_nesting(questionnaire)


def _check_nesting(questionnaire: Questionnaire) -> Iterator[Problem]:
    """What a section or page asks for already need not be asked again inside it."""
    for section in questionnaire.all_sections:
        for page in section.pages:
            yield from _compare(page.when, [("section", section.when)])
            for question in page.questions:
                outside = [("section", section.when), ("page", page.when)]
                yield from _compare(question.when, outside)
                for inner in (*(item.when for item in question.items), *(option.when for option in question.options)):
                    yield from _compare(inner, [*outside, ("question", question.when)])


def _compare(inner: Condition | None, outside: list[tuple[str, Condition | None]]) -> Iterator[Problem]:
    for around, outer in outside:
        if inner and outer and inner.tree == outer.tree:
            yield Problem("said-already", inner.place, {"condition": inner.source, "around": around})


def list_used(questionnaire: Questionnaire) -> Iterator[Condition]:
    """Every condition on a section, page, question, item or option, as often as it is used."""
    for section in list_all_sections(questionnaire):
        yield from section.list_conditions()
