"""Limits stop who hammers, and nobody else: a school is one address."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode

import pytest
from flask import Flask

from survey_engine.engine.link_mark import NO_LINK_MARK
from survey_engine.fieldwork.signing import MAX_RETRY_TOKEN_SECONDS
from survey_engine.web.respondent.entry import has_retry_token
from survey_engine.web.respondent.rate_limits import LIMITS, MAX_KEYS, MAX_USED_TOKENS, RateLimiter, UsedRetryTokens, find_network
from tests.attacks.calls import Reply, call, find_cookies, post

SCHOOL = "198.51.100.7"


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(app: Flask) -> Iterator[Clock]:
    """The application counts from nothing, by a clock that only the test moves."""
    site, clock = app.extensions["survey_engine"], Clock()
    before = site.limits, site.used_retry_tokens
    site.limits, site.used_retry_tokens = RateLimiter(clock), UsedRetryTokens(clock)
    yield clock
    site.limits, site.used_retry_tokens = before


def take_all(limits: RateLimiter, name: str, key: object = "one") -> None:
    for _ in range(LIMITS[name].burst):
        assert limits.take(name, key) == 0


def test_what_is_allowed_at_once_is_allowed_and_the_next_waits() -> None:
    limits = RateLimiter(Clock())
    take_all(limits, "miss")
    assert limits.take("miss", "one") == 2
    assert limits.take("miss", "another") == 0
    assert limits.take("link", "one") == 0


def test_after_the_wait_one_more_is_allowed_and_a_refusal_costs_nothing() -> None:
    clock = Clock()
    limits = RateLimiter(clock)
    take_all(limits, "miss")
    for _ in range(50):
        wait = limits.take("miss", "one")
    clock.now += wait
    assert limits.take("miss", "one") == 0
    assert limits.take("miss", "one") > 0


def test_a_rate_below_the_limit_is_never_stopped() -> None:
    clock = Clock()
    limits = RateLimiter(clock)
    for _ in range(20_000):
        assert limits.take("response", 1) == 0
        clock.now += 0.101


def test_the_counts_never_take_more_room_than_planned() -> None:
    limits = RateLimiter(Clock())
    for number in range(3 * MAX_KEYS):
        limits.take("miss", number)
    assert len(limits) <= MAX_KEYS


def test_keys_that_are_paid_off_make_room_before_any_that_is_not() -> None:
    clock = Clock()
    limits = RateLimiter(clock)
    take_all(limits, "miss", "attacker")
    for number in range(MAX_KEYS - 1):
        limits.take("response", number)
    clock.now += 1
    limits.take("response", "the one too many")
    assert len(limits) == 2
    assert limits.take("miss", "attacker") > 0


def test_what_is_counted_again_and_again_is_forgotten_last() -> None:
    clock = Clock()
    limits = RateLimiter(clock)
    take_all(limits, "miss", "attacker")
    for number in range(3 * MAX_KEYS):
        limits.take("response", number)
        if number % 1_000 == 0:
            assert limits.take("miss", "attacker") > 0


def test_a_turn_lets_in_once_as_long_as_it_is_valid_however_many_others_do() -> None:
    clock = Clock()
    turns = UsedRetryTokens(clock)
    assert [turns.use("one"), turns.use("one")] == [True, False]
    assert sum(turns.use(str(number)) for number in range(MAX_USED_TOKENS + 5_000)) == MAX_USED_TOKENS - 1, (
        "the others are refused"
    )
    clock.now += MAX_RETRY_TOKEN_SECONDS - 1
    assert not turns.use("one") and len(turns) == MAX_USED_TOKENS
    clock.now += 1
    assert turns.use("another") and len(turns) == 1


def start(app: Flask, address: str = SCHOOL, **headers: str) -> Reply:
    return call(app, "POST", "/q/gallery/demo", {"Sec-Fetch-Site": "same-origin", **headers}, b"lang=nl", address=address)


@pytest.mark.slow
def test_five_hundred_starts_in_a_minute_from_one_address_all_pass(app: Flask, clock: Clock) -> None:
    for _ in range(500):
        assert start(app).status == 303
        clock.now += 0.12


def test_a_flood_from_one_address_waits_and_honest_starts_beside_it_do_not(app: Flask, clock: Clock) -> None:
    limits = app.extensions["survey_engine"].limits
    take_all(limits, "open_link", ("gallery", "demo", "203.0.113.9"))
    served = []
    for number in range(43):
        refused = start(app, "203.0.113.9")
        served.append(start(app, SCHOOL if number % 2 else f"192.0.2.{number}").status)
        clock.now += 0.01
    assert served == [303] * 43
    assert (refused.status, refused.header("Retry-After")) == (429, "5")
    assert "Een ogenblik geduld" in refused.text and "Wacht 5 seconden" in refused.text
    assert '<input type="hidden" name="lang" value="nl">' in refused.text  # trying again is one press
    assert post(app, "/q/gallery/plain", {}).status == 303
    clock.now += 1
    assert start(app, "203.0.113.9").status == 303


def try_again(app: Flask, refused: Reply, address: str = SCHOOL) -> Reply:
    """Press the button of a page that said: wait."""
    form = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', refused.text))
    return post_from(app, form, address)


def post_from(app: Flask, form: dict[str, str], address: str) -> Reply:
    return call(app, "POST", "/q/gallery/demo", {"Sec-Fetch-Site": "same-origin"}, urlencode(form).encode(), address=address)


def test_a_class_at_the_address_of_a_flood_gets_in_at_its_second_try(app: Flask, clock: Clock) -> None:
    """120 starts a second that read no page; 43 devices that press the button after the seconds that the page names."""
    begun, waits = clock.now, list[float]()
    take_all(app.extensions["survey_engine"].limits, "open_link", ("gallery", "demo", SCHOOL))
    waiting: list[tuple[float, float, Reply]] = []
    passed = 0
    for tick in range(120 * 10):
        passed += start(app).status == 303
        clock.now += 1 / 120
        if tick % 10 == 0 and tick < 430:
            first = start(app)
            waiting.append((clock.now, clock.now + int(first.header("Retry-After") or 0), first))
        for came, due, refused in [one for one in waiting if one[1] <= clock.now]:
            waiting.remove((came, due, refused))
            assert refused.status == 303 or try_again(app, refused).status == 303
            waits.append(clock.now - came)
    assert len(waits) == 43 and max(waits) < 6
    assert passed <= clock.now - begun + 1, "the flood itself gets no more than before"


def test_a_wait_page_lets_in_once_and_only_so_many_per_address(app: Flask, clock: Clock) -> None:
    limits = app.extensions["survey_engine"].limits
    take_all(limits, "open_link", ("gallery", "demo", SCHOOL))
    refused = start(app)
    assert [try_again(app, refused).status for _ in range(3)] == [303, 429, 429]
    assert post_from(app, {"lang": "nl", "turn": "made-up.aaaa.bbbb"}, SCHOOL).status == 429
    take_all(limits, "waiting", ("gallery", "demo", "203.0.113.9"))
    take_all(limits, "open_link", ("gallery", "demo", "203.0.113.9"))
    again = try_again(app, start(app, "203.0.113.9"), "203.0.113.9")
    assert again.status == 429 and again.text.count('name="turn"') == 1


def test_a_page_that_said_wait_lets_in_only_where_it_said_so(app: Flask, clock: Clock) -> None:
    site = app.extensions["survey_engine"]
    take_all(site.limits, "open_link", ("gallery", "demo", SCHOOL))
    elsewhere = [site.signatures.sign_retry_token(*place) for place in (("gallery", "plain"), ("hostile", "demo"))]
    assert [post_from(app, {"lang": "nl", "turn": turn}, SCHOOL).status for turn in elsewhere] == [429, 429]
    assert try_again(app, start(app)).status == 303


@pytest.mark.slow
def test_a_flood_that_reads_its_pages_gets_no_more_than_both_limits(app: Flask, clock: Clock) -> None:
    """25 starts a second for two minutes from one address, each with the turn of the page before."""
    site, admitted, place = app.extensions["survey_engine"], 0, ("gallery", "demo", SCHOOL)
    for _ in range(120):
        for _ in range(25):
            form = {"lang": "nl", "turn": site.signatures.sign_retry_token("gallery", "demo")}
            with app.test_request_context("/q/gallery/demo", method="POST", data=form):
                admitted += not site.limits.take("open_link", place) or has_retry_token(site, place)
        clock.now += 1
    assert admitted <= 600 + 600 + 2 * 120


def test_a_flood_that_keeps_the_cookie_of_each_start_is_limited_too(app: Flask, clock: Clock) -> None:
    limits = app.extensions["survey_engine"].limits
    take_all(limits, "open_link", ("gallery", "demo", SCHOOL))
    reply, admitted = start(app, "192.0.2.8"), 0
    while reply.status == 303 and admitted < 700:
        reply = start(app, Cookie=find_cookies(reply))
        admitted += reply.status == 303
    assert admitted == LIMITS["devices"].burst


@pytest.mark.slow
def test_six_hundred_starts_at_once_behind_one_address_all_pass(app: Flask, clock: Clock) -> None:
    assert {start(app).status for _ in range(600)} == {303}


def test_a_known_device_starts_beside_a_flood_from_its_own_address(app: Flask, clock: Clock) -> None:
    take_all(app.extensions["survey_engine"].limits, "open_link", ("gallery", "demo", SCHOOL))
    cookie = find_cookies(start(app, "192.0.2.8"))
    assert start(app).status == 429
    assert start(app, Cookie=cookie).status == 303
    statuses = [start(app, Cookie=cookie).status for _ in range(LIMITS["device"].burst)]
    assert statuses[-1] == 429, "one cookie is no key for a flood"


def test_a_flood_from_everywhere_slows_an_institution_and_refuses_nobody(app: Flask, clock: Clock) -> None:
    site, pauses = app.extensions["survey_engine"], list[float]()
    site.limits = RateLimiter(clock, pauses.append)
    take_all(site.limits, "institution", ("gallery", "demo"))
    assert (start(app).status, len(pauses)) == (303, 1)
    assert (post(app, "/q/gallery/plain", {}).status, len(pauses)) == (303, 1)


def test_only_one_request_at_a_time_is_slowed() -> None:
    depth, pauses = [0], list[int]()

    def pause(_: float) -> None:
        pauses.append(1)
        depth[0] += 1
        if depth[0] < 3:
            limits.delay()

    limits = RateLimiter(pause=pause)
    limits.delay()
    limits.delay()
    assert len(pauses) == 2


@pytest.mark.parametrize(
    ("address", "named"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("::FFFF:c000:201", "192.0.2.1"),
        ("2001:db8::1:2", "2001:db8::/64"),
        ("2001:DB8:0::9:9", "2001:db8::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("fe80::2%1", "fe80::/64"),
        ("unix:", "unix:"),
    ],
)
def test_a_subscriber_is_one_address_or_one_network_of_version_six(address: str, named: str) -> None:
    assert find_network(address) == named


@pytest.mark.parametrize(("proxy", "counted"), [("127.0.0.1", "203.0.113.77"), ("203.0.113.5", "203.0.113.5")])
def test_only_a_known_proxy_is_believed_about_where_a_request_came_from(
    app: Flask, clock: Clock, proxy: str, counted: str
) -> None:
    limits = app.extensions["survey_engine"].limits
    take_all(limits, "miss", counted)
    reply = call(app, "GET", "/l/guess", {"X-Forwarded-For": "198.51.100.1, 203.0.113.77"}, address=proxy)
    assert reply.status == 429


def test_threads_that_count_at_once_count_each_other() -> None:
    limits = RateLimiter(Clock())

    def take(_: int) -> int:
        return sum(limits.take("miss", "one") == 0 for _ in range(50))

    with ThreadPoolExecutor(16) as pool:
        assert sum(pool.map(take, range(16))) == LIMITS["miss"].burst


def test_guessing_links_ends_in_a_kind_page_and_a_right_link_still_works(app: Flask, clock: Clock, link: str) -> None:
    statuses = [call(app, "GET", f"/l/guess{number}", address=SCHOOL).status for number in range(LIMITS["miss"].burst + 1)]
    assert set(statuses[:-1]) == {404}
    assert statuses[-1] == 429
    refused = call(app, "GET", "/l/guess?lang=nl", address=SCHOOL)
    assert refused.header("Retry-After") == "2"
    assert "Open de link uit je uitnodiging" in refused.text
    assert call(app, "GET", link, address=SCHOOL).status == 200
    assert call(app, "POST", link, address=SCHOOL).status == 303
    assert call(app, "GET", "/l/guess", address="203.0.113.5").status == 404


def test_one_link_cannot_start_without_end(app: Flask, clock: Clock, link: str) -> None:
    statuses = [call(app, "POST", link).status for _ in range(LIMITS["link"].burst + 1)]
    assert statuses == [303] * LIMITS["link"].burst + [429]


def test_saves_of_one_response_are_limited_and_nothing_typed_is_lost(app: Flask, clock: Clock) -> None:
    page = post(app, "/q/hostile/evil", {}, HX_Request="true")
    ticket, visit = page.ticket, page.ticket.partition(".")[0]
    limits = app.extensions["survey_engine"].limits
    while limits.take("response", (int(visit), NO_LINK_MARK)) == 0:
        pass
    refused = post(app, page.action, {"ticket": ticket, "q.item_0": "2", "wish": "next"})
    assert (refused.status, refused.header("Retry-After")) == (429, "1")
    assert '<input type="hidden" name="q.item_0" value="2">' in refused.text
    looked = call(app, "GET", "/a/hostile", {"Cookie": find_cookies(page)})
    assert looked.status == 429
