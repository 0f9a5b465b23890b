"""How much goes over the wire, as the browser counts it: with headers, compressed."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.robot import Respondent
from tests.browser.server import Server

KILOBYTE = 1000
STARTS = [("job-2026", "noorderlicht"), ("nse-2026", "wolkenveld"), ("belonging-2024", "duinzicht"), ("gallery", "demo")]


class Scale:
    """Weighs every answer of the server: address → bytes with headers, and the bytes of the headers alone."""

    def __init__(self, page: Page) -> None:
        self.weights: list[tuple[str, int]] = []
        self.headers = 0
        self._addresses: dict[str, str] = {}
        session = page.context.new_cdp_session(page)
        session.send("Network.enable")
        session.send("Network.setCacheDisabled", {"cacheDisabled": False})
        session.on("Network.responseReceived", self._begin)
        session.on("Network.loadingFinished", self._finish)

    def _begin(self, event: dict[str, Any]) -> None:
        if event["response"]["url"].startswith("http"):
            self._addresses[event["requestId"]] = event["response"]["url"]
            self.headers += int(event["response"]["encodedDataLength"])

    def _finish(self, event: dict[str, Any]) -> None:
        if event["requestId"] in self._addresses:
            self.weights.append((self._addresses[event["requestId"]], int(event["encodedDataLength"])))

    def total(self) -> int:
        return sum(weight for _, weight in self.weights)


@pytest.mark.parametrize(("questionnaire", "institution"), STARTS)
def test_a_first_visit_is_light(page: Page, questionnaire: str, institution: str) -> None:
    scale = Scale(page)
    page.goto(f"/q/{questionnaire}/{institution}?lang=nl", wait_until="networkidle")
    assert len(scale.weights) == 3
    assert scale.total() <= 23 * KILOBYTE, scale.weights
    page.locator("main form .button.next").click()
    page.wait_for_url("**/a/**")
    expect(page.locator("#answers")).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert len(scale.weights) == 5
    assert scale.total() <= 28 * KILOBYTE, scale.weights


@pytest.mark.parametrize(("questionnaire", "institution"), STARTS)
def test_every_next_page_is_light(page: Page, server: Server, questionnaire: str, institution: str) -> None:
    scale = Scale(page)
    student = Respondent(page)
    student.start(f"/q/{questionnaire}/{institution}?lang=nl")
    page.wait_for_load_state("networkidle")
    scale.weights.clear()
    student.finish()
    heavy = [weight for weight in scale.weights if weight[1] > 2 * KILOBYTE and "/done/" not in weight[0]]
    assert len(scale.weights) > 8
    assert heavy == []
