"""A first visit and the next pages are light; the journeys weigh the other questionnaires."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.robot import Respondent
from tests.browser.weight import KILOBYTE, Scale

STARTS = [("job-2026", "noorderlicht"), ("nse-2026", "wolkenveld"), ("belonging-2024", "duinzicht"), ("gallery", "demo")]


@pytest.mark.parametrize(("questionnaire", "institution"), STARTS)
def test_a_first_visit_is_light(page: Page, questionnaire: str, institution: str) -> None:
    scale = Scale(page)
    page.goto(f"/q/{questionnaire}/{institution}?lang=nl", wait_until="networkidle")
    assert len(scale.weights) == 3
    assert scale.total() <= 25 * KILOBYTE, scale.weights
    page.locator("main form .button.next").click()
    page.wait_for_url("**/a/**")
    expect(page.locator("#answers")).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert len(scale.weights) == 5
    assert scale.total() <= 31 * KILOBYTE, scale.weights


def test_every_next_page_of_the_gallery_is_light(page: Page) -> None:
    scale = Scale(page)
    student = Respondent(page)
    student.start("/q/gallery/demo?lang=nl")
    student.finish()
    assert scale.list_heavy() == []
