"""Reading all responses from one snapshot during concurrent writes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from survey_engine.engine.assignment import Assigned
from survey_engine.engine.decisions import Save
from survey_engine.storage.answers import change_language, save_page, start_response
from survey_engine.storage.database import Database
from survey_engine.storage.snapshot import iter_responses, read_responses


@pytest.fixture
def database(database_url) -> Iterator[Database]:
    with closing(Database(database_url, "answers")) as database:
        yield database


def start(database: Database, questionnaire: str = "q", pseudonym: str | None = None) -> int:
    return start_response(
        database,
        questionnaire=questionnaire,
        version="v1",
        institution="north",
        language="nl",
        background={"level": 3},
        pseudonym=pseudonym,
        abandoned_hours=24,
        assign=lambda counts: [Assigned("food", "council")],
    )


def save(database: Database, id: int, page: str, *, done: bool = True, complete: bool = False, **answers) -> None:
    save_page(database, id, Save(page, answers, "w", 1, 0, done, 0), complete=complete)


def test_a_response_is_read_with_all_that_an_export_needs(database):
    id = start(database, pseudonym="somebody")
    save(database, id, "one", job="some", why=["a", "b"])
    save(database, id, "two", done=False)
    change_language(database, id, "en")
    change_language(database, id, "nl")
    with database.snapshot() as connection:
        (record,) = read_responses(connection, [id])
    assert (record.version, record.pseudonym, record.languages) == ("v1", "somebody", ("nl", "en"))
    assert (record.respondent.institution, record.respondent.language) == ("north", "nl")
    assert (record.respondent.background, record.reasons) == ({"level": 3}, {"food": "council"})
    assert record.answers == {"one": {"job": "some", "why": ["a", "b"]}, "two": {}}
    assert record.done == {"one"}


def test_times_are_read_as_days_and_open_responses_have_no_completion(database):
    first, second = start(database), start(database)
    save(database, first, "one", complete=True)
    with database.snapshot() as connection:
        complete, unfinished = read_responses(connection, [first, second])
    assert complete.completed == complete.started == unfinished.started
    assert (len(complete.started), unfinished.completed) == (10, "")


def test_days_are_those_of_the_institutions_time_zone(database):
    id = start(database)
    with database.write() as connection:
        connection.execute(text("UPDATE response SET started_at = '2026-11-27 23:30:00' WHERE id = :id"), {"id": id})
    with database.snapshot() as connection:
        days = [
            read_responses(connection, [id], lambda _, zone=zone: ZoneInfo(zone))[0].started
            for zone in ("UTC", "Europe/Amsterdam")
        ]
    assert days == ["2026-11-27", "2026-11-28"]


def test_a_day_without_a_time_is_the_same_in_every_time_zone(database):
    id = start(database)
    save_page(database, id, Save("one", {}, "w", 1, 0, True, 0), complete=True, day_only=True)
    with database.snapshot() as connection:
        days = {
            read_responses(connection, [id], lambda _, zone=zone: ZoneInfo(zone))[0].completed
            for zone in ("UTC", "America/Curacao", "Europe/Amsterdam")
        }
    assert len(days) == 1


def test_responses_are_read_in_the_order_that_was_asked_for(database):
    ids = [start(database) for _ in range(5)]
    with database.snapshot() as connection:
        assert [record.id for record in read_responses(connection, ids[::-1])] == ids[::-1]


def test_only_the_responses_to_one_questionnaire_are_listed(database):
    wanted = [start(database), start(database)]
    start(database, "other")
    with database.snapshot() as connection:
        assert sorted(iter_responses(connection, "q")) == sorted(wanted)


def test_a_snapshot_does_not_contain_later_writes(database):
    id = start(database)
    with database.snapshot() as connection:
        assert list(iter_responses(connection, "q")) == [id]
        save(database, id, "one", job="some")
        start(database)
        assert list(iter_responses(connection, "q")) == [id]
        assert read_responses(connection, [id])[0].answers == {}
    with database.snapshot() as connection:
        assert len(list(iter_responses(connection, "q"))) == 2
