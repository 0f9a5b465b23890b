"""Cleanup deletes unanswered responses and nothing else."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import text

from survey_engine.engine.assignment import Assigned
from survey_engine.engine.decisions import Save
from survey_engine.fieldwork.cleanup import remove_never_answered
from survey_engine.storage.answers import StaleResponseError, load_response, save_page, start_response
from survey_engine.storage.database import Database
from tests.databases import ENGINES, make_url

SAVE = Save(page="p1", answers={"a": 1}, writer="tab", number=1, based_on=0, done=True, seconds_left=100)


@pytest.fixture(params=ENGINES)
def database(request: pytest.FixtureRequest, tmp_path) -> Iterator[Database]:
    opened = Database(make_url(request.param, request, tmp_path / "answers.db"), "answers")
    yield opened
    opened.close()


def start(database: Database, counts: dict[str, int] | None = None) -> int:
    """Start a response; append the counts of the draw to `counts`."""

    def assign(told):
        if counts is not None:
            counts.update(told)
        return (Assigned("m1", "random"),)

    return start_response(
        database,
        questionnaire="q",
        version="v1",
        institution="demo",
        language="nl",
        background={},
        pseudonym=None,
        abandoned_hours=24,
        assign=assign,
    )


def make_older(database: Database, minutes: int) -> None:
    """Move the start of all responses to an earlier time."""
    earlier = (
        f"datetime(started_at, '-{minutes} minutes')" if database.is_sqlite else f"started_at - interval '{minutes} minutes'"
    )
    with database.write() as connection:
        connection.execute(text(f"UPDATE response SET started_at = {earlier}"))


def test_a_start_without_an_answer_is_removed_after_a_day(database):
    left, answered = start(database), start(database)
    save_page(database, answered, SAVE)
    make_older(database, 24 * 60 - 1)
    assert remove_never_answered(database) == 0
    make_older(database, 2)
    assert remove_never_answered(database) == 1

    assert load_response(database, left) is None
    assert load_response(database, answered).pages
    assert remove_never_answered(database) == 0


def test_a_first_page_after_the_removal_is_refused(database):
    left = start(database)
    make_older(database, 25 * 60)
    remove_never_answered(database)
    with pytest.raises(StaleResponseError):
        save_page(database, left, SAVE)


def test_many_are_removed_in_small_transactions(database):
    with database.write() as connection:
        connection.execute(
            text(
                "INSERT INTO response (questionnaire, version, institution, language, languages, background, modules)"
                " VALUES ('q', 'v1', 'demo', 'nl', 'nl', '{}', '{}')"
            ),
            [{}] * 1200,
        )
    make_older(database, 25 * 60)
    assert remove_never_answered(database) == 1200


def test_a_start_counts_in_the_draw_for_30_minutes_or_with_an_answer(database):
    answered, _ = start(database), start(database)
    save_page(database, answered, SAVE)
    counts: dict[str, int] = {}
    make_older(database, 29)
    start(database, counts)
    assert counts == {"m1": 2}
    make_older(database, 2)
    start(database, counts)
    assert counts == {"m1": 2}, "the one with an answer, and the one of two minutes ago"
    make_older(database, 24 * 60)
    counts.clear()
    start(database, counts)
    assert counts == {}
