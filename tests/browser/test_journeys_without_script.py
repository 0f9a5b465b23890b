"""Questionnaires where no script runs: plain forms lead all the way. Robots without a browser walk through the others."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests import THOROUGH
from tests.browser.conftest import OpenPage
from tests.browser.journeys import travel
from tests.browser.robot import say, tap
from tests.browser.server import Server


@pytest.mark.parametrize(
    ("questionnaire", "institution", "language"),
    [("job-2026", "kibrahacha", "Papiamentu"), *([("nse-2026", "wolkenveld", "Deutsch")] if THOROUGH else [])],
)
def test_without_script_a_student_reaches_the_end_and_all_is_stored(
    open_page: OpenPage, server: Server, questionnaire: str, institution: str, language: str
) -> None:
    travel(open_page(java_script_enabled=False), server, questionnaire, institution, language)


def test_back_from_the_page_after_unanswered_items_shows_them_again(open_page: OpenPage, server: Server) -> None:
    """The browser would not repeat a post by itself."""
    page = open_page(java_script_enabled=False)
    cookie, address = server.begin("gallery", "demo", "en", "grid_page")
    page.context.add_cookies([cookie])
    page.goto(address)
    tap(page.locator("#i-canteen_food .option").first)
    tap(page.locator(".go .next"))
    expect(page.locator("#summary")).to_contain_text("Not answered yet")
    expect(page.locator("#i-canteen_food :checked")).to_have_count(1)
    tap(page.locator("#answers > .go .next"))
    expect(page.locator("#i-canteen_food")).to_have_count(0)
    for _ in range(2):
        page.go_back()
        expect(page.locator("#i-canteen_food :checked")).to_have_count(1)
    tap(page.locator("#i-canteen_price .option").first)
    tap(page.locator("#answers > .go .next"))
    expect(page.locator("#i-canteen_food")).to_have_count(0)
    assert say(server.read("gallery", page.context.cookies())) == {"canteen_food": "1", "canteen_price": "1"}
