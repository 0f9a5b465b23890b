"""Conditions that authors may read differently: `and` beside `or` without brackets, and parts that other parts imply."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from survey_engine.analysis.checks.logic import find_constant_truth
from survey_engine.analysis.checks.repeats import iter_used_conditions
from survey_engine.analysis.reachability import Reachability, TooManyCasesError, format_condition, iter_subtrees
from survey_engine.language.condition_parser import mixes_connectives
from survey_engine.model.conditions import And, Answered, Or, Tree, make_condition
from survey_engine.model.messages import Problem
from survey_engine.model.questionnaire import Place, Questionnaire


def check_clarity(questionnaire: Questionnaire) -> Iterator[Problem]:
    free = Reachability(questionnaire.variables, ())
    for condition in dict.fromkeys([*questionnaire.conditions.values(), *iter_used_conditions(questionnaire)]):
        if mixes_connectives(condition.source):
            facts = {"condition": condition.source, "meant": format_condition(condition.tree)}
            yield Problem("unclear-order", condition.place, facts)
        if condition.names <= set(questionnaire.variables):
            for tree in iter_subtrees(condition.tree):
                for part in _find_implied(tree, condition.place, free):
                    facts = {"part": format_condition(part), "whole": format_condition(tree)}
                    yield Problem("implied-part", condition.place, facts)


def _find_implied(tree: Tree, place: Place, free: Reachability) -> list[Tree]:
    """Return a part of `and` or `or` that never decides the outcome, whatever the answers; else an empty list.

    Routing is ignored: a part that it implies repeats it for readers, and so does `answered(…)` beside a comparison.
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
