"""Three or more pages of a section with the same title."""

from __future__ import annotations

from collections.abc import Iterator

from survey_engine.analysis.reachability import list_all_sections
from survey_engine.model.messages import Problem
from survey_engine.model.questionnaire import Page, Questionnaire

_MOST_PAGES = 2
"""Largest number of pages with one title: a question and its follow-up may share a title."""


def check_titles(questionnaire: Questionnaire) -> Iterator[Problem]:
    for section in list_all_sections(questionnaire):
        pages: dict[str, list[Page]] = {}
        for page in section.pages:
            shown = page.title or section.title or questionnaire.title
            pages.setdefault(shown.wording.get(questionnaire.source_language, ""), []).append(page)
        for title, same in pages.items():
            if len(same) > _MOST_PAGES:
                facts = {"count": len(same), "section": section.code, "title": title}
                yield Problem("same-title", same[_MOST_PAGES].place, facts)
