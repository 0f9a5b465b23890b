"""A launch after the last day: who has begun by a launch goes on for the grace period, nobody begins."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from survey_engine.storage.lms import MATCH_BY_NUMBER
from tests.learning_environment import CLAIM, INSTRUCTOR, Environment, serve
from tests.web.conftest import House, write_short
from tests.web.lms.conftest import CUSTOM, Visitor, add_seat
from tests.web.respondent.test_closing import CLOSED, LAST_MOMENT, set_clock


@pytest.fixture
def closing_house(tmp_path: Path) -> Iterator[Visitor]:
    """A browser at a questionnaire that closes on 27 November."""
    write_short(tmp_path / "q", "short", "closes: 2026-11-27")
    house = House(tmp_path, SURVEY_LMS_DEVELOPMENT="http://127.0.0.1:8001")
    found: list[Environment] = []
    with serve(lambda path, body: (200, json.dumps(found[0].key_set()).encode())) as address:
        found.append(Environment(f"{address}/keys"))
        found[0].register(house.site.identity, roster_match=MATCH_BY_NUMBER)
        yield Visitor(house, found[0])
    house.close()


def come_again(visitor: Visitor) -> Visitor:
    return Visitor(visitor.house, visitor.environment)


@pytest.mark.parametrize("listed", [True, False])
def test_a_launch_opens_a_started_response_during_the_grace_time(closing_house: Visitor, listed: bool) -> None:
    visitor, house = closing_house, closing_house.house
    card = {CUSTOM: {"student_number": "S0012"}} if listed else {}
    add_seat(visitor)
    set_clock(house, LAST_MOMENT)
    assert visitor.start(visitor.launch(**card)).status_code == 303
    late = come_again(visitor).launch(**card)
    set_clock(house, LAST_MOMENT + timedelta(minutes=60))
    again = come_again(visitor)
    page = again.launch(**card)
    assert page.status_code == 200 and "Welcome back" in page.text
    assert again.start(page).status_code == 303
    set_clock(house, LAST_MOMENT + timedelta(minutes=80))
    assert [come_again(visitor).launch(**card).status_code, again.start(late).status_code] == [403, 403]


@pytest.mark.parametrize("listed", [True, False])
def test_no_response_starts_by_a_launch_after_the_last_day(closing_house: Visitor, listed: bool) -> None:
    visitor, house = closing_house, closing_house.house
    card = {CUSTOM: {"student_number": "S0012"}} if listed else {}
    add_seat(visitor)
    set_clock(house, LAST_MOMENT)
    page = visitor.launch(**card)
    set_clock(house, LAST_MOMENT + timedelta(minutes=60))
    for reply in (visitor.start(page), come_again(visitor).launch(**card), visitor.launch(**{f"{CLAIM}roles": [INSTRUCTOR]})):
        assert reply.status_code == 403 and CLOSED in reply.text
    assert house.rows("SELECT count(*) FROM response") == [(0,)]


def test_a_refused_launch_takes_no_place_and_tells_nothing_of_the_link(closing_house: Visitor) -> None:
    visitor, house = closing_house, closing_house.house
    link, device = add_seat(visitor), house.device()
    set_clock(house, LAST_MOMENT)
    device.get(link)
    device.post_plainly(link, [("lang", "en")])
    set_clock(house, LAST_MOMENT + timedelta(minutes=60))
    assert device.get(link).status == 200
    assert visitor.launch(**{CUSTOM: {"student_number": "S0012"}}).status_code == 403
    assert house.rows("SELECT count(*) FROM lms_seat", store="identity") == [(0,)]
