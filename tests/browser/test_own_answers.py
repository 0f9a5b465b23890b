"""Reading and erasing one's own answers on a phone, with and without the script."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.robot import tap
from tests.browser.server import Server
from tests.browser.test_accessibility import find_violations

PHONE = {"width": 360, "height": 740}


@pytest.fixture(params=[True, False], ids=["script", "no script"])
def page(request: pytest.FixtureRequest, chromium: Browser, server: Server) -> Iterator[Page]:
    with chromium.new_context(base_url=server.url, viewport=PHONE, locale="en", java_script_enabled=request.param) as context:
        context.set_default_timeout(10_000)
        yield context.new_page()


def answer_and_stop(page: Page, language: str) -> str:
    """Answer one question, then stop; return the private key."""
    page.goto(f"/q/gallery/demo?lang={language}")
    tap(page.locator("main form .button.next").first)
    page.wait_for_url("**/a/**")
    first = page.url
    tap(page.locator(".go .next").last)
    page.wait_for_url(lambda url: url != first)
    tap(page.locator(".option").first)
    tap(page.locator("button[value=stop]"))
    return page.locator(".key").inner_text()


def test_a_respondent_stops_reads_the_answers_and_erases_them(page: Page, chromium: Browser, server: Server) -> None:
    key = answer_and_stop(page, "en")
    tap(page.get_by_role("link", name="/answers"))
    page.get_by_label("Your private key").fill(key)
    tap(page.get_by_role("button", name="Show my answers"))

    expect(page.locator("ul.stored li").first).to_be_visible()
    expect(page.locator("main")).not_to_contain_text(key)
    page.get_by_label("Your private key").fill("abcd-efgh")
    tap(page.get_by_role("button", name="Erase my answers"))
    expect(page.locator(".fault")).to_contain_text("erased a moment ago")
    for button in ("Show my answers", "Erase my answers"):
        page.get_by_label("Your private key").fill(key)
        tap(page.get_by_role("button", name=button))
    expect(page.get_by_role("heading", level=1)).to_have_text("Your answers are erased")


@pytest.mark.parametrize("language", ["en", "nl", "nt2", "de", "pap"])
def test_both_states_of_the_page_can_be_read_by_all(chromium: Browser, server: Server, language: str) -> None:
    with chromium.new_context(base_url=server.url, viewport=PHONE) as context:
        page = context.new_page()
        key = answer_and_stop(page, language)
        page.goto(f"/q/gallery/demo/answers?lang={language}")
        assert find_violations(page) == []
        page.locator("#key").fill(key)
        tap(page.locator("main form .button"))
        expect(page.locator("ul.stored li").first).to_be_visible()
        assert find_violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
