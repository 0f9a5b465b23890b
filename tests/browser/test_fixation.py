"""Another website tries to make a visitor's browser answer in a response that its own owner can read."""

from __future__ import annotations

from html import escape

import pytest
from playwright.sync_api import Page, expect

from survey_engine.storage.answers import load_response
from tests.browser.server import Server

EVIL = "http://evil.example.org/"
POLICIES = ("no-referrer", "unsafe-url")
"""The first hides the origin as "null", as our own pages do."""


def plant(page: Page, target: str, fields: dict[str, str], policy: str = "no-referrer") -> None:
    """Open a page of another website that sends a form to ours by itself."""
    inputs = "".join(f'<input type="hidden" name="{name}" value="{escape(value)}">' for name, value in fields.items())
    html = (
        f'<!doctype html><meta name="referrer" content="{policy}"><form method="post" action="{escape(target)}">{inputs}</form>'
        "<script>document.forms[0].submit()</script>"
    )
    page.route(f"{EVIL}**", lambda route: route.fulfill(body=html, content_type="text/html"))
    page.goto(EVIL, wait_until="commit")
    page.wait_for_url(target)


def begin(page: Page) -> tuple[str, str]:
    """The address and the ticket of the page that a new respondent gets."""
    page.goto("/q/gallery/demo?lang=en")
    page.locator("main form .button.next").click()
    ticket = page.locator("[name=ticket]")
    expect(ticket).to_have_count(1)
    return page.locator("#answers").get_attribute("action") or "", ticket.input_value()


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("more", [{}, {"wish": "stored"}, {"language": "nl"}], ids=["next", "stored", "language"])
@pytest.mark.parametrize("visited", [True, False], ids=["visited", "new"])
def test_a_foreign_page_cannot_plant_its_own_response(open_page, server: Server, policy, more, visited) -> None:
    action, ticket = begin(open_page())
    victim = open_page()
    if visited:
        begin(victim)
    before = victim.context.cookies()
    plant(victim, server.url + action, {"ticket": ticket, "prompted": "1", **more}, policy)

    expect(victim.locator("h1")).to_have_text("This came from another website")
    expect(victim.locator("[name=ticket]")).to_have_count(0)
    stored = load_response(server.answers, int(ticket.partition(".")[0]))
    assert victim.context.cookies() == before
    assert stored and not stored.pages and stored.respondent.language == "en"


@pytest.mark.parametrize("policy", POLICIES)
def test_a_foreign_page_cannot_start_from_its_owners_link(open_page, server: Server, policy) -> None:
    link = server.make_link("gallery", "demo", {"track": "day", "study_year": 1})
    victim = open_page()
    plant(victim, link, {"lang": "en"}, policy)

    expect(victim.locator("h1")).to_have_text("This came from another website")
    assert victim.context.cookies() == []


def test_a_second_window_goes_on_with_its_own_response(open_page, server: Server) -> None:
    """The device resumes the response begun last; the other window has nothing but its ticket."""
    first = open_page(java_script_enabled=False)
    _, ticket = begin(first)
    second = first.context.new_page()
    begin(second)
    cookies = first.context.cookies()
    first.locator(".go .next").click()
    first.locator(".go .next").click()
    expect(first.locator(f"[name=ticket]:not([value='{ticket}'])")).to_have_count(1)

    assert first.locator("[name=ticket]").input_value().partition(".")[0] == ticket.partition(".")[0]
    assert first.context.cookies() == cookies
