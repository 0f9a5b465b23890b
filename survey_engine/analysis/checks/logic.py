"""Conditions without effect, and unreachable parts. Conditions with too many cases are skipped; `analysis.proof` covers them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from survey_engine.analysis.checks.repeats import iter_used_conditions
from survey_engine.analysis.reachability import (
    AskedQuestion,
    Guard,
    Reachability,
    find_reachability,
    format_condition,
    join_guard,
)
from survey_engine.analysis.tried_values import iter_subtrees
from survey_engine.model.conditions import And, Compare, Constant, Or, Tree, make_condition
from survey_engine.model.derived import Derived
from survey_engine.model.messages import Problem
from survey_engine.model.questionnaire import Condition, Place, Questionnaire

_MOST_PARTS = 3
"""How many parts of a count a message names."""


def check_logic(questionnaire: Questionnaire) -> Iterator[Problem]:
    reach = find_reachability(questionnaire)
    impossible: set[Tree] = set()
    names = {condition.tree: name for name, condition in questionnaire.conditions.items()}
    unasked = _find_unasked(reach) if _has_known_names(questionnaire) else frozenset()
    for condition in _iter_distinct(questionnaire):
        if any(part in impossible and part in names for part in iter_subtrees(condition.tree)):
            impossible.add(condition.tree)  # the named condition in it causes this, and is reported
        elif condition.names <= set(questionnaire.variables) and condition.names.isdisjoint(unasked):
            for problem in _check_condition(condition, reach, names):
                if problem.code == "never-true":
                    impossible.add(condition.tree)
                yield problem
    if _has_known_names(questionnaire):
        themes = {id(block.section) for institution in questionnaire.institutions.values() for block in institution.blocks}
        themes -= {id(section) for section in questionnaire.all_sections}
        for asked in reach.asked_questions:
            if id(asked.section) not in themes:  # `local_logic` checks themes as the institutions give them
                yield from _check_reachability(asked, reach, impossible, unasked)
        yield from _check_languages(questionnaire)


def _has_known_names(questionnaire: Questionnaire) -> bool:
    return all(condition.names <= set(questionnaire.variables) for condition in iter_used_conditions(questionnaire))


def _find_unasked(reach: Reachability) -> frozenset[str]:
    """Return the variables that nobody is asked. Problems in other conditions that use them would only be consequences."""
    return frozenset(name for name, guards in reach.guards.items() if not any(is_open(guard, reach) for guard in guards))


def _iter_distinct(questionnaire: Questionnaire) -> Iterator[Condition]:
    """Yield named conditions, and all other conditions except those that are only a name."""
    named = {condition.tree for condition in questionnaire.conditions.values()}
    yield from questionnaire.conditions.values()
    yield from dict.fromkeys(condition for condition in iter_used_conditions(questionnaire) if condition.tree not in named)


def _check_condition(condition: Condition, reach: Reachability, names: Mapping[Tree, str]) -> Iterator[Problem]:
    verdict = find_constant_truth(condition, reach)
    if verdict:
        facts = {"condition": condition.source}
        if verdict == "never":
            yield Problem("never-true", condition.place, {**facts, "advice": _advise(condition.tree)})
        else:
            yield Problem("always-true", condition.place, facts)
        return
    yield from _check_parts(condition.tree, condition.place, reach, names)


def _advise(tree: Tree) -> str:
    """Return advice on a condition that is never true, such as one that expects an empty count to be 0."""
    for part in iter_subtrees(tree):
        match part:
            case Compare("==", Derived(kind="count") as count, Constant(0)) | Compare(
                "==", Constant(0), Derived(kind="count") as count
            ):
                return f"A count without answers is empty, not 0: write `not ({count.format_answered(_MOST_PARTS)})`"
    return "Compare its values and bounds; perhaps `or` is meant, not `and`"


def _check_parts(tree: Tree, place: Place, reach: Reachability, names: Mapping[Tree, str]) -> Iterator[Problem]:
    """Check the parts of `and` and `or`. `not` and its operand are checked as one part."""
    for part in tree.parts if isinstance(tree, And | Or) else ():
        verdict = find_constant_truth(make_condition("", part, place), reach)
        if verdict:
            yield Problem("idle-part", place, {"part": names.get(part) or format_condition(part, names), "verdict": verdict})
        else:
            yield from _check_parts(part, place, reach, names)


def find_constant_truth(condition: Condition, reach: Reachability) -> str:
    """Return `always` or `never` if the condition is constant; otherwise an empty string. Any variable may be empty."""
    outcomes = reach.find_outcomes(condition)
    return "" if len(outcomes) == 2 else "always" if (True,) in outcomes else "never"


def _check_reachability(
    asked: AskedQuestion, reach: Reachability, impossible: set[Tree], unasked: Collection[str]
) -> Iterator[Problem]:
    for what, place, guard in iter_closed(asked, reach):
        if not any(condition.tree in impossible or not condition.names.isdisjoint(unasked) for condition in guard):
            yield Problem("nobody-sees", place, {"what": what, "way": format_guard(guard)})


def iter_closed(asked: AskedQuestion, reach: Reachability) -> Iterator[tuple[str, Place, Guard]]:
    """Yield (name, place, guard) of unreachable parts: the outermost of section, page and question, or statements and options."""
    section, page, question = asked.section, asked.page, asked.question
    guards = (
        (f"section '{section.code}'", section.place, join_guard((), section.when)),
        (f"page '{page.code}'", page.place, join_guard((), section.when, page.when)),
        (f"question '{question.code}'", question.place, asked.guard),
    )
    blocked = next((each for each in guards if not is_open(each[2], reach)), None)
    if blocked:
        what, place, _ = blocked
        yield what, place, asked.guard
        return
    things = [("item", item.code, item.place, item.when) for item in question.items]
    things += [("option", str(option.code), option.text.place, option.when) for option in question.options]
    for kind, code, place, when in things:
        guard = join_guard(asked.guard, when)
        if when and not is_open(guard, reach):
            yield f"{kind} '{code}'", place, guard


def is_open(guard: Guard, reach: Reachability) -> bool:
    return not guard or not reach.is_closed(guard)


def format_guard(guard: Iterable[Condition]) -> str:
    return " and ".join(f"`{condition.source}`" for condition in guard)


def _check_languages(questionnaire: Questionnaire) -> Iterator[Problem]:
    languages = questionnaire.languages.values()
    for group in questionnaire.order:
        shown = {language.code for language in languages if language.shows(group)}
        if not shown:
            yield Problem(
                "nobody-sees", group.place, {"what": f"group '{group.code}'", "way": "no language variant that shows it"}
            )
        shares = questionnaire.find_shares(group.modules) if group.modules else ()
        for section in (*group.sections, *(questionnaire.modules[code] for code in shares)):
            if section.languages is not None and shown and not section.languages & shown:
                guard = f"`languages`, none of which shows group '{group.code}'"
                yield Problem("nobody-sees", section.place, {"what": f"section '{section.code}'", "way": guard})
