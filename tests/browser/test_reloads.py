"""A reload while saves are under way loses nothing, and a tab never conflicts with itself."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import OpenPage
from tests.browser.robot import Held, say, tap
from tests.browser.server import Server

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
BUTTONS = pytest.mark.parametrize("button", ["#answers > .go .next", "[value=back]", "[name=language][value=nl]"])

STAY = "const later = setTimeout; window.setTimeout = (react, time, ...more) => time === 500 ? 0 : later(react, time, ...more)"
"""A reloaded document does not reload once more: it was shown before the last save arrived, and somebody answers at once."""


class SlowLine:
    """Keeps the requests of a page until the test lets them through."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.kept: list[Route] = []
        page.route("**/a/**", self.keep)

    def keep(self, route: Route) -> None:
        self.kept.append(route)

    def wait(self, count: int) -> None:
        """Wait until so many requests were made."""
        for _ in range(250):
            if len(self.kept) >= count:
                return
            self.page.wait_for_timeout(20)
        raise AssertionError([route.request.url for route in self.kept])

    def let_through(self, method: str) -> None:
        for route in [route for route in self.kept if route.request.method == method]:
            self.kept.remove(route)
            route.continue_()


def open_grid(page: Page, server: Server) -> Page:
    """A page on which one statement is answered and saved."""
    cookie, address = server.begin("gallery", "demo", "en", "grid_page")
    page.context.add_cookies([cookie])
    page.add_init_script(STAY)
    page.goto(address)
    choose(page, "canteen_food", 2)
    expect(page.locator("#status")).to_have_attribute("data-state", "idle")
    return page


def choose(page: Page, item: str, option: int) -> None:
    if not page.locator(f"#i-{item} .option").nth(option).is_visible():
        tap(page.locator(f"#i-{item} .change"))
    tap(page.locator(f"#i-{item} .option").nth(option))


def press_and_reload(page: Page, button: str) -> SlowLine:
    """Choose an answer, press a button on a slow line, and reload while the press is under way."""
    choose(page, "canteen_price", 1)
    expect(page.locator("#status")).to_have_attribute("data-state", "idle")
    line = SlowLine(page)
    page.locator(button).evaluate("button => button.click()")
    line.wait(1)
    page.evaluate("() => void setTimeout(() => location.reload())")
    line.wait(2)
    return line


def expect_no_conflict(page: Page) -> None:
    """Change an answer that the old document had saved."""
    page.unroute("**/a/**")
    choose(page, "canteen_food", 4)
    expect(page.locator("#status")).to_have_attribute("data-state", "idle")
    expect(page.locator("#summary [value=stored]")).to_have_count(0)


@BUTTONS
def test_a_reload_after_a_press_is_under_way_meets_no_conflict(page: Page, server: Server, button: str) -> None:
    line = press_and_reload(open_grid(page, server), button)
    with page.expect_response(lambda reply: reply.request.method == "POST"):
        line.let_through("POST")
    page.wait_for_timeout(100)  # the old document gets the reply
    line.let_through("GET")
    page.wait_for_url("**/a/**")
    page.wait_for_function("() => performance.navigation.type === 1")
    expect_no_conflict(page)
    assert say(server.read("gallery", page.context.cookies())) == {"canteen_food": "5", "canteen_price": "2"}


@BUTTONS
def test_a_reload_that_overtakes_a_press_meets_no_conflict(page: Page, server: Server, button: str) -> None:
    """The old document's press changes an answer that the new document then changes too."""
    open_grid(page, server)
    line = SlowLine(page)
    choose(page, "canteen_food", 3)
    line.wait(1)
    page.locator(button).evaluate("button => button.click()")
    line.wait(2)
    posted = line.kept[-1].request
    body, action = str(posted.post_data), posted.url
    page.evaluate("() => void setTimeout(() => location.reload())")
    line.wait(3)
    line.let_through("GET")
    page.wait_for_function("() => performance.navigation.type === 1")
    page.unroute("**/a/**")  # what is still kept is let through: the old document must be gone
    choose(page, "canteen_price", 1)
    page.request.post(action, data=body, headers=FORM)
    expect_no_conflict(page)
    assert say(server.read("gallery", page.context.cookies())) == {"canteen_food": "5", "canteen_price": "2"}


@pytest.mark.parametrize("pause", [0, 100, 400])
def test_a_reload_right_after_a_tap_loses_nothing_and_meets_no_conflict(open_page: OpenPage, server: Server, pause: int) -> None:
    page = open_page()
    cookie, address = server.begin("gallery", "demo", "en", "grid_page")
    page.context.add_cookies([cookie])
    page.goto(address)
    for item, option in (("canteen_food", 2), ("canteen_price", 1)):
        tap(page.locator(f"#i-{item} .option").nth(option))
    page.wait_for_timeout(pause)
    page.reload()
    page.wait_for_timeout(700)
    page.wait_for_load_state()
    # A last save that arrives after the reload is shown as soon as the page has asked again: on a busy machine after seconds.
    expect(page.locator("[name='q.canteen_price'][value='2']")).to_be_checked(timeout=20_000)
    tap(page.locator("#i-canteen_noise .option").nth(2))
    expect(page.locator("#status")).to_have_attribute("data-state", "idle")
    assert say(server.read("gallery", page.context.cookies())) == {
        "canteen_food": "3",
        "canteen_price": "2",
        "canteen_noise": "3",
    }


def test_a_reload_that_overtakes_the_last_save_takes_over_from_it(open_page: OpenPage, server: Server) -> None:
    page = open_page()
    cookie, address = server.begin("gallery", "demo", "en", "grid_page")
    page.context.add_cookies([cookie])
    page.add_init_script(STAY)
    page.goto(address)
    slow = Held(page, method="POST")
    with page.expect_request(lambda request: request.method == "POST"):
        tap(page.locator("#i-canteen_food .option").nth(2))
    expect(page.locator("#status")).to_have_attribute("data-state", "saving")
    request = slow.take().request
    body, action = str(request.post_data), request.url
    page.reload()
    page.unroute("**/a/**")
    choose(page, "canteen_price", 1)
    page.request.post(action, data=body, headers={"Content-Type": "application/x-www-form-urlencoded"})
    choose(page, "canteen_noise", 2)
    expect(page.locator("#status")).to_have_attribute("data-state", "idle")
    assert "canteen_noise" in say(server.read("gallery", page.context.cookies()))
    expect(page.locator("#summary")).to_have_count(0)
