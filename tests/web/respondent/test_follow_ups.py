"""Follow-ups without a script: an answer that asks for more on its page brings the page once more, and nothing is lost."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from survey_engine.operations.simulation.browsing import Browser, Reply
from survey_engine.rendering.page_template import PageState
from tests.web.conftest import House, open_house, send, start

MAIN = """\
section: main
title: {en: Main, nl: Hoofd, easy: Main}
pages:
  - page: job
    questions:
      - yes_no: has_job
        text: {en: Do you have a job?, nl: Heb je werk?, easy: Do you work?}
      - number: hours
        text: {en: How many hours?, nl: Hoeveel uur?, easy: How many hours?}
        when: has_job == 'yes'
        from: 1
        to: 60
      - grid: work
        text: {en: What is it like?, nl: Hoe is het?, easy: How is it?}
        options: {1: {en: Bad, nl: Slecht, easy: Bad}, 2: {en: Good, nl: Goed, easy: Good}}
        items:
          pay: {text: {en: Pay, nl: Loon, easy: Pay}, when: has_job == 'yes'}
          tired: {text: {en: Tiring, nl: Zwaar, easy: Tiring}, when: hours >= 20 and level >= 2}
"""


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with open_house(tmp_path, MAIN) as house:
        yield house


def list_open(reply: Reply) -> list[str]:
    """Return the follow-ups that the page shows."""
    return [field.value for field in reply.drawn.fields if field.name == "shown"]


def read(house: House) -> dict[str, object]:
    return json.loads(house.answers()["job"])


def answer(house: House, *pages: dict[str, object]) -> tuple[Browser, Reply]:
    """Press Next with each of these answers."""
    device = house.device()
    reply = start(device)
    for given in pages:
        reply = send(device, reply, given)
    return device, reply


def test_a_new_page_shows_no_follow_up(house: House) -> None:
    reply = start(house.device())
    assert list_open(reply) == []
    assert reply.text.count("data-when") == 4 and reply.text.count("disabled hidden") == 4


def test_an_answer_brings_the_page_again_with_its_follow_ups(house: House) -> None:
    _, reply = answer(house, {"has_job": "yes"})
    assert (reply.status, house.page(reply), list_open(reply)) == (200, "job", ["hours", "work", "pay"])
    assert "Your answer leads to more questions" in reply.text and "Not answered yet" not in reply.text


def test_a_follow_up_of_a_follow_up_opens_in_turn(house: House) -> None:
    _, reply = answer(house, {"has_job": "yes"}, {"has_job": "yes", "hours": "30", "pay": "1"})
    assert (house.page(reply), list_open(reply)) == ("job", ["hours", "work", "pay", "tired"])
    _, reply = answer(house, {"has_job": "yes"}, {"has_job": "yes", "hours": "3", "pay": "1"})
    assert house.page(reply) == "story"


def test_an_answer_that_asks_nothing_more_goes_on(house: House) -> None:
    _, reply = answer(house, {"has_job": "no"})
    assert house.page(reply) == "story"


def test_an_unanswered_follow_up_is_pointed_out_once_it_was_shown(house: House) -> None:
    device, reply = answer(house, {"has_job": "yes"}, {"has_job": "yes", "hours": "3"})
    assert (reply.status, house.page(reply), reply.drawn.read_hidden("prompted")) == (422, "job", "1")
    assert house.page(send(device, reply, {"has_job": "yes", "hours": "3"})) == "story"


def test_the_answer_of_a_closed_follow_up_is_kept(house: House) -> None:
    device, reply = answer(house, {"has_job": "yes"}, {"has_job": "yes", "hours": "3", "pay": "2"})
    page = device.get(send(device, reply, wish="back").path)
    assert list_open(page) == ["hours", "work", "pay"]

    closed = send(device, page, {"has_job": "no"}, shown=[])  # the script disables what it closes
    assert house.page(closed) == "story"
    assert read(house) == {"has_job": "no", "hours": 3, "pay": 2}

    page = send(device, closed, wish="back")
    assert list_open(page) == []
    again = send(device, page, {"has_job": "yes"})
    assert list_open(again) == ["hours", "work", "pay"] and 'value="3"' in again.text
    assert read(house) == {"has_job": "yes", "hours": 3, "pay": 2}


@pytest.mark.parametrize("wish", ["back", "stop", "keep"])
def test_only_next_asks_for_the_follow_up(house: House, wish: str) -> None:
    device, reply = answer(house)
    after = send(device, reply, {"has_job": "yes"}, wish)
    assert "Your answer leads to more questions" not in after.text
    assert read(house) == {"has_job": "yes"}


def test_a_language_switch_shows_the_follow_ups(house: House) -> None:
    device, reply = answer(house, {"has_job": "yes"})
    switched = send(device, reply, {"has_job": "yes", "hours": "3"}, language="nl")
    assert list_open(switched) == ["hours", "work", "pay"] and "Hoeveel uur?" in switched.text


def test_an_answer_that_the_page_hides_opens_nothing(house: House) -> None:
    page = house.site.page(house.questionnaire(), house.slug("job"), "en", "demo")
    known = {"has_job": "yes", "hours": 30, "level": 3}
    hidden = page.template.fill(PageState(known=known, labels=page.labels))
    shown = page.template.fill(PageState(known=known, values={"has_job": "yes", "hours": 30}, labels=page.labels))
    assert (hidden.count(b"disabled hidden"), shown.count(b"disabled hidden")) == (4, 0)


def test_what_earlier_pages_exclude_is_not_on_the_page(house: House) -> None:
    page = house.site.page(house.questionnaire(), house.slug("job"), "en", "demo")
    html = page.template.fill(PageState(known={"level": 1}, labels=page.labels))
    assert b"Pay" in html and b"Tiring" not in html
