"""A questionnaire over a slow mobile line: its start, and all from the page with follow-ups to the end."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.robot import Respondent, say
from tests.browser.server import Server

LATENCY, BYTES = 400, 400_000 / 8
"""Milliseconds for each reply, and bytes per second."""


class SlowRespondent(Respondent):
    """Begins to answer when the script of follow-ups has come: before it, Next brings a page with follow-ups once more."""

    def answer_page(self, *, further: bool = False) -> None:
        self.page.wait_for_function("() => !document.querySelector('[data-when]') || respondent.follow")
        super().answer_page(further=further)


def test_a_student_on_a_slow_line_reaches_the_receipt(page: Page, server: Server) -> None:
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    line = {"offline": False, "latency": LATENCY, "downloadThroughput": BYTES, "uploadThroughput": BYTES}
    session.send("Network.emulateNetworkConditions", line)
    student = SlowRespondent(page)
    student.start("/q/gallery/demo?lang=en")
    student.answer_page()
    student.go_on()
    page.goto(server.skip("gallery", server.read("gallery", page.context.cookies()).id, "bicycle_page"))
    student.finish()
    expect(page.locator(".receipt")).to_be_visible()
    assert say(server.read("gallery", page.context.cookies())) == student.given
