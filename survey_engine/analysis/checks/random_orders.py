"""Random orders: pages that depend on each other, fixed parts between moving ones, and fewer than two moving parts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from survey_engine.analysis.checks.references import iter_texts_with_placeholders
from survey_engine.engine.follow_ups import is_fixed, list_blocks, list_page_variables
from survey_engine.engine.random_order import keeps_place
from survey_engine.language.question_types import QUESTION_TYPES
from survey_engine.model.messages import Problem
from survey_engine.model.questionnaire import Page, Place, Question, Questionnaire


def check_random_orders(questionnaire: Questionnaire) -> Iterator[Problem]:
    for section in (*questionnaire.sections.values(), *questionnaire.modules.values()):
        asked_on: dict[str, str] = {}
        for page in section.pages if section.random_order else ():
            if not page.fixed:
                yield from _check_page(questionnaire, page, asked_on)
                asked_on.update(dict.fromkeys(list_page_variables(page), page.code))
        if section.random_order:
            yield from _check_places(section.code, section.place, "pages", [(page, page.fixed) for page in section.pages])
    for _, page in questionnaire.placed_pages.values():
        if page.random_order:
            blocks = [(block[0], is_fixed(block)) for block in list_blocks(page)]
            yield from _check_places(page.code, page.place, "questions", blocks)
        for question in page.questions:
            if question.random_order:
                yield from _check_parts(question)


def _check_parts(question: Question) -> Iterator[Problem]:
    """Report a random order of statements or options in which fewer than two move."""
    statements = QUESTION_TYPES[question.type].statements
    parts = question.items if statements else question.options
    if sum(not keeps_place(part) for part in parts) < 2:
        facts = {"code": question.code, "parts": "statements" if statements else "options"}
        yield Problem("nothing-to-order", question.place, facts)


def _check_places(code: str, place: Place, name: str, parts: Sequence[tuple[Page | Question, bool]]) -> Iterator[Problem]:
    """Report a random order with fewer than two moving parts, and fixed parts between moving ones; `parts` are (part, is fixed)."""
    moving = [index for index, (_, fixed) in enumerate(parts) if not fixed]
    if len(moving) < 2:
        yield Problem("nothing-to-order", place, {"code": code, "parts": name})
        return
    for part, fixed in parts[moving[0] : moving[-1]]:
        if fixed:
            yield Problem("fixed-between", part.place, {"code": part.code, "parts": name})


def _check_page(questionnaire: Questionnaire, page: Page, asked_on: Mapping[str, str]) -> Iterator[Problem]:
    """Report references to variables in `asked_on` (variable → its page), which are asked on other pages of the random order."""
    for names, place in _iter_references(questionnaire, page):
        for name in sorted(names & asked_on.keys()):
            yield Problem("random-reference", place, {"name": name, "page": asked_on[name]})


def _iter_references(questionnaire: Questionnaire, page: Page) -> Iterator[tuple[frozenset[str], Place]]:
    """Yield (variables, place) for each condition and text of a page."""
    conditions = [page.when, *(condition for question in page.questions for condition in question.iter_conditions())]
    yield from ((condition.names, condition.place) for condition in conditions if condition)
    for text in iter_texts_with_placeholders(page):
        if text:
            derived = (questionnaire.derived[name].names for name in text.names & questionnaire.derived.keys())
            yield text.names.union(*derived), text.place
