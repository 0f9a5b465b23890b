"""Impatient thumbs on a slow line: no answer is stored that nobody aimed at, and no aimed tap is lost.

SURVEY_THUMBS says on how many pages of each questionnaire; a full run is SURVEY_THUMBS=250.
"""

from __future__ import annotations

import os
import sys
from itertools import count

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenPage
from tests.browser.robot import say
from tests.browser.server import Server
from tests.browser.thumbs import Thumbs

PAGES = int(os.environ.get("SURVEY_THUMBS", "6"))


@pytest.mark.parametrize(("questionnaire", "institution"), [("gallery", "demo"), ("job-2026", "noorderlicht")])
def test_every_stored_answer_was_aimed_at_and_every_aimed_tap_counts(
    open_page: OpenPage, server: Server, questionnaire: str, institution: str
) -> None:
    pages = taps = 0
    stray: list[str] = []
    lost: list[str] = []
    for seed in count():
        page = open_page(looks=False, has_touch=True, is_mobile=True)
        helper = open_page()
        thumbs = Thumbs(page, helper, seed)
        thumbs.start(f"/q/{questionnaire}/{institution}?lang=nl")
        # until the last page, or a refused consent; not on a page with a fault, which is not stored
        while page.locator("#answers").count() and (pages + thumbs.pages < PAGES or page.locator(".summary.faulty").count()):
            thumbs.answer()
            thumbs.go_on()
        thumbs.slow(0)
        if "/a/" in page.url:
            expect(page.locator("#status")).to_have_attribute("data-state", "idle")  # the last tap is saved
        thumbs.collect()
        found = thumbs.compare(say(server.read(questionnaire, page.context.cookies())))
        page.close()
        helper.close()
        pages, taps = pages + thumbs.pages, taps + thumbs.taps
        stray, lost = stray + found[0], lost + found[1]
        if pages >= PAGES:
            break
    sys.stdout.write(f"{questionnaire}: {pages} pages, {taps} taps, {len(stray)} not aimed at, {len(lost)} not taken\n")
    assert (stray, lost) == ([], [])
