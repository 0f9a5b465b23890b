"""Paradata that the script measures: visible seconds, changes and ignored taps of a page, and the width at the start."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import APIResponse, Page, expect

from survey_engine.engine.paradata import read_paradata
from tests.browser.robot import tap
from tests.browser.server import Server
from tests.browser.test_reloads import STAY

NEXT, BACK = ".go .next", ".go [value=back]"
HIDE = """hidden => {
  Object.defineProperty(document, "hidden", {configurable: true, get: () => hidden});
  dispatchEvent(new Event("visibilitychange"));
}"""
PAINT = 20
"""Milliseconds after which a page is painted."""
OpenAt = Callable[..., Page]


@pytest.fixture
def timed(still: OpenAt) -> Page:
    """A page with a yes/no question that came when time had stopped, and is painted."""
    page = still("information_page")
    tap(page.locator(NEXT))
    expect(page.get_by_role("heading", level=1)).to_have_text("Work")
    page.clock.run_for(PAINT)
    return page


def read(page: Page, server: Server, code: str = "yes_no_page") -> tuple[int | None, ...]:
    """Return visits, seconds, changes and double taps of a page as stored."""
    return read_paradata(server.read("gallery", page.context.cookies()).pages[code].paradata)


def leave(page: Page, button: str = BACK) -> None:
    here = page.url
    tap(page.locator(button))
    page.wait_for_url(lambda url: url != here)


def test_seconds_count_only_while_the_page_is_visible(timed: Page, server: Server) -> None:
    timed.clock.run_for(10_000)
    timed.evaluate(HIDE, True)
    timed.clock.run_for(100_000)
    timed.evaluate(HIDE, False)
    timed.clock.run_for(5_000)
    leave(timed)
    assert read(timed, server) == (1, 15, 0, 0)


def test_a_page_that_stays_open_counts_one_hour(timed: Page, server: Server) -> None:
    timed.clock.fast_forward("05:00:00")
    leave(timed)
    assert read(timed, server)[:2] == (1, 3600)


def test_a_double_tap_on_an_option_counts_one(timed: Page, server: Server) -> None:
    box = timed.get_by_text("Yes", exact=True).bounding_box()
    assert box
    timed.clock.run_for(1_000)
    for _ in range(2):
        timed.mouse.click(box["x"] + 5, box["y"] + 5)
        timed.clock.run_for(100)
    leave(timed)
    assert read(timed, server)[2:] == (1, 1)


def test_each_change_and_each_answer_taken_back_counts(gallery: OpenAt, server: Server) -> None:
    page = gallery("yes_no_page")
    for name in ("Yes", "No", "Yes"):
        tap(page.get_by_text(name, exact=True))
    tap(page.locator(".undo"))
    leave(page)
    assert read(page, server)[2] == 4


def test_a_return_adds_to_what_is_stored(timed: Page, server: Server) -> None:
    timed.clock.run_for(4_000)
    leave(timed)
    timed.clock.run_for(PAINT)
    leave(timed, NEXT)
    timed.clock.run_for(6_000)
    leave(timed)
    assert read(timed, server) == (2, 10, 0, 0)


def test_a_retry_counts_nothing_twice(timed: Page, server: Server) -> None:
    timed.route("**/a/**", lambda route: route.abort(), times=1)
    tap(timed.get_by_text("Yes", exact=True))
    timed.clock.run_for(10)
    expect(timed.locator("#status")).to_have_attribute("data-state", "waiting")
    timed.clock.run_for(4_000)
    expect(timed.locator("#status")).to_have_attribute("data-state", "idle")
    leave(timed)
    assert read(timed, server) == (1, 4, 1, 0)


def test_a_reload_is_no_new_visit_and_counts_nothing_twice(gallery: OpenAt, server: Server) -> None:
    """The fake clock hides from the script that the page was reloaded."""
    page = gallery("yes_no_page")
    tap(page.get_by_text("Yes", exact=True))
    expect(page.locator("#status")).to_have_attribute("data-state", "idle")
    page.reload()
    leave(page)
    visits, _, changes, _ = read(page, server)
    assert (visits, changes) == (1, 1)


def test_a_second_reload_without_a_save_is_no_new_visit(gallery: OpenAt, server: Server) -> None:
    """The first reload happens before the reply to a save, which the server has stored."""
    page = gallery("yes_no_page")
    page.add_init_script(STAY)
    stored: list[APIResponse] = []
    page.route("**/a/**", lambda route: stored.append(route.fetch()) if route.request.method == "POST" else route.continue_())
    tap(page.get_by_text("Yes", exact=True))
    while not stored:
        page.wait_for_timeout(20)
    expect(page.locator("#status")).to_have_attribute("data-state", "saving")
    for _ in range(2):
        page.reload()
        expect(page.locator("[value=yes]")).to_be_checked()
        expect(page.locator("#status")).to_have_attribute("data-state", "idle")
    page.unroute("**/a/**")
    leave(page)
    visits, _, changes, _ = read(page, server)
    assert (visits, changes) == (1, 1)


def test_a_conflict_counts_nothing_twice(gallery: OpenAt, server: Server) -> None:
    first = gallery("yes_no_page")
    second = first.context.new_page()
    second.goto(first.url)
    tap(first.get_by_text("Yes", exact=True))
    leave(first)
    tap(second.get_by_text("No", exact=True))
    expect(second.locator("#summary")).to_be_visible()
    leave(second, ".summary .new")
    visits, _, changes, _ = read(second, server)
    assert (visits, changes) == (2, 1)


def test_without_a_script_only_visits_count(open_page: OpenAt, server: Server) -> None:
    page = open_page(java_script_enabled=False)
    cookie, address = server.begin("gallery", "demo", "en", "yes_no_page")
    page.context.add_cookies([cookie])
    page.goto(address)
    leave(page)
    leave(page, NEXT)
    leave(page)
    assert read(page, server) == (2, None, None, None)


def test_the_totals_are_posted_with_every_save(gallery: OpenAt) -> None:
    page = gallery("yes_no_page")
    with page.expect_request(lambda request: request.method == "POST") as saved:
        tap(page.get_by_text("Yes", exact=True))
    assert parse_qs(saved.value.post_data or "")["paradata"][0].endswith(" 1 0")


@pytest.mark.parametrize(
    ("width", "device"), [(360, "small"), (599, "small"), (600, "medium"), (1023, "medium"), (1024, "large")]
)
def test_the_start_stores_a_class_of_the_width(open_page: OpenAt, server: Server, width: int, device: str) -> None:
    page = open_page(viewport={"width": width, "height": 740})
    page.goto("/q/gallery/demo?lang=en")
    tap(page.locator("main form .button.next"))
    page.wait_for_url("**/a/**")
    id = server.read("gallery", page.context.cookies()).id
    with server.answers.read() as connection:
        assert connection.exec_driver_sql("SELECT device FROM response WHERE id = ?", (id,)).scalar() == device
