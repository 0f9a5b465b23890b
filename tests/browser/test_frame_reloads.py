"""A reload and the browser's Back in a frame of another site, which has no cookie and whose address names no page."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from playwright.sync_api import Frame, Page, expect

from tests.browser import test_frames
from tests.browser.conftest import OpenPage
from tests.browser.robot import tap
from tests.browser.server import Server
from tests.browser.test_frames import FramedRespondent, embed

chromium = test_frames.chromium  # keeps no cookie in a frame
START = "main.start form .button.next"


def walk(page: Page, server: Server, pages: int = 2) -> FramedRespondent:
    """Start in a frame and answer some pages; the next one is the page that is seen."""
    student = FramedRespondent(embed(page, server))
    student.press(START)
    for _ in range(pages):
        student.answer_page()
        student.go_on()
    return student


def find_frame(page: Page) -> Frame:
    (frame,) = page.main_frame.child_frames
    return frame


def name_page(frame: Frame) -> str:
    """The response and the page of the ticket in the frame."""
    return ".".join(frame.locator("#answers [name=ticket]").input_value().split(".")[:2])


def test_a_reload_goes_on_at_the_same_page_with_its_answers(page: Page, server: Server) -> None:
    student = walk(page, server)
    student.answer_page()
    expect(student.page.locator("#status")).to_have_attribute("data-state", "idle")
    here, given = name_page(student.page), student.page.locator("#answers :checked").count()
    page.reload()
    frame = find_frame(page)
    expect(frame.locator("#answers")).to_be_visible()
    assert name_page(frame) == here
    expect(frame.locator("#answers :checked")).to_have_count(given)
    page.reload()
    expect(find_frame(page).locator("#answers")).to_be_visible()
    assert name_page(find_frame(page)) == here
    assert page.context.cookies() == []
    assert "ticket" not in page.url + find_frame(page).url


def test_an_answer_on_its_way_at_a_reload_is_kept_and_meets_no_conflict(page: Page, server: Server) -> None:
    student = walk(page, server, 1)
    student.answer_page()
    page.reload()
    frame = find_frame(page)
    expect(frame.locator("#answers :checked")).to_have_count(1)
    tap(frame.locator("#answers .option:not(:has(:checked))").first)
    expect(frame.locator("#status")).to_have_attribute("data-state", "idle")
    expect(frame.locator("#summary")).to_have_count(0)


def test_a_frame_that_comes_back_later_begins_as_new(page: Page, server: Server) -> None:
    page.clock.install(time=datetime(2026, 1, 1, tzinfo=UTC))
    walk(page, server)
    page.goto("about:blank")
    page.clock.set_system_time(datetime(2026, 1, 1, 0, 0, 30, tzinfo=UTC))
    frame = embed(page, server)
    expect(frame.locator(START)).to_be_visible()
    expect(frame.locator("#answers")).to_have_count(0)


def test_after_stop_a_reload_shows_the_start_page(page: Page, server: Server) -> None:
    student = walk(page, server)
    tap(student.page.locator("[value=stop]"))
    expect(student.page.locator("main.message .key")).to_be_visible()
    page.reload()
    page.reload()
    frame = find_frame(page)
    expect(frame.locator(START)).to_be_visible()
    assert frame.evaluate("sessionStorage.kept || ''") == ""


def test_after_completion_a_reload_shows_the_start_page(page: Page, short_server: Server) -> None:
    student = FramedRespondent(embed(page, short_server))
    student.press(START)
    while not student.page.locator(".receipt").count():
        student.answer_page()
        student.go_on()
    page.reload()
    frame = find_frame(page)
    expect(frame.locator(START)).to_be_visible()
    expect(frame.locator(".receipt")).to_have_count(0)


def test_without_a_script_the_start_page_warns_of_a_reload(open_page: OpenPage, server: Server) -> None:
    page = open_page(java_script_enabled=False)
    frame = embed(page, server)
    expect(frame.get_by_text("Please do not reload this page")).to_be_visible()
    with page.expect_popup() as opened:
        tap(frame.get_by_role("link", name="Open in a window of its own"))
    expect(opened.value.get_by_text("Please do not reload this page")).to_have_count(0)


@pytest.mark.parametrize("how", ["button", "history"])
def test_back_in_a_frame_shows_the_page_before_and_keeps_the_answers(page: Page, server: Server, how: str) -> None:
    student = walk(page, server, 1)
    frame, seen = student.page, []
    for _ in range(2):
        student.answer_page()
        seen.append((name_page(frame), frame.locator("#answers :checked").count()))
        student.go_on()
    for here, given in reversed(seen):
        if how == "button":
            student.go_back()
        else:
            page.evaluate("history.back()")
        expect(frame.locator(f"#answers [name=ticket][value^='{here}.']")).to_have_count(1)
        expect(frame.locator("#answers :checked")).to_have_count(given)
    assert page.url == "https://lms.example.org/course"
