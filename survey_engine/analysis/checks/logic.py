"""Conditions that cannot fail or cannot hold, and what nobody can see or choose; cheap, so silent where cases are too many."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress

from survey_engine.analysis.checks.repeats import list_used
from survey_engine.analysis.reachability import (
    Case,
    QuestionPlace,
    Reachability,
    TooManyCasesError,
    find_reachability,
    format_condition,
    iter_subtrees,
    join_conditions,
)
from survey_engine.model.conditions import And, Answered, Or, Tree, make_condition
from survey_engine.model.messages import Problem
from survey_engine.model.questionnaire import Condition, Place, Questionnaire


def check_logic(questionnaire: Questionnaire) -> Iterator[Problem]:
    reach = find_reachability(questionnaire)
    impossible: set[Condition] = set()
    for condition in _list_distinct(questionnaire):
        if condition.names <= set(questionnaire.variables):
            for problem in _check_condition(condition, reach):
                if problem.code == "never-true":
                    impossible.add(condition)
                yield problem
    if all(condition.names <= set(questionnaire.variables) for condition in list_used(questionnaire)):
        yield from _check_stops(reach, impossible)
        yield from _check_languages(questionnaire)
        yield from _check_modules(questionnaire)


def _list_distinct(questionnaire: Questionnaire) -> Iterator[Condition]:
    """The named conditions, and those that are more than one of these names."""
    named = {condition.tree for condition in questionnaire.conditions.values()}
    yield from questionnaire.conditions.values()
    yield from dict.fromkeys(condition for condition in list_used(questionnaire) if condition.tree not in named)


def _check_condition(condition: Condition, reach: Reachability) -> Iterator[Problem]:
    verdict = find_constant_truth(condition, reach)
    if verdict:
        code = "never-true" if verdict == "never" else "always-true"
        yield Problem(code, condition.place, {"condition": format_condition(condition.tree)})
        return
    yield from _check_parts(condition.tree, condition.place, reach)


def _check_parts(tree: Tree, place: Place, reach: Reachability) -> Iterator[Problem]:
    """What `and` and `or` join; not what stands under a `not`, which is judged with it."""
    for part in tree.parts if isinstance(tree, And | Or) else ():
        verdict = find_constant_truth(make_condition("", part, place), reach)
        if verdict:
            yield Problem("idle-part", place, {"part": format_condition(part), "verdict": verdict})
        else:
            yield from _check_parts(part, place, reach)


def find_constant_truth(condition: Condition, reach: Reachability) -> str:
    """Whether a condition holds `always`, `never`, or (empty) sometimes; what comes along is taken to be known."""
    outcomes: set[bool] = set()
    with suppress(TooManyCasesError):
        for case in reach.list_cases([condition]):
            if _is_known(condition, case, reach):
                outcomes.add(condition.test(case))
            if len(outcomes) == 2:
                return ""
        return "always" if True in outcomes else "never" if outcomes else ""
    return ""


def _is_known(condition: Condition, case: Case, reach: Reachability) -> bool:
    """Whether all that comes along is known, as far as the condition does not itself ask whether it is."""
    asked = {part.code for part in iter_subtrees(condition.tree) if isinstance(part, Answered)}
    return all(reach.variables[name].origin == "answer" or name in case for name in condition.names - asked)


def _check_stops(reach: Reachability, impossible: set[Condition]) -> Iterator[Problem]:
    for stop in reach.stops:
        blocked = _find_blocked(stop, reach)
        if blocked is None:
            yield from _check_inside(stop, reach, impossible)
        elif not impossible & set(stop.way):
            what, place = blocked
            yield Problem("nobody-sees", place, {"what": what, "way": _express_way(stop.way)})


def _find_blocked(stop: QuestionPlace, reach: Reachability) -> tuple[str, Place] | None:
    """The outermost of section, page and question that nobody gets to."""
    section, page, question = stop.section, stop.page, stop.question
    ways = (
        (f"section '{section.code}'", section.place, join_conditions((), section.when)),
        (f"page '{page.code}'", page.place, join_conditions((), section.when, page.when)),
        (f"question '{question.code}'", question.place, stop.way),
    )
    return next(((what, place) for what, place, way in ways if not _is_open(way, reach)), None)


def _check_inside(stop: QuestionPlace, reach: Reachability, impossible: set[Condition]) -> Iterator[Problem]:
    question = stop.question
    things = [("item", item.code, item.place, item.when) for item in question.items]
    things += [("option", str(option.code), option.text.place, option.when) for option in question.options]
    for kind, code, place, when in things:
        if when and when not in impossible:
            way = join_conditions(stop.way, when)
            if not _is_open(way, reach):
                yield Problem("nobody-sees", place, {"what": f"{kind} '{code}'", "way": _express_way(way)})


def _is_open(way: tuple[Condition, ...], reach: Reachability) -> bool:
    with suppress(TooManyCasesError):
        return not way or reach.find_case(way) is not None
    return True


def _express_way(way: Iterable[Condition]) -> str:
    return " and ".join(f"`{condition.source}`" for condition in way)


def _check_languages(questionnaire: Questionnaire) -> Iterator[Problem]:
    languages = questionnaire.languages.values()
    for group in questionnaire.order:
        shown = {language.code for language in languages if language.shows(group)}
        if not shown:
            yield Problem(
                "nobody-sees", group.place, {"what": f"group '{group.code}'", "way": "no language variant that shows it"}
            )
        for section in group.sections:
            if section.languages is not None and shown and not section.languages & shown:
                way = f"`languages`, none of which shows group '{group.code}'"
                yield Problem("nobody-sees", section.place, {"what": f"section '{section.code}'", "way": way})


def _check_modules(questionnaire: Questionnaire) -> Iterator[Problem]:
    """Without a draw, a module that no institution has chosen goes to nobody."""
    institutions = questionnaire.institutions.values()
    chosen = {code for institution in institutions for code in (*institution.council, *institution.chosen)}
    if institutions and any(group.modules and not group.modules.random for group in questionnaire.order):
        for module in questionnaire.modules.values():
            if module.code not in chosen:
                facts = {"what": f"module '{module.code}'", "way": "no institution that chose it"}
                yield Problem("nobody-sees", module.place, facts)
