"""A finger on the screen, which waits for the browser for a second at most."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import Any

from playwright.sync_api import Error, Page

HOLD = 0.03
"""Seconds from a touch to its end."""
PATIENCE = 1.0
"""Seconds after which a touch has no reply: Chromium loses one at times when it was on its way to a document that went."""


class Finger:
    """Touches the screen of `page`; another page, the `helper`, sends the touches, so that no reply holds up a test."""

    def __init__(self, page: Page, helper: Page) -> None:
        self._page, self._helper = page, helper
        self._session = page.context.new_cdp_session(page)
        self._waiting = 0
        helper.expose_function("send", self._send)

    def touch(self, x: float, y: float) -> None:
        began = time.monotonic()
        self._waiting = 2
        self._helper.evaluate("point => { send('touchStart', [point]); }", {"x": x, "y": y})
        self._page.wait_for_timeout(max(0.0, began + HOLD - time.monotonic()) * 1000)
        self._helper.evaluate("() => { send('touchEnd', []); }")
        while self._waiting > 0 and time.monotonic() < began + PATIENCE:
            self._page.wait_for_timeout(5)

    def _send(self, kind: str, points: list[dict[str, Any]]) -> None:
        with suppress(Error):  # the page may be closed before the reply comes
            self._session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
            self._waiting -= 1
