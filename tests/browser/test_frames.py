"""The questionnaire in a frame of a learning environment on another site, where Chromium keeps no cookie of ours."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

import pytest
from playwright.sync_api import Browser, Frame, Page, expect

from survey_engine.fieldwork.signing import make_proof
from survey_engine.storage.answers import load_response
from tests.browser.conftest import FLAGS, PHONE, OpenPage, find_browser
from tests.browser.robot import DOUBLE_TAP, Respondent, say, tap
from tests.browser.server import Server

LMS = "https://lms.example.org/course"
"""Where the gallery's institution may show it."""
ONE_PROCESS = ["--disable-site-isolation-trials", "--disable-features=IsolateOrigins,site-per-process,LocalNetworkAccessChecks"]
"""Frames in the process of their page: Playwright loses a frame that changes its process in the middle of a navigation, and does not see
the page that Chromium shows. And a site on the internet may frame this machine."""
STRICT = ["--test-third-party-cookie-phaseout", *ONE_PROCESS]
"""No cookie in another site's frame, whatever its attributes."""


@pytest.fixture(scope="module")
def chromium(chromium: Browser) -> Iterator[Browser]:
    """One that is stricter about cookies."""
    browser = chromium.browser_type.launch(executable_path=find_browser(), args=[*FLAGS, *STRICT])
    yield browser
    browser.close()


def embed(page: Page, server: Server, site: str = LMS, policy: str = "origin") -> Frame:
    """Open a page of another site that shows the start page in a frame; returns the frame."""
    address = f"{server.url}/q/gallery/demo?lang=en"
    html = f'<!doctype html><title>Course</title><iframe src="{address}" referrerpolicy="{policy}" width=350 height=700></iframe>'
    page.route(f"{site}**", lambda route: route.fulfill(body=html, content_type="text/html"))
    page.goto(site)
    (frame,) = page.main_frame.child_frames
    frame.wait_for_load_state()
    return frame


class FramedRespondent(Respondent):
    """As in a window of its own, but for the address, which tells nothing here."""

    def __init__(self, frame: Frame) -> None:
        super().__init__(cast(Any, frame))

    def press(self, selector: str) -> None:
        ticket = self.page.locator("[name=ticket]")
        here = ticket.input_value() if ticket.count() else ""
        tap(self.page.locator(selector))
        expect(self.page.locator(f".receipt, main:not(.done) [name=ticket]:not([value='{here}'])")).to_have_count(1)


@pytest.mark.parametrize("script", [True, False], ids=["script", "plain"])
def test_a_student_in_a_frame_without_cookies_reaches_the_receipt(open_page: OpenPage, server: Server, script: bool) -> None:
    page = open_page(java_script_enabled=script)
    student = FramedRespondent(embed(page, server))
    student.press("main form .button.next")
    pages = 0
    while not student.page.locator(".receipt").count():
        student.answer_page()
        student.go_on()
        pages += 1
    receipt = student.page.locator(".receipt").inner_text()
    with server.answers.read() as connection:
        ids = connection.exec_driver_sql("SELECT id FROM response WHERE completed_at IS NOT NULL").scalars().all()
        id = next(id for id in ids if make_proof(server.settings.pseudonym_key, "gallery", id) == receipt)
    stored = load_response(server.answers, id)

    assert page.context.cookies() == []
    assert pages > 8
    assert stored and say(stored) == student.given


def test_a_frame_tells_its_height_whenever_it_changes(page: Page, server: Server) -> None:
    page.add_init_script("window.heights = []; addEventListener('message', event => heights.push(JSON.parse(event.data)))")
    frame = embed(page, server)
    page.wait_for_function("() => heights.length")
    assert page.evaluate("heights.at(-1).subject") == "lti.frameResize"
    folded = page.evaluate("heights.at(-1).height")
    tap(frame.locator(".more summary"))
    page.wait_for_function("before => heights.at(-1).height > before", arg=folded)
    assert page.evaluate("heights.at(-1).height") == frame.evaluate("document.documentElement.offsetHeight")


FOLLOW = """window.subjects = [];
addEventListener('message', event => {
  const message = JSON.parse(event.data);
  subjects.push(message.subject);
  if (message.subject === 'lti.frameResize') document.querySelector('iframe').height = message.height;
})"""
"""A course page makes its frame as high as the page in it."""


def test_each_page_shows_its_top_in_a_frame_of_its_height(page: Page, server: Server) -> None:
    page.add_init_script(FOLLOW)
    student = FramedRespondent(embed(page, server))
    student.press("main form .button.next")
    tops = []
    for _ in range(5):
        tap(student.page.locator("#answers > .go .next"))
        page.wait_for_timeout(DOUBLE_TAP)
        top = student.page.locator("#summary, h1").first.bounding_box()
        tops.append(top and top["y"])
    assert all(top and 0 <= top < PHONE["height"] / 2 for top in tops), tops
    assert "lti.scrollToTop" in page.evaluate("subjects")


def test_a_frame_offers_a_window_of_its_own(page: Page, server: Server) -> None:
    frame = embed(page, server)
    with page.expect_popup() as opened:
        tap(frame.get_by_role("link", name="Open in a window of its own"))
    expect(opened.value.locator("main form .button.next")).to_have_text("Start")
    assert opened.value.url == f"{server.url}/q/gallery/demo?lang=en"


def test_another_site_shows_a_page_that_opens_a_window_of_its_own(chromium: Browser, server: Server) -> None:
    with chromium.new_page() as page:
        frame = embed(page, server, "https://elsewhere.example.org/")
        expect(frame.get_by_role("heading", level=1)).to_have_text("This does not work inside this page")
        expect(frame.locator("form")).to_have_count(0)
        assert frame.locator("main a.next").get_attribute("href") == f"{server.settings.base_url}/q/gallery/demo?lang=en"


def test_another_site_without_a_referrer_cannot_show_it(chromium: Browser, server: Server) -> None:
    with chromium.new_page() as page:
        frame = embed(page, server, "https://elsewhere.example.org/", policy="no-referrer")
        expect(frame.locator("body")).to_have_count(1)
        expect(frame.locator("main")).to_have_count(0)
