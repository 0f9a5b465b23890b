"""Required consents: asked of everybody who goes on, before what the questionnaire marks as sensitive, and not at the end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import takewhile

from survey_engine.analysis.checks.repeats import iter_used_conditions
from survey_engine.analysis.reachability import (
    AskedQuestion,
    Guard,
    Reachability,
    find_reachability,
    format_condition,
    iter_asked_questions,
    join_guard,
)
from survey_engine.analysis.tried_values import TooManyCasesError
from survey_engine.language.question_types import QUESTION_TYPES
from survey_engine.model.conditions import And, Compare, Constant, Name, Not, Or, Tree, make_condition
from survey_engine.model.messages import Problem
from survey_engine.model.questionnaire import Institution, Item, Language, Question, Questionnaire


def check_consents(questionnaire: Questionnaire) -> Iterator[Problem]:
    """Check the consents of the core. The consent of a module or institution applies to that part only."""
    asked = tuple(iter_asked_questions(section for group in questionnaire.order for section in group.sections))
    required = [(each, item) for each in asked for item in each.question.items if item.required]
    known = questionnaire.variables.keys()
    if not required or not all(condition.names <= known for condition in iter_used_conditions(questionnaire)):
        return
    late = [*_check_sensitive(asked, *required[0])]
    yield from late or _check_last(questionnaire, asked, *required[0])
    who = _find_unasked(questionnaire, asked, required)
    if who:
        yield Problem("consent-of-some", required[0][1].place, {"code": required[0][1].code, "who": who})


def _check_sensitive(asked: Sequence[AskedQuestion], first: AskedQuestion, item: Item) -> Iterator[Problem]:
    earlier = [each.question for each in takewhile(lambda each: each is not first, asked)]
    sensitive = [each.code for question in earlier for each in question.items if each.about.sensitive]
    if sensitive and not any(question.type == "consent" for question in earlier):
        yield Problem("late-consent", item.place, {"code": item.code, "first": sensitive[0]})


def _check_last(
    questionnaire: Questionnaire, asked: Sequence[AskedQuestion], first: AskedQuestion, item: Item
) -> Iterator[Problem]:
    """Report a consent on a page behind all questions but other consents and panels."""
    at = asked.index(first)
    others = [number for number, each in enumerate(asked) if _asks_more(each.question)]
    steps = [any(section is first.section for section in step.sections) for step in questionnaire.order]
    following = questionnaire.order[steps.index(True) + 1 :]
    drawn = any(step.modules or step.blocks or step.own_questions for step in following)
    behind = others and max(others) < at and not drawn and all(asked[number].page is not first.page for number in others)
    if behind and not any(each.question.type == "consent" for each in asked[:at]):
        yield Problem("last-consent", item.place, {"code": item.code})


def _asks_more(question: Question) -> bool:
    return QUESTION_TYPES[question.type].asks and question.type not in {"consent", "panel"}


def _find_unasked(
    questionnaire: Questionnaire, asked: Sequence[AskedQuestion], required: Sequence[tuple[AskedQuestion, Item]]
) -> str:
    """Describe a respondent who is asked later questions but no required consent; an empty string if there is none."""
    reach = find_reachability(questionnaire)
    after = asked[asked.index(required[0][0]) + 1 :]
    tried: set[tuple[str, frozenset[Guard], str]] = set()
    for institution in questionnaire.institutions.values():
        for language in (questionnaire.languages[code] for code in institution.languages):
            shown = _find_shown(questionnaire, language)
            given = [
                join_guard(each.guard, item.when)
                for each, item in required
                if id(each.section) in shown and item.is_at(institution.code)
            ]
            local = any("institution" in condition.names for guard in given for condition in guard)
            key = (language.code, frozenset(given), institution.code if local else "")
            if key not in tried:
                tried.add(key)
                later = [each for each in after if id(each.section) in shown and QUESTION_TYPES[each.question.type].asks]
                if who := _describe_unasked(reach, institution, language, given, later):
                    return who
    return ""


def _find_shown(questionnaire: Questionnaire, language: Language) -> set[int]:
    """Return `id(section)` of the core sections that a language variant shows."""
    shown = (section for group in questionnaire.order if language.shows(group) for section in group.sections)
    return {id(section) for section in shown if section.languages is None or language.code in section.languages}


def _describe_unasked(
    reach: Reachability, institution: Institution, language: Language, given: Sequence[Guard], later: Sequence[AskedQuestion]
) -> str:
    if not all(given):
        return ""
    place = institution.place
    missed = Not(Or(tuple(And(tuple(condition.tree for condition in guard)) for guard in given)))
    facts = (("institution", institution.code), ("language", language.code))
    fixed = [Compare("==", Name(name), Constant(value)) for name, value in facts]
    trees: list[Tree] = [missed, *fixed] if given else [*fixed]
    conditions = [make_condition(format_condition(tree), tree, place) for tree in trees]
    names = {name for guard in given for condition in guard for name in condition.names} - {"institution", "language"}
    for guard in dict.fromkeys(each.guard for each in later):
        with suppress(TooManyCasesError):
            case = reach.find_case([*conditions, *guard])
            if case is not None:
                return ", ".join(f"{name} {case.get(name, 'empty')}" for name in ("language", *sorted(names)))
    return ""
