"""Questionnaires where no script runs: plain forms lead all the way. Robots without a browser walk through the others."""

from __future__ import annotations

import pytest

from tests import THOROUGH
from tests.browser.conftest import OpenPage
from tests.browser.journeys import travel
from tests.browser.server import Server


@pytest.mark.parametrize(
    ("questionnaire", "institution", "language"),
    [("job-2026", "kibrahacha", "Papiamentu"), *([("nse-2026", "wolkenveld", "Deutsch")] if THOROUGH else [])],
)
def test_without_script_a_student_reaches_the_end_and_all_is_stored(
    open_page: OpenPage, server: Server, questionnaire: str, institution: str, language: str
) -> None:
    travel(open_page(java_script_enabled=False), server, questionnaire, institution, language)
