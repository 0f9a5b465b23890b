"""The line "Not answered yet." is visible as long as its item has no answer, also without a script."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenPage
from tests.browser.server import Server
from tests.browser.states import PAGES, open_at

MISSING = "[data-missing]:visible"
FILLED = {"date": "1-2-2020", "number": "3"}
"""Question type → a text for its fields."""
OPTIONAL = ("information", "consent", "open", "panel")
"""Types without such a line in the gallery."""


@pytest.mark.parametrize("script", [True, False], ids=["script", "plain"])
@pytest.mark.parametrize("type_", [type_ for type_ in PAGES if type_ not in OPTIONAL])
def test_the_line_of_an_unanswered_item_goes_with_its_answer(
    open_page: OpenPage, server: Server, type_: str, script: bool
) -> None:
    page = open_at(open_page(java_script_enabled=script), server, PAGES[type_])
    page.locator(".go .next").press("Enter")
    expect(page.locator("#summary")).to_be_visible()
    part = page.locator(MISSING).first
    line = part.locator("> .fault")
    expect(line).to_be_visible()
    if type_ in FILLED:
        field = part.locator("[name^='q.']")
        field.fill(FILLED[type_])
        expect(line).to_be_hidden()
        field.fill("")
    else:
        part.locator(".option input").last.evaluate("input => { input.checked = true }")
        expect(line).to_be_hidden()
        part.locator(".option input").last.evaluate("input => { input.checked = false }")
    expect(line).to_be_visible()
