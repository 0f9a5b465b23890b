"""Repeated conditions: used several times without a name, or equal to a condition of the page or section around them."""

from __future__ import annotations

from collections.abc import Iterator

from survey_engine.analysis.reachability import list_all_sections
from survey_engine.model.conditions import Compare, Not, Tree
from survey_engine.model.messages import Problem
from survey_engine.model.questionnaire import Condition, Questionnaire

_MAX_REPEATS = 4
"""How often a simple comparison, or `not` with a named condition, may occur. Longer conditions may occur once."""


def check_repeats(questionnaire: Questionnaire) -> Iterator[Problem]:
    names = {condition.tree: name for name, condition in questionnaire.conditions.items()}
    written: dict[Tree, list[Condition]] = {}
    for condition in dict.fromkeys(iter_used_conditions(questionnaire)):
        name = names.get(condition.tree)
        if name is None:
            written.setdefault(condition.tree, []).append(condition)
        elif condition.source.strip(" ()") not in questionnaire.conditions:
            yield Problem("has-name", condition.place, {"condition": condition.source, "name": name})
    for tree, conditions in written.items():
        plain = isinstance(tree, Compare) or (isinstance(tree, Not) and tree.part in names)
        if len(conditions) > (_MAX_REPEATS if plain else 1):
            facts = {"condition": conditions[0].source, "count": len(conditions)}
            yield Problem("deserves-name", conditions[0].place, facts)
    yield from _check_nesting(questionnaire)


def _check_nesting(questionnaire: Questionnaire) -> Iterator[Problem]:
    """Report conditions that equal the condition of the section, page or question around them."""
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


def iter_used_conditions(questionnaire: Questionnaire) -> Iterator[Condition]:
    """Yield every condition of a section, page, question, item or option, once per use."""
    for section in list_all_sections(questionnaire):
        yield from section.iter_conditions()
