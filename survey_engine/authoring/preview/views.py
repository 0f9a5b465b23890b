"""The different views of each page that the respondents of a set of walks see."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator, Sequence

from survey_engine.authoring.preview.screenshots import Shot
from survey_engine.authoring.walks import Walk
from survey_engine.engine.asked_items import find_asked_codes
from survey_engine.engine.routing import Path, Respondent, route
from survey_engine.model.questionnaire import Page, Questionnaire
from survey_engine.model.variables import is_asked, is_offered


def route_walk(questionnaire: Questionnaire, walk: Walk, language: str) -> tuple[Respondent, Path]:
    """Route a walk's respondent in a language, with the walk's answers."""
    respondent = Respondent(walk.institution, language, walk.background, walk.modules, walk.arms)
    return respondent, route(questionnaire, respondent, {page.page: page.answers for page in walk.path})


def list_views(questionnaire: Questionnaire, walks: Sequence[Walk]) -> list[Shot]:
    """Return a shot of every view of a page, in each language. Views differ in the questions, items or options that are shown.

    The row of a page's first view has the page's code as its name; further views have a number appended.
    """
    found: dict[Hashable, Shot] = {}
    rows: dict[Hashable, str] = {}
    counts: Counter[str] = Counter()
    for view, page, language, address in _iter_views(questionnaire, walks):
        if view not in rows:
            counts[page.code] += 1
            rows[view] = page.code if counts[page.code] == 1 else f"{page.code}-{counts[page.code]}"
        found.setdefault((view, language), Shot(rows[view], language, address))
    order = {page.code: number for number, (_, page) in enumerate(questionnaire.placed_pages.values())}
    return sorted(found.values(), key=lambda shot: order[shot.row.split("-")[0]])


def _iter_views(questionnaire: Questionnaire, walks: Sequence[Walk]) -> Iterator[tuple[Hashable, Page, str, str]]:
    """Yield (content, page, language, path in the preview's URL) for the pages of each walk in each language."""
    for number, walk in enumerate(walks):
        for language in questionnaire.institutions[walk.institution].languages:
            _, path = route_walk(questionnaire, walk, language)
            for step in path.steps:
                view = _describe_view(step.page, path, walk.institution)
                yield view, step.page, language, f"/seen/{number}/{step.page.slug}/{language}"


def _describe_view(page: Page, path: Path, institution: str) -> Hashable:
    """Return a key of the shown questions, items and options of a page; equal keys mean equal views."""
    questions = [question for question in page.questions if is_asked(question, path.known, institution)]
    options = [
        (question.code, option.code)
        for question in questions
        for option in question.options
        if is_offered(option, path.known, institution)
    ]
    return (
        page.slug,
        tuple(question.code for question in questions),
        frozenset(find_asked_codes(page, path, institution)),
        tuple(options),
    )
