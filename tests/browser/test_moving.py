"""A press that was planned before an answer moved the layout gives no answer that nobody aimed at, and takes none back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.server import Server

PAUSES = (80, 160, 250)
BEGUN = datetime(2026, 1, 1, tzinfo=UTC)
PAGES = [("job-2026", "noorderlicht", code) for code in ("general", "lessons", "support_need", "safety")] + [
    ("gallery", "demo", f"{kind}_page")
    for kind in ("yes_no", "choice", "multiple", "grid", "mark", "own_marks", "outside", "bicycle", "library", "consent")
]
PLACES = """() => [...document.querySelectorAll('#answers :is(.option, .change, .go .button, [value=stop])')].map(control => {
    const {x, y, width, height} = control.getBoundingClientRect(), input = control.querySelector('input') ?? control;
    return {name: input.name, value: input.value, x: x + width / 2, y: y + height / 2, height};
  }).filter(({y, height}) => height && y > 0 && y < innerHeight)"""
STRUCK = """places => places.map(({x, y}) => {
    const control = document.elementFromPoint(x, y)?.closest('label, button, summary, .folded, .closed');
    const input = control?.querySelector('input') ?? control;
    return control ? `${input.name} ${input.value} ${input.type}` : '';
  })"""
CHECKED = "() => [...document.querySelectorAll('#answers .option :checked')].map(({name, value}) => [name, value])"
NEXT = "document.querySelector('.go .next').getBoundingClientRect().y + scrollY"


class Thumb:
    """Opens a page afresh on a phone on which time passes only by `clock.run_for`, and answers its first question."""

    def __init__(self, page: Page, server: Server, questionnaire: str, institution: str, code: str) -> None:
        self.page = page
        self.begin = partial(server.begin, questionnaire, institution, "nl", code)
        page.clock.install(time=BEGUN)
        page.clock.pause_at(BEGUN + timedelta(hours=1))

    def open(self) -> None:
        """Open the page of another response, as leaving the page stores the answers of this one."""
        self.page.goto("about:blank")
        cookie, address = self.begin()
        self.page.context.add_cookies([cookie])
        self.page.goto(address)
        self.page.clock.run_for(3000)

    def answer(self) -> tuple[list[dict[str, Any]], list[str]]:
        """Choose the first option; returns what stood where before, and what stands there now."""
        self.open()
        places: list[dict[str, Any]] = self.page.evaluate(PLACES)
        first = next(place for place in places if place["name"].startswith("q."))
        self.page.mouse.click(first["x"], first["y"])
        self.first = [first["name"], first["value"]]
        return places, self.page.evaluate(STRUCK, places)


@pytest.mark.parametrize(("questionnaire", "institution", "code"), PAGES)
def test_a_planned_press_gives_the_aimed_answer_or_none(
    open_page: OpenPage, server: Server, questionnaire: str, institution: str, code: str
) -> None:
    thumb = Thumb(open_page(), server, questionnaire, institution, code)
    page = thumb.page
    places, struck = thumb.answer()
    others = [
        place
        for place, now in zip(places, struck, strict=True)
        if now and not now.startswith(f"{place['name']} {place['value']} ")
    ]
    stayed = [
        place
        for place, now in zip(places, struck, strict=True)
        if now.startswith(f"{place['name']} {place['value']} ") and place["name"] not in ("", "wish", thumb.first[0])
    ]
    for pause, place in zip(PAUSES * 2, others[:: max(1, len(others) // 3)][:3] + stayed[:1], strict=False):
        thumb.answer()
        page.clock.run_for(pause)
        page.mouse.click(place["x"], place["y"])
        aimed = [place["name"], place["value"]]
        checked = page.evaluate(CHECKED)
        assert thumb.first in checked, f"{aimed} after {pause} ms took the first answer back"
        assert [one for one in checked if one not in (thumb.first, aimed)] == [], f"{aimed} after {pause} ms"
        assert place in others or aimed in checked, f"{aimed} stood still and was not taken after {pause} ms"


@pytest.mark.parametrize("code", ["yes_no_page", "mark_page", "own_marks_page"])
def test_an_answer_that_asks_for_nothing_more_moves_nothing(open_page: OpenPage, server: Server, code: str) -> None:
    thumb = Thumb(open_page(), server, "gallery", "demo", code)
    thumb.open()
    before = thumb.page.evaluate(NEXT)
    thumb.page.locator(".option").first.click()
    expect(thumb.page.locator(".undo").first).to_be_visible()
    assert thumb.page.evaluate(NEXT) == before


def test_a_press_on_the_new_layout_counts_after_250_ms(open_page: OpenPage, server: Server) -> None:
    thumb = Thumb(open_page(), server, "gallery", "demo", "grid_page")
    thumb.answer()
    fresh = thumb.page.locator("#i-canteen_price .option").nth(3)
    for pause, checked in ((250, 0), (1, 1)):
        thumb.page.clock.run_for(pause)
        fresh.click(position={"x": 20 + pause % 2 * 100, "y": 20})
        expect(thumb.page.locator("#i-canteen_price :checked")).to_have_count(checked)


def test_a_quick_thumb_answers_each_row_of_a_grid_as_it_opens(open_page: OpenPage, server: Server) -> None:
    thumb = Thumb(open_page(), server, "gallery", "demo", "grid_page")
    thumb.answer()
    for code, option in (("canteen_price", 3), ("canteen_noise", 1)):
        thumb.page.clock.run_for(300)
        thumb.page.locator(f"#i-{code} .option").nth(option).click()
        expect(thumb.page.locator(f"#i-{code} :checked")).to_have_count(1)


def test_after_a_scroll_a_press_counts_at_once(open_page: OpenPage, server: Server) -> None:
    thumb = Thumb(open_page(), server, "gallery", "demo", "grid_page")
    thumb.answer()
    thumb.page.mouse.wheel(0, 40)
    thumb.page.wait_for_function("scrollY > 0")
    thumb.page.locator("#i-canteen_price .option").nth(3).click()
    expect(thumb.page.locator("#i-canteen_price :checked")).to_have_count(1)


def test_the_keyboard_is_not_delayed_by_a_moved_layout(open_page: OpenPage, server: Server) -> None:
    thumb = Thumb(open_page(), server, "gallery", "demo", "grid_page")
    thumb.answer()
    thumb.page.locator("#i-canteen_price input").nth(3).focus()
    thumb.page.keyboard.press("Space")
    expect(thumb.page.locator("#i-canteen_price :checked")).to_have_count(1)
