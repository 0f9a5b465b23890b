"""Follow-ups: questions and statements whose conditions use an earlier question of the same page.

The page contains their fields, disabled until the condition is true. A follow-up that is shown posts its code as `shown`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from functools import lru_cache

from survey_engine.engine.random_order import arrange
from survey_engine.engine.routing import list_question_variables
from survey_engine.model.exposure import find_exposure
from survey_engine.model.questionnaire import Condition, Page, Question


@lru_cache(maxsize=4096)
def list_page_variables(page: Page) -> frozenset[str]:
    """Return the variables that a page asks."""
    return frozenset(name for question in page.questions for name in list_question_variables(question))


@lru_cache(maxsize=4096)
def list_blocks(page: Page) -> tuple[tuple[Question, ...], ...]:
    """Return the questions of a page in blocks that a random order keeps together: a question with its comment and follow-ups."""
    blocks: list[list[Question]] = []
    for question in page.questions:
        names = {name for condition in question.iter_conditions() for name in condition.names}
        before = [block for block in blocks if any(_belongs_to(question, names, each) for each in block)]
        joined = [each for each in page.questions if each is question or any(each in block for block in before)]
        first = blocks.index(before[0]) if before else len(blocks)
        blocks = [*blocks[:first], joined, *(block for block in blocks[first:] if block not in before)]
    return tuple(map(tuple, blocks))


def _belongs_to(question: Question, names: Set[str], other: Question) -> bool:
    return question.comments_on == other.code or not names.isdisjoint(list_question_variables(other))


def is_fixed(block: Sequence[Question]) -> bool:
    """Whether a block keeps its place in a random order; it does if one of its questions is fixed."""
    return any(question.fixed for question in block)


def arrange_questions(page: Page, seed: int | None) -> Sequence[Question]:
    """Return the questions of a page in the order of one response; in the order of the definition if `seed` is None."""
    if seed is None or not page.random_order:
        return page.questions
    blocks = list_blocks(page)
    order = arrange(seed, page.code, [block[0].code for block in blocks], [is_fixed(block) for block in blocks])
    return [question for index in order for question in blocks[index]]


@lru_cache(maxsize=4096)
def find_follow_ups(page: Page, institution: str) -> Mapping[str, frozenset[str]]:
    """Return the code of each follow-up of a page → the codes of the questions, statements and variables inside it."""
    here = list_page_variables(page)
    found: dict[str, frozenset[str]] = {}
    for question in page.questions:
        names = list_question_variables(question)
        if _opens_here(find_exposure(question, institution), here):
            found[question.code] = frozenset([question.code, *names])
        for item in question.items:
            if item.is_at(institution) and _opens_here(item.when, here):
                found[item.code] = found.get(item.code, frozenset([item.code]))
    return found


def _opens_here(condition: Condition | None, here: Set[str]) -> bool:
    return condition is not None and not here.isdisjoint(condition.names)


def list_unshown(page: Page, institution: str, shown: Set[str] | None) -> frozenset[str]:
    """Return the codes of questions, statements and variables inside follow-ups that a form did not show.

    Args:
        page: the page.
        institution: only its statements and options count.
        shown: the follow-ups that the form showed; None if it showed all.
    """
    follow_ups = find_follow_ups(page, institution)
    if shown is None or not follow_ups:
        return frozenset()
    return frozenset().union(*(inside for code, inside in follow_ups.items() if code not in shown))
