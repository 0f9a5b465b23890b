"""What assistive technology gets of each question type: as in snapshots/; UPDATE_SNAPSHOTS=1 writes them anew."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page

from survey_engine.language.question_types import QUESTION_TYPES
from tests.browser.robot import Respondent
from tests.browser.server import Server
from tests.browser.states import PAGES, open_at

SNAPSHOTS = Path(__file__).parent / "snapshots"


def compare(page: Page, name: str) -> None:
    path, seen = SNAPSHOTS / f"{name}.yaml", page.locator("main").aria_snapshot() + "\n"
    if os.environ.get("UPDATE_SNAPSHOTS"):
        path.write_text(seen)
    assert seen == path.read_text(), f"If this is meant: UPDATE_SNAPSHOTS=1 pytest {Path(__file__).name}"


def test_every_question_type_has_a_page() -> None:
    assert set(PAGES) >= set(QUESTION_TYPES)


@pytest.mark.parametrize("type_", PAGES)
def test_a_question_type_is_announced_as_before(page: Page, server: Server, type_: str) -> None:
    open_at(page, server, PAGES[type_])
    compare(page, type_)


def test_a_folded_grid_is_announced_as_before(page: Page, server: Server) -> None:
    Respondent(open_at(page, server, PAGES["grid"])).answer_page()
    compare(page, "grid-folded")


def test_a_faulty_field_is_announced_as_before(page: Page, server: Server) -> None:
    open_at(page, server, PAGES["number"])
    page.locator("[inputmode=numeric]").first.fill("many")
    page.locator(".go .next").click()
    page.locator("#summary").wait_for()
    compare(page, "number-faulty")
