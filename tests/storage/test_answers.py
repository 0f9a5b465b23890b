"""Statements on responses: start, load, save a page, complete."""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import text

from survey_engine.engine.assignment import Assigned
from survey_engine.engine.decisions import Save
from survey_engine.storage.answers import (
    StaleResponseError,
    change_language,
    load_response,
    save_page,
    start_response,
)
from survey_engine.storage.database import Database, read_now
from survey_engine.storage.private_keys import StoredKey, claim_key, find_response_by_key
from survey_engine.storage.response_counts import count_answered, find_completed
from survey_engine.storage.versions import list_orphans
from tests.databases import ENGINES, make_url, open_sqlite
from tests.statements import counted, trace

SAVE = Save(page="p1", answers={"a": 1}, writer="tab", number=1, based_on=0, done=True, seconds_left=100)


@pytest.fixture(scope="module", params=ENGINES)
def database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """One store for all tests; each test uses its own responses."""
    opened = Database(make_url(request.param, request, tmp_path_factory.mktemp("answers") / "answers.db"), "answers")
    yield opened
    opened.close()


@pytest.fixture
def name(request: pytest.FixtureRequest) -> str:
    """A questionnaire or pseudonym that no other test uses."""
    return f"q{zlib.crc32(request.node.name.encode())}"


@pytest.fixture
def sqlite_database(tmp_path) -> Iterator[Database]:
    opened = open_sqlite(tmp_path / "answers.db")
    yield opened
    opened.close()


def start(database: Database, **more: Any) -> int:
    given = {
        "questionnaire": "q",
        "version": "v1",
        "institution": "demo",
        "language": "nl",
        "background": {"level": 3, "programme": "Zorg & Welzijn"},
        "pseudonym": None,
        "abandoned_hours": 24,
        "assign": lambda counts: (Assigned("m1", "council"), Assigned("m2", "random")),
        **more,
    }
    return start_response(database, **given)


def count_pages(database: Database, id: int) -> int:
    with database.read() as connection:
        return int(connection.execute(text("SELECT count(*) FROM page WHERE response_id = :id"), {"id": id}).scalar_one())


def test_a_response_comes_back_as_it_was_started(database):
    response = load_response(database, start(database))

    assert (response.questionnaire, response.version, response.completed) == ("q", "v1", False)
    assert response.respondent.background == {"level": 3, "programme": "Zorg & Welzijn"}
    assert (response.respondent.institution, response.respondent.language) == ("demo", "nl")
    assert response.respondent.modules == ("m1", "m2")
    assert response.reasons == {"m1": "council", "m2": "random"}
    assert response.pages == {}


def test_a_start_stores_the_device_and_the_channel_if_they_are_known(database):
    ids = [start(database), start(database, device="small", channel="poster")]
    with database.read() as connection:
        found = [connection.execute(text("SELECT device, channel FROM response WHERE id = :id"), {"id": id}).one() for id in ids]
    assert found == [(None, None), ("small", "poster")]


def test_a_missing_response_loads_as_none(database):
    assert load_response(database, 4711) is None


def test_a_page_comes_back_as_it_was_saved(database):
    id = start(database)
    answers = {"a": 1, "b": ["x", "y"], "c": "Zoë 😀 \"quoted\" \\ 'single' %s :name\nnext", "d": "na"}
    save_page(database, id, SAVE._replace(answers=answers, number=7))
    page = load_response(database, id).pages["p1"]

    assert page.answers == answers
    assert (page.saves, page.writer, page.number, page.done, page.seconds_left) == (1, "tab", 7, True, 100)


def test_a_page_of_a_response_is_one_row_however_often_it_is_saved(database):
    id = start(database)
    for number in range(1, 6):
        save_page(database, id, SAVE._replace(answers={"a": number}, number=number))
    save_page(database, id, SAVE._replace(page="p2"))

    assert count_pages(database, id) == 2
    stored = load_response(database, id).pages
    assert (stored["p1"].answers, stored["p1"].saves, stored["p2"].saves) == ({"a": 5}, 5, 1)


def save_three(database: Database) -> int:
    id = start(database)
    for number, page in enumerate(("p1", "p2", "p3"), 1):
        save_page(database, id, SAVE._replace(page=page, done=page != "p3", seconds_left=number * 10))
    return id


@pytest.mark.parametrize("needed", [None, set(), {"p2"}, {"p2", "elsewhere"}])
def test_every_page_has_its_state_of_storage_and_completion(database, needed):
    response = load_response(database, save_three(database), needed)

    overview = response.overview()
    assert (set(overview.stored), set(overview.done), overview.seconds_left) == ({"p1", "p2", "p3"}, {"p1", "p2"}, 10)
    assert needed is None or set(response.pages) >= needed - {"elsewhere"}


def test_on_sqlite_only_the_needed_pages_are_read(sqlite_database):
    assert set(load_response(sqlite_database, save_three(sqlite_database), {"p2"}).pages) == {"p2"}


def test_the_same_save_twice_leaves_the_same_answers(database):
    id = start(database)
    for _ in range(2):
        save_page(database, id, SAVE)
    assert load_response(database, id).pages["p1"].answers == {"a": 1}


def test_an_older_save_of_the_same_writer_is_refused(database):
    id = start(database)
    save_page(database, id, SAVE._replace(number=5, answers={"a": 5}))
    with pytest.raises(StaleResponseError):
        save_page(database, id, SAVE._replace(number=4, answers={"a": 4}))
    assert load_response(database, id).pages["p1"].answers == {"a": 5}


def test_another_writer_changes_only_the_version_it_has_read(database):
    id = start(database)
    save_page(database, id, SAVE)
    with pytest.raises(StaleResponseError):
        save_page(database, id, SAVE._replace(writer="other", based_on=0, answers={"a": 2}))
    save_page(database, id, SAVE._replace(writer="other", based_on=1, answers={"a": 3}))

    page = load_response(database, id).pages["p1"]
    assert (page.answers, page.writer, page.saves) == ({"a": 3}, "other", 2)


def test_a_page_that_is_done_stays_done_after_a_background_save(database):
    id = start(database)
    save_page(database, id, SAVE)
    save_page(database, id, SAVE._replace(number=2, done=False))
    assert load_response(database, id).pages["p1"].done


def test_nothing_is_stored_after_completion(database):
    id = start(database)
    save_page(database, id, SAVE, complete=True)
    done = load_response(database, id)

    assert done.completed and done.pages["p1"].answers == {"a": 1}
    for late in (SAVE._replace(number=2, answers={"a": 9}), SAVE._replace(page="p2")):
        with pytest.raises(StaleResponseError):
            save_page(database, id, late, complete=True)
    assert load_response(database, id) == done


def test_a_refused_save_has_no_effects_at_all(database):
    id = start(database)
    save_page(database, id, SAVE._replace(number=5))
    with pytest.raises(StaleResponseError):
        save_page(database, id, SAVE, complete=True, language="en")

    response = load_response(database, id)
    assert not response.completed and response.respondent.language == "nl"


def test_languages_are_stored_in_the_order_of_first_use(database):
    id = start(database)
    for language in ("en", "en", "nl", "pap"):
        change_language(database, id, language)
    save_page(database, id, SAVE, language="nl")
    response = load_response(database, id)

    assert response.languages == ("nl", "en", "nl", "pap", "nl")
    assert response.respondent.language == "nl"


def test_a_pseudonym_resumes_its_response(database, name):
    first = start(database, pseudonym=name)
    again = start(database, pseudonym=name, language="en", assign=lambda counts: ())

    assert again == first
    assert load_response(database, first).respondent.modules == ("m1", "m2")


def test_a_pseudonym_has_one_response_per_questionnaire(database):
    ids = {
        start(database, pseudonym="abc"),
        start(database, pseudonym="abc", questionnaire="r"),
        start(database),
        start(database),
    }
    assert len(ids) == 4


def test_the_draw_sees_the_institutions_completed_and_live_responses(database, name):
    seen: list[dict[str, int]] = []

    def draw(module: str, **more: Any) -> int:
        def assign(counts: Any) -> tuple[Assigned, ...]:
            seen.append(dict(counts))
            return (Assigned(module, "random"),)

        return start(database, **{"questionnaire": name, "assign": assign, **more})

    old = [draw("m1"), draw("m1")]
    draw("m2")
    draw("m1", institution="other")
    draw("m1", questionnaire=f"{name}r")
    start(database, questionnaire=name)
    save_page(database, old[0], SAVE, complete=True)
    with database.write() as connection:
        for id in old:
            connection.execute(text("UPDATE response SET started_at = '2020-01-01 00:00:00' WHERE id = :id"), {"id": id})
    draw("m3")

    assert seen[0] == {} and seen[2] == {"m1": 2}
    assert seen[3] == {} and seen[4] == {}, "another institution and another questionnaire count for themselves"
    assert seen[-1] == {"m1": 1, "m2": 2}, "m1 by a completed one, m2 by two live ones"


def test_a_page_costs_at_most_three_statements_from_load_to_save(sqlite_database):
    id = start(sqlite_database)
    sent = trace(sqlite_database)

    with counted(sent) as saving:
        save_page(sqlite_database, id, SAVE)
    with counted(sent) as loading:
        load_response(sqlite_database, id)
    with counted(sent) as finishing:
        save_page(sqlite_database, id, SAVE._replace(number=2), complete=True)

    assert len(saving) == 1 and len(loading) + len(saving) <= 3, [*loading, *saving]
    assert len(finishing) == 2, finishing


def test_a_save_is_committed_whatever_its_connection_was_used_for_before(sqlite_database, tmp_path):
    id = start(sqlite_database)
    for _ in range(3):
        read_now(sqlite_database)
        save_page(sqlite_database, id, SAVE)
    stored = sqlite3.connect(tmp_path / "answers.db").execute("SELECT version FROM page").fetchall()

    assert stored == [(3,)]


def test_a_private_key_has_one_response_which_keeps_its_first_key(database):
    first, second, a, b = start(database), start(database), StoredKey("a" * 32, ""), StoredKey("b" * 32, "")

    assert claim_key(database, first, a) == a
    assert claim_key(database, first, b) == a
    assert claim_key(database, second, a) == StoredKey(None, "")
    assert claim_key(database, second, b) == b


def test_a_taken_key_is_not_given_at_the_start(database):
    key = StoredKey("c" * 32, "")
    first, second = (start(database, make_key=lambda id: key) for _ in range(2))

    assert find_response_by_key(database, "q", "c" * 32).id == first
    assert claim_key(database, second, StoredKey("d" * 32, "")).key_hash == "d" * 32


def test_the_draw_counts_in_the_index_alone(sqlite_database):
    sent = trace(sqlite_database)
    start(sqlite_database)
    (counting,) = (statement for statement in sent if "count(*)" in statement)
    plan = " ".join(row[3] for row in sqlite_database.fetch(f"EXPLAIN QUERY PLAN {counting}", {}))

    assert plan.count("USING COVERING INDEX response_draw") == 2 and plan.count("INDEX response_draw") == 3, plan


def test_only_completed_seats_of_this_questionnaire_are_found(database, name):
    done, begun, elsewhere = f"{name}-done", f"{name}-begun", f"{name}-elsewhere"
    id = start(database, questionnaire=name, pseudonym=done)
    save_page(database, id, SAVE, complete=True)
    save_page(database, start(database, questionnaire=name, pseudonym=begun), SAVE)
    start(database, questionnaire=name, pseudonym=f"{name}-silent")
    save_page(database, start(database, questionnaire=f"{name}-other", pseudonym=elsewhere), SAVE, complete=True)
    everybody = [done, begun, f"{name}-silent", elsewhere]
    assert find_completed(database, name, everybody) == {done}
    assert find_completed(database, name, [begun]) == set()
    assert count_answered(database, name, everybody) == 2
    assert count_answered(database, name, [begun]) == 1


def test_responses_to_a_version_that_is_not_stored_are_counted(database, name):
    for version in ("v1", "v1", "v2"):
        start(database, questionnaire=name, version=version)
    assert sorted(row for row in list_orphans(database) if row[0] == name) == [(name, "v1", 2), (name, "v2", 1)]
