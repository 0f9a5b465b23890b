"""The cache of responses saves statements and never changes a reply."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from survey_engine.engine.response_state import Response, StoredPage
from survey_engine.engine.routing import Respondent
from survey_engine.fieldwork.response_cache import ResponseCache
from survey_engine.operations.simulation.browsing import Browser, WsgiLine
from survey_engine.web.app import create_app
from tests.statements import counted, trace
from tests.web.conftest import FINISHED, House, send, start, walk, write_short

NEEDED = {"p1", "p3"}


class Clock:
    """A clock with a settable time."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


def make_response(id: int = 1, *pages: str, saves: int = 1) -> Response:
    stored = {page: StoredPage({"a": page}, done=True, seconds_left=60) for page in pages}
    return Response(id, "q", "v", Respondent("demo", "en"), pages=stored, saves=saves)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def cache(clock: Clock) -> ResponseCache:
    return ResponseCache(max_responses=3, max_age=60, clock=clock)


def test_a_cached_response_is_returned_to_one_request_only(cache):
    cache.keep(make_response(1, "p1"), NEEDED)
    assert cache.take(1, NEEDED).pages["p1"].answers == {"a": "p1"}
    assert cache.take(1, NEEDED) is None


def test_needed_pages_are_cached_and_the_state_of_the_others(cache):
    cache.keep(make_response(1, "p1", "p2"), NEEDED)
    response = cache.take(1, NEEDED)
    assert set(response.pages) == {"p1"}
    assert response.overview().stored == response.overview().done == {"p1", "p2"}


def test_a_response_with_an_uncached_needed_page_has_to_be_loaded(cache):
    cache.keep(make_response(1, "p1", "p2"), NEEDED)
    assert cache.take(1, {"p1", "p2"}) is None


def test_the_oldest_entries_are_removed_first_and_all_expire(cache, clock):
    for id in range(1, 5):
        cache.keep(make_response(id), NEEDED)
    assert cache.take(1, NEEDED) is None
    assert cache.take(2, NEEDED)
    clock.now += 61
    assert cache.take(3, NEEDED) is None


def test_expired_entries_are_removed_at_the_next_save(cache, clock):
    cache.keep(make_response(1), NEEDED)
    clock.now += 61
    cache.keep(make_response(2), NEEDED)
    clock.now -= 61
    assert cache.take(1, NEEDED) is None, "it was removed, and did not only expire"


def test_a_shared_response_is_cached_again_after_two_saves_here(cache):
    cache.keep(make_response(saves=1), NEEDED)
    cache.keep(make_response(saves=3), NEEDED)
    assert cache.take(1, NEEDED) is None
    cache.keep(make_response(saves=4), NEEDED)
    assert cache.take(1, NEEDED)


class Processes:
    """Two processes on the same stores, and a device whose requests reach either of them."""

    def __init__(self, house: House) -> None:
        self.apps, self.which = [house.app, create_app(house.settings)], 0
        self.device = Browser(WsgiLine(self.serve), "en")

    def serve(self, environ: Any, start_response: Any) -> Any:
        return self.apps[self.which].wsgi_app(environ, start_response)


@pytest.fixture
def house(tmp_path) -> Iterator[House]:
    write_short(tmp_path / "q", "short")
    built = House(tmp_path)
    yield built
    built.close()


def test_with_a_cached_response_the_save_is_the_only_statement(house):
    sent = trace(house.site.answers)
    device = house.device(script=True)
    reply = walk(device, start(device), {"has_job": "yes"})
    with counted(sent) as heard:
        send(device, reply, {"hours": "8"})
    assert [statement.split()[0] for statement in heard] == ["INSERT"]


def test_a_process_with_a_stale_path_loads_the_stored_one(house):
    processes = Processes(house)
    first = start(processes.device)
    hours = send(processes.device, first, {"has_job": "yes"})
    assert house.page(hours) == "hours"

    processes.which = 1
    send(processes.device, send(processes.device, hours, wish="back"), {"has_job": "no"})
    processes.which = 0
    reply = send(processes.device, hours, {"hours": "8"})

    assert house.page(reply) == "story", "the page of hours is not asked any more"
    assert "hours" not in house.answers() or house.answers()["hours"] == "{}"


def test_a_cached_response_is_found_completed_or_erased_by_others(house):
    processes = Processes(house)
    first = start(processes.device)
    story = send(processes.device, first, {"has_job": "no"})
    processes.which = 1
    done = walk(processes.device, story, *FINISHED[1:])
    processes.which = 0
    before = house.answers()

    assert send(processes.device, story, {"story": "late"}).drawn.receipt == done.drawn.receipt
    assert house.answers() == before


def test_a_panel_address_is_not_stored_by_a_cached_response(house):
    """Another process removes the panel's page from the path: a cached response must not store its address."""
    processes = Processes(house)
    story = send(processes.device, start(processes.device), {"has_job": "no"})
    panel = send(processes.device, story, {"story": "well"})
    processes.which = 1
    send(processes.device, panel, wish="keep", language="easy")
    processes.which = 0
    send(processes.device, panel, {"panel": "me@example.org"})

    assert house.rows("SELECT count(*) FROM panel_waiting") == [(0,)]


def test_a_completed_response_is_not_cached(house):
    device = house.device()
    walk(device, start(device), *FINISHED)
    ((id,),) = house.rows("SELECT id FROM response")
    assert house.site.participation.response_cache.take(id, set()) is None
