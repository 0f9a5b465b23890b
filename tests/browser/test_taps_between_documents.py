"""The second of a double tap does nothing in the document that the first one loaded either."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import OpenPage
from tests.browser.finger import Finger
from tests.browser.robot import DOUBLE_TAP, tap
from tests.browser.server import Server

START = "/q/gallery/demo?lang=en"
TRAP = """addEventListener('DOMContentLoaded', () => {
  const trap = document.createElement('button'), count = window.count = {presses: 0, clicks: 0, doubled: 0, log: []};
  trap.id = 'trap';
  trap.style.cssText = 'position: fixed; inset: 0; z-index: 9; opacity: .1';
  let last = performance.now(), began, again;
  trap.addEventListener('pointerdown', ({timeStamp}) => {
    count.presses++;
    again = timeStamp - last <= 700; // a busy machine may take longer from one touch to the next
    began = timeStamp;
    count.log.push(['down', timeStamp, again]);
  });
  trap.addEventListener('pointerup', () => last = began); // a busy browser cancels a touch: it was no press
  trap.addEventListener('click', () => {
    count.clicks++;
    count.log.push(['click', performance.now()]);
    if (again) count.doubled++;
  });
  document.body.append(trap);
});"""
"""A button over the whole of each new document: a press anywhere hits it."""
NO_STORAGE = "Object.defineProperty(window, 'sessionStorage', {get() { throw new DOMException('', 'SecurityError'); }});"
"""A browser that blocks storage in the frames of other sites."""
Show = Callable[[Page], str]


def show_stop(page: Page) -> str:
    page.goto(START)
    tap(page.locator("main form .next").first)
    page.wait_for_url("**/a/**")
    return "#answers [value=stop]"


def show_going_on_without_key(page: Page) -> str:
    show_stop(page)
    page.goto(START)
    return "[value=without]"


def show_language(page: Page) -> str:
    page.goto(START)
    return "nav [hreflang=nl]"


def show_error(page: Page) -> str:
    page.goto("/a/gallery")
    page.locator(".card").evaluate("card => card.insertAdjacentHTML('beforeend', '<p><a id=on href=/lost>On</a></p>')")
    return "#on"


class Thumb:
    """Touches one spot again and again on a slow line."""

    def __init__(self, page: Page, helper: Page, selector: str, script: str = TRAP) -> None:
        """The `script` runs in each document that is loaded from now on."""
        self.page, self.finger = page, Finger(page, helper)
        page.locator(selector).first.scroll_into_view_if_needed()
        box = page.locator(selector).first.bounding_box()
        assert box
        self.x, self.y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        page.wait_for_timeout(DOUBLE_TAP)
        page.add_init_script(script)
        session = page.context.new_cdp_session(page)
        line = {"offline": False, "latency": 200, "downloadThroughput": -1, "uploadThroughput": -1}
        session.send("Network.enable")
        session.send("Network.emulateNetworkConditions", line)

    def touch(self, times: int) -> None:
        for _ in range(times):
            self.finger.touch(self.x, self.y)
            self.page.wait_for_timeout(200)

    def count(self) -> tuple[int, int, int]:
        """The presses and the clicks that the new document got, and the clicks within 700 ms of a press before."""
        expect(self.page.locator("#trap")).to_be_attached()
        presses, clicks, doubled = self.page.evaluate("[count.presses, count.clicks, count.doubled]")
        return presses, clicks, doubled


@pytest.fixture
def phone(open_page: OpenPage) -> Page:
    return open_page(has_touch=True, is_mobile=True)


@pytest.fixture
def helper(open_page: OpenPage) -> Page:
    return open_page()


@pytest.mark.parametrize("script", [TRAP, NO_STORAGE + TRAP], ids=["storage", "no storage"])
@pytest.mark.parametrize("show", [show_stop, show_going_on_without_key, show_language, show_error])
def test_taps_on_the_spot_of_a_press_do_nothing_in_its_document(phone: Page, helper: Page, show: Show, script: str) -> None:
    thumb = Thumb(phone, helper, show(phone), script)
    thumb.touch(6)
    presses, _, doubled = thumb.count()
    assert presses > 0
    assert doubled == 0, phone.evaluate("JSON.stringify(count.log)")


@pytest.mark.parametrize("how", ["elsewhere", "later", "key"])
def test_any_other_press_counts_in_the_new_document(phone: Page, helper: Page, how: str) -> None:
    thumb = Thumb(phone, helper, show_language(phone))
    thumb.touch(1)
    expect(phone.locator("#trap")).to_be_attached()
    phone.evaluate("new Promise(react => requestAnimationFrame(() => setTimeout(react)))")
    if how == "later":
        phone.wait_for_timeout(DOUBLE_TAP)
    if how == "key":
        phone.locator("#trap").press("Enter")
    else:
        phone.touchscreen.tap(thumb.x, thumb.y + (25 if how == "elsewhere" else 0))
    assert thumb.count()[1] == 1


def test_no_document_is_painted_before_its_script_has_come(page: Page, server: Server) -> None:
    def answer_late(route: Route) -> None:
        page.wait_for_timeout(500)
        route.continue_()

    page.route("**/script.js", answer_late)
    page.goto(START)
    painted = "() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime"
    page.wait_for_function(painted)
    assert page.evaluate(painted) > page.evaluate(
        "performance.getEntriesByType('resource').find(it => /script/.test(it.name)).responseEnd"
    )
