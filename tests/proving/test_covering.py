"""Covering respondents: few, together everywhere, written readably, and walked through the engine page by page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from werkzeug.datastructures import MultiDict

from survey_engine.answering import Response, StoredPage, Submission, answer_page
from survey_engine.compiler import inspect_questionnaire
from survey_engine.model import Questionnaire
from survey_engine.proving.covering import drop_needless, find_covering, list_targets
from survey_engine.proving.proof import Proof
from survey_engine.proving.walks import Walk, fill_walk, read_walk, write_walks
from survey_engine.questions.consent import VERSION
from survey_engine.routing import Respondent, route, sequence
from tests.proving.small import FILES, build_small

ROOT = Path(__file__).resolve().parents[2]
MAIN = FILES["main.yaml"] + "  - page: second\n    when: job == 'yes'\n    questions:\n      - {yes_no: evening, text: T}\n"


def test_everything_that_somebody_can_visit_is_visited(tmp_path: Path) -> None:
    proof = Proof(build_small(tmp_path, {"main.yaml": MAIN}))
    visited = frozenset().union(*(visit.targets for visit in find_covering(proof)))
    assert visited == {target for s in proof.sessions for target, formula in list_targets(s.world) if s.find(formula)}
    assert {("value", "job", "yes"), ("value", "job", "no"), ("page", "food"), ("page", "sleep")} <= visited


def test_no_respondent_is_needless(tmp_path: Path) -> None:
    visits = find_covering(Proof(build_small(tmp_path, {"main.yaml": MAIN})))
    assert len(visits) == 2, "two modules to draw, two answers to the first question"
    assert drop_needless(visits) == visits
    assert len(drop_needless([*visits, replace(visits[0])])) == 2, "whoever repeats another's visit goes"


def test_walks_read_back_as_they_were_written(tmp_path: Path) -> None:
    questionnaire = build_small(tmp_path / "written", {"main.yaml": MAIN})
    visits = find_covering(Proof(questionnaire))
    out = tmp_path / "walks"
    out.mkdir()
    write_walks(questionnaire, visits, out)
    files = sorted(out.iterdir())
    assert [read_walk(file) for file in files] == [fill_walk(questionnaire, visit, n) for n, visit in enumerate(visits, 1)]
    assert files[0].read_text(encoding="utf-8").startswith("# Respondent 1 of 2 who together visit everything in example.\n")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["job-2026", "nse-2026", "belonging-2024", "gallery"])
def test_covering_respondents_reach_the_end_on_exactly_the_pages_of_their_walk(name: str) -> None:
    questionnaire = inspect_questionnaire(ROOT / "questionnaires" / name, ROOT / "translations").questionnaire
    assert questionnaire
    for number, visit in enumerate(find_covering(Proof(questionnaire)), 1):
        walk = fill_walk(questionnaire, visit, number)
        assert list(follow(questionnaire, walk)) == [page.page for page in walk.path]


def follow(questionnaire: Questionnaire, walk: Walk) -> Iterator[str]:
    """Post every page of a walk as a form, and go where the engine leads, until it says that all is done."""
    respondent = Respondent(walk.institution, walk.language, walk.background, walk.modules)
    pages = {page.page: page for page in walk.path}
    stored: dict[str, StoredPage] = {}
    codes = {step.page.slug: step.page.code for step in sequence(questionnaire, respondent)}
    slug: str | None = route(questionnaire, respondent, {}).steps[0].page.slug
    while slug:
        code = codes[slug]
        yield code
        given = {name: value for name, value in pages[code].answers.items() if not name.endswith(VERSION)}
        form = MultiDict({name: value if isinstance(value, list) else str(value) for name, value in given.items()})
        response = Response(1, questionnaire.code, questionnaire.version, respondent, dict(stored))
        decision = answer_page(questionnaire, response, slug, Submission(form, "writer", 0, prompted=True))
        assert decision.outcome in ("next", "complete"), (code, decision.outcome, decision.faults)
        assert decision.save and decision.save.answers == dict(pages[code].answers)
        stored[code] = StoredPage(decision.save.answers, writer="writer", number=1, done=True)
        slug = decision.slug if decision.outcome == "next" else None
