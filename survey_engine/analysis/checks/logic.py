"""Conditions without effect, and unreachable parts. Skips conditions with too many cases; the proof covers those."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from survey_engine.analysis.checks.repeats import iter_used_conditions
from survey_engine.analysis.reachability import (
    AskedQuestion,
    Reachability,
    find_reachability,
    format_condition,
    join_guard,
)
from survey_engine.model.conditions import And, Compare, Constant, Name, Or, Tree, make_condition
from survey_engine.model.messages import Problem
from survey_engine.model.questionnaire import Condition, Place, Questionnaire


def check_logic(questionnaire: Questionnaire) -> Iterator[Problem]:
    reach = find_reachability(questionnaire)
    impossible: set[Condition] = set()
    for condition in _iter_distinct(questionnaire):
        if condition.names <= set(questionnaire.variables):
            for problem in _check_condition(condition, reach):
                if problem.code == "never-true":
                    impossible.add(condition)
                yield problem
    if all(condition.names <= set(questionnaire.variables) for condition in iter_used_conditions(questionnaire)):
        yield from _check_reachability(reach, impossible)
        yield from _check_languages(questionnaire)
        yield from _check_institutions(questionnaire, reach, impossible)


def _iter_distinct(questionnaire: Questionnaire) -> Iterator[Condition]:
    """Yield named conditions, and other conditions that are not just a name."""
    named = {condition.tree for condition in questionnaire.conditions.values()}
    yield from questionnaire.conditions.values()
    yield from dict.fromkeys(condition for condition in iter_used_conditions(questionnaire) if condition.tree not in named)


def _check_condition(condition: Condition, reach: Reachability) -> Iterator[Problem]:
    verdict = find_constant_truth(condition, reach)
    if verdict:
        code = "never-true" if verdict == "never" else "always-true"
        yield Problem(code, condition.place, {"condition": format_condition(condition.tree)})
        return
    yield from _check_parts(condition.tree, condition.place, reach)


def _check_parts(tree: Tree, place: Place, reach: Reachability) -> Iterator[Problem]:
    """Check the parts of `and` and `or`; the operand of `not` is checked together with it."""
    for part in tree.parts if isinstance(tree, And | Or) else ():
        verdict = find_constant_truth(make_condition("", part, place), reach)
        if verdict:
            yield Problem("idle-part", place, {"part": format_condition(part), "verdict": verdict})
        else:
            yield from _check_parts(part, place, reach)


def find_constant_truth(condition: Condition, reach: Reachability) -> str:
    """Return `always` or `never` if the condition is constant, else an empty string; every variable may be empty."""
    outcomes = reach.find_outcomes(condition)
    return "" if len(outcomes) == 2 else "always" if (True,) in outcomes else "never"


def _check_reachability(reach: Reachability, impossible: set[Condition]) -> Iterator[Problem]:
    for asked in reach.asked_questions:
        blocked = _find_blocked(asked, reach)
        if blocked is None:
            yield from _check_inside(asked, reach, impossible)
        elif not impossible & set(asked.guard):
            what, place = blocked
            yield Problem("nobody-sees", place, {"what": what, "way": _format_guard(asked.guard)})


def _find_blocked(asked: AskedQuestion, reach: Reachability) -> tuple[str, Place] | None:
    """Return the outermost of section, page and question that nobody reaches."""
    section, page, question = asked.section, asked.page, asked.question
    guards = (
        (f"section '{section.code}'", section.place, join_guard((), section.when)),
        (f"page '{page.code}'", page.place, join_guard((), section.when, page.when)),
        (f"question '{question.code}'", question.place, asked.guard),
    )
    return next(((what, place) for what, place, guard in guards if not _is_open(guard, reach)), None)


def _check_inside(asked: AskedQuestion, reach: Reachability, impossible: set[Condition]) -> Iterator[Problem]:
    question = asked.question
    things = [("item", item.code, item.place, item.when) for item in question.items]
    things += [("option", str(option.code), option.text.place, option.when) for option in question.options]
    for kind, code, place, when in things:
        if when and when not in impossible:
            guard = join_guard(asked.guard, when)
            if not _is_open(guard, reach):
                yield Problem("nobody-sees", place, {"what": f"{kind} '{code}'", "way": _format_guard(guard)})


def _is_open(guard: tuple[Condition, ...], reach: Reachability) -> bool:
    return not guard or not reach.is_closed(guard)


def _format_guard(guard: Iterable[Condition]) -> str:
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


def _check_institutions(questionnaire: Questionnaire, reach: Reachability, impossible: set[Condition]) -> Iterator[Problem]:
    """Report choices and local questions that no student of the institution itself can reach."""
    for institution in questionnaire.institutions.values():
        here = make_condition("institution", Compare("==", Name("institution"), Constant(institution.code)), institution.place)
        chosen = [(code, institution.place_of(f"council.{n}")) for n, code in enumerate(institution.council)]
        chosen += [(code, institution.place_of(f"institution.{n}")) for n, code in enumerate(institution.chosen)]
        sections = [(questionnaire.modules[code], place) for code, place in chosen]
        sections += [(block.section, block.place) for block in institution.blocks]
        for section, place in sections:
            guards = [join_guard((here,), section.when, page.when) for page in section.pages]
            closed = not any(_is_open(guard, reach) for guard in guards)
            if closed and guards and not any(impossible & set(guard) or not _is_open(guard[1:], reach) for guard in guards):
                way = f"{_format_guard(guards[0][1:])} at the institution '{institution.code}'"
                yield Problem("nobody-sees", place, {"what": f"'{section.code}'", "way": way})
