"""Robots answer the JOB-monitor over HTTP, a thousand with SURVEY_THOROUGH=1: each answer is stored and exported as it was given."""

from __future__ import annotations

import csv
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from survey_engine.datasets.export import ExportRequest, write_export
from survey_engine.datasets.row_order import hash_order
from survey_engine.engine.routing import Respondent, filter_counted_answers, route
from survey_engine.fieldwork.contact_keys import ContactKeys
from survey_engine.fieldwork.panel import Panels
from survey_engine.model.derived import NOT_APPLICABLE
from survey_engine.model.missing_values import Missing, choose_missing
from survey_engine.model.questionnaire import NAMELY, Questionnaire
from survey_engine.model.variables import is_asked
from survey_engine.operations.simulation.browsing import HttpLine
from survey_engine.operations.simulation.profiles import MIXED
from survey_engine.operations.simulation.runs import Simulation, run_robots
from survey_engine.operations.simulation.walking import RobotWalk
from survey_engine.publication.compiler import compile_questionnaire
from survey_engine.rendering.spreadsheet_cells import guard
from survey_engine.settings import ROOT, Settings, read_settings
from survey_engine.storage.database import Database
from survey_engine.storage.panels import list_members
from tests import THOROUGH
from tests.bench.load import SERVER, serve
from tests.operations.simulation.stores import StoredResponse, add_students, find_pseudonyms, read_stored
from tests.statements import read_draws

ROBOTS = 1000 if THOROUGH else 40
POOLS = {"noorderlicht": 7, "zuidwester": 10, "kibrahacha": 7}

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Field:
    """What robots left behind."""

    settings: Settings
    questionnaire: Questionnaire
    walks: list[RobotWalk]
    stored: list[StoredResponse]
    """What is stored of each of them."""


@pytest.fixture(scope="module")
def field(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Field]:
    folder = tmp_path_factory.mktemp("http")
    shutil.copytree(ROOT / "questionnaires" / "job-2026", folder / "questionnaires" / "job-2026")
    environment = {"SURVEY_DATA": str(folder / "data"), "SURVEY_QUESTIONNAIRES": str(folder / "questionnaires")}
    settings = read_settings(environment)
    questionnaire = compile_questionnaire(settings.questionnaires / "job-2026", settings.translations)
    entries = add_students(settings, questionnaire, ROBOTS)
    simulation = Simulation(questionnaire, "mixed", "http")
    with serve(SERVER, environment) as port:
        walks = list(run_robots(simulation, entries, lambda: HttpLine(f"http://127.0.0.1:{port}"), 8))
    found = read_stored(settings)
    yield Field(settings, questionnaire, walks, [found[name] for name in find_pseudonyms(settings, questionnaire, entries)])


def test_every_stored_answer_is_the_one_that_was_given_and_none_is_missing(field):
    assert len(field.walks) == ROBOTS and {walk.profile for walk in field.walks} == MIXED.keys()
    differing = [
        (walk.number, walk.profile, page, walk.answers.get(page), stored.answers.get(page))
        for walk, stored in zip(field.walks, field.stored, strict=True)
        for page in {**walk.answers, **stored.answers}
        if (walk.answers.get(page) or {}) != (stored.answers.get(page) or {})  # a panel's page without an answer is not stored
    ]
    assert differing == []
    assert sum(len(values) for stored in field.stored for values in stored.answers.values()) > 30 * ROBOTS


def test_what_each_robot_saw_of_its_end_is_what_is_stored(field):
    for walk, stored in zip(field.walks, field.stored, strict=True):
        assert (stored.completed, stored.receipt, stored.done) == (walk.completed, walk.receipt, walk.done), walk.number
        assert stored.languages == walk.languages, walk.number
    assert any(len(walk.languages) > 1 for walk in field.walks)
    completed = sum(walk.completed for walk in field.walks)
    assert 0.8 * ROBOTS < completed < ROBOTS, "some left on the way, most did not"
    assert len({walk.receipt for walk in field.walks if walk.receipt}) == completed


def test_the_drawn_modules_are_spread_evenly_within_each_institution(field):
    draws = read_draws(Path(field.settings.database_url.removeprefix("sqlite:///")))

    assert {institution: len(drawn) for institution, drawn in draws.items()} == POOLS
    for institution, drawn in draws.items():
        assert max(drawn.values()) - min(drawn.values()) <= 1, f"{institution}: {drawn}"


def test_every_address_is_stored_once_and_apart(field):
    settings = field.settings
    with (
        closing(Database(settings.database_url, "answers")) as answers,
        closing(Database(settings.identity_url, "identity")) as identity,
    ):
        Panels(answers, identity, ContactKeys(settings.contact_keys), settings.pseudonym_key, settings.erasures).hand_over(
            "job-2026/job_panel"
        )
        found = list_members(identity)

    given = {walk.address.lower() for walk in field.walks if walk.address}
    assert sorted(found) == sorted(("job-2026/job_panel", address) for address in given)
    assert given and not any("@example.org" in str(stored.answers) for stored in field.stored)


@pytest.fixture(scope="module")
def delivery(field: Field, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("delivery")
    wanted = ExportRequest(field.questionnaire, field.settings.pseudonym_key, least_group=1)
    with closing(Database(field.settings.database_url, "answers")) as answers, answers.snapshot() as connection:
        write_export(connection, wanted, folder)
    return folder


def list_live(field: Field, walk: RobotWalk, stored: StoredResponse) -> dict[str, Any]:
    """Column → value of everything that a robot answered and that is on its path, in the last of its languages or before."""
    live: dict[str, Any] = {}
    for language in walk.languages:
        respondent = Respondent(walk.entry.institution, language, walk.entry.background, stored.modules)
        path = route(field.questionnaire, respondent, walk.answers)
        for step in path.steps:
            for question in step.page.questions:
                if is_asked(question, path.known, respondent.institution):
                    live.update(
                        filter_counted_answers(question, walk.answers.get(step.page.code, {}), path.known, respondent.institution)
                    )
    return live


def test_the_table_of_responses_holds_exactly_the_answers_of_each_robot(field, delivery):
    with (delivery / "responses.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["respondent"]: row for row in csv.DictReader(file)}
    missing = {str(number) for number in choose_missing([field.questionnaire]).numbers().values()}
    texts = {code for code, variable in field.questionnaire.variables.items() if variable.kind == "text"}

    assert len(rows) == ROBOTS
    for walk, stored in zip(field.walks, field.stored, strict=True):
        row = rows[f"r{hash_order(field.settings.pseudonym_key, 'respondent', 'job-2026', stored.id).hex()}"]
        live = {name: value for name, value in list_live(field, walk, stored).items() if name not in texts}
        assert read_answers(field.questionnaire, row, missing) == live, f"robot {walk.number}, {walk.profile}"
        assert {name: row[name] for name in walk.entry.background} == {k: str(v) for k, v in walk.entry.background.items()}
        assert row["status"] == ("complete" if walk.completed else "broken_off")


def read_answers(questionnaire: Questionnaire, row: Mapping[str, str], missing: set[str]) -> dict[str, Any]:
    """The answers in one row, with several columns of ticks made one list again."""
    found: dict[str, Any] = {}
    for code, variable in questionnaire.variables.items():
        if variable.origin != "answer" or variable.kind == "text":
            continue
        if variable.kind == "codes":
            ticked = [option for option in dict.fromkeys(variable.codes) if row[f"{code}_{option}"] == "1"]
            found |= {code: ticked} if ticked else {}
        elif row[code] == str(Missing().does_not_apply):
            found[code] = NOT_APPLICABLE
        elif row[code] not in missing:
            found[code] = int(row[code]) if variable.kind == "number" and row[code].isdecimal() else row[code]
    return found


def test_the_open_answers_are_exactly_those_of_the_robots(field, delivery):
    with (delivery / "open_answers.csv").open(encoding="utf-8-sig", newline="") as file:
        found = Counter((row["institution"], row["variable"], row["text"]) for row in csv.DictReader(file, delimiter=";"))
    given: Counter[tuple[str, str, str]] = Counter()
    for walk, stored in zip(field.walks, field.stored, strict=True):
        for name, value in list_live(field, walk, stored).items():
            variable = field.questionnaire.variables.get(name)
            if name.endswith(NAMELY) or (variable and variable.kind == "text"):
                given[walk.entry.institution, name, guard(value)] += 1

    assert found == given and given.total() > ROBOTS // 4
