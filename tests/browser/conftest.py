"""One server and one browser for each test process; a fresh visitor for each test."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from tests.browser.server import Server, write_short_gallery

PHONE = {"width": 360, "height": 740}
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
EXPECTED = (
    "the server responded with a status of",
    "ERR_INTERNET_DISCONNECTED",
    "ERR_FAILED",
    "htmx:",
    "Response Status Error",
    "Blocked autofocusing on a <div> element in a cross-origin subframe",
)
"""Parts of console messages by which Chromium reports a status or a line that a test has brought about itself."""
LOOK = "addEventListener('DOMContentLoaded', () => requestAnimationFrame(() => setTimeout(() => dispatchEvent(new Event('wheel')))));"
"""As after a scroll, a press on a document counts once it is painted: a respondent who has looked at it."""

OpenPage = Callable[..., Page]


def find_browser(*, windows: bool = False) -> str:
    """The path of Chromium: the shell without windows, which takes a third of the time, unless `windows` are needed."""
    names = ("chromium", "chromium-browser", "google-chrome")
    for name in names if windows else ("chromium-headless-shell", *names):
        if path := shutil.which(name):
            return path
    pytest.fail("Chromium is missing. Install it with: make tools", pytrace=False)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser/" in item.path.as_posix():
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    running = Server(tmp_path_factory.mktemp("server"))
    yield running
    running.stop()


@pytest.fixture(scope="session")
def short_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One whose gallery has four pages, for walks to the end."""
    folder = tmp_path_factory.mktemp("short")
    running = Server(folder, write_short_gallery(folder / "q"))
    yield running
    running.stop()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium: Browser, server: Server) -> Iterator[OpenPage]:
    """Opens a page in a browser of its own, a phone's by default; a script's error or a refused style fails the test.

    `looks`: presses soon after the paint of a document count, as those of a respondent who looks first.
    """
    contexts: list[BrowserContext] = []
    failures: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type == "error" and not any(part in message.text for part in EXPECTED):
            failures.append(message.text)

    def open_one(*, looks: bool = True, **options: Any) -> Page:
        context = chromium.new_context(
            **{"viewport": PHONE, "base_url": server.url, "locale": "en-GB", "reduced_motion": "reduce", **options}
        )
        context.set_default_timeout(10_000)
        if looks:
            context.add_init_script(LOOK)
        contexts.append(context)
        context.on("console", note)
        context.on("weberror", lambda error: failures.append(str(error.error)))
        return context.new_page()

    yield open_one
    for context in contexts:
        context.close()
    assert not failures


@pytest.fixture
def page(open_page: OpenPage) -> Page:
    """A page on a phone."""
    return open_page()


@pytest.fixture
def gallery(page: Page, server: Server) -> Callable[..., Page]:
    """Opens a page of the gallery by its code, as somebody who has skipped all pages before it."""

    def open_at(code: str, language: str = "en") -> Page:
        cookie, address = server.begin("gallery", "demo", language, code)
        page.context.add_cookies([cookie])
        page.goto(address)
        return page

    return open_at


@pytest.fixture
def still(open_page: OpenPage, server: Server) -> Callable[..., Page]:
    """Opens a page of the gallery on a phone on which time passes only by `clock.run_for`."""

    def open_at(code: str, **options: Any) -> Page:
        page = open_page(looks=False, **options)
        page.clock.install(time=datetime(2026, 1, 1, tzinfo=UTC))
        cookie, address = server.begin("gallery", "demo", "en", code)
        page.context.add_cookies([cookie])
        page.goto(address)
        page.evaluate("new Promise(done => requestAnimationFrame(() => setTimeout(done)))")  # painted, an hour ago
        page.clock.pause_at(datetime(2026, 1, 1, 1, tzinfo=UTC))
        page.clock.run_for(32)  # the page is painted: presses before that do nothing
        return page

    return open_at
