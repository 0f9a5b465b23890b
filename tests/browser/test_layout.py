"""The pages around the questions fit a small phone; for the pages of questions, see test_accessibility and test_journeys."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import OpenPage
from tests.browser.states import OVERFLOW, SMALL, TARGETS, TWICE


def test_a_low_target_and_a_wide_page_would_be_found(page: Page) -> None:
    page.goto("/q/gallery/demo")
    page.evaluate("document.querySelector('#page').insertAdjacentHTML('beforeend', '<div><button>Low</button></div>')")
    page.evaluate("Object.assign(document.querySelector('#page > div').style, {width: '500px'})")
    assert [text for text, _ in page.evaluate(TARGETS)] == ["Low"]
    assert page.evaluate(OVERFLOW) > 100


@pytest.mark.parametrize("address", ["/", "/q/gallery/demo", "/q/job-2026/noorderlicht", "/no/where", "/a/gallery"])
def test_the_pages_around_the_questions_fit_too(open_page: OpenPage, address: str) -> None:
    page = open_page(viewport=SMALL)
    page.goto(address)
    assert page.evaluate(TARGETS) == []
    assert page.evaluate(OVERFLOW) == 0
    page.evaluate(TWICE)
    assert page.evaluate(OVERFLOW) == 0
