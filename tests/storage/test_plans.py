"""Every statement of a respondent's request finds one response by its key, for any number of stored responses.

The tests check the plans that were executed: SQLite's trace, and PostgreSQL's plans in the log of auto_explain.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable, Iterator
from itertools import count

import pytest
from sqlalchemy import event, text

from survey_engine.engine.decisions import Save
from survey_engine.storage.answers import change_language, load_response, save_page
from survey_engine.storage.database import Database
from survey_engine.storage.erasures import has_name
from tests.databases import PostgresServer

RESPONSES, PAGES = 5_000, 4
IDS = count(RESPONSES // 2)
"""A new response for each test."""
BY_NAME = "SEARCH withdrawn_response USING PRIMARY KEY (name=?)"
LOOK_UPS = {"Index Scan", "Index Only Scan", "Bitmap Index Scan"}
READERS = {*LOOK_UPS, "Seq Scan", "Tid Scan"}
"""A bitmap heap scan reads what the bitmap index scan below it found."""


def fill(database: Database) -> None:
    database.migrate()
    with database.write() as connection:
        connection.execute(
            text(
                "INSERT INTO response (questionnaire, version, institution, language, languages, background, modules)"
                " VALUES ('job', 'v1', :school, 'nl', 'nl', '{}', '{}')"
            ),
            [{"school": f"school{number % 50}"} for number in range(RESPONSES)],
        )
        connection.execute(
            text(
                "INSERT INTO page (response_id, page, answers, version, writer, number, done, seconds_left)"
                " VALUES (:id, :page, '{}', 1, 'w', 1, TRUE, 60)"
            ),
            [{"id": id, "page": f"page{page}"} for id in range(1, RESPONSES + 1) for page in range(PAGES)],
        )
        connection.execute(
            text("INSERT INTO withdrawn_response (name) VALUES (:name)"),
            [{"name": f"{number:032x}"} for number in range(RESPONSES)],
        )
    with database.read() as connection:
        connection.execute(text("ANALYZE"))


def make_save(page: str) -> Save:
    return Save(page=page, answers={"a": 1}, writer="w", number=2, based_on=1, done=True, seconds_left=30)


Action = Callable[[Database, int], object]
ON_THE_WAY: dict[str, Action] = {
    "load": load_response,
    "save": lambda database, id: save_page(database, id, make_save("page1")),
    "save what was decided": lambda database, id: save_page(
        database, id, make_save("page2")._replace(expected_state=load_response(database, id).lock_state())
    ),
    "save a new page": lambda database, id: save_page(database, id, make_save("page9")),
    "look whether its link was withdrawn": lambda database, id: has_name(database, f"name {id}"),
    "complete": lambda database, id: save_page(database, id, make_save("page3"), complete=True),
    "set_language": lambda database, id: change_language(database, id, "en"),
}


def count_all(database: Database, id: int) -> None:
    with database.read() as connection:
        connection.execute(text("SELECT count(*) FROM page WHERE answers = '{}'")).fetchall()


class Traced:
    """A SQLite store that records its statements with their values."""

    def __init__(self, database: Database) -> None:
        self.database, self.heard = database, list[str]()
        event.listen(database.engine, "connect", lambda connection, record: connection.set_trace_callback(self.heard.append))
        database.engine.dispose()

    def explain(self, action: Action) -> list[list[str]]:
        """The steps of the plan of each statement of an action."""
        self.heard.clear()
        action(self.database, next(IDS))
        plain = sqlite3.connect(str(self.database.engine.url.database))
        worth = [heard for heard in dict.fromkeys(self.heard) if heard.startswith(("SELECT", "INSERT", "UPDATE"))]
        return [[row[3] for row in plain.execute(f"EXPLAIN QUERY PLAN {statement}")] for statement in worth]


@pytest.fixture(scope="module")
def traced(tmp_path_factory) -> Iterator[Traced]:
    database = Database(f"sqlite:///{tmp_path_factory.mktemp('plans') / 'answers.db'}", "answers")
    fill(database)
    yield Traced(database)
    database.close()


class Explained:
    """A PostgreSQL store whose server logs the plan of every statement, including nested ones."""

    def __init__(self, server: PostgresServer, database: Database) -> None:
        self.server, self.database = server, database

    def explain(self, action: Action) -> list[list[dict[str, object]]]:
        """The steps that read a table, for each statement of an action."""
        before = self.server.log.stat().st_size
        action(self.database, next(IDS))
        logged = self.server.log.read_bytes()[before:].decode()
        plans = [json.loads(found) for found in re.findall(r"plan:\n((?:\t.*\n)+)", logged)]
        return [[node for node in walk(plan["Plan"]) if node["Node Type"] in READERS] for plan in plans]


def walk(node):
    yield node
    for inner in node.get("Plans", []):
        yield from walk(inner)


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    settings = {"log_min_duration": "0", "log_analyze": "on", "log_nested_statements": "on", "log_format": "json"}
    server = PostgresServer(
        session_preload_libraries="auto_explain", **{f"auto_explain.{name}": value for name, value in settings.items()}
    ).initialise()
    try:
        yield server.start()
    finally:
        server.remove()


@pytest.fixture(scope="module")
def explained(server) -> Iterator[Explained]:
    database = Database(server.url(server.create_database()), "answers")
    fill(database)
    yield Explained(server, database)
    database.close()


@pytest.mark.parametrize("action", ON_THE_WAY)
def test_on_sqlite_it_looks_up_one_response_by_its_key(traced, action):
    plans = traced.explain(ON_THE_WAY[action])
    assert plans
    for plan in plans:
        # `json_each` reads a constant of this module.
        reads = [step for step in plan if step.startswith(("SEARCH", "SCAN")) and "json_each" not in step]
        assert reads
        assert [step for step in reads if not (step.startswith("SEARCH") and ("id=?" in step or step == BY_NAME))] == []


@pytest.mark.parametrize("action", ON_THE_WAY)
def test_on_postgresql_it_looks_up_one_response_by_its_key(explained, action):
    plans = explained.explain(ON_THE_WAY[action])
    assert any(plans)
    for node in (node for plan in plans for node in plan):
        assert node["Node Type"] in LOOK_UPS
        assert "id = " in node["Index Cond"] or node["Index Name"] == "withdrawn_response_pkey"
        assert node["Actual Rows"] <= PAGES + 1
        assert node.get("Rows Removed by Filter", 0) <= 1


def test_on_sqlite_a_statement_that_reads_all_responses_is_seen(traced):
    assert traced.explain(count_all)[0][0].startswith("SCAN")


def test_on_postgresql_a_statement_that_reads_all_responses_is_seen(explained):
    assert explained.explain(count_all)[0][0]["Node Type"] == "Seq Scan"


def test_a_page_is_saved_in_one_statement_and_a_completion_in_two(traced):
    assert len(traced.explain(ON_THE_WAY["save"])) == 1
    assert len(traced.explain(ON_THE_WAY["complete"])) == 2


def test_on_postgresql_a_save_needs_no_transaction_around_it(server, explained):
    server.execute("ALTER SYSTEM SET log_statement = 'all'")
    server.execute("SELECT pg_reload_conf()")
    explained.explain(ON_THE_WAY["load"])
    before = server.log.stat().st_size
    ON_THE_WAY["save"](explained.database, next(IDS))
    said = re.findall(r"LOG:  (?:statement|execute \S+): (\w+)", server.log.read_bytes()[before:].decode())
    assert said == ["WITH"]
