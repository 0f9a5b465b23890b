"""Small helps on a page: exclusive options, consent, "other, namely", characters left."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.robot import say, tap
from tests.browser.server import Server

OpenAt = Callable[..., Page]


def test_an_exclusive_option_clears_the_others_and_they_clear_it(gallery: OpenAt) -> None:
    page = gallery("multiple_page")
    sport, games, nothing = (page.get_by_label(label, exact=True) for label in ("Sport", "Play games", "Nothing special"))
    tap(sport.locator(".."))
    tap(games.locator(".."))
    tap(nothing.locator(".."))
    expect(sport).not_to_be_checked()
    expect(games).not_to_be_checked()
    tap(sport.locator(".."))
    expect(nothing).not_to_be_checked()


def test_an_exclusive_option_leaves_another_question_alone(gallery: OpenAt) -> None:
    page = gallery("multiple_page")
    tap(page.get_by_label("Choir").locator(".."))
    tap(page.get_by_label("Nothing special").locator(".."))
    expect(page.get_by_label("Choir")).to_be_checked()


@pytest.mark.parametrize("script", [True, False])
def test_no_to_a_required_part_leads_to_a_kind_end_that_can_be_left(open_page: OpenPage, server: Server, script: bool) -> None:
    page = open_page(java_script_enabled=script)
    cookie, address = server.begin("gallery", "demo", "en", "consent_page")
    page.context.add_cookies([cookie])
    page.goto(address)
    tap(page.locator("#i-consent_use").get_by_text("No", exact=True))
    tap(page.locator(".go .next"))
    expect(page.get_by_role("heading", level=1)).to_have_text("That is fine")
    expect(page.locator(".fault")).to_have_count(0)
    if script:
        expect(page.get_by_role("heading", level=1)).to_be_focused()
    tap(page.get_by_role("link", name="Change my choice"))
    expect(page.locator("[name='q.consent_use'][value=no]")).to_be_checked()
    tap(page.locator("#i-consent_use").get_by_text("Yes", exact=True))
    tap(page.locator(".go .next"))
    tap(page.locator(".summary").get_by_role("button", name="Go on anyway"))
    expect(page.get_by_role("heading", level=1)).not_to_have_text("Your consent")


def test_the_other_text_is_there_with_its_option_or_a_text_to_be_dropped(gallery: OpenAt, server: Server) -> None:
    page = gallery("choice_page")
    field = page.get_by_role("textbox", name="Another way, namely")
    expect(field).to_be_hidden()
    tap(page.locator("#i-transport .option").last)
    field.fill("by boat")
    expect(page.locator("#status")).to_have_attribute("data-state", "idle")
    assert say(server.read("gallery", page.context.cookies())) == {"transport": "other", "transport__namely": "by boat"}
    tap(page.get_by_text("On foot"))
    expect(page.get_by_text("You wrote this beside an answer that you did not choose.")).to_be_visible()
    field.fill("")
    tap(page.get_by_role("heading", level=1))
    expect(field).to_be_hidden()


def test_the_count_of_characters_left_is_live_and_counts_as_people_do(gallery: OpenAt) -> None:
    page = gallery("open_page")
    count = page.locator("#count-day_word")
    expect(count).to_have_text("Characters left: 40")
    page.get_by_label("Describe today in one word").fill("sunny 🌞")
    expect(count).to_have_text("Characters left: 33")
    page.get_by_label("Describe today in one word").fill("x" * 45)
    expect(count).to_have_text("Too many characters: 5")


def test_a_text_that_is_too_long_is_refused_and_comes_back_whole(gallery: OpenAt) -> None:
    page = gallery("open_page")
    page.get_by_label("Describe today in one word").fill("x" * 45)
    tap(page.locator(".go .next"))
    expect(page.locator("#summary")).to_contain_text("The text is too long. Maximum number of characters: 40. Now: 45.")
    expect(page.get_by_label("Describe today in one word")).to_have_value("x" * 45)
