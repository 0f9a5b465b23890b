"""How much goes over the wire, as the browser counts it: with headers, compressed."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page

KILOBYTE = 1000


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

    def list_heavy(self) -> list[tuple[str, int]]:
        """What is too heavy after the first page of questions, which is a whole document."""
        pages = [index for index, (address, _) in enumerate(self.weights) if "/a/" in address]
        assert len(pages) > 8
        return [weight for weight in self.weights[pages[1] :] if weight[1] > 2 * KILOBYTE and "/done/" not in weight[0]]
