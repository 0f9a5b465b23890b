"""Conditions that may not mean what their author intended: unclear order, implied parts, comparisons true for unasked questions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress

from survey_engine.analysis.checks.logic import find_constant_truth
from survey_engine.analysis.checks.repeats import iter_used_conditions
from survey_engine.analysis.reachability import Reachability, find_reachability, format_condition
from survey_engine.analysis.tried_values import TooManyCasesError, iter_subtrees
from survey_engine.analysis.unasked import find_true_if_empty, passes_unasked
from survey_engine.language.condition_parser import mixes_connectives
from survey_engine.model.conditions import And, Answered, Or, Tree, make_condition
from survey_engine.model.messages import Problem
from survey_engine.model.questionnaire import Condition, Place, Questionnaire


def check_clarity(questionnaire: Questionnaire) -> Iterator[Problem]:
    reach = find_reachability(questionnaire)
    free = Reachability(questionnaire.variables, ())
    names = {condition.tree: name for name, condition in questionnaire.conditions.items()}
    for condition in dict.fromkeys([*questionnaire.conditions.values(), *iter_used_conditions(questionnaire)]):
        if mixes_connectives(condition.source):
            facts = {"condition": condition.source, "meant": format_condition(condition.tree, names)}
            yield Problem("unclear-order", condition.place, facts)
        if condition.names <= set(questionnaire.variables):
            implied = [
                (part, tree) for tree in iter_subtrees(condition.tree) for part in _find_implied(tree, condition.place, free)
            ]
            implied = implied or [(part, condition.tree) for part in _find_idle_inside(condition, names, free)]
            if implied and find_constant_truth(condition, reach):
                continue  # the whole condition has its own message
            for part, tree in implied:
                whole = condition.source if tree is condition.tree else format_condition(tree, names)
                facts = {"part": names.get(part) or format_condition(part, names), "whole": whole}
                yield Problem("implied-part", condition.place, facts)


def check_unasked(questionnaire: Questionnaire) -> Iterator[Problem]:
    """Report comparisons such as `job != 'yes'` that are also true for respondents who were not asked the question."""
    reach = find_reachability(questionnaire)
    reported: set[tuple[Place, str]] = set()
    for asked in reach.asked_questions:
        for condition in asked.guard:
            for tree in iter_subtrees(condition.tree):
                name = find_true_if_empty(tree, reach)
                if (
                    name
                    and (condition.place, name) not in reported
                    and passes_unasked(name, reach.find_drawn_guard(asked), reach)
                ):
                    reported.add((condition.place, name))
                    yield Problem("true-if-unasked", condition.place, {"part": format_condition(tree), "name": name})


def _find_implied(tree: Tree, place: Place, free: Reachability) -> list[Tree]:
    """Return a part of `and` or `or` that never decides the outcome, whatever the answers, as a list with one tree; else an empty list.

    Parts that only routing implies are not reported: they help readers, as `answered(…)` beside a comparison does.
    """
    if not isinstance(tree, And | Or):
        return []
    parts = [make_condition("", part, place) for part in tree.parts]
    idle = {part.tree: part for part in parts if not isinstance(part.tree, Answered)}
    with suppress(TooManyCasesError):
        for case in free.iter_cases([make_condition("", tree, place)]):
            deciding = [part for part in parts if part.test(case) is isinstance(tree, Or)]
            if len(deciding) == 1:
                idle.pop(deciding[0].tree, None)
        return [part.tree for part in idle.values() if not find_constant_truth(part, free)][:1]
    return []


def _find_idle_inside(condition: Condition, names: Mapping[Tree, str], free: Reachability) -> list[Tree]:
    """Return the first part inside brackets that never changes the outcome of the whole condition; else an empty list.

    A named condition counts as one part.
    """
    for part, without in _iter_without(condition.tree, names):
        again = make_condition("", without, condition.place)
        if isinstance(part, Answered):
            continue
        if all(one == other for one, other in free.find_outcomes(condition, again)):
            return [part]
    return []


def _iter_without(tree: Tree, names: Mapping[Tree, str], depth: int = 0) -> Iterator[tuple[Tree, Tree]]:
    """Yield (part, tree without that part) for each part of the `and` and `or` inside a tree."""
    if not isinstance(tree, And | Or) or (depth and tree in names):
        return
    for number, part in enumerate(tree.parts):
        rest = (*tree.parts[:number], *tree.parts[number + 1 :])
        if depth:
            yield part, type(tree)(rest)
        for inner, without in _iter_without(part, names, depth + 1):
            yield inner, type(tree)((*tree.parts[:number], without, *tree.parts[number + 1 :]))
