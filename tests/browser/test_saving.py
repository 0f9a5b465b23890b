"""Bad Wi-Fi: answers are saved in the background, the page says when they are not, and nothing is lost."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Request, Route, expect

from tests.browser.conftest import OpenPage
from tests.browser.robot import Respondent, say, tap
from tests.browser.server import Server

OpenAt = Callable[..., Page]


def stored(page: Page, server: Server) -> dict[str, object]:
    return say(server.read("gallery", page.context.cookies()))


def choose(page: Page, item: str, option: int) -> None:
    tap(page.locator(f"#i-{item} .option").nth(option))


def test_each_statement_is_saved_shortly_after_it_is_answered(gallery: OpenAt, server: Server) -> None:
    page = gallery("grid_page")
    with page.expect_response(lambda reply: reply.status == 204):
        choose(page, "canteen_food", 3)
    assert stored(page, server) == {"canteen_food": "4"}
    with page.expect_response(lambda reply: reply.status == 204):
        choose(page, "canteen_price", 0)
    assert stored(page, server) == {"canteen_food": "4", "canteen_price": "1"}


def test_what_is_typed_is_saved_while_typing_pauses(gallery: OpenAt, server: Server) -> None:
    page = gallery("open_page")
    page.get_by_label("Describe today in one word").press_sequentially("rainy")
    expect(page.locator("#status")).to_have_attribute("data-state", "idle")
    assert stored(page, server) == {"day_word": "rainy"}


def test_a_line_that_is_cut_for_20_seconds_inside_a_grid_loses_nothing(page: Page, gallery: OpenAt, server: Server) -> None:
    page.clock.install()
    gallery("grid_page")
    with page.expect_response(lambda reply: reply.status == 204):
        choose(page, "canteen_food", 3)
    page.context.set_offline(True)
    choose(page, "canteen_price", 1)
    expect(page.get_by_role("status")).to_have_text("Not saved yet. Trying again …")
    choose(page, "canteen_noise", 2)
    page.clock.run_for(20_000)
    expect(page.get_by_role("status")).to_have_text("Not saved yet. Trying again …")
    assert stored(page, server) == {"canteen_food": "4"}
    with page.expect_response(lambda reply: reply.status == 204):
        page.context.set_offline(False)
    expect(page.get_by_role("status")).to_have_text("Saved")
    assert stored(page, server) == {"canteen_food": "4", "canteen_price": "2", "canteen_noise": "3"}
    assert page.locator(".statement :checked").count() == 3


def test_a_save_that_failed_is_sent_again_with_the_same_body(gallery: OpenAt) -> None:
    page = gallery("yes_no_page")
    bodies: list[str | None] = []

    def refuse_twice(route: Route) -> None:
        bodies.append(route.request.post_data)
        if len(bodies) <= 2:
            route.fulfill(status=503)
        else:
            route.continue_()

    page.route("**/a/**", refuse_twice)
    with page.expect_response(lambda reply: reply.status == 204, timeout=15_000):
        page.get_by_text("Yes", exact=True).click()
    assert bodies == [bodies[0]] * 3


def test_next_pressed_without_a_line_goes_through_once_when_it_is_back(page: Page, gallery: OpenAt, server: Server) -> None:
    page.clock.install()
    gallery("yes_no_page")
    page.context.set_offline(True)
    page.get_by_text("Yes", exact=True).click()
    page.locator(".go .next").click()
    expect(page.get_by_role("status")).to_have_text("Cannot go on yet. Trying again …")
    page.clock.run_for(3000)
    expect(page.get_by_role("heading", level=1)).to_have_text("Work")
    done: list[Request] = []
    page.on("requestfinished", lambda request: done.append(request) if request.method == "POST" else None)
    page.context.set_offline(False)
    expect(page.get_by_role("heading", level=1)).to_have_text("On your way")
    page.clock.run_for(1500)
    expect(page.get_by_role("heading", level=1)).to_have_text("On your way")
    assert len(done) == 1
    assert stored(page, server) == {"has_job": "yes"}


def test_next_goes_through_again_when_only_the_reply_was_lost(gallery: OpenAt, server: Server) -> None:
    page = gallery("yes_no_page")
    lost: list[int] = []

    def lose_first_reply(route: Route) -> None:
        reply = route.fetch()
        if not lost and "keep" not in (route.request.post_data or ""):
            lost.append(reply.status)
            route.abort()
        else:
            route.fulfill(response=reply)

    page.route("**/a/**", lose_first_reply)
    page.get_by_text("No", exact=True).click()
    page.locator(".go .next").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("On your way")
    assert lost == [200]
    assert stored(page, server) == {"has_job": "no"}


def test_server_failure_leaves_the_page_as_it_is_and_tries_again(gallery: OpenAt) -> None:
    page = gallery("open_page")
    page.route("**/a/**", lambda route: route.fulfill(status=503))
    page.get_by_label("Describe today in one word").fill("stormy")
    tap(page.locator(".go .next"))
    expect(page.get_by_role("status")).to_have_text("Cannot go on yet. Trying again …")
    expect(page.get_by_label("Describe today in one word")).to_have_value("stormy")
    page.unroute("**/a/**")
    expect(page.get_by_role("heading", level=1)).to_have_text("From the bank")


def test_start_without_a_line_says_so_and_works_later(page: Page) -> None:
    page.goto("/q/gallery/demo")
    page.context.set_offline(True)
    tap(page.locator("main form .button.next"))
    expect(page.get_by_role("status")).to_have_text("No connection. Please try again.")
    page.context.set_offline(False)
    tap(page.locator("main form .button.next"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Before you start")


@pytest.mark.parametrize("personal", [False, True], ids=["open link", "personal link"])
def test_nothing_is_ever_left_in_the_browser_s_storage(open_page: OpenPage, server: Server, personal: bool) -> None:
    page = open_page()
    student = Respondent(page)
    background = {"track": "day", "study_year": 1}
    student.start(server.make_link("gallery", "demo", background) if personal else "/q/gallery/demo")
    for _ in range(4):
        student.answer_page()
        student.go_on()
        assert page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]
    assert page.evaluate("indexedDB.databases().then(found => found.length)") == 0


def test_a_start_that_has_to_wait_is_told_for_how_long(page: Page) -> None:
    """The script's request is refused, then the browser's own, whose page says what to do."""
    told = "<main><h1>One moment, please</h1></main>"
    page.goto("/q/gallery/demo?lang=en")
    page.route("**/q/gallery/demo*", lambda route: route.fulfill(status=429, body=told, content_type="text/html"))
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("One moment, please")


@pytest.mark.parametrize("pause", [30, 250])
def test_no_beginning_of_a_number_is_stored(gallery: OpenAt, server: Server, pause: int) -> None:
    """300 minutes are too many. The page said so, and stored 30."""
    page = gallery("number_page")
    travel, books = page.get_by_label("How long does it take you"), page.get_by_label("How many books")
    travel.press_sequentially("300", delay=pause)
    with page.expect_response(lambda reply: reply.status == 422):
        books.focus()
    assert stored(page, server) == {}
    books.press_sequentially("15", delay=pause)
    with page.expect_response(lambda reply: reply.status == 422):
        travel.focus()
    assert stored(page, server) == {"books": "15"}


def test_a_number_is_saved_when_it_stays_or_the_page_goes(page: Page, gallery: OpenAt, server: Server) -> None:
    page.clock.install()
    gallery("number_page")
    page.get_by_label("How many books").press_sequentially("15")
    page.clock.run_for(9_000)
    assert stored(page, server) == {}
    with page.expect_response(lambda reply: reply.status == 204):
        page.clock.run_for(1_500)
    assert stored(page, server) == {"books": "15"}
    page.get_by_label("How many books").press_sequentially("0")
    page.goto("about:blank")
    assert stored(page, server) == {"books": "15"}


PORTAL = "<!doctype html><title>Welcome</title><main>Welcome to this Wi-Fi. Please log in.</main>"


@pytest.mark.parametrize("button", ["Next", "Back"])
def test_the_page_of_a_network_does_not_take_the_place_of_ours(gallery: OpenAt, server: Server, button: str) -> None:
    page = gallery("open_page")
    page.get_by_label("Describe today in one word").fill("rainy")
    page.route("**/a/**", lambda route: route.fulfill(body=PORTAL, content_type="text/html"), times=2)
    tap(page.get_by_role("button", name=button, exact=True))
    expect(page.get_by_role("status")).to_have_text("Cannot go on yet. Trying again …")
    expect(page.get_by_text("Wi-Fi")).to_have_count(0)
    expect(page.locator("h1")).not_to_have_text("In your own words", timeout=20_000)
    assert stored(page, server) == {"day_word": "rainy"}


def test_a_start_behind_a_network_page_says_so(page: Page) -> None:
    page.goto("/q/gallery/demo?lang=en")
    page.route("**/q/**", lambda route: route.fulfill(body=PORTAL, content_type="text/html"), times=1)
    tap(page.get_by_role("button", name="Start", exact=True))
    expect(page.get_by_text("Wi-Fi")).to_have_count(0)
    expect(page.get_by_role("button", name="Start", exact=True)).to_be_enabled()
