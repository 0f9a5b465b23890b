"""Own answers: the private key shows all of them and erases them, in every state of the response."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from sqlalchemy import text

from survey_engine.fieldwork.erasure import Stores, apply_list, reissue, withdraw
from survey_engine.fieldwork.erasure_list import BY_FILE, BY_LINK, BY_LIST, REISSUED
from survey_engine.fieldwork.invitations.links import decrypt_seat, encrypt_seat, find_by_link
from survey_engine.fieldwork.invitations.seat_maker import EXCLUDED
from survey_engine.fieldwork.signing import hash_token, make_token
from survey_engine.operations.maintenance import Installation, clear_erased
from survey_engine.operations.simulation.browsing import Browser, Reply, WsgiLine
from survey_engine.web.respondent.rate_limits import RateLimiter
from tests.databases import ENGINES
from tests.web.conftest import FINISHED, House, send, start, walk
from tests.web.respondent.test_going_on import GO_ON, SECRET, read_key, stop, write_secret

RUNS_ON = ENGINES
OWN = "/q/short/demo/answers"


@pytest.fixture(autouse=True)
def fresh_limits(house: House) -> None:
    """The tests post more keys than one site may."""
    house.site.limits = RateLimiter()


def post_key(device: Browser, key: str, wish: str = "") -> Reply:
    return device.post_plainly(OWN, [("key", key), ("wish", wish)])


def finish(device: Browser, path: str = "/q/short/demo") -> str:
    """Complete the questionnaire; return the private key."""
    done = walk(device, start(device, path), {"has_job": "no"}, {"story": SECRET}, {})
    ticket = re.findall('name="ticket" value="([^"]+)"', done.text)[0]
    return read_key(device.post_plainly("/done/short/key", [("ticket", ticket)]))


def begin(house: House, state: str, path: str = "/q/short/demo") -> tuple[Browser, str]:
    """A device and its private key, with an open or a completed response."""
    device = house.device()
    return device, finish(device, path) if state == "completed" else stop(device, write_secret(house, device, path))


def widen(key: str) -> str:
    """The key in full-width letters."""
    return "".join(chr(ord(letter) + 0xFEE0) for letter in key)


STATES = pytest.mark.parametrize("state", ["open", "completed"])


@STATES
def test_the_key_shows_all_stored_answers_and_what_was_known_before(house, state):
    _, key = begin(house, state)
    page = post_key(house.device(), key)

    assert page.status == 200 and page.headers["cache-control"] == "no-store"
    for shown in ("Do you have a job?<br><b", ">No</b>", f">{SECRET}</b>", "Level<br><b", ">3</b>", "Demo College"):
        assert shown in page.text
    assert "Visits: 1" in page.text
    assert ("no longer change" in page.text) == (state == "completed")


def test_labels_that_are_stored_and_hidden_are_shown_to_their_person(house):
    """The right of access; nobody else gets them with the answers."""
    _, key = begin(house, "open", house.invite())
    sealed = house.site.participation.contact_keys.encrypt('{"level": 4}', 256)
    with house.site.answers.write() as connection:
        connection.execute(text("UPDATE response SET background = '{}', sealed_labels = :sealed"), {"sealed": sealed})

    assert "Level<br><b" in (page := post_key(house.device(), key)).text and ">4</b>" in page.text


def test_answers_that_are_no_longer_on_the_path_are_shown_too(house):
    device = house.device()
    job = start(device)
    walk(device, job, {"has_job": "yes"}, {"hours": "12"})
    story = walk(device, device.get(job.path), {"has_job": "no"})

    assert ">12</b>" in post_key(house.device(), stop(device, story)).text


def test_an_unknown_key_shows_the_form_again_and_erases_nothing(house):
    _, key = begin(house, "open")

    for wish in ("", "erase"):
        page = post_key(house.device(), "ABCD-EFGH", wish)
        assert page.status == 422 and ("erased a moment ago" if wish else "We do not know this key") in page.text
    assert SECRET in post_key(house.device(), key).text


def test_the_key_of_another_institution_opens_nothing(house):
    _, key = begin(house, "open")
    assert house.device().post_plainly("/q/short/other/answers", [("key", key)]).status == 422


@STATES
@pytest.mark.parametrize("by_link", [False, True])
def test_erased_answers_are_in_no_row_and_open_for_nobody(house, state, by_link):
    link = house.invite() if by_link else "/q/short/demo"
    device, key = begin(house, state, link)
    seats = house.rows("SELECT * FROM seat", store="identity")
    page = post_key(device, key, "erase")

    assert page.status == 200 and "Your answers are erased" in page.text
    assert house.rows("SELECT count(*) FROM page") == [(0,)]
    assert house.rows("SELECT count(*) FROM response WHERE questionnaire <> '' OR pseudonym IS NOT NULL") == [(0,)]
    assert house.rows("SELECT * FROM seat", store="identity") == seats
    assert post_key(device, key).status == post_key(device, key, "erase").status == 422
    assert house.device().post_plainly(GO_ON, [("key", key)]).status == 422
    assert device.get("/a/short").status == device.get("/done/short").status == 403


def test_an_open_page_stores_nothing_after_the_erasure(house, script):
    device = house.device(script=script)
    story = write_secret(house, device)
    key = stop(house.device(script=script), story)
    post_key(house.device(), key, "erase")

    assert [send(device, story, {"story": "late"}, wish=wish).status for wish in ("keep", "next")] == [403, 403]
    assert house.rows("SELECT count(*) FROM page") == [(0,)]


def test_a_personal_link_begins_anew_after_the_erasure(house):
    link = house.invite()
    _, key = begin(house, "completed", link)
    assert "You may still get a reminder" in post_key(house.device(), key, "erase").text

    walk(house.device(), start(house.device(), link), *FINISHED)
    assert house.rows("SELECT count(*) FROM response WHERE questionnaire = 'short' AND completed_at IS NOT NULL") == [(1,)]


def test_a_restored_backup_is_erased_again_by_the_list(house):
    _, key = begin(house, "completed")
    before = {table: house.rows(f"SELECT * FROM {table}") for table in ("page", "response")}
    post_key(house.device(), key, "erase")
    restore_rows(house, before)
    assert SECRET in post_key(house.device(), key).text

    stores = Stores(house.site.answers, house.site.identity, house.settings.pseudonym_key)
    assert apply_list(stores, house.settings.erasures)[1] == 1
    assert post_key(house.device(), key).status == 422


def restore_rows(house: House, rows: dict[str, list[tuple[object, ...]]]) -> None:
    mark = "?" if house.site.answers.is_sqlite else "%s"
    with house.site.answers.write() as connection:
        connection.exec_driver_sql("DELETE FROM response")
        for table in ("response", "page"):
            for row in rows[table]:
                connection.exec_driver_sql(f"INSERT INTO {table} VALUES ({', '.join([mark] * len(row))})", row)


def test_nothing_is_erased_when_the_list_cannot_be_written(house):
    _, key = begin(house, "open")
    house.settings.erasures.parent.mkdir(parents=True, exist_ok=True)
    house.site.participation.erasures = house.settings.erasures.parent  # a folder
    try:
        assert post_key(house.device(), key, "erase").status == 503
    finally:
        house.site.participation.erasures = house.settings.erasures
    assert SECRET in post_key(house.device(), key).text


def test_the_worker_clears_the_bytes_of_erased_answers(house):
    _, key = begin(house, "open")
    post_key(house.device(), key, "erase")
    person = house.site.participation
    told = clear_erased(
        Installation(
            answers=person.answers,
            identity=person.identity,
            keys=person.contact_keys,
            pseudonym_key=person.pseudonym_key,
            erasures=person.erasures,
            find_closing=lambda code: None,
        )
    )

    assert told
    if house.site.answers.is_sqlite:
        files = house.folder.glob("data/*.db*")
        assert SECRET.encode() not in b"".join(path.read_bytes() for path in files)


def test_what_was_measured_is_shown_too(house):
    device = house.device()
    page = start(device, width="360", via="print")
    send(device, page, {"has_job": "yes"}, paradata="14 3 1")
    page = post_key(house.device(), stop(device, send(device, device.get("/a/short"), {"hours": "8"})))

    assert "Visits: 1 · Seconds: 14 · Changes: 3 · Double taps: 1" in page.text
    assert "Size of your screen<br><b" in page.text and ">small</b>" in page.text
    assert "How the link reached you<br><b" in page.text and ">on paper</b>" in page.text


@pytest.mark.parametrize("change", [str.lower, lambda key: key.replace("-", "–"), lambda key: f" {key[:4]} {key[5:]}. ", widen])
def test_a_key_is_known_however_a_phone_writes_it(house, change):
    _, key = begin(house, "open")
    assert post_key(house.device(), change(key)).status == 200


@STATES
@pytest.mark.parametrize("closing", [BY_LIST, BY_FILE, BY_LINK, EXCLUDED, REISSUED])
def test_a_withdrawal_closes_going_on_and_only_a_new_link_ends_the_key(house, closing, state):
    link = house.invite()
    _, key = begin(house, state, link)
    close_link(house, link, closing)
    reads = 410 if closing == REISSUED else 200
    goes_on = 422 if closing in (BY_LIST, BY_FILE, BY_LINK, REISSUED) else 200
    read = post_key(house.device(), key)

    assert house.device().get(link).status == {EXCLUDED: 200, REISSUED: 404}.get(closing, 410)
    assert house.device().post_plainly(GO_ON, [("key", key)]).status == goes_on
    assert (read.status, SECRET in read.text) == (reads, reads == 200)
    assert post_key(house.device(), key, "erase").status == reads
    assert bool(house.answers()) == (reads == 410)


def close_link(house: House, link: str, closing: str) -> None:
    """Withdraw or replace a link, or exclude its person."""
    token = link.removeprefix("/l/")
    seat = find_by_link(house.site.identity, token)
    stores = Stores(house.site.answers, house.site.identity, house.settings.pseudonym_key)
    if closing == REISSUED:
        reissue(stores, house.settings.erasures, "short", [(seat.id, hash_token(token), hash_token(make_token()))])
    elif closing == EXCLUDED:
        known = decrypt_seat(house.site.participation.contact_keys, seat)
        excluded = encrypt_seat(house.site.participation.contact_keys, replace(known, details={EXCLUDED: "ill"}))
        with stores.identity.write() as connection:
            connection.execute(text("UPDATE seat SET details = :details"), {"details": excluded.details})
    else:
        withdraw(stores, house.settings.erasures, "short", [seat.id], closing)


def test_the_key_of_a_replaced_link_stays_closed_after_a_withdrawal(house):
    link = house.invite()
    _, key = begin(house, "open", link)
    close_link(house, link, REISSUED)
    ((seat,),) = house.rows("SELECT id FROM seat", store="identity")
    stores = Stores(house.site.answers, house.site.identity, house.settings.pseudonym_key)
    withdraw(stores, house.settings.erasures, "short", [seat])

    assert {post_key(house.device(), key, wish).status for wish in ("", "erase")} == {410} and house.answers()


def test_wrong_keys_from_many_sites_do_not_stop_the_right_one(house):
    _, key = begin(house, "open")
    for number in range(660):
        device = house.device()
        device.line = WsgiLine(house.app.wsgi_app, REMOTE_ADDR=f"2001:db8:{number % 11:x}::1")
        device.post_plainly(OWN, [("key", f"{number:08}")])
    assert post_key(house.device(), key).status == 200
