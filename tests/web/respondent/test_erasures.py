"""Requests of a device whose answers were erased: they are rejected, and never reach another response."""

from __future__ import annotations

import pytest

from survey_engine.fieldwork.erasure import Stores, apply_entries
from survey_engine.fieldwork.erasure_list import ERASED, ErasureEntry
from survey_engine.fieldwork.invitations.links import decrypt_seat, find_by_link
from survey_engine.fieldwork.participation_errors import UnknownResponseError
from survey_engine.fieldwork.start_form import StartForm
from survey_engine.storage.erasures import erase_seat
from tests.databases import ENGINES
from tests.web.conftest import FINISHED, House, send, start, walk

RUNS_ON = ENGINES


def erase(house: House, link: str) -> None:
    seat = find_by_link(house.site.identity, link.removeprefix("/l/"))
    assert seat
    stores = Stores(house.site.answers, house.site.identity, house.settings.pseudonym_key)
    assert apply_entries(stores, [ErasureEntry(ERASED, "short", seat.id)]) == 1


def test_open_pages_and_the_link_are_rejected_and_nothing_is_stored(house, script):
    link, device = house.invite(), house.device(script=script)
    story = walk(device, start(device, link), {"has_job": "no"})
    erase(house, link)

    assert send(device, story, {"story": "too late"}).status == 403
    assert send(device, story, {"story": "too late"}, wish="keep").status == 403
    assert [device.get(path).status for path in (story.path, "/a/short", "/done/short", link)] == [403, 403, 403, 404]
    assert house.rows("SELECT count(*) FROM page") == [(0,)]


def test_the_page_after_an_erasure_promises_no_working_link(house):
    link, device = house.invite(), house.device()
    start(device, link)
    erase(house, link)

    assert "If it no longer works, ask your school for a new one" in device.get("/a/short").text
    assert device.get(link).status == 404


def test_the_next_respondent_does_not_resume_an_erased_response(house):
    link, before, after = house.invite(), house.device(), house.device()
    page = start(before, link)
    erase(house, link)
    walk(after, start(after), *FINISHED)

    assert send(before, page, {"has_job": "yes"}).status == 403
    assert before.get("/done/short").drawn.receipt == ""


def test_a_start_between_the_two_steps_of_an_erasure_is_erased_too(house):
    """The seat was found before it was erased, and its response started after its answers were."""
    link = house.invite()
    seat = decrypt_seat(house.site.participation.contact_keys, find_by_link(house.site.identity, link.removeprefix("/l/")))
    erase_seat(house.site.identity, seat.id)
    with pytest.raises(UnknownResponseError):
        house.site.participation.begin_from_seat(house.questionnaire(), seat, "en", StartForm())

    assert house.rows("SELECT count(*) FROM response WHERE questionnaire = 'short'") == [(0,)]
