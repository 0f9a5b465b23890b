"""The status line and the busy page: seen above everything, over no button, in other words before than after Next."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.robot import Held

BUSY = "One moment, please"
RETRY = "Not saved yet. Trying again …"
COVERS = """selector => {
  const line = document.querySelector('#status').getBoundingClientRect();
  return [...document.querySelectorAll(selector)].filter(button => button.checkVisibility()).filter(button => {
    const {left, right, top, bottom} = button.getBoundingClientRect();
    return left < line.right && right > line.left && top < line.bottom && bottom > line.top;
  }).map(button => button.textContent);
}"""
"""The elements that the status line covers."""
ON_TOP = """() => {
  const line = document.querySelector('#status'), {x, y, width, height} = line.getBoundingClientRect();
  line.style.pointerEvents = 'auto';
  return document.elementFromPoint(x + width / 2, y + height / 2) === line;
}"""
OpenAt = Callable[..., Page]


def cut(page: Page) -> None:
    page.route("**/a/**", lambda route: route.abort())


def test_a_page_that_takes_a_while_to_leave_fades_and_says_so(still: OpenAt) -> None:
    page = still("yes_no_page")
    Held(page)
    page.locator(".go .next").click()
    page.clock.run_for(250)
    expect(page.get_by_role("status")).to_be_empty()
    page.clock.run_for(100)
    expect(page.get_by_role("status")).to_have_text(BUSY)
    expect(page.get_by_role("status")).to_have_class("stays")
    expect(page.locator("h1")).to_have_css("opacity", "0.4")
    expect(page.locator(".go .next")).to_be_disabled()


@pytest.mark.parametrize("code", ["yes_no_page", "panel_page"])
def test_what_was_said_of_a_busy_page_ends_with_it(still: OpenAt, code: str) -> None:
    page = still(code)
    waiting = Held(page)
    page.locator(".go .next").click()
    page.clock.run_for(400)
    expect(page.get_by_role("status")).to_have_text(BUSY)
    waiting.take().continue_()
    expect(page.locator("#summary, .receipt")).to_be_visible()
    expect(page.get_by_role("status")).to_be_empty()
    page.clock.run_for(400)
    expect(page.get_by_role("status")).to_be_empty()


def test_start_is_busy_as_well_and_can_be_pressed_again_after_a_failure(page: Page) -> None:
    page.clock.install()
    page.goto("/q/gallery/demo?lang=en")
    waiting = Held(page, "**/q/gallery/demo*")
    page.locator("main form .next").click()
    page.clock.run_for(400)
    expect(page.get_by_role("status")).to_have_text(BUSY)
    waiting.take().abort()
    expect(page.get_by_role("status")).to_have_text("No connection. Please try again.")
    page.unroute("**/q/gallery/demo*")
    page.clock.run_for(800)
    page.locator("main form .next").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Before you start")


def test_what_is_not_saved_is_said_otherwise_after_next(still: OpenAt) -> None:
    page = still("yes_no_page")
    cut(page)
    page.get_by_text("Yes", exact=True).click()
    page.clock.run_for(1)
    expect(page.get_by_role("status")).to_have_text(RETRY)
    page.locator(".go .next").click()
    expect(page.get_by_role("status")).to_have_text("Cannot go on yet. Trying again …")


def test_a_warning_that_waits_for_the_line_is_not_replaced_by_a_try(still: OpenAt) -> None:
    page = still("yes_no_page")
    cut(page)
    page.locator(".go .next").click()
    expect(page.get_by_role("status")).to_have_text("Cannot go on yet. Trying again …")
    page.unroute("**/a/**")
    Held(page)
    page.clock.run_for(4000)
    expect(page.locator("#status")).to_have_attribute("data-state", "leaving")
    expect(page.get_by_role("status")).to_have_text("Cannot go on yet. Trying again …")


@pytest.mark.parametrize("code", ["yes_no_page", "grid_page", "panel_page"])
@pytest.mark.parametrize("viewport", [(360, 740), (320, 568), (740, 360)], ids=str)
def test_nothing_covers_the_status_line_and_it_covers_no_button(still: OpenAt, viewport: tuple[int, int], code: str) -> None:
    page = still(code, viewport={"width": viewport[0], "height": viewport[1]})
    cut(page)
    page.locator(".question input").first.dispatch_event("input")
    page.clock.run_for(1)
    expect(page.get_by_role("status")).to_have_text(RETRY)
    assert page.evaluate(COVERS, "button, summary") == []
    for part in range(5):
        page.evaluate(f"scrollTo(0, document.body.scrollHeight * {part / 5})")
        assert page.evaluate(COVERS, ".go button") == []
        assert page.evaluate(ON_TOP)


def test_in_forced_colours_the_status_line_has_an_edge(still: OpenAt) -> None:
    page = still("yes_no_page", forced_colors="active")
    cut(page)
    page.get_by_text("Yes", exact=True).click()
    page.clock.run_for(1)
    line = page.get_by_role("status")
    expect(line).to_have_text(RETRY)
    expect(line).to_have_css("border-style", "solid")
    assert line.evaluate("line => getComputedStyle(line).borderColor !== getComputedStyle(line).backgroundColor")
