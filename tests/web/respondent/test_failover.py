"""After a failover or a restored backup, devices of lost responses never reach another response."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from typing import Any, NamedTuple

import pytest
from sqlalchemy import text

from survey_engine.fieldwork.invitations.links import find_by_link
from survey_engine.operations.simulation.browsing import Browser, Reply
from survey_engine.storage.database import Database
from tests.databases import ENGINES
from tests.web.conftest import FINISHED, House, send, start, walk

RUNS_ON = ENGINES
COUNT = 3
SECRET = "a stranger wrote this"
TABLES = {"answers": "response", "identity": "seat"}
_SEQUENCE = "SELECT pg_get_serial_sequence(:table, 'id')"


class Device(NamedTuple):
    """A device whose response the store has lost."""

    browser: Browser
    story: Reply
    """An open page of the device."""
    done: Reply | None = None
    """The proof of completion, if the response was complete."""


def copy_store(database: Database) -> Callable[[], None]:
    """A copy of a store, such as a backup or a lagging replica; a call restores it."""
    if database.is_sqlite:
        path, copy = database.engine.url.database or "", sqlite3.connect(":memory:")
        with closing(sqlite3.connect(path)) as source:
            source.backup(copy)

        def put_back() -> None:
            with closing(sqlite3.connect(path)) as target:
                copy.backup(target)

        return put_back
    table = TABLES[database.store]
    with database.read() as connection:
        ids = connection.execute(text(f"SELECT id FROM {table}")).scalars().all()
        sequence = connection.execute(text(_SEQUENCE), {"table": table}).scalar()
        last = connection.execute(text(f"SELECT last_value FROM {sequence}")).scalar_one() if sequence else 0

    def take_back() -> None:
        with database.write() as connection:
            connection.execute(text(f"DELETE FROM {table} WHERE NOT id = ANY(:ids)"), {"ids": ids})
            if sequence:
                connection.execute(text("SELECT setval(:name, :last)"), {"name": sequence, "last": last})

    return take_back


def come_so_far(house: House, *, script: bool) -> Device:
    browser = house.device(script=script)
    return Device(browser, walk(browser, start(browser), {"has_job": "no"}))


def complete(house: House, *, script: bool) -> Device:
    device = come_so_far(house, script=script)
    return device._replace(done=walk(device.browser, device.story, *FINISHED[1:]))


def lose(house: House, *, script: bool, begin: Callable[..., Device] = come_so_far) -> tuple[list[Device], list[Device]]:
    """Devices whose responses the store lost, and devices of respondents who started afterwards."""
    start(house.device())
    take_back = copy_store(house.site.answers)
    lost = [begin(house, script=script) for _ in range(COUNT)]
    take_back()
    strangers = [come_so_far(house, script=script) for _ in range(COUNT)]
    for device in strangers:
        assert send(device.browser, device.story, {"story": SECRET}, wish="keep").status == 204
    return lost, strangers


def list_stored(house: House) -> list[tuple[Any, ...]]:
    return [
        *house.rows("SELECT id, language, languages, completed_at, key_hash, saves FROM response ORDER BY id"),
        *house.rows("SELECT response_id, page, answers, version, writer, number FROM page ORDER BY response_id, page"),
    ]


ACTIONS: dict[str, Callable[[House, Device], Reply]] = {
    "resume": lambda house, device: device.browser.get("/a/short"),
    "page": lambda house, device: device.browser.get(f"/a/short/{house.slug('story')}"),
    "start page": lambda house, device: device.browser.get("/q/short/demo"),
    "keep": lambda house, device: send(device.browser, device.story, {"story": "mine"}, wish="keep"),
    "next": lambda house, device: send(device.browser, device.story, {"story": "mine"}),
    "back": lambda house, device: send(device.browser, device.story, {"story": "mine"}, wish="back"),
    "stored": lambda house, device: send(device.browser, device.story, {"story": "mine"}, wish="stored"),
    "retype": lambda house, device: send(device.browser, device.story, {"story": "mine"}, wish="retype"),
    "language": lambda house, device: send(device.browser, device.story, {"story": "mine"}, language="nl"),
    "proof": lambda house, device: device.browser.get("/done/short"),
}


@pytest.mark.parametrize("action", ACTIONS)
def test_a_device_of_a_lost_response_neither_reads_nor_changes_a_strangers(house, script, action):
    lost, _ = lose(house, script=script)
    before = list_stored(house)
    assert str(before).count(SECRET) == COUNT
    replies = [ACTIONS[action](house, device) for device in lost]

    assert not any(SECRET in reply.text for reply in replies)
    assert {reply.status for reply in replies} <= {200 if action == "start page" else 400, 403}
    assert action != "start page" or "/a/short" not in replies[0].text, "that offers to continue"
    assert list_stored(house) == before


@pytest.mark.parametrize("path", ["/done/short", "/done/short/key", "/done/short/address"])
def test_a_device_that_had_completed_gets_no_strangers_proof_or_key(house, script, path):
    lost, strangers = lose(house, script=script, begin=complete)
    proofs = {walk(device.browser, device.story, *FINISHED[1:]).drawn.receipt for device in strangers}
    before = list_stored(house)
    for device in lost:
        (ticket, *_) = re.findall('name="ticket" value="([^"]+)"', device.done.text)
        reply = device.browser.get(path) if path == "/done/short" else device.browser.post_plainly(path, [("ticket", ticket)])
        assert reply.status in (400, 403) and not any(proof in reply.text for proof in proofs)

    assert len(proofs) == COUNT and list_stored(house) == before


def test_no_stranger_gets_the_proof_of_a_lost_response(house):
    lost, strangers = lose(house, script=False, begin=complete)
    proofs = {walk(device.browser, device.story, *FINISHED[1:]).drawn.receipt for device in strangers}

    assert proofs.isdisjoint(device.done.drawn.receipt for device in lost)


def test_links_made_after_a_restore_never_reach_an_older_response(house):
    """The answers exist: each belongs to a lost seat, and no new seat gets its pseudonym."""
    house.invite()
    take_back = copy_store(house.site.identity)
    for _ in range(COUNT):
        device = house.device()
        send(device, walk(device, start(device, house.invite()), {"has_job": "no"}), {"story": SECRET})
    take_back()
    pages = []
    for _ in range(COUNT):
        device = house.device()
        pages.append(start(device, house.invite()))

    assert [house.page(page) for page in pages] == ["job"] * COUNT
    assert house.rows("SELECT count(*) FROM response") == [(2 * COUNT,)]


@pytest.mark.parametrize("store", TABLES)
def test_no_row_gets_the_id_of_a_lost_one(house, store):
    database: Database = getattr(house.site, store)

    def make_ids() -> set[int]:
        for _ in range(COUNT):
            start(house.device(), link := house.invite())
            assert find_by_link(house.site.identity, link.removeprefix("/l/"))
        return {row[0] for row in house.rows(f"SELECT id FROM {TABLES[store]}", store=store)}

    before = make_ids()
    take_back = copy_store(database)
    lost = make_ids() - before
    take_back()

    assert len(lost) == COUNT and lost.isdisjoint(make_ids())
