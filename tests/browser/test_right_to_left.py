"""In a language that is written from right to left, every page fits a phone and is a mirror of the others."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from survey_engine.settings import ROOT
from tests.browser.conftest import PHONE, OpenPage
from tests.browser.robot import tap
from tests.browser.server import Server
from tests.browser.states import OVERFLOW, SMALL, TWICE, open_at, walk_states
from tests.browser.test_accessibility import WIDE, find_dark_violations, find_violations

START = "/q/gallery/demo?lang=ur"
OUTSIDE = """() => [...document.querySelectorAll('body *')].filter(element => {
  const {left, right, width} = element.getBoundingClientRect();
  return width > 1 && element.checkVisibility() && (left < -1 || right > innerWidth + 1);
}).map(element => element.outerHTML.slice(0, 80))"""
"""Elements that begin or end beside the screen."""
BEGINS = """direction => {
  for (const element of document.querySelectorAll('html, #page')) element.dir = direction;
  const blocks = [...document.querySelectorAll('.top *, #page *')]
    .filter(element => element.checkVisibility() && getComputedStyle(element).display !== 'inline');
  return blocks.map(element => {
    const {left, right} = element.getBoundingClientRect(), {boxShadow} = getComputedStyle(element);
    const bar = direction === 'rtl' ? boxShadow.replace(/-\\d+px/, width => width.slice(1)) : boxShadow;
    return [element.outerHTML.slice(0, 60), Math.round(direction === 'rtl' ? innerWidth - right : left), bar];
  });
}"""
"""Where each block begins in this direction, measured from the side where lines begin, with its bar at that side."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The gallery with Urdu in place of Papiamentu, whose wordings it has: only their direction differs."""
    folder = tmp_path_factory.mktemp("urdu")
    shutil.copytree(ROOT / "questionnaires" / "gallery", folder / "q" / "gallery")
    shutil.copytree(ROOT / "translations", folder / "translations")
    (folder / "translations" / "pap").rename(folder / "translations" / "ur")
    for file in (*(folder / "q").rglob("*.yaml"), *(folder / "translations" / "ur").rglob("*.po")):
        text = file.read_text("utf-8").replace("{name: Papiamentu, html_lang: pap-BQ,", "{name: اردو,")
        file.write_text(re.sub(r"\bpap\b", "ur", text), "utf-8")
    running = Server(folder, folder / "q", SURVEY_TRANSLATIONS=str(folder / "translations"))
    yield running
    running.stop()


def test_every_state_fits_and_has_no_violation(open_page: OpenPage, server: Server) -> None:
    page = open_page(viewport=SMALL, is_mobile=True, has_touch=True)
    faults = {}
    for state in walk_states(page, server, "ur"):
        assert page.locator("html").get_attribute("dir") == "rtl"
        for screen in (SMALL, PHONE):
            page.set_viewport_size(screen)
            faults[f"{state}: scrolls sideways at {screen['width']} px"] = page.evaluate(OVERFLOW)
            faults[f"{state}: beside the screen at {screen['width']} px"] = page.evaluate(OUTSIDE)
        faults[f"{state}: violation"] = find_violations(page)
        faults[f"{state}: violation in dark mode"] = find_dark_violations(page)
        page.evaluate(TWICE)
        faults[f"{state}: scrolls sideways with text at 200 %"] = page.evaluate(OVERFLOW)
        page.evaluate("document.documentElement.style.fontSize = ''")
        page.set_viewport_size(SMALL)
    assert len(faults) > 100
    assert {state: fault for state, fault in faults.items() if fault} == {}


def test_start_can_be_pressed_and_the_questions_fit(open_page: OpenPage) -> None:
    page = open_page(is_mobile=True, has_touch=True)
    page.goto(START)
    assert page.evaluate("visualViewport.width") == PHONE["width"]
    tap(page.locator("main form .button.next"))
    expect(page.locator("#answers")).to_be_visible()
    assert page.evaluate("visualViewport.width") == PHONE["width"]
    assert page.evaluate(OUTSIDE) == []


@pytest.mark.parametrize("language", ["en", "ur"])
def test_the_link_over_the_header_is_on_the_screen_when_focused(open_page: OpenPage, language: str) -> None:
    page = open_page(viewport=SMALL)
    page.goto(f"/q/gallery/demo?lang={language}")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    box = page.locator(".skip").bounding_box()
    assert box
    assert box["height"] >= 44
    edge = box["x"] if language == "en" else SMALL["width"] - box["x"] - box["width"]
    assert edge == 16
    assert page.evaluate(OVERFLOW) == 0


@pytest.mark.parametrize("code", ["grid_page", "number_page", "multiple_page", "consent_page"])
def test_a_page_is_the_mirror_of_itself_from_left_to_right(open_page: OpenPage, server: Server, code: str) -> None:
    page = open_page(viewport=WIDE)
    open_at(page, server, code, "ur")
    page.locator(".go .next").press("Enter")
    expect(page.locator("#summary")).to_be_focused()
    begins = page.evaluate(BEGINS, "rtl")
    assert len(begins) > 20
    assert begins == page.evaluate(BEGINS, "ltr")


def test_a_proof_of_completion_keeps_its_order_and_begins_with_the_lines(open_page: OpenPage, server: Server) -> None:
    page = open_page()
    open_at(page, server, "panel_page", "ur").locator(".go .next").click()
    expect(page.locator(".receipt")).to_have_css("direction", "ltr")
    proof, heading = page.locator(".receipt").bounding_box(), page.locator("h1").bounding_box()
    assert proof
    assert heading
    assert proof["x"] + proof["width"] == heading["x"] + heading["width"]
