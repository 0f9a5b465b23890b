"""The page fits: no sideways scrolling on a small phone or with large text, and every target can be hit with a thumb."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import PHONE, OpenPage
from tests.browser.robot import Respondent
from tests.browser.server import Server
from tests.browser.states import walk_states

SMALL = {"width": 320, "height": 640}
OVERFLOW = "Math.max(0, document.documentElement.scrollWidth - document.documentElement.clientWidth)"
TARGETS = """() => [...document.querySelectorAll('a[href], button, summary, textarea, label.option, input:not([type=hidden])')]
  .filter(target => target.checkVisibility() && !target.matches('.skip, .first, .option input'))
  .filter(target => !(target.matches('a') && target.closest('p:not(.go), legend, h2, .help')))
  .map(target => [target.textContent || target.name, Math.round(target.getBoundingClientRect().height * 10) / 10])
  .filter(([, height]) => height < 44)"""
"""Visible targets under 44 px high. The label of an option is its target; a link inside a sentence is as high as its line."""
TWICE = "document.documentElement.style.fontSize = '200%'"


@pytest.mark.parametrize("language", ["en", "nl", "pap", "nt2", "de"])
def test_every_state_fits_a_small_screen_large_text_and_a_thumb(open_page: OpenPage, server: Server, language: str) -> None:
    page = open_page(viewport=SMALL)
    faults = {}
    for state in walk_states(page, server, language):
        faults[f"{state}: under 44 px"] = page.evaluate(TARGETS)
        faults[f"{state}: scrolls sideways at 320 px"] = page.evaluate(OVERFLOW)
        page.set_viewport_size(PHONE)
        page.evaluate(TWICE)
        faults[f"{state}: scrolls sideways with text at 200 %"] = page.evaluate(OVERFLOW)
        page.set_viewport_size(SMALL)
        page.evaluate("document.documentElement.style.fontSize = ''")
    assert len(faults) > 80
    assert {state: fault for state, fault in faults.items() if fault} == {}


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


@pytest.mark.parametrize(("questionnaire", "institution"), [("job-2026", "noorderlicht"), ("nse-2026", "wolkenveld")])
def test_no_page_of_a_real_questionnaire_scrolls_sideways_at_320_px(
    open_page: OpenPage, server: Server, questionnaire: str, institution: str
) -> None:
    page = open_page(viewport=SMALL)
    student = Respondent(page)
    student.start(f"/q/{questionnaire}/{institution}")
    wide = {}
    while "/done/" not in page.url:
        student.answer_page()
        wide[page.url] = page.evaluate(OVERFLOW)
        student.go_on()
    assert wide == dict.fromkeys(wide, 0)
