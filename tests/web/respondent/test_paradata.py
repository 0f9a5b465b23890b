"""Paradata of pages and the class of the device: posted with the answers, stored with them, and never an error."""

from __future__ import annotations

import pytest

from tests.databases import ENGINES
from tests.web.conftest import House, send, start, walk

RUNS_ON = ENGINES
PAGE = "SELECT page, paradata FROM page ORDER BY page"


def paradata(house: House) -> dict[str, str | None]:
    return dict(house.rows(PAGE))


@pytest.mark.parametrize("wish", ["next", "keep", "back", "stop"])
def test_every_save_stores_the_paradata_of_its_page(house, wish):
    device = house.device()
    send(device, start(device), {"has_job": "no"}, wish, paradata="12 1 0")
    assert paradata(house) == {"job": "1 12 1 0"}


def test_a_switch_of_the_language_is_the_same_visit_and_keeps_the_totals(house):
    device = house.device()
    switched = send(device, start(device), language="nl", paradata="12 1 0")
    assert switched.drawn.read_hidden("paradata") == "12 1 0"
    send(device, switched, paradata="15 1 1")
    assert paradata(house)["job"] == "1 15 1 1"


def test_a_second_visit_adds_to_what_is_stored(house):
    device = house.device()
    first = start(device)
    story = send(device, first, {"has_job": "no"}, paradata="12 1 0")
    back = send(device, story, wish="back", paradata="3 0 0")
    assert back.drawn.read_hidden("paradata") == "12 1 0"
    send(device, back, paradata="20 2 0")
    assert paradata(house) == {"job": "2 20 2 0", "story": "1 3 0 0"}


def test_visits_count_without_a_script(house):
    device = house.device()
    story = send(device, start(device), {"has_job": "no"})
    job = send(device, story, wish="back")
    send(device, job)
    assert paradata(house) == {"job": "2", "story": "1"}


def test_a_retry_a_late_save_and_a_reload_count_nothing_twice(house):
    device = house.device(script=True)
    page = start(device)
    for totals in ("4 1 0", "4 1 0", "3 1 0"):
        send(device, page, {"has_job": "yes"}, "keep", paradata=totals)
    before = page.drawn.read_hidden("ticket").split(".")[3]
    reloaded = device.get(page.path)
    assert reloaded.drawn.read_hidden("paradata") == "4 1 0"
    send(device, reloaded, {"has_job": "yes"}, "keep", paradata="6 1 0", follows=before)
    assert paradata(house)["job"] == "1 6 1 0"


def test_a_conflict_counts_nothing_twice(house):
    device = house.device(script=True)
    page = start(device)
    other = device.get(page.path)
    send(device, page, {"has_job": "yes"}, paradata="9 1 0")
    both = send(device, other, {"has_job": "no"}, paradata="5 1 1")
    assert (both.status, both.drawn.read_hidden("paradata")) == (409, "9 1 1")
    send(device, both, {"has_job": "no"}, paradata="11 2 1")
    assert paradata(house)["job"] == "2 11 2 1"


def test_a_page_with_errors_keeps_the_totals_of_its_visit(house):
    device = house.device()
    hours = send(device, start(device), {"has_job": "yes"})
    again = send(device, hours, {"hours": "999"}, paradata="7 1 0")
    assert (again.status, again.drawn.read_hidden("paradata")) == (422, "7 1 0")
    send(device, again, {"hours": "9"}, paradata="9 2 0")
    assert paradata(house)["hours"] == "1 9 2 0"


@pytest.mark.parametrize("posted", ["", "1", "-1 0 0", "99999999999 0 0", "1 1 1 1", "x", "1 1 1'; DROP TABLE page"])
def test_broken_paradata_change_neither_the_reply_nor_what_is_stored(house, posted):
    device = house.device()
    page = start(device)
    send(device, page, {"has_job": "no"}, "keep", paradata="8 1 0")
    assert send(device, page, {"has_job": "no"}, paradata=posted).status == 200
    assert paradata(house)["job"] == "1 8 1 0"


def test_a_page_with_a_panel_question_has_no_paradata(house):
    """The time on it would show who typed an address."""
    device = house.device()
    panel = walk(device, start(device), {"has_job": "no"}, {"story": "well"})
    send(device, panel, {"panel": "ada@example.org"}, paradata="30 3 0")
    assert paradata(house)["panel"] is None


@pytest.mark.parametrize(
    ("fields", "hint", "stored"),
    [
        ({"width": "700"}, "?1", "medium"),
        ({"width": "360px"}, "?0", None),
        ({"width": "0"}, "", None),
        ({"width": "٣٦٠"}, "?1", "small"),
        ({}, "?1", "small"),
        ({}, "", None),
    ],
)
def test_the_class_of_the_device_is_stored_at_the_start(house, fields, hint, stored):
    link = house.invite()
    device = house.device()
    device.headers["Sec-CH-UA-Mobile"] = hint
    for path in ("/q/short/demo", link):
        device.post_plainly(path, list(fields.items()))
    device.post_plainly(link, [("width", "1280")])
    assert house.rows("SELECT device FROM response") == [(stored,), (stored,)]


def test_a_page_of_an_older_release_is_shown_and_saved(house):
    device = house.device()
    page = start(device)
    send(device, page, {"has_job": "no"}, "keep", paradata="8 1 0")
    with house.site.answers.write() as connection:
        connection.exec_driver_sql("UPDATE page SET paradata = NULL")
        connection.exec_driver_sql("UPDATE response SET saves = saves + 1")
    again = device.get(page.path)
    assert again.drawn.read_hidden("paradata") == ""
    send(device, again, {"has_job": "no"})
    assert paradata(house)["job"] == "1"
