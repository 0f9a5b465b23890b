"""The distinct views of each page that the respondents of a set of walks get."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator, Sequence

from survey_engine.authoring.preview.screenshots import Shot
from survey_engine.authoring.walks import Walk
from survey_engine.engine.decisions import find_asked_codes
from survey_engine.engine.routing import Path, Respondent, route
from survey_engine.model.questionnaire import Page, Questionnaire
from survey_engine.model.variables import is_asked, is_offered


def route_walk(questionnaire: Questionnaire, walk: Walk, language: str) -> tuple[Respondent, Path]:
    """Route a walk's respondent with the same answers in another language."""
    respondent = Respondent(walk.institution, language, walk.background, walk.modules, walk.arms)
    return respondent, route(questionnaire, respondent, {page.page: page.answers for page in walk.path})


def list_views(questionnaire: Questionnaire, walks: Sequence[Walk]) -> list[Shot]:
    """List every page that the respondents get, in every language that shows it, once for each different set of questions.

    The row of a page's first view is named after the page's code; further views have a number appended.
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
    """Iterate the pages of each walk in each language: content, page, language and address in the preview."""
    for number, walk in enumerate(walks):
        for language in questionnaire.institutions[walk.institution].languages:
            _, path = route_walk(questionnaire, walk, language)
            for step in path.steps:
                view = _describe_view(step.page, path, walk.institution)
                yield view, step.page, language, f"/seen/{number}/{step.page.slug}/{language}"


def _describe_view(page: Page, path: Path, institution: str) -> Hashable:
    """Describe the content of a page: questions, items and options. Equal descriptions mean equal views."""
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
