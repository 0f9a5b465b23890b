"""The page of a class on a phone and on a projector, with and without the script."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from survey_engine.fieldwork.group_totals import OPEN_LINK, name_group
from survey_engine.fieldwork.signing import ClassLink
from survey_engine.storage.group_totals import GroupTotal, add_group, set_totals
from tests.browser.robot import tap
from tests.browser.server import Server
from tests.browser.test_accessibility import find_violations

PHONE, PROJECTOR = {"width": 360, "height": 740}, {"width": 1920, "height": 1080}
LINK = ClassLink("gallery", "demo", *OPEN_LINK)


def set_started(server: Server, started: int) -> str:
    """Store totals of the class; return the address of its page."""
    name = name_group(server.settings.pseudonym_key, *LINK)
    add_group(server.identity, name, LINK.questionnaire, LINK.institution)
    set_totals(server.identity, [GroupTotal(name, 28, started, 0, 1_790_000_000.0)])
    return f"/class/{server.signatures.sign_class_link(LINK)}"


@pytest.fixture(params=[True, False], ids=["script", "no script"])
def page(request: pytest.FixtureRequest, chromium: Browser, server: Server) -> Iterator[Page]:
    with chromium.new_context(
        base_url=server.url, viewport=PHONE, locale="nl-NL", reduced_motion="reduce", java_script_enabled=request.param
    ) as context:
        context.set_default_timeout(10_000)
        yield context.new_page()


def test_a_teacher_refreshes_the_numbers_and_starts_the_timer(page: Page, server: Server) -> None:
    page.goto(set_started(server, 5))
    expect(page.locator("dd").first).to_have_text("5 of meer")
    set_started(server, 10)
    tap(page.get_by_role("button", name="Vernieuwen"))
    expect(page.locator("dd").first).to_have_text("10 of meer")
    tap(page.get_by_role("button", name="Start de klok"))
    expect(page.get_by_role("timer")).to_have_text("Tijd: 0 min")


def test_the_script_reads_the_numbers_again_by_itself(chromium: Browser, server: Server) -> None:
    with chromium.new_context(base_url=server.url, viewport=PROJECTOR, locale="nl-NL") as context:
        page = context.new_page()
        page.clock.install()
        page.goto(set_started(server, 5))
        set_started(server, 10)
        page.clock.run_for(31_000)
        expect(page.locator("dd").first).to_have_text("10 of meer")


@pytest.mark.parametrize("size", [PHONE, PROJECTOR], ids=["phone", "projector"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_fits_and_can_be_read_by_all(chromium: Browser, server: Server, size, scheme) -> None:
    with chromium.new_context(base_url=server.url, viewport=size, locale="en-GB", color_scheme=scheme) as context:
        page = context.new_page()
        page.goto(set_started(server, 20))
        code = page.get_by_role("img").bounding_box()
        assert code and code["y"] + code["height"] <= size["height"], "the code is seen without scrolling"
        assert code["width"] >= min(size["width"] - 80, size["height"] / 2)
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
        if size is PROJECTOR:
            assert page.evaluate("document.documentElement.scrollHeight") <= size["height"]
        assert find_violations(page) == []
