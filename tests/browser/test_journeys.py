"""Every questionnaire in every language on a phone, from the start page to the proof of completion."""

from __future__ import annotations

import pytest

from tests.browser.conftest import OpenPage
from tests.browser.journeys import JOURNEYS, travel
from tests.browser.server import Server


@pytest.mark.parametrize(("questionnaire", "institution", "language"), JOURNEYS)
def test_a_student_reaches_the_end_and_every_answer_is_stored(
    open_page: OpenPage, server: Server, questionnaire: str, institution: str, language: str
) -> None:
    travel(open_page(), server, questionnaire, institution, language)
