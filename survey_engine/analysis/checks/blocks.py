"""Limits of time blocks: their number per student, each theme at most once, and the number of local questions in a block."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from itertools import combinations
from math import ceil

from survey_engine.analysis.reachability import Case, Reachability, find_reachability, join_guard
from survey_engine.analysis.tried_values import TooManyCasesError
from survey_engine.language.question_types import QUESTION_TYPES
from survey_engine.model.messages import Problem
from survey_engine.model.questionnaire import Institution, Questionnaire, Section
from survey_engine.model.rules import BlockRule


def check_blocks(questionnaire: Questionnaire) -> Iterator[Problem]:
    reach = find_reachability(questionnaire)
    for group in questionnaire.order:
        if group.blocks:
            for institution in questionnaire.institutions.values():
                yield from _check_own(institution, group.blocks)
                yield from _check_number(institution, group.blocks, reach)
                yield from _check_themes(institution, reach)


def _check_own(institution: Institution, rule: BlockRule) -> Iterator[Problem]:
    for block in institution.blocks:
        count = count_questions(block.section, rule)
        if not block.theme and count > rule.questions:
            facts = {"count": count, "limit": rule.questions, "statements": rule.statements}
            yield Problem("block-too-long", block.place, facts)


def count_questions(section: Section, rule: BlockRule) -> int:
    """Return the number of questions that a block counts as; `rule.statements` statements of a grid count as one question.

    Information and comments do not count.
    """
    questions = [
        question for question in section.iter_questions() if QUESTION_TYPES[question.type].asks and not question.comments_on
    ]
    return sum(ceil(len(q.items) / rule.statements) if QUESTION_TYPES[q.type].statements else 1 for q in questions)


def _check_number(institution: Institution, rule: BlockRule, reach: Reachability) -> Iterator[Problem]:
    try:
        most, who = find_most_blocks(institution, reach)
    except TooManyCasesError:
        return
    if most > rule.limit:
        profile = ", ".join(f"{name} {value}" for name, value in who.items())
        facts = {"count": most, "limit": rule.limit, "who": f" for {profile}" if profile else ""}
        yield Problem("too-many-blocks", institution.blocks[0].place, facts)


def _check_themes(institution: Institution, reach: Reachability) -> Iterator[Problem]:
    """Report a theme that one student gets in two blocks."""
    themes = [block for block in institution.blocks if block.theme]
    for first, second in combinations(themes, 2):
        if first.theme == second.theme:
            with suppress(TooManyCasesError):
                if reach.find_case(join_guard((), first.section.when, second.section.when)) is not None:
                    yield Problem("twice-in-order", second.place, {"kind": "theme", "name": second.theme})


def find_most_blocks(institution: Institution, reach: Reachability) -> tuple[int, Case]:
    """Return (maximum number of blocks for a student of the institution, a case with that number).

    Raises:
        TooManyCasesError: if an exhaustive search is impossible.
    """
    conditions = [block.section.when for block in institution.blocks]
    best: tuple[int, Case] = (0, {})
    for case in reach.iter_cases(condition for condition in conditions if condition):
        count = sum(1 for condition in conditions if condition is None or condition.test(case))
        if count > best[0] and case.get("institution", institution.code) == institution.code:
            best = count, case
    return best
