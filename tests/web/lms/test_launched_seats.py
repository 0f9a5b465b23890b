"""A seat that a launch finds belongs to the first person who launches it, and shows this person's own answers only."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from survey_engine.fieldwork.erasure import Stores, find_by_private_key, reissue, unbind_launched_seats
from survey_engine.fieldwork.signing import hash_token
from survey_engine.operations.simulation.browsing import Browser, Reply
from survey_engine.storage.lms import EMAIL, MATCH_BY_NUMBER, SOURCED_ID
from survey_engine.web.respondent.site import COOKIE
from tests.web.conftest import FINISHED, send, walk
from tests.web.lms.conftest import CUSTOM, OWN, SOURCED, Visitor, add_seat

SECRET = "Only I wrote this"
CARD = {CUSTOM: {"student_number": "S0012"}}


def come_in(visitor: Visitor, **claims: Any) -> tuple[Browser, Reply]:
    """Launch the card and press Start; return the device and its first page."""
    started = visitor.start(visitor.launch(**CARD, **claims))
    assert started.status_code == 303, started.text
    device = visitor.house.device()
    cookie = visitor.client.get_cookie(f"{COOKIE}short")
    assert cookie
    device.cookies[f"{COOKIE}short"] = cookie.value
    return device, device.get("/a/short")


def tell(device: Browser, page: Reply) -> None:
    """Write the secret on the page of the story."""
    assert send(device, walk(device, page, {"has_job": "no"}), {"story": SECRET}, wish="keep").status == 204


def read_all(device: Browser, page: Reply) -> str:
    """Return all pages that the device can read, back from this one, and the page that shows the private key."""
    seen = [page, send(device, page, wish="back"), device.get("/a/short")]
    return "".join(one.text for one in [*seen, send(device, seen[-1], wish="stop")])


def read_key(page: Reply) -> str:
    return re.findall(r'class="key">([^<]+)<', page.text)[0]


def list_stores(visitor: Visitor) -> Stores:
    site = visitor.house.site
    return Stores(site.answers, site.identity, visitor.house.settings.pseudonym_key)


def find_number(visitor: Visitor) -> tuple[int, str]:
    """Return the number of the only seat, and the hash of its link."""
    ((number, link_hash),) = visitor.house.rows("SELECT id, link_hash FROM seat", store="identity")
    return number, link_hash


def test_another_account_of_the_environment_is_refused(listed: Visitor) -> None:
    add_seat(listed)
    tell(*come_in(listed))
    other = Visitor(listed.house, listed.environment)
    page = other.launch(**CARD, sub="student-2")
    assert page.status_code == 403 and "belongs to another account" in page.text and "Ask your mentor" in page.text
    assert "Welcome back" in listed.launch(**CARD).text


def test_an_account_opens_the_seats_of_others_only_before_they_launch(listed: Visitor) -> None:
    """With a number that a teacher wrote on a card; 20 of 20 were opened."""
    for number in range(5):
        add_seat(listed, f"S{number}")
        visitor = Visitor(listed.house, listed.environment)
        visitor.start(visitor.launch(**{CUSTOM: {"student_number": f"S{number}"}}, sub=f"student-{number}"))
    forged = [listed.launch(**{CUSTOM: {"student_number": f"S{number}"}}, sub="teacher").status_code for number in range(5)]
    assert forged == [403] * 5


def test_an_account_with_the_same_name_in_another_environment_is_refused(listed: Visitor) -> None:
    add_seat(listed)
    come_in(listed)
    other = replace(listed.environment, client_id="client-2")
    other.register(listed.house.site.identity, roster_match=MATCH_BY_NUMBER)
    assert Visitor(listed.house, other).launch(**CARD).status_code == 403


def test_the_same_account_goes_on_by_another_deployment(listed: Visitor) -> None:
    add_seat(listed)
    tell(*come_in(listed))
    other = replace(listed.environment, deployment="8")
    other.register(listed.house.site.identity, roster_match=MATCH_BY_NUMBER)
    assert "Welcome back" in Visitor(listed.house, other).launch(**CARD).text


def test_who_has_begun_by_a_launch_sees_the_answers_again(listed: Visitor) -> None:
    add_seat(listed)
    tell(*come_in(listed))
    again = Visitor(listed.house, listed.environment)
    assert "Welcome back" in again.launch(**CARD).text
    seen = read_all(*come_in(again))
    assert SECRET in seen and 'class="key"' in seen


def test_a_launch_shows_nothing_that_was_answered_by_the_link(listed: Visitor) -> None:
    link, device = add_seat(listed), listed.house.device()
    device.get(link)
    tell(device, device.post_plainly(link, [("lang", "en")]))
    assert "Welcome back" not in listed.launch(**CARD).text
    for _ in range(2):  # and not after the first launch either
        seen = read_all(*come_in(listed))
        assert SECRET not in seen and 'class="key"' not in seen
    assert SECRET in read_all(device, device.get("/a/short"))


def test_a_launch_does_not_tell_that_the_link_has_completed(listed: Visitor) -> None:
    link, device = add_seat(listed), listed.house.device()
    device.get(link)
    receipt = walk(device, device.post_plainly(link, [("lang", "en")]), *FINISHED).drawn.receipt
    page = listed.launch(**CARD)
    assert "/lti/start/" in page.text and receipt and receipt not in page.text
    finished = listed.start(page)
    assert "You have already finished" in finished.text and receipt not in finished.text


def test_the_link_ends_the_private_key_of_a_launch(listed: Visitor) -> None:
    link = add_seat(listed)
    launched, page = come_in(listed)
    key = read_key(send(launched, page, wish="stop"))
    assert find_by_private_key(list_stores(listed), "short", key)
    device = listed.house.device()
    device.get(link)
    device.post_plainly(link, [("lang", "en")])
    assert find_by_private_key(list_stores(listed), "short", key) is None


@pytest.mark.parametrize("act", ["release", "reissue"])
def test_a_released_seat_belongs_to_the_next_account_without_the_answers(listed: Visitor, act: str) -> None:
    add_seat(listed)
    device, page = come_in(listed)
    tell(device, page)
    key = read_key(send(device, device.get("/a/short"), wish="stop"))
    card, (number, link_hash), stores = listed.launch(**CARD), find_number(listed), list_stores(listed)
    if act == "release":
        assert [unbind_launched_seats(stores, "short", [number]) for _ in range(2)] == [1, 0]
    else:
        reissue(stores, listed.house.settings.erasures, "short", [(number, link_hash, hash_token("new"))])
    assert listed.start(card).status_code == 403, "the card of the account that had the seat"
    other = Visitor(listed.house, listed.environment)
    assert "Welcome back" not in other.launch(**CARD, sub="student-2").text
    seen = read_all(*come_in(other, sub="student-2"))
    assert SECRET not in seen
    assert listed.house.device().post_plainly("/q/short/demo/answers", [("key", key)]).status == 422
    assert listed.launch(**CARD).status_code == 403


def test_a_device_of_a_launch_hides_answers_after_a_pause(listed: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    add_seat(listed)
    device, page = come_in(listed)
    tell(device, page)
    assert SECRET in device.get("/a/short").text
    signatures = listed.house.site.signatures
    visit = signatures.read_dated_cookie
    monkeypatch.setattr(type(signatures), "read_dated_cookie", lambda self, *of: (visit(*of)[0], 31 * 60))
    assert SECRET not in device.get("/a/short").text


def test_no_store_names_the_account_of_a_seat(listed: Visitor) -> None:
    add_seat(listed)
    come_in(listed)
    ((name, person),) = listed.house.rows("SELECT name, person FROM lms_seat", store="identity")
    number, link_hash = find_number(listed)
    assert {len(name), len(person)} == {32} and str(number) not in name + person and name not in link_hash


@pytest.mark.parametrize("match", [MATCH_BY_NUMBER, SOURCED_ID, EMAIL])
def test_only_the_claim_that_the_deployment_names_finds_a_seat(listed: Visitor, match: str) -> None:
    claims = {MATCH_BY_NUMBER: CARD, SOURCED_ID: {SOURCED: {"person_sourcedid": "S0012"}}, EMAIL: {"email": "bo@example.org"}}
    listed.environment.register(listed.house.site.identity, roster_match=match)
    add_seat(listed, address="bo@example.org")
    rest = {"email": ""} | {name: value for kind, one in claims.items() if kind != match for name, value in one.items()}
    count = "SELECT count(*) FROM lms_seat"
    assert listed.launch(**rest).status_code == 200 and listed.house.rows(count, store="identity") == [(0,)]
    assert listed.launch(**claims[match]).status_code == 200 and listed.house.rows(count, store="identity") == [(1,)]


@pytest.mark.parametrize("match", [MATCH_BY_NUMBER, SOURCED_ID, EMAIL])
@pytest.mark.parametrize(
    "written", ["\ud800", "S\0", "S1\nS2", "\u202e12", "a" * 256], ids=["surrogate", "nul", "line", "mark", "long"]
)
def test_a_malformed_name_of_a_person_is_refused(listed: Visitor, match: str, written: str) -> None:
    listed.environment.register(listed.house.site.identity, roster_match=match)
    claims = {CUSTOM: {"student_number": written}, SOURCED: {"person_sourcedid": written}, "email": written}
    assert listed.launch(**claims).status_code == 403


def test_a_start_page_says_that_answers_given_otherwise_are_not_shown(listed: Visitor) -> None:
    add_seat(listed)
    page = listed.launch(**CARD)
    assert "You do not see what was filled in before" in page.text
    assert listed.start(page).status_code == 303
    assert "You do not see what was filled in before" not in listed.launch(**CARD).text
    assert listed.client.get("/q/short/demo/answers", headers=OWN).status_code == 200
