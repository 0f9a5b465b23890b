"""Simultaneous starts: the drawn modules stay balanced within each institution."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.synchronize import Barrier
from pathlib import Path

import pytest

from survey_engine.engine.assignment import Assigned, assign
from survey_engine.publication.compiler import compile_questionnaire
from survey_engine.settings import ROOT
from survey_engine.storage.answers import start_response
from survey_engine.storage.database import Database
from tests.faults.serve import open_nursery
from tests.statements import read_draws

JOB = ROOT / "questionnaires" / "job-2026"
STARTS = 100


class Starter:
    """Start responses to the JOB-monitor, one institution after another."""

    def __init__(self, url: str) -> None:
        self.questionnaire = compile_questionnaire(JOB, ROOT / "translations")
        self.database = Database(url, "answers")
        self.database.migrate()

    def start(self, number: int) -> int:
        institutions = list(self.questionnaire.institutions.values())
        institution = institutions[number % len(institutions)]
        known = {"language": "nl", "institution": institution.code, "path": "bol", "level": 3, "llo": "no"}
        return start_response(
            self.database,
            questionnaire=self.questionnaire.code,
            version=self.questionnaire.version,
            institution=institution.code,
            language="nl",
            background={},
            pseudonym=None,
            abandoned_hours=24,
            assign=lambda counts: assign(self.questionnaire, institution, known, counts, str(number)),
        )


def assert_balanced(draws: dict[str, Counter[str]], pools: dict[str, int]) -> None:
    for institution, drawn in draws.items():
        assert len(drawn) == pools[institution]
        assert max(drawn.values()) - min(drawn.values()) <= 1, f"{institution}: {drawn}"


POOLS = {"noorderlicht": 7, "zuidwester": 10, "kibrahacha": 7}


def test_sixteen_threads_that_start_at_once_keep_the_draw_balanced(tmp_path):
    starter = Starter(f"sqlite:///{tmp_path}/answers.db")
    with ThreadPoolExecutor(16) as pool:
        ids = list(pool.map(starter.start, range(320)))
    starter.database.close()

    assert len(set(ids)) == 320
    assert_balanced(read_draws(tmp_path / "answers.db"), POOLS)


def test_thirty_starts_at_once_differ_by_at_most_one_after_a_flood(tmp_path):
    starter = Starter(f"sqlite:///{tmp_path}/answers.db")
    flood = starter.start(1)
    with starter.database.write() as connection:
        connection.exec_driver_sql("UPDATE response SET started_at = datetime('now', '-31 minutes')")
        columns = "questionnaire, version, institution, language, languages, background, modules, drawn, started_at"
        copy = f"INSERT INTO response ({columns}) SELECT {columns} FROM response WHERE id = ?"
        for _ in range(100):
            connection.exec_driver_sql(copy, (flood,))
    with ThreadPoolExecutor(30) as pool:
        list(pool.map(lambda number: starter.start(3 * number + 1), range(30)))
    with starter.database.write() as connection:
        connection.exec_driver_sql("DELETE FROM response WHERE started_at < datetime('now', '-30 minutes')")
    starter.database.close()
    draws = read_draws(tmp_path / "answers.db")
    assert_balanced(draws, POOLS)
    assert sum(drawn.total() for drawn in draws.values()) == 30


def start_together(url: str, together: Barrier) -> None:
    """What each of several processes does."""
    starter = Starter(url)
    together.wait(60)
    for number in range(STARTS):
        starter.start(number)


@pytest.mark.slow
def test_four_processes_that_start_at_once_keep_the_draw_balanced(tmp_path: Path):
    url = f"sqlite:///{tmp_path}/answers.db"
    context = open_nursery()
    together = context.Barrier(4)
    processes = [context.Process(target=start_together, args=(url, together)) for _ in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(120)
    assert [process.exitcode for process in processes] == [0] * 4
    draws = read_draws(tmp_path / "answers.db")
    assert sum(drawn.total() for drawn in draws.values()) == 4 * STARTS
    assert_balanced(draws, POOLS)


def test_arms_and_modules_are_counted_each(database_url):
    store, seen = Database(database_url, "answers"), []
    for number in range(6):
        start_response(
            store,
            questionnaire="q",
            version="v",
            institution="north",
            language="en",
            background={},
            pseudonym=None,
            abandoned_hours=24,
            assign=lambda counts, number=number: [
                *(seen.append(dict(counts)) or ()),
                Assigned(("a_module_with_a_long_code", "another_module_with_a_long_code")[number % 2], "random"),
                Assigned(f"layout={'fold' if number % 3 else 'list'}", "random"),
                Assigned("chosen", "council"),
            ],
        )
    store.close()
    assert seen[-1] == {
        **{"a_module_with_a_long_code": 3, "another_module_with_a_long_code": 2},
        **{"layout=fold": 3, "layout=list": 2},
    }
