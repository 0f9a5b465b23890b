"""The journeys of a release: questionnaire, institution, and a language by the name on its button."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from survey_engine.fieldwork.signing import make_proof
from tests import THOROUGH
from tests.browser.robot import Respondent, say
from tests.browser.server import Server

SHORT = [
    ("job-2026", "kibrahacha", "Papiamentu"),
    ("job-2026", "noorderlicht", "Makkelijk Nederlands"),
    ("nse-2026", "wolkenveld", "Deutsch"),
    ("belonging-2024", "duinzicht", "English"),
    ("belonging-2024", "duinzicht", "Nederlands"),
]
"""Each questionnaire, institution and language at least once."""
OTHERS = [
    ("job-2026", "noorderlicht", "Nederlands"),
    ("job-2026", "noorderlicht", "English"),
    ("nse-2026", "wolkenveld", "Nederlands"),
    ("nse-2026", "wolkenveld", "English"),
]
JOURNEYS = [*SHORT, *(OTHERS if THOROUGH else ())]


def travel(
    page: Page,
    server: Server,
    questionnaire: str,
    institution: str,
    language: str,
    look: Callable[[Page], Any] = lambda page: None,
) -> Respondent:
    """From the start page to the proof of completion; every answer is stored as given, and the bar moves on every page, never back.

    Args:
        look: is called on each page, once it is answered.
    """
    student, bars = Respondent(page, seed=len(language)), list[float]()

    def look_at_bar(page: Page) -> None:
        bars.append(float(page.locator("progress").get_attribute("value") or 0))
        look(page)

    student.start(f"/q/{questionnaire}/{institution}", language)
    pages = student.finish(look_at_bar)
    stored = server.read(questionnaire, page.context.cookies())
    assert pages > 8
    assert bars[0] == 0 and bars == sorted(set(bars)), bars
    assert stored.completed
    assert say(stored) == student.given
    expect(page.locator(".receipt")).to_have_text(make_proof(server.settings.pseudonym_key, questionnaire, stored.id))
    expect(page.locator("html")).to_have_attribute(
        "lang", re.compile(server.questionnaire(questionnaire).languages[stored.respondent.language].html_lang)
    )
    return student
