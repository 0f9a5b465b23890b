"""The browser's Back and Forward while an answer is on its way lose nothing, and a tab never conflicts with itself."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.robot import say, tap
from tests.browser.server import Server
from tests.browser.test_reloads import FORM, STAY, choose

HOLD = """() => {
  window.sent = [];
  window.fetch = (address, {body}) => { sent.push([address, `${body}`]); return new Promise(() => {}); };
}"""
"""What this document posts does not arrive."""
BETWEEN = pytest.mark.parametrize("between", ["page", "document", "start page"])


def open_grid(page: Page, server: Server, between: str) -> None:
    """A page with several statements, after another page, a document of its own, or a start page."""
    cookie, address = server.begin("gallery", "demo", "en", "grid_page")
    page.context.add_cookies([cookie])
    page.add_init_script(STAY)
    page.goto(address)
    if between == "start page":
        page.goto("/q/gallery/demo?lang=en")
    else:
        tap(page.locator("[value=back]"))
        expect(page.locator("#i-canteen_food")).to_have_count(0)
        expect(page.locator("#status")).to_have_attribute("data-state", "idle")
    if between == "page":
        tap(page.locator(".go .next"))
    else:
        page.goto(address)
    expect(page.locator("#i-canteen_food")).to_be_visible()
    expect(page.locator("#status")).to_have_attribute("data-state", "idle")


def go(page: Page, way: str, *, to: bool) -> None:
    """Go through the history to another document, to the page with the statements or from it."""
    page.evaluate(f"() => {{ window.old = true; setTimeout(() => history.{way}()); }}")
    page.wait_for_function(
        "() => !window.old && window.respondent && document.querySelector('#status').dataset.state !== 'saving'"
    )
    expect(page.locator("#i-canteen_food")).to_have_count(int(to))


@BETWEEN
@pytest.mark.parametrize("arrives", ["before", "after"])
def test_back_and_forward_during_a_save_meet_no_conflict(page: Page, server: Server, between: str, arrives: str) -> None:
    """The save arrives before or after the page comes again, and its repeats later."""
    open_grid(page, server, between)
    page.evaluate(HOLD)
    choose(page, "canteen_food", 2)
    page.wait_for_function("() => window.sent.length")
    action, body = page.evaluate("() => sent[0]")
    if arrives == "before":
        page.request.post(action, data=body, headers=FORM)
    go(page, "back", to=False)
    go(page, "forward", to=True)
    expect(page.locator("[name='q.canteen_food'][value='3']")).to_be_checked(checked=arrives == "before")
    for _ in range(3):
        page.request.post(action, data=body, headers=FORM)
    choose(page, "canteen_price", 1)
    expect(page.locator("#status")).to_have_attribute("data-state", "idle")
    choose(page, "canteen_noise", 0)
    expect(page.locator("#status")).to_have_attribute("data-state", "idle")
    expect(page.locator("#summary")).to_have_count(0)
    assert say(server.read("gallery", page.context.cookies())) == {
        "canteen_food": "3",
        "canteen_price": "2",
        "canteen_noise": "1",
    }


def test_a_copy_of_an_open_tab_meets_a_conflict(gallery: Callable[..., Page], server: Server) -> None:
    """It has a copy of the tab's storage."""
    first = gallery("yes_no_page")
    tap(first.get_by_text("Yes", exact=True))
    expect(first.locator("#status")).to_have_attribute("data-state", "idle")
    with first.expect_popup() as opened:
        first.evaluate("() => void open(location.href)")
    second = opened.value
    expect(second.locator("[name='q.has_job'][value=yes]")).to_be_checked()
    tap(first.get_by_text("No", exact=True))
    expect(first.locator("#status")).to_have_attribute("data-state", "idle")
    tap(second.get_by_text("No", exact=True))
    expect(second.locator("#summary")).to_contain_text("This page was changed elsewhere too")


@pytest.mark.parametrize("way", ["reload", "history"])
def test_a_save_that_arrives_after_the_page_came_again_is_shown(page: Page, server: Server, way: str) -> None:
    cookie, address = server.begin("gallery", "demo", "en", "grid_page")
    page.context.add_cookies([cookie])
    page.goto(address)
    page.evaluate(HOLD)
    choose(page, "canteen_food", 2)
    page.wait_for_function("() => window.sent.length")
    action, body = page.evaluate("() => sent[0]")
    asked: list[str] = []
    if way == "reload":
        page.reload()
    else:
        page.goto("/q/gallery/demo?lang=en")
        page.go_back()
    page.on("request", lambda request: asked.append(request.url))
    answer = page.locator("[name='q.canteen_food'][value='3']")
    expect(answer).not_to_be_checked()
    for _ in range(250):
        if len(asked) > 1:
            break
        page.wait_for_timeout(20)
    assert not answer.is_checked()
    page.request.post(action, data=body, headers=FORM)
    expect(answer).to_be_checked()
