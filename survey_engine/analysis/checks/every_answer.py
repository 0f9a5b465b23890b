"""Comparisons that are true for every answer, and named conditions with the same meaning. Routing is ignored."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

from survey_engine.analysis.checks.references import iter_own_parts
from survey_engine.analysis.checks.repeats import iter_used_conditions
from survey_engine.analysis.derived_bounds import map_stand_ins, weaken
from survey_engine.analysis.reachability import Reachability, format_condition
from survey_engine.model.conditions import And, Answered, Compare, Constant, Name, Not, Or, Tree, make_condition
from survey_engine.model.derived import Derived
from survey_engine.model.messages import Problem
from survey_engine.model.questionnaire import Condition, Questionnaire

_MOST_PARTS = 3
"""How many parts of a derived value a message names."""


def check_every_answer(questionnaire: Questionnaire) -> Iterator[Problem]:
    """Report comparisons such as `mark <= 10`, alone or joined with `or`, that are true for every answer and false without one."""
    named = questionnaire.conditions.values()
    stand_ins = map_stand_ins(questionnaire)
    free = Reachability({**questionnaire.variables, **stand_ins}, ())
    for condition in dict.fromkeys([*named, *iter_used_conditions(questionnaire)]):
        for part in _iter_parts(condition.tree, [each.tree for each in named if each is not condition]):
            subject = _find_subject(part)
            if subject and subject.code in free.variables:
                pair = [make_condition("", tree, condition.place) for tree in (part, Answered(subject.code))]
                if free.find_outcomes(*(weaken(each, stand_ins) for each in pair)) == _EQUAL:
                    facts = {"part": format_condition(part), "meant": _describe_answered(subject)}
                    yield Problem("true-if-answered", condition.place, facts)


_EQUAL = {(True, True), (False, False)}
"""The possible outcomes of two conditions with the same meaning."""


def _iter_parts(tree: Tree, named: Sequence[Tree]) -> Iterator[Tree]:
    """Yield the comparisons. An `or` of comparisons of one variable counts as one part."""
    if isinstance(tree, Or) and _find_subject(tree) and not any(tree is other for other in named):
        yield tree
    elif isinstance(tree, And | Or | Not) and not any(tree is other for other in named):
        for part in [tree.part] if isinstance(tree, Not) else tree.parts:
            yield from _iter_parts(part, named)
    else:
        yield from iter_own_parts(tree, named)


def _find_subject(tree: Tree) -> Name | Derived | None:
    """Return the variable or derived value that a comparison, or every comparison in an `or`, compares with a constant."""
    match tree:
        case Compare(_, (Name() | Derived()) as subject, Constant(value)) | Compare(
            _, Constant(value), (Name() | Derived()) as subject
        ):
            return (
                subject if not isinstance(subject, Derived) or subject.kind != "count" or _is_no_count(subject, value) else None
            )
        case Or(parts):
            subjects = {_find_subject(part) for part in parts}
            return subjects.pop() if len(subjects) == 1 else None
    return None


def _is_no_count(count: Derived, value: object) -> bool:
    """Whether a count is never below or above this number. `given >= 1` is not reported: it is clearly a test of an answer."""
    return isinstance(value, int) and not 1 <= value < max(len(count.parts), 2)


def _describe_answered(subject: Name | Derived) -> str:
    return f"answered({subject.code})" if isinstance(subject, Name) else subject.format_answered(_MOST_PARTS)


def check_same_meaning(questionnaire: Questionnaire) -> Iterator[Problem]:
    """Report a named condition that is true in exactly the same cases as an earlier one."""
    free = Reachability(questionnaire.variables, (), stand_ins=map_stand_ins(questionnaire))
    reported: set[Condition] = set()
    known = {name: each for name, each in questionnaire.conditions.items() if each.names <= questionnaire.variables.keys()}
    for (other, first), (name, second) in combinations(known.items(), 2):
        if first.names == second.names and second not in reported and free.find_outcomes(first, second) == _EQUAL:
            reported.add(second)
            yield Problem("same-meaning", second.place, {"name": name, "other": other})
