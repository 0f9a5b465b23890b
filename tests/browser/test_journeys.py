"""Every questionnaire in every language on a small phone, from the start page to the proof of completion."""

from __future__ import annotations

import pytest

from tests.browser.conftest import OpenPage
from tests.browser.journeys import JOURNEYS, travel
from tests.browser.server import Server
from tests.browser.states import OVERFLOW, SMALL
from tests.browser.weight import Scale


@pytest.mark.parametrize(("questionnaire", "institution", "language"), JOURNEYS)
def test_a_student_reaches_the_end_and_every_answer_is_stored(
    open_page: OpenPage, server: Server, questionnaire: str, institution: str, language: str
) -> None:
    """No page is wider than 320 px, and every next page is light."""
    page, wide = open_page(viewport=SMALL), dict[str, int]()
    scale = Scale(page)
    travel(page, server, questionnaire, institution, language, lambda page: wide.update({page.url: page.evaluate(OVERFLOW)}))
    assert len(wide) > 8
    assert wide == dict.fromkeys(wide, 0)
    assert scale.list_heavy() == []
