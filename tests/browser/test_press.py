"""A press that takes a while, as a finger's does: what the page shows meanwhile must not move the button away from it."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

OpenAt = Callable[..., Page]


def test_a_fault_that_is_said_at_its_field_does_not_swallow_next(gallery: OpenAt) -> None:
    page = gallery("panel_page")
    field = page.get_by_role("textbox").last
    with page.expect_response(lambda reply: reply.status == 422):
        field.fill("nobody")
    page.locator(".go .next").hover()
    page.mouse.down()
    page.wait_for_timeout(150)
    page.mouse.up()
    expect(page.locator("#summary")).to_be_focused()


def test_a_fault_is_said_at_its_field_once_the_press_elsewhere_is_over(gallery: OpenAt) -> None:
    page = gallery("panel_page")
    field = page.get_by_role("textbox").last
    with page.expect_response(lambda reply: reply.status == 422):
        field.fill("nobody")
    page.get_by_role("heading", level=1).hover()
    page.mouse.down()
    page.wait_for_timeout(150)
    expect(field).not_to_have_attribute("aria-invalid", "true")
    page.mouse.up()
    expect(field).to_have_attribute("aria-invalid", "true")
