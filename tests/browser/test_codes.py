"""A code that is also the name of a form's own part, or of a field of the page itself, is a code like any other."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.robot import say, tap
from tests.browser.server import Server
from tests.writing import change_head, write

OPEN = ("action", "elements", "submit", "matches", "closest", "ticket", "number", "wish", "follows")
STATEMENTS = ("target", "method", "remove", "dataset", "id")
SCHOOL = "institution: school\nname: School\nopen_link: {path: bol, level: 1, programme: Art}\n"
HEAD = {"questionnaire": "x"}


def ask_all() -> str:
    opened = "\n".join(f"      - {{open: {code}, text: About {code}}}" for code in OPEN)
    items = "\n".join(f"          {code}: The {code} is good" for code in STATEMENTS)
    return (
        f"section: main\npages:\n  - page: first\n    questions:\n{opened}\n"
        f"      - grid: children\n        text: How good?\n        scale: agree\n        items:\n{items}\n"
        "  - page: last\n    questions: [{mark: length, text: How long?}]\n"
    )


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("codes")
    written = write(folder, {"questionnaire.yaml": change_head(HEAD), "1.yaml": ask_all(), "institutions/school.yaml": SCHOOL})
    assert not written.problems
    running = Server(folder / "data", folder / "q")
    yield running
    running.stop()


@pytest.fixture
def page(chromium: Browser, odd: Server) -> Iterator[Page]:
    with chromium.new_context(base_url=odd.url) as context:
        context.set_default_timeout(10_000)
        yield context.new_page()


def test_every_code_is_saved_in_the_background_and_again_by_next(page: Page, odd: Server) -> None:
    page.goto("/q/x/school?lang=en")
    tap(page.locator("main form .button.next"))
    for code in OPEN:
        page.locator(f"[name='q.{code}']").fill(f"my {code}")
    for code in STATEMENTS:
        tap(page.locator(f"#i-{code} .option").last)
    expect(page.locator("#status")).to_have_attribute("data-state", "idle")
    kept = say(odd.read("x", page.context.cookies()))
    tap(page.locator(".go .next"))
    expect(page.get_by_text("How long?")).to_be_visible()

    assert kept == say(odd.read("x", page.context.cookies()))
    assert kept == {code: f"my {code}" for code in OPEN} | dict.fromkeys(STATEMENTS, "3")
