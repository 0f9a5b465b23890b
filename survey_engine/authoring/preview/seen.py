"""What written respondents see, page by page: each page in every way in which one of them meets it, once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator, Sequence

from survey_engine.authoring.preview.screenshots import Shot
from survey_engine.authoring.walks import Walk
from survey_engine.engine.decisions import find_asked_codes
from survey_engine.engine.routing import Path, Respondent, route
from survey_engine.model.questionnaire import Page, Questionnaire
from survey_engine.model.variables import is_asked, is_offered


def answer_again(questionnaire: Questionnaire, walk: Walk, language: str) -> tuple[Respondent, Path]:
    """A written respondent who answers as written, but in this language; with the path that they are then on."""
    respondent = Respondent(walk.institution, language, walk.background, walk.modules)
    return respondent, route(questionnaire, respondent, {page.page: page.answers for page in walk.path})


def list_views(questionnaire: Questionnaire, walks: Sequence[Walk]) -> list[Shot]:
    """Every page that the respondents are asked, in every language that shows it; again where it asks or offers something else.

    The first way to see a page has its row under the page's code, others have a number behind it.
    """
    found: dict[Hashable, Shot] = {}
    rows: dict[Hashable, str] = {}
    ways: Counter[str] = Counter()
    for look, page, language, address in _list_appearances(questionnaire, walks):
        if look not in rows:
            ways[page.code] += 1
            rows[look] = page.code if ways[page.code] == 1 else f"{page.code}-{ways[page.code]}"
        found.setdefault((look, language), Shot(rows[look], language, address))
    order = {page.code: number for number, (_, page) in enumerate(questionnaire.placed_pages.values())}
    return sorted(found.values(), key=lambda shot: order[shot.row.split("-")[0]])


def _list_appearances(questionnaire: Questionnaire, walks: Sequence[Walk]) -> Iterator[tuple[Hashable, Page, str, str]]:
    """For each page of each walk in each language: what is on it, and where the preview shows it."""
    for number, walk in enumerate(walks):
        for language in questionnaire.institutions[walk.institution].languages:
            _, path = answer_again(questionnaire, walk, language)
            for step in path.steps:
                look = _describe_look(step.page, path, walk.institution)
                yield look, step.page, language, f"/seen/{number}/{step.page.slug}/{language}"


def _describe_look(page: Page, path: Path, institution: str) -> Hashable:
    """What there is on a page: questions, statements and options; equal where two respondents see the same."""
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
