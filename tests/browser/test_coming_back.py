"""Coming back with a used link, and leaving: a welcome, the proof of completion, a goodbye."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.robot import Respondent, tap
from tests.browser.server import Server

DEVICES = pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])


def make_link(server: Server) -> str:
    return server.make_link("gallery", "demo", server.questionnaire("gallery").institutions["demo"].open_link, "en")


def skip_to_the_end(page: Page, server: Server, link: str) -> None:
    """Complete the response of a link, with consents only, on a page without a script."""
    Respondent(page).start(link)
    page.goto(server.skip("gallery", server.read("gallery", page.context.cookies()).id, "panel_page"))
    for _ in range(2):
        if "/done/" not in page.url:
            page.locator(".go .next").click()


@DEVICES
def test_a_used_personal_link_welcomes_back_on_a_second_device(open_page: OpenPage, server: Server, script: bool) -> None:
    link, page = make_link(server), open_page(java_script_enabled=script)
    student = Respondent(page)
    student.start(link)
    student.answer_page()
    student.go_on()
    second = page.url
    other = open_page(java_script_enabled=script, locale="nl")
    other.goto(link)

    expect(other.get_by_role("heading", level=1)).to_have_text("Welcome back")
    expect(other.locator(".facts")).to_contain_text(re.compile(r"About \d+ minutes? to go"))
    tap(other.get_by_role("button", name="Go on"))
    other.wait_for_url(second)


@DEVICES
def test_a_used_link_shows_the_proof_with_its_day_and_close_says_goodbye(
    open_page: OpenPage, server: Server, script: bool
) -> None:
    link, page = make_link(server), open_page(java_script_enabled=False)
    skip_to_the_end(page, server, link)
    heading = page.get_by_role("heading", level=1)
    receipt = page.locator(".receipt").inner_text()
    expect(heading).to_be_focused()
    other = open_page(java_script_enabled=script)
    other.goto(link)
    expect(other.locator(".receipt")).to_have_text(receipt)
    expect(other.locator(".proof")).to_contain_text(re.compile(r"Completed\s*\w+ \d+, 20\d\d"))
    expect(other.get_by_role("heading", level=1)).to_be_focused()

    tap(page.get_by_role("button", name="Close on this device"))
    expect(heading).to_have_text("Goodbye")
    expect(page.get_by_role("link", name=re.compile("College|School"))).to_have_count(0)
    page.goto("/done/gallery")
    expect(heading).to_have_text("Please open your link again")
