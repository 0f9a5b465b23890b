"""A withdrawn link: nobody can see or change its response, in any state, until the link is restored."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from survey_engine.fieldwork.erasure import (
    Stores,
    apply_list,
    erase,
    list_not_in_effect,
    restore_links,
    withdraw,
)
from survey_engine.fieldwork.erasure_list import ERASED, ErasureEntry, read_entries
from survey_engine.fieldwork.invitations.links import decrypt_seat, find_by_link
from survey_engine.fieldwork.participation_errors import WithdrawnError
from survey_engine.fieldwork.start_form import StartForm
from survey_engine.operations.simulation.browsing import Browser, WsgiLine
from survey_engine.web.app import create_app
from tests.databases import ENGINES
from tests.web.conftest import FINISHED, House, send, start, walk

RUNS_ON = ENGINES


class Desk:
    """Withdraws and restores a link, with a separate erasure list."""

    def __init__(self, house: House, link: str) -> None:
        self.house = house
        self.stores = Stores(house.site.answers, house.site.identity, house.settings.pseudonym_key)
        self.seat = find_by_link(house.site.identity, link.removeprefix("/l/"))
        self.path = house.folder / f"erasures of {self.seat.id}"

    def withdraw(self) -> int:
        return withdraw(self.stores, self.path, "short", [self.seat.id])

    def restore(self) -> int:
        return restore_links(self.stores, self.path, "short", [self.seat.id])

    def erase(self) -> None:
        erase(self.stores, self.path, ErasureEntry(ERASED, "short", self.seat.id))

    def count_undone(self) -> int:
        return len(list_not_in_effect(self.stores, read_entries(self.path)))

    def count_names(self) -> int:
        return self.house.rows("SELECT count(*) FROM withdrawn_response")[0][0]

    def lose_names(self) -> None:
        """Restore a backup from before the withdrawal."""
        with self.stores.answers.write() as connection:
            connection.execute(text("DELETE FROM withdrawn_response"))


def test_a_device_of_a_withdrawn_link_neither_sees_nor_saves(house, script):
    link, device = house.invite(), house.device(script=script)
    story = walk(device, start(device, link), {"has_job": "no"})
    desk = Desk(house, link)
    desk.withdraw()
    saved = [send(device, story, {"story": "late"}, wish=wish) for wish in ("next", "keep", "back")]
    seen = [device.get(path) for path in ("/a/short", story.path, "/done/short", link)]

    assert {reply.status for reply in [*saved, *seen]} == {410}
    assert seen[0].drawn.heading == "This link is no longer in use" and "already begun" not in device.get("/q/short/demo").text
    assert house.answers() == {"job": '{"has_job":"no"}'}, "what was answered before is kept"
    assert desk.count_undone() == 0

    desk.restore()
    assert send(device, story, {"story": "late"}).status < 400
    assert desk.count_undone() == 0


def test_a_completed_response_shows_no_proof_until_its_link_is_given_back(house):
    link, device = house.invite(), house.device()
    last = walk(device, start(device, link), *FINISHED[:-1])
    assert send(device, last, {}).drawn.receipt
    desk = Desk(house, link)
    desk.withdraw()

    assert {device.get(path).status for path in ("/done/short", last.path, link)} | {send(device, last, {}).status} == {410}
    desk.restore()
    assert device.get("/done/short").drawn.receipt


def test_a_start_under_way_is_refused_once_its_link_is_withdrawn(house):
    link = house.invite()
    desk = Desk(house, link)
    seat = decrypt_seat(house.site.participation.contact_keys, desk.seat)
    desk.withdraw()
    with pytest.raises(WithdrawnError):
        house.site.participation.begin_from_seat(house.questionnaire(), seat, "en", StartForm())

    desk.restore()
    assert house.page(start(house.device(), link)) == "job"


def test_a_link_that_was_withdrawn_twice_is_given_back_at_once(house):
    link, device = house.invite(), house.device()
    story = walk(device, start(device, link), {"has_job": "no"})
    desk = Desk(house, link)

    assert [desk.withdraw(), desk.withdraw(), desk.count_names(), desk.restore(), desk.count_names()] == [1, 0, 1, 1, 0]
    assert send(device, story, {"story": "back"}).status < 400


def test_an_erasure_after_a_withdrawal_leaves_no_name(house):
    begun, unbegun = house.invite(), house.invite()
    start(house.device(), begun)
    for desk in (Desk(house, begun), Desk(house, unbegun)):
        desk.withdraw()
        desk.erase()

        assert (desk.count_names(), desk.count_undone()) == (0, 0)
        assert apply_list(desk.stores, desk.path) == (1, 0)


def test_a_withdrawal_that_a_restore_undid_is_carried_out_again(house):
    link, device = house.invite(), house.device()
    story = walk(device, start(device, link), {"has_job": "no"})
    desk = Desk(house, link)
    desk.withdraw()
    desk.lose_names()

    assert desk.count_undone() == 1
    assert apply_list(desk.stores, desk.path) == (1, 1)
    assert (desk.count_undone(), send(device, story, {"story": "late"}).status) == (0, 410)


def test_another_process_that_remembers_the_response_refuses_its_next_save(house):
    app = create_app(house.settings)
    link, device = house.invite(), Browser(WsgiLine(app.wsgi_app), "en", script=True)
    job = start(device, link)
    assert send(device, job, {"has_job": "no"}, wish="keep").status == 204
    Desk(house, link).withdraw()

    assert send(device, job, {"has_job": "yes"}, wish="keep", number="2").status == 410
    assert house.answers() == {"job": '{"has_job":"no"}'}


def test_responses_of_open_links_are_never_withdrawn(house):
    device = house.device()
    story = walk(device, start(device), {"has_job": "no"})
    Desk(house, house.invite()).withdraw()

    assert send(device, story, {"story": "well"}).status < 400
