"""The same page in two windows with different answers: both are shown, and nothing is overwritten in silence."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.robot import say, tap
from tests.browser.server import Server

OpenAt = Callable[..., Page]


@pytest.fixture
def two(gallery: OpenAt) -> tuple[Page, Page]:
    """The first window has answered Yes and gone on; the second still shows the page, with No."""
    first = gallery("yes_no_page")
    second = first.context.new_page()
    second.goto(first.url)
    tap(first.get_by_text("Yes", exact=True))
    tap(first.locator(".go .next"))
    expect(first.get_by_role("heading", level=1)).to_have_text("On your way")
    tap(second.get_by_text("No", exact=True))
    expect(second.locator("#summary")).to_contain_text("This page was changed elsewhere too")
    return first, second


def stored(page: Page, server: Server) -> dict[str, object]:
    return say(server.read("gallery", page.context.cookies()))


def test_both_answers_are_shown_and_the_stored_one_stands(two: tuple[Page, Page], server: Server) -> None:
    _, second = two
    expect(second.locator("#summary")).to_be_focused()
    expect(second.locator(".stored")).to_contain_text("Do you have a job alongside your studies? Yes")
    expect(second.locator("[name='q.has_job'][value=no]")).to_be_checked()
    assert stored(second, server) == {"has_job": "yes"}


def test_who_keeps_what_stands_here_replaces_what_is_stored(two: tuple[Page, Page], server: Server) -> None:
    _, second = two
    tap(second.get_by_role("button", name="Keep the answers below"))
    expect(second.get_by_role("heading", level=1)).to_have_text("On your way")
    assert stored(second, server) == {"has_job": "no"}


def test_who_keeps_what_is_stored_sees_it(two: tuple[Page, Page], server: Server) -> None:
    _, second = two
    tap(second.get_by_role("button", name="Keep the saved answers"))
    expect(second.locator("#summary")).to_have_count(0)
    expect(second.locator("[name='q.has_job'][value=yes]")).to_be_checked()
    assert stored(second, server) == {"has_job": "yes"}


def test_two_windows_on_two_pages_do_not_meet(gallery: OpenAt, server: Server) -> None:
    first = gallery("choice_page")
    second = first.context.new_page()
    second.goto(server.address("gallery", "yes_no_page"))
    tap(second.get_by_text("Yes", exact=True))
    tap(first.get_by_text("By bike"))
    for window in (first, second):
        expect(window.locator("#status")).to_have_attribute("data-state", "idle")
    assert stored(first, server) == {"has_job": "yes", "transport": "bike"}


@pytest.mark.parametrize("button", [".next", "[value=back]", "[value=stop]"])
def test_no_other_button_decides(two: tuple[Page, Page], server: Server, button: str) -> None:
    _, second = two
    with second.expect_response(lambda reply: reply.request.method == "POST" and reply.status == 409):
        tap(second.locator(f"#answers > p {button}"))
    expect(second.locator("#summary")).to_be_focused()
    expect(second.locator("#summary")).to_contain_text("First choose one of the two buttons.")
    expect(second.locator("[name='q.has_job'][value=no]")).to_be_checked()
    assert stored(second, server) == {"has_job": "yes"}
    tap(second.get_by_role("button", name="Keep the answers below"))
    expect(second.get_by_role("heading", level=1)).to_have_text("On your way")
    assert stored(second, server) == {"has_job": "no"}


def test_without_a_script_next_asks_to_choose(open_page: OpenPage, server: Server) -> None:
    page = open_page(java_script_enabled=False)
    cookie, address = server.begin("gallery", "demo", "en", "yes_no_page")
    page.context.add_cookies([cookie])
    other = page.context.new_page()
    for window, answer in ((page, "Yes"), (other, "No")):
        window.goto(address)
        tap(window.get_by_text(answer, exact=True))
    tap(page.locator(".go .next"))
    tap(other.locator(".go .next"))
    expect(other.locator("#summary")).not_to_contain_text("First choose")
    tap(other.locator("#answers > .go .next"))
    expect(other.locator("#summary")).to_contain_text("First choose")
    expect(other.locator("#summary")).to_be_focused()
    assert stored(other, server) == {"has_job": "yes"}
    tap(other.locator(".summary .new"))
    expect(other.get_by_role("heading", level=1)).to_have_text("On your way")
    assert stored(other, server) == {"has_job": "no"}


def test_a_conflict_stays_in_another_language(two: tuple[Page, Page], server: Server) -> None:
    _, second = two
    tap(second.locator(".languages summary"))
    tap(second.locator(".languages").get_by_role("button", name="Nederlands", exact=True))
    expect(second.locator("#summary")).to_contain_text("Kies eerst een van de twee knoppen.")
    assert stored(second, server) == {"has_job": "yes"}


@pytest.mark.parametrize("script", [True, False], ids=["script", "plain"])
@pytest.mark.parametrize("button", [".next", "[value=back]", "[value=stop]"])
def test_answers_after_completion_are_told_once(open_page: OpenPage, short_server: Server, button: str, script: bool) -> None:
    """Another window has completed the response. With a script the page itself says first that its answer is not saved."""
    page = open_page(base_url=short_server.url, java_script_enabled=script)
    other = open_page(base_url=short_server.url)
    cookie, address = short_server.begin("gallery", "demo", "en", "consent_page")
    for window, shown in ((page, short_server.address("gallery", "open_page")), (other, address)):
        window.context.add_cookies([cookie])
        window.goto(shown)
    tap(other.get_by_text("Yes", exact=True))
    tap(other.locator(".go .next"))
    expect(other.get_by_role("heading", level=1)).to_contain_text("Done. Thank you!")
    page.locator("textarea").fill("A second canteen")
    if script:
        expect(page.locator("#status")).to_have_attribute("data-state", "conflict")
    tap(page.locator(f"#answers > p {button}"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("Done. Thank you!")
    expect(page.locator(".done .notice")).to_contain_text("were not stored")
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Done. Thank you!")
    expect(page.locator(".done .notice")).to_have_count(0)
