"""An input error never removes stored answers: background saves, Back, language switches and Next."""

from __future__ import annotations

import json

import pytest

from tests.databases import ENGINES
from tests.web.conftest import House, send, start, walk
from tests.web.respondent.test_answer_pages import read_typed

RUNS_ON = ENGINES
FAULT = "Enter a whole number from 1 to 60."


@pytest.fixture
def hours(house: House):
    """A page with a number question and the stored answer 7, and the device that shows it."""
    device = house.device(script=True)
    page = walk(device, start(device), {"has_job": "yes"})
    assert send(device, page, {"hours": "7"}, wish="keep").status == 204
    return device, page


def stored(house: House) -> object:
    return json.loads(house.answers()["hours"]).get("hours")


def test_a_background_save_with_errors_reports_them_and_deletes_nothing(house, hours):
    device, page = hours
    reply = send(device, page, {"hours": "7x"}, wish="keep", number="2")

    assert (reply.status, json.loads(reply.text), stored(house)) == (422, {"hours": FAULT}, 7)
    assert send(device, page, {"hours": "8"}, wish="keep", number="3").status == 204
    assert stored(house) == 8


def test_an_emptied_field_is_a_valid_answer(house, hours):
    device, page = hours
    assert send(device, page, {"hours": ""}, wish="keep", number="2").status == 204
    assert stored(house) is None


def test_next_with_an_error_deletes_nothing(house, hours):
    device, page = hours
    assert send(device, page, {"hours": "7x"}, number="2").status == 422
    assert stored(house) == 7


def test_back_with_an_error_stays_and_a_second_press_discards_it(house, hours):
    device, page = hours
    stays = send(device, page, {"hours": "7x"}, wish="back", number="2")

    assert (stays.status, house.page(stays), read_typed(stays, "hours")) == (422, "hours", ["7x"])
    assert FAULT in stays.text and "press the same button again" in stays.text
    assert house.page(send(device, stays, {"hours": "7x"}, wish="back", warned="hours")) == "job"
    assert stored(house) == 7


def test_stop_says_that_an_invalid_answer_is_not_saved(house, hours):
    device, page = hours
    stays = send(device, page, {"hours": "7x"}, wish="stop", number="2")
    assert (stays.status, house.page(stays)) == (422, "hours")
    stopped = send(house.device(), stays, {"hours": "7x"}, wish="stop", warned="hours")
    assert "An answer that was not valid is not saved." in stopped.text
    assert stored(house) == 7


def test_a_form_lists_the_errors_that_it_already_showed(house, hours):
    device, page = hours
    assert page.drawn.read_hidden("warned") is None
    assert send(device, page, {"hours": "7x"}, number="2").drawn.read_hidden("warned") == "hours"


def test_a_language_switch_with_an_error_shows_it_in_the_new_language(house, hours):
    device, page = hours
    reply = send(device, page, {"hours": "7x"}, language="nl", number="2")

    assert (reply.status, house.page(reply), read_typed(reply, "hours")) == (422, "hours", ["7x"])
    assert "heel getal" in reply.text and stored(house) == 7
    assert house.rows("SELECT language FROM response") == [("nl",)]


# a page that was reloaded ---------------------------------------------------------------------------------------------


def writer_of(page) -> str:
    return str(page.drawn.read_hidden("ticket")).split(".")[3]


def test_a_reloaded_page_keeps_the_last_save_before_the_reload(house):
    device = house.device(script=True)
    before = walk(device, start(device), {"has_job": "no"})
    after = device.get(before.drawn.action or "")  # rendered before the last save
    send(device, before, {"story": "the last tap"}, wish="keep", number="2")

    assert send(device, after, {"story": ""}, wish="keep", follows=writer_of(before)).status == 204
    assert send(device, after, {"story": "more"}, wish="keep", number="2").status == 204
    assert json.loads(house.answers()["story"]) == {"story": "more"}


def test_the_last_save_is_kept_if_the_reloaded_page_saves_nothing(house):
    device = house.device(script=True)
    before = start(device)
    after = device.get(before.path)
    send(device, before, {"has_job": "yes"}, wish="keep", number="2")
    send(device, after, wish="keep", follows=writer_of(before))

    assert house.answers() == {"job": '{"has_job":"yes"}'}


def test_a_tab_replaces_only_its_own_previous_writer(house):
    device = house.device(script=True)
    mine, other = start(device), None
    other, after = device.get(mine.path), device.get(mine.path)
    send(device, other, {"has_job": "yes"}, wish="keep", number="2")

    for follows in ("", writer_of(mine), writer_of(after)):
        assert send(device, after, {"has_job": "no"}, wish="keep", follows=follows).status == 409
    assert house.answers() == {"job": '{"has_job":"yes"}'}
