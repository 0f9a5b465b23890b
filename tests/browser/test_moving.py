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

    def hold_paint(self) -> None:
        """Let no frame begin until `paint`, as on a phone that is still busy."""
        self.page.evaluate("() => { window.due = []; window.requestAnimationFrame = react => due.push(react); }")

    def paint(self) -> None:
        """Paint; 1 ms has passed since then."""
        self.page.evaluate("due.splice(0).forEach(react => react())")
        self.page.clock.run_for(1)

    def answer(self) -> tuple[list[dict[str, Any]], list[str]]:
        """Open the page and choose its first option, as `choose`."""
        self.open()
        return self.choose()

    def choose(self) -> tuple[list[dict[str, Any]], list[str]]:
        """Choose the first option; returns what stood where before, and what stands there now."""
        places: list[dict[str, Any]] = self.page.evaluate(PLACES)
        first = next(place for place in places if place["name"].startswith("q."))
        self.page.mouse.click(first["x"], first["y"])
        self.first = [first["name"], first["value"]]
        return places, self.page.evaluate(STRUCK, places)


def list_moved(places: list[dict[str, Any]], struck: list[str]) -> list[dict[str, Any]]:
    """What stood where something else stands now, as `Thumb.choose` returns it."""
    return [
        place
        for place, now in zip(places, struck, strict=True)
        if now and not now.startswith(f"{place['name']} {place['value']} ")
    ]


@pytest.mark.parametrize(("questionnaire", "institution", "code"), PAGES)
def test_a_planned_press_gives_the_aimed_answer_or_none(
    open_page: OpenPage, server: Server, questionnaire: str, institution: str, code: str
) -> None:
    thumb = Thumb(open_page(), server, questionnaire, institution, code)
    page = thumb.page
    places, struck = thumb.answer()
    others = list_moved(places, struck)
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


def test_a_press_on_the_new_layout_counts_250_ms_after_its_paint(open_page: OpenPage, server: Server) -> None:
    thumb = Thumb(open_page(), server, "gallery", "demo", "grid_page")
    thumb.open()
    thumb.hold_paint()
    thumb.page.locator("#i-canteen_food .option").first.click()
    thumb.page.clock.run_for(900)
    thumb.paint()
    fresh = thumb.page.locator("#i-canteen_price .option").nth(3)
    for pause, x, checked in ((0, 20, 0), (249, 60, 0), (1, 120, 1)):
        thumb.page.clock.run_for(pause)
        fresh.click(position={"x": x, "y": 20})
        expect(thumb.page.locator("#i-canteen_price :checked")).to_have_count(checked)


def test_a_press_before_the_first_paint_of_a_document_does_nothing(open_page: OpenPage, server: Server) -> None:
    thumb = Thumb(open_page(), server, "gallery", "demo", "multiple_page")
    page = thumb.page
    page.add_init_script("window.due = []; window.requestAnimationFrame = react => due.push(react);")
    thumb.open()
    thumb.choose()
    assert page.evaluate(CHECKED) == []
    thumb.paint()
    thumb.choose()
    assert page.evaluate(CHECKED) == [thumb.first]


@pytest.mark.parametrize("code", ["grid_page", "bicycle_page"])
def test_a_press_before_a_change_is_painted_gives_no_other_answer(open_page: OpenPage, server: Server, code: str) -> None:
    """A statement folds, or a follow-up unfolds."""
    thumb = Thumb(open_page(), server, "gallery", "demo", code)
    page = thumb.page
    thumb.open()
    thumb.hold_paint()
    others = list_moved(*thumb.choose())
    page.clock.run_for(900)
    page.mouse.click(others[0]["x"], others[0]["y"])
    assert page.evaluate(CHECKED) == [thumb.first]
    assert page.evaluate("document.activeElement.name") in ("", thumb.first[0])


def test_the_change_of_a_slow_press_begins_when_it_is_released(open_page: OpenPage, server: Server) -> None:
    thumb = Thumb(open_page(), server, "gallery", "demo", "grid_page")
    page = thumb.page
    thumb.open()
    places = page.evaluate(PLACES)
    first = next(place for place in places if place["name"].startswith("q."))
    page.mouse.move(first["x"], first["y"])
    page.mouse.down()
    page.clock.run_for(900)
    page.mouse.up()
    other = list_moved(places, page.evaluate(STRUCK, places))[0]
    page.clock.run_for(100)
    page.mouse.click(other["x"], other["y"])
    assert page.evaluate(CHECKED) == [[first["name"], first["value"]]]


def test_a_press_that_began_before_a_change_does_nothing(open_page: OpenPage, server: Server) -> None:
    thumb = Thumb(open_page(has_touch=True, is_mobile=True), server, "gallery", "demo", "grid_page")
    page = thumb.page
    thumb.open()
    touch = page.context.new_cdp_session(page)
    fourth = page.evaluate(PLACES)[3]
    touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": fourth["x"], "y": fourth["y"]}]})
    page.locator("#i-canteen_food input").first.evaluate("input => input.click()")
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    expect(page.locator(":checked")).to_have_count(1)
    assert page.evaluate(CHECKED) == [["q.canteen_food", "1"]]


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
