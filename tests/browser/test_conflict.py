"""The same page in two windows with different answers: both are shown, and nothing is overwritten in silence."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.robot import say
from tests.browser.server import Server

OpenAt = Callable[..., Page]


@pytest.fixture
def two(gallery: OpenAt) -> tuple[Page, Page]:
    """The first window has answered Yes and gone on; the second still shows the page, with No."""
    first = gallery("yes_no_page")
    second = first.context.new_page()
    second.goto(first.url)
    first.get_by_text("Yes", exact=True).click()
    first.locator(".go .next").click()
    expect(first.get_by_role("heading", level=1)).to_have_text("On your way")
    second.get_by_text("No", exact=True).click()
    expect(second.locator("#summary")).to_contain_text("This page was changed in another window")
    return first, second


def stored(page: Page, server: Server) -> dict[str, object]:
    return say(server.read("gallery", page.context.cookies()))


def test_both_answers_are_shown_and_the_stored_one_stands(two: tuple[Page, Page], server: Server) -> None:
    _, second = two
    expect(second.locator("#summary")).to_be_focused()
    expect(second.locator(".stored")).to_contain_text("Do you have a job alongside your studies?: Yes")
    expect(second.locator("[name='q.has_job'][value=no]")).to_be_checked()
    assert stored(second, server) == {"has_job": "yes"}


def test_who_keeps_what_stands_here_replaces_what_is_stored(two: tuple[Page, Page], server: Server) -> None:
    _, second = two
    second.get_by_role("button", name="Keep my new answers").click()
    expect(second.get_by_role("heading", level=1)).to_have_text("On your way")
    assert stored(second, server) == {"has_job": "no"}


def test_who_keeps_what_is_stored_sees_it(two: tuple[Page, Page], server: Server) -> None:
    _, second = two
    second.get_by_role("button", name="Keep my saved answers").click()
    expect(second.locator("#summary")).to_have_count(0)
    expect(second.locator("[name='q.has_job'][value=yes]")).to_be_checked()
    assert stored(second, server) == {"has_job": "yes"}


def test_two_windows_on_two_pages_do_not_meet(gallery: OpenAt, server: Server) -> None:
    first = gallery("choice_page")
    second = first.context.new_page()
    second.goto(server.address("gallery", "yes_no_page"))
    second.get_by_text("Yes", exact=True).click()
    first.get_by_text("By bike").click()
    for window in (first, second):
        expect(window.locator("#status")).to_have_attribute("data-state", "idle")
    assert stored(first, server) == {"has_job": "yes", "transport": "bike"}
