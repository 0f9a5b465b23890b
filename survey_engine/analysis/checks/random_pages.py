"""Pages in a random order must not depend on each other; a page that keeps its place comes before or after all of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from survey_engine.analysis.checks.references import list_texts_with_placeholders
from survey_engine.engine.follow_ups import list_page_variables
from survey_engine.model.messages import Problem
from survey_engine.model.questionnaire import Page, Place, Questionnaire


def check_random_pages(questionnaire: Questionnaire) -> Iterator[Problem]:
    for section in (*questionnaire.sections.values(), *questionnaire.modules.values()):
        asked_on: dict[str, str] = {}
        for page in section.pages if section.random_order else ():
            if not page.fixed:
                yield from _check_page(questionnaire, page, asked_on)
                asked_on.update(dict.fromkeys(list_page_variables(page), page.code))


def _check_page(questionnaire: Questionnaire, page: Page, asked_on: Mapping[str, str]) -> Iterator[Problem]:
    """Report names of variables in `asked_on`, which maps each one to its page. Later pages are forward references."""
    for names, place in _iter_references(questionnaire, page):
        for name in sorted(names & asked_on.keys()):
            yield Problem("random-reference", place, {"name": name, "page": asked_on[name]})


def _iter_references(questionnaire: Questionnaire, page: Page) -> Iterator[tuple[frozenset[str], Place]]:
    """Yield the variables that each condition and text of a page uses, and its place."""
    conditions = [page.when, *(condition for question in page.questions for condition in question.list_conditions())]
    yield from ((condition.names, condition.place) for condition in conditions if condition)
    for text in list_texts_with_placeholders(page):
        if text:
            derived = (questionnaire.derived[name].names for name in text.names & questionnaire.derived.keys())
            yield text.names.union(*derived), text.place
