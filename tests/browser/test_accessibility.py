"""Every state of every question type fits a small screen, and axe finds nothing to object to, in any language."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page, expect

from tests import THOROUGH
from tests.browser.conftest import PHONE, OpenPage
from tests.browser.server import Server
from tests.browser.states import OVERFLOW, SMALL, TARGETS, TWICE, open_at, walk_states

WIDE = {"width": 1280, "height": 900}
RUN = """async options => (await axe.run(document, {resultTypes: ['violations'], ...options}))
  .violations.map(found => `${found.id}: ${found.nodes.map(node => node.html + ' ' + node.failureSummary).join(' | ')}`)"""


WITHOUT_COLOURS = {"rules": {"color-contrast": {"enabled": False}}}
COLOURS = {"runOnly": ["color-contrast"]}


def find_violations(page: Page, options: dict[str, Any] | None = None) -> list[str]:
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    found: list[str] = page.evaluate(RUN, options or {})
    return found


def find_dark_violations(page: Page) -> list[str]:
    """What axe finds in the colours of dark mode, on a page that is in light mode before and afterwards."""
    page.emulate_media(color_scheme="dark")
    found = find_violations(page, {} if THOROUGH else COLOURS)
    page.emulate_media(color_scheme="light")
    return found


@pytest.mark.parametrize("language", ["en", "nl", "pap", "nt2", "de"])
def test_every_state_fits_a_small_screen_and_has_no_violation(open_page: OpenPage, server: Server, language: str) -> None:
    """It fits large text and a thumb too. In one language axe looks at every state, with the colours of light and dark mode, and
    at a wide screen as well.

    A translation changes no structure, so that in the others axe looks at what is answered: names and languages of all parts.
    Dark mode changes colours alone.
    """
    page = open_page(viewport=SMALL)
    faults = {}
    for state in walk_states(page, server, language):
        faults[f"{state}: under 44 px"] = page.evaluate(TARGETS)
        faults[f"{state}: scrolls sideways at 320 px"] = page.evaluate(OVERFLOW)
        for screen in (PHONE, WIDE) if language == "en" else (PHONE,) if THOROUGH or "answered" in state else ():
            page.set_viewport_size(screen)
            faults[f"{state}: violation at {screen['width']} px"] = find_violations(
                page, {} if language == "en" else WITHOUT_COLOURS
            )
        page.set_viewport_size(PHONE)
        if language == "en":
            faults[f"{state}: violation in dark mode"] = find_dark_violations(page)
        page.evaluate(TWICE)
        faults[f"{state}: scrolls sideways with text at 200 %"] = page.evaluate(OVERFLOW)
        page.set_viewport_size(SMALL)
        page.evaluate("document.documentElement.style.fontSize = ''")
    assert len(faults) > 100
    assert {state: fault for state, fault in faults.items() if fault} == {}


def test_a_violation_would_be_found(page: Page, server: Server) -> None:
    open_at(page, server, "grid_page")
    page.evaluate("document.querySelector('#page').insertAdjacentHTML('beforeend', '<input><b id=pale>Pale words</b>')")
    page.evaluate("document.querySelector('#pale').style.color = '#bbb'")
    assert [violation.split(":")[0] for violation in find_violations(page)] == ["color-contrast", "label"]
    page.evaluate("document.querySelector('#pale').style.color = '#444'")
    assert not any("pale" in violation for violation in find_violations(page))
    assert [violation.split(":")[0] for violation in find_dark_violations(page)] == ["color-contrast"]


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
