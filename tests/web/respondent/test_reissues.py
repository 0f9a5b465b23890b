"""A reissued link: the old link and its devices lose access, the new link resumes the response."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import text

from survey_engine.fieldwork.erasure import Stores, apply_list, erase, find_by_private_key, list_not_in_effect, reissue
from survey_engine.fieldwork.erasure_list import read_entries
from survey_engine.fieldwork.invitations.links import decrypt_seat, find_by_link
from survey_engine.fieldwork.participation_errors import WithdrawnError
from survey_engine.fieldwork.signing import DeviceCookie, Ticket, hash_token, make_token
from survey_engine.fieldwork.start_form import StartForm
from survey_engine.operations.simulation.browsing import Browser, WsgiLine
from survey_engine.web.app import create_app
from survey_engine.web.respondent.rate_limits import LIMITS, Limit
from survey_engine.web.respondent.site import COOKIE
from tests.databases import ENGINES
from tests.web.conftest import FINISHED, House, send, start, walk

RUNS_ON = ENGINES
BEGUN = '{"has_job":"no"}'


class Desk:
    """Reissues a link, with a separate erasure list."""

    def __init__(self, house: House, link: str) -> None:
        self.house, self.link = house, link
        self.stores = Stores(house.site.answers, house.site.identity, house.settings.pseudonym_key)
        self.seat = find_by_link(house.site.identity, link.removeprefix("/l/"))
        self.path = house.folder / f"erasures of {self.seat.id}"

    def reissue(self) -> str:
        """Reissue the link; return the path of the new one."""
        old, token = hash_token(self.link.removeprefix("/l/")), make_token()
        reissue(self.stores, self.path, "short", [(self.seat.id, old, hash_token(token))])
        self.link = f"/l/{token}"
        return self.link

    def count_undone(self) -> int:
        return len(list_not_in_effect(self.stores, read_entries(self.path)))

    def restore_identity(self, link: str) -> None:
        """Restore a backup from the time at which this was the link of the seat."""
        with self.stores.identity.write() as connection:
            values = {"link": hash_token(link.removeprefix("/l/")), "id": self.seat.id}
            connection.execute(text("UPDATE seat SET link_hash = :link WHERE id = :id"), values)

    def restore_answers(self) -> None:
        """Restore a backup from before the first reissue."""
        with self.stores.answers.write() as connection:
            connection.execute(text("DELETE FROM withdrawn_response"))


def try_all(device: Browser, page, *links: str) -> set[int]:
    """Return the statuses of replies to a device that posts, saves, reads and opens links."""
    sent = [send(device, page, {"story": "stranger"}, wish=wish) for wish in ("next", "keep", "back", "stored")]
    return {reply.status for reply in [*sent, *map(device.get, ("/a/short", page.path, "/done/short", *links))]}


def test_a_device_of_the_old_link_neither_sees_nor_saves(house, script):
    old, device = house.invite(), house.device(script=script)
    story = walk(device, start(device, old), {"has_job": "no"})
    desk = Desk(house, old)
    desk.reissue()

    assert try_all(device, story) == {410}
    assert device.get(old).status == 404 and "already begun" not in device.get("/q/short/demo").text
    assert house.answers() == {"job": BEGUN} and desk.count_undone() == 0


def test_the_new_link_resumes_on_the_same_device_and_on_others(house, script):
    old, device = house.invite(), house.device(script=script)
    before = walk(device, start(device, old), {"has_job": "no"})
    new = Desk(house, old).reissue()
    for one in (device, house.device(script=script)):
        story = start(one, new)
        assert house.page(story) == "story"
        assert send(one, story, {"story": "mine"}, wish="keep").status == 204
        assert one.get("/a/short").status == 200

    assert send(device, before, {"story": "from the tab of the old link"}, wish="keep").status == 410
    assert house.answers() == {"job": BEGUN, "story": '{"story":"mine"}'}


def test_a_flood_from_the_old_device_does_not_slow_the_new_link(house, monkeypatch):
    monkeypatch.setitem(LIMITS, "response", Limit(5, 0.001))
    old, device = house.invite(), house.device()
    walk(device, start(device, old), {"has_job": "no"})
    new = Desk(house, old).reissue()
    assert [device.get("/a/short").status for _ in range(8)][-1] == 429
    assert house.page(start(house.device(), new)) == "story"


@pytest.mark.parametrize("kept", ["cookie", "ticket"])
def test_neither_the_cookie_nor_the_ticket_of_the_old_link_is_enough(house, kept):
    old, device = house.invite(), house.device()
    story = walk(device, start(device, old), {"has_job": "no"})
    Desk(house, old).reissue()
    if kept == "ticket":
        device.cookies.clear()
        assert {send(device, story, {"story": "late"}, wish=wish).status for wish in ("next", "keep")} == {410}
    else:
        assert {device.get(path).status for path in ("/a/short", story.path)} == {410}
        retyped = device.post_plainly(story.path, [("wish", "retype"), ("q.story", "late")])
        assert retyped.status == 410
    assert house.answers() == {"job": BEGUN}


def test_a_completed_response_shows_nothing_to_the_old_device(house):
    old, device = house.invite(), house.device()
    done = walk(device, start(device, old), *FINISHED)
    assert done.drawn.receipt
    (ticket, *_) = re.findall('name="ticket" value="([^"]+)"', done.text)
    assert device.post_plainly("/done/short/key", [("ticket", ticket)]).status == 200
    new = Desk(house, old).reissue()
    asked = [device.post_plainly(f"/done/short/{what}", [("ticket", ticket)]) for what in ("key", "address")]

    assert {reply.status for reply in [*asked, device.get("/done/short")]} == {410}
    other = house.device()
    assert start(other, new).drawn.receipt == done.drawn.receipt
    assert other.get("/done/short").drawn.receipt == done.drawn.receipt


def test_the_private_key_erases_after_a_reissue_and_opens_nothing(house):
    """A stranger with the old link may have seen the key, so the pages of a personal link promise erasure alone."""
    old, device = house.invite(), house.device()
    story = walk(device, start(device, old), {"has_job": "no"})
    stopped = send(device, story, {"story": "mine"}, wish="stop")
    key = re.search(r'class="key">([^<]+)<', stopped.text)[1]
    desk = Desk(house, old)
    new = desk.reissue()

    assert "With it you can read your answers" in stopped.text
    assert house.device().post_plainly("/q/short/demo/go-on", [("key", key)]).status == 422
    assert house.page(start(house.device(), new)) == "story"
    erase(desk.stores, desk.path, find_by_private_key(desk.stores, "short", key))
    assert house.answers() == {} and house.device().get(new).status == 404


def test_the_key_shown_to_the_new_link_opens_the_answers(house):
    old, device = house.invite(), house.device()
    before = send(device, start(device, old), {"has_job": "no"}, wish="stop")
    new, device = Desk(house, old).reissue(), house.device()
    after = send(device, start(device, new), wish="stop")
    keys = [re.search(r'class="key">([^<]+)<', page.text)[1] for page in (before, after)]

    assert [house.device().post_plainly("/q/short/demo/go-on", [("key", key)]).status for key in keys] == [422, 200]


def test_no_response_changes_when_a_replaced_link_is_shown_its_key(house):
    """Only a row that leads nowhere without the pseudonym key is added: two copies of the stores do not join seat and response."""
    old, device = house.invite(), house.device()
    walk(device, start(device, old), *FINISHED)
    new, place = Desk(house, old).reissue(), "rowid" if house.site.answers.is_sqlite else "ctid, xmin"
    look = f"SELECT {place}, saves, key_hash, key_mark, id FROM response"
    before = house.rows(look)
    devices = [house.device() for _ in range(2)]
    tickets = [re.search('name="ticket" value="([^"]+)"', start(device, new).text)[1] for device in devices]
    shown = [one.post_plainly("/done/short/key", [("ticket", ticket)]) for one, ticket in zip(devices, tickets, strict=True)]
    keys = {re.search(r'class="key">([^<]+)<', page.text)[1] for page in shown}

    assert len(keys) == 1 and house.rows(look) == before
    (row,) = house.rows("SELECT name, holder FROM later_key")
    assert not {*row} & {*map(str, before[0])}


def test_each_replaced_link_has_a_key_and_the_last_one_opens(house):
    links, keys = [house.invite()], []
    desk = Desk(house, links[0])
    for _ in range(3):
        device = house.device()
        page = start(device, links[-1])
        keys.append(re.search(r'class="key">([^<]+)<', send(device, page, {"has_job": "no"}, wish="stop").text)[1])
        links.append(desk.reissue())
    device = house.device()
    keys.append(re.search(r'class="key">([^<]+)<', send(device, start(device, links[-1]), wish="stop").text)[1])
    opened = [house.device().post_plainly("/q/short/demo/go-on", [("key", key)]).status for key in keys]

    assert len({*keys}) == 4 and opened == [422, 422, 422, 200]
    for key in keys:
        assert find_by_private_key(desk.stores, "short", key).number == desk.seat.id
    erase(desk.stores, desk.path, find_by_private_key(desk.stores, "short", keys[1]))
    assert house.rows("SELECT count(*) FROM later_key") == [(0,)]
    assert [find_by_private_key(desk.stores, "short", key) for key in keys] == [None] * 4


def test_other_and_restarted_processes_reject_the_old_device(house):
    app = create_app(house.settings)
    old, device = house.invite(), Browser(WsgiLine(app.wsgi_app), "en", script=True)
    job = start(device, old)
    assert send(device, job, {"has_job": "no"}, wish="keep").status == 204
    Desk(house, old).reissue()
    assert send(device, job, {"has_job": "yes"}, wish="keep", number="2").status == 410
    later = Browser(WsgiLine(create_app(house.settings).wsgi_app), "en", script=True)
    later.cookies.update(device.cookies)

    assert send(later, job, {"has_job": "yes"}, wish="keep", number="3").status == 410
    assert later.get("/a/short").status == 410 and house.answers() == {"job": BEGUN}


def test_devices_of_a_release_without_link_hashes_lose_access_too(house):
    old, device = house.invite(), house.device(script=True)
    job = start(device, old)
    id, signatures = house.find_response(device), house.site.signatures
    device.cookies[COOKIE + "short"] = signatures.sign_cookie("short", DeviceCookie(id, "en"))
    ticket = signatures.read_ticket(job.drawn.read_hidden("ticket"))
    earlier = signatures.sign_ticket(Ticket(*ticket[:5]))
    assert earlier.count(".") == 5
    assert send(device, job, {"has_job": "no"}, wish="keep", ticket=earlier).status == 204
    Desk(house, old).reissue()

    assert send(device, job, {"has_job": "yes"}, wish="keep", number="2", ticket=earlier).status == 410
    assert device.get("/a/short").status == 410


def test_a_link_replaced_twice_leaves_the_last_device_in_alone(house):
    links, devices, pages = [house.invite()], [house.device() for _ in range(3)], []
    desk = Desk(house, links[0])
    for device in devices:
        pages.append(start(device, links[-1]))
        links.append(desk.reissue())
    assert [device.get("/a/short").status for device in devices] == [410, 410, 410]
    assert house.page(start(devices[0], links[-1])) == "job"
    assert desk.count_undone() == 0


def test_a_start_by_the_old_link_that_was_under_way_is_refused(house):
    old = house.invite()
    desk = Desk(house, old)
    seat = decrypt_seat(house.site.participation.contact_keys, desk.seat)
    new = desk.reissue()
    with pytest.raises(WithdrawnError):
        house.site.participation.begin_from_seat(house.questionnaire(), seat, "en", StartForm())

    assert house.page(start(house.device(), new)) == "job"


def test_after_a_restore_of_the_seats_the_last_link_is_put_in_force_again(house):
    first = house.invite()
    stranger, desk = house.device(), Desk(house, first)
    start(stranger, first)
    second, third = desk.reissue(), desk.reissue()
    desk.restore_identity(first)

    assert stranger.post_plainly(first, []).status == 410, "its devices stay out even before"
    assert desk.count_undone() == 1
    assert [apply_list(desk.stores, desk.path) for _ in range(2)] == [(1, 1), (1, 0)]
    assert [house.device().get(link).status for link in (first, second, third)] == [404, 404, 200]
    assert desk.count_undone() == 0


def test_after_a_restore_of_the_answers_the_old_devices_are_put_out_again(house):
    first, device = house.invite(), house.device()
    job = start(device, first)
    desk = Desk(house, first)
    second = desk.reissue()
    between = house.device()
    start(between, second)
    third = desk.reissue()
    desk.restore_answers()

    assert desk.count_undone() == 1
    assert apply_list(desk.stores, desk.path) == (1, 1)
    assert send(device, job, {"has_job": "yes"}).status == between.get("/a/short").status == 410
    assert house.page(start(house.device(), third)) == "job" and desk.count_undone() == 0


def test_no_row_of_an_answer_changes_when_a_link_is_replaced(house):
    old, device = house.invite(), house.device()
    walk(device, start(device, old), {"has_job": "no"})
    place = "rowid" if house.site.answers.is_sqlite else "ctid, xmin"
    look = f"SELECT {place}, saves, key_hash, id FROM response"
    before = house.rows(look)
    Desk(house, old).reissue()

    assert house.rows(look) == before
