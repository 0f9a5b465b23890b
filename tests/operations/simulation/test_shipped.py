"""Robots of every kind get through every shipped questionnaire, and what is stored is what they gave."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

import pytest

from survey_engine.operations.simulation.browsing import WsgiLine
from survey_engine.operations.simulation.profiles import PROFILES
from survey_engine.operations.simulation.runs import Simulation, run_robots
from survey_engine.settings import ROOT, read_settings
from survey_engine.web.app import create_app
from tests import THOROUGH
from tests.operations.simulation.stores import add_students, find_pseudonyms, read_stored

SHIPPED = sorted(path.parent.name for path in (ROOT / "questionnaires").glob("*/questionnaire.yaml"))
ROBOTS = 30 if THOROUGH else 5


@pytest.mark.slow
@pytest.mark.parametrize("code", SHIPPED)
def test_robots_of_every_kind_finish_and_all_is_stored_as_given(tmp_path: Path, code: str):
    shutil.copytree(ROOT / "questionnaires" / code, tmp_path / "q" / code)
    settings = read_settings({"SURVEY_QUESTIONNAIRES": str(tmp_path / "q")}, tmp_path / "data")
    app = create_app(settings)
    site = app.extensions["survey_engine"]
    questionnaire = site.questionnaires[code]
    for profile in PROFILES:
        entries = add_students(settings, questionnaire, ROBOTS)
        walks = list(run_robots(Simulation(questionnaire, profile, code), entries, lambda: WsgiLine(app.wsgi_app), 1))
        found = read_stored(settings)
        for walk, pseudonym in zip(walks, find_pseudonyms(settings, questionnaire, entries), strict=True):
            stored = found[pseudonym]
            given = {page: answers for page, answers in walk.answers.items() if answers or page in stored.answers}
            assert stored.answers == given, f"{profile} {walk.number}"  # a panel's page without an answer is not stored
            assert (stored.completed, stored.receipt, stored.done) == (walk.completed, walk.receipt, walk.done)
            spent: Counter[str] = Counter()
            for stop in walk.stops:
                spent[stop.page] += round(stop.seconds)
            assert stored.seconds.items() <= spent.items()
        assert any(stored.seconds for stored in found.values())
        assert any(walk.completed for walk in walks) or profile == "breaks-off"
    site.answers.close()
    site.identity.close()
