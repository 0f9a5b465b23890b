"""axe finds nothing to object to, in any state of any question type, in any language, on a phone and on a wide screen."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, OpenPage
from tests.browser.server import Server
from tests.browser.states import open_at, walk_states

WIDE = {"width": 1280, "height": 900}
RUN = """async () => (await axe.run(document, {resultTypes: ['violations']})).violations
  .map(found => `${found.id}: ${found.nodes.map(node => node.html + ' ' + node.failureSummary).join(' | ')}`)"""


def find_violations(page: Page) -> list[str]:
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    found: list[str] = page.evaluate(RUN)
    return found


def walk_and_inspect(page: Page, server: Server, language: str) -> dict[tuple[str, int], list[str]]:
    """State and width in px → what axe finds, where it finds anything."""
    found = {}
    for state in walk_states(page, server, language):
        for screen in (WIDE, PHONE):
            page.set_viewport_size(screen)
            found[state, screen["width"]] = find_violations(page)
    assert len(found) > 50
    return {where: violations for where, violations in found.items() if violations}


@pytest.mark.parametrize("language", ["en", "nl", "pap", "nt2", "de"])
def test_no_state_of_any_question_type_has_a_violation(page: Page, server: Server, language: str) -> None:
    assert walk_and_inspect(page, server, language) == {}


def test_nor_has_any_in_dark_mode(open_page: OpenPage, server: Server) -> None:
    assert walk_and_inspect(open_page(color_scheme="dark"), server, "en") == {}


def test_a_violation_would_be_found(page: Page, server: Server) -> None:
    open_at(page, server, "grid_page")
    page.evaluate("document.querySelector('#page').insertAdjacentHTML('beforeend', '<input><b id=pale>Pale words</b>')")
    page.evaluate("document.querySelector('#pale').style.color = '#bbb'")
    assert [violation.split(":")[0] for violation in find_violations(page)] == ["color-contrast", "label"]


@pytest.mark.parametrize("options", [{}, {"viewport": WIDE}, {"color_scheme": "dark"}], ids=["360 px", "1280 px", "dark"])
def test_nor_have_the_pages_around_the_questions(open_page: OpenPage, server: Server, options: dict[str, Any]) -> None:
    page = open_page(**options)
    found: dict[str, list[str]] = {}
    for address in ("/", "/q/gallery/demo", "/q/job-2026/kibrahacha?lang=pap", "/no/where", "/a/gallery", "/l/unknown"):
        page.goto(address)
        found[address] = find_violations(page)
    open_at(page, server, "panel_page")
    page.goto("/q/gallery/demo")
    found["start page of somebody who has begun"] = find_violations(page)
    open_at(page, server, "panel_page").locator(".go .next").click()
    expect(page.locator(".receipt")).to_be_visible()
    found["proof of completion"] = find_violations(page)
    assert {address: violations for address, violations in found.items() if violations} == {}


def test_nor_has_the_page_that_shows_two_versions_of_an_answer(page: Page, server: Server) -> None:
    open_at(page, server, "yes_no_page")
    other = page.context.new_page()
    other.goto(page.url)
    other.get_by_text("Yes", exact=True).click()
    other.locator(".go .next").click()
    expect(other.get_by_role("heading", level=1)).to_have_text("On your way")
    page.get_by_text("No", exact=True).click()  # saved at once, and answered with what is stored
    expect(page.locator("#summary")).to_be_focused()
    assert find_violations(page) == []
