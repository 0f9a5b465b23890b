"""The written covering respondents walk through the site, and together see all its parts.

After a change of a questionnaire, update them: survey-engine prove questionnaires/ID --covering tests/analysis/proof/respondents/ID
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from survey_engine.analysis.proof.covering import find_covering
from survey_engine.analysis.proof.verdicts import Proof
from survey_engine.authoring.covering_walks import complete_walk
from survey_engine.authoring.walks import Walk, read_walk
from survey_engine.settings import ROOT
from tests.analysis.proof.replaying import list_expected, replay
from tests.web.conftest import House

SHIPPED = sorted(path.parent.name for path in (ROOT / "questionnaires").glob("*/questionnaire.yaml"))
WALKS = {code: sorted((Path(__file__).parent / "respondents" / code).glob("*.yaml")) for code in SHIPPED}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The site with all shipped questionnaires."""
    folder = tmp_path_factory.mktemp("respondents")
    shutil.copytree(ROOT / "questionnaires", folder / "q")
    built = House(folder)
    yield built
    built.close()


def check_replayed(house: House, walk: Walk) -> None:
    """Check that the site shows the pages and items of the walk, stores its answers, and shows a receipt."""
    seen = replay(house, walk)
    assert seen.pages == [page.page for page in walk.path]
    assert seen.shown == list_expected(walk, house.questionnaire(walk.questionnaire))
    assert seen.answers == {page.page: page.answers for page in walk.path}
    assert seen.language == walk.language
    assert seen.receipt and seen.receipt == seen.stored_receipt


@pytest.mark.parametrize(
    "path", [pytest.param(path, id=f"{code}-{number}") for code, paths in WALKS.items() for number, path in enumerate(paths, 1)]
)
def test_a_written_respondent_walks_through_the_site_exactly_as_written(house: House, path: Path) -> None:
    check_replayed(house, read_walk(path))


@pytest.mark.parametrize("code", SHIPPED)
def test_the_written_respondents_see_every_item_language_institution(house: House, code: str) -> None:
    questionnaire, walks = house.questionnaire(code), list(map(read_walk, WALKS[code]))
    asked = {
        question.code for s in questionnaire.all_sections for page in s.pages for question in page.questions if not question.items
    }
    items = {
        item.code for s in questionnaire.all_sections for p in s.pages for question in p.questions for item in question.items
    }
    offered = {language for institution in questionnaire.institutions.values() for language in institution.languages}

    assert {name for walk in walks for page in walk.path for name in page.shown} == asked | items
    assert {walk.language for walk in walks} == offered
    assert {walk.institution for walk in walks} == set(questionnaire.institutions)


@pytest.mark.slow
@pytest.mark.parametrize("code", SHIPPED)
def test_newly_found_respondents_walk_through_the_site_too(house: House, code: str) -> None:
    questionnaire = house.questionnaire(code)
    visits = find_covering(Proof(questionnaire))
    assert len(visits) <= len(WALKS[code]), "there is a smaller set now: write it"
    for number, visit in enumerate(visits, 1):
        check_replayed(house, complete_walk(questionnaire, visit, number))
