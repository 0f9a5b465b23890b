"""The pages around the questions fit a small phone; for the pages of questions, see test_accessibility and test_journeys."""

from __future__ import annotations

from itertools import pairwise, product

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import OpenPage
from tests.browser.robot import tap
from tests.browser.server import Server
from tests.browser.states import LINES, OVERFLOW, SMALL, TARGETS, TWICE, open_at


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


def test_large_text_gives_the_languages_their_own_row(open_page: OpenPage, server: Server) -> None:
    """At 15 rem, as at 360 px with text of 32 px, the minutes keep their line and the menu pushes the page down."""
    page = open_at(open_page(viewport={"width": 240, "height": 740}), server, "grid_page")
    left, languages = page.locator(".bar .left"), page.locator(".languages")
    assert left.bounding_box()["y"] + left.bounding_box()["height"] <= languages.bounding_box()["y"]
    heading = page.locator("h1").bounding_box()["y"]
    tap(page.locator(".languages summary"))
    assert page.locator("h1").bounding_box()["y"] > heading


def test_text_at_twice_its_size_gives_the_languages_their_own_row(open_page: OpenPage, server: Server) -> None:
    """Text alone is twice as large, so media queries do not change."""
    page = open_at(open_page(), server, "grid_page")
    page.evaluate(TWICE)
    boxes = [page.locator(part).bounding_box() for part in (".top", ".bar .left", ".bar .stage", "progress", ".languages", "h1")]
    edges = [(box["y"], box["y"] + box["height"]) for box in boxes if box]
    assert len(edges) == len(boxes)
    assert all(bottom <= top for (_, bottom), (top, _) in pairwise(edges)), edges
    assert page.evaluate(OVERFLOW) == 0


@pytest.mark.parametrize("language", ["nl", "de"])
def test_text_at_twice_its_size_keeps_stop_on_the_left(open_page: OpenPage, server: Server, language: str) -> None:
    page = open_at(open_page(), server, "grid_page", language)
    page.evaluate(TWICE)
    stop = page.locator("[value=stop]")
    lines = stop.evaluate(LINES)
    assert len(lines) == 2
    assert {round(left) for left, *_ in lines} == {round(stop.bounding_box()["x"])}


MARKS = """rows => rows.map(row => [...row.querySelectorAll('.option')].map(option => {
  const {x, y, width, height} = option.getBoundingClientRect();
  return [Math.round(y), x, width, height];
}))"""


@pytest.mark.parametrize("language", ["nl", "nt2", "en", "de", "pap"])
def test_marks_are_as_large_as_a_thumb_and_in_reading_order(open_page: OpenPage, server: Server, language: str) -> None:
    page = open_page()
    for code, width in product(("own_marks_page", "mark_page"), (360, 320)):
        page.set_viewport_size({"width": width, "height": 740})
        open_at(page, server, code, language)
        scales = page.locator(":is(.row, .marks):visible").evaluate_all(MARKS)
        assert scales
        for scale in scales:
            assert min(width for _, _, width, _ in scale) >= 44
            assert min(height for _, _, _, height in scale) >= 44
            assert scale == sorted(scale, key=lambda mark: mark[:2])
            assert len({y for y, *_ in scale}) <= 2


@pytest.mark.parametrize("language", ["nl", "nt2", "de"])
@pytest.mark.parametrize("width", [320, 390])
def test_large_text_keeps_the_undo_button_off_the_options(open_page: OpenPage, server: Server, language: str, width: int) -> None:
    page = open_at(open_page(viewport={"width": width, "height": 740}), server, "choice_page", language)
    page.evaluate(TWICE)
    question = page.locator(".question:has(> .options > .undo)").first
    before = question.bounding_box()["height"]
    tap(question.locator(".option").first)
    undo, option = question.locator(".undo").bounding_box(), question.locator(".option").last.bounding_box()
    assert undo["y"] >= option["y"] + option["height"] - 1
    assert question.bounding_box()["height"] == before


def test_the_button_that_takes_an_answer_back_stays_in_its_statement(open_page: OpenPage, server: Server) -> None:
    page = open_at(open_page(), server, "grid_page", "en")
    tap(page.locator("#i-canteen_food .option").first)
    tap(page.locator("#i-canteen_food .change"))
    undo, statement = (page.locator(it).bounding_box() for it in ("#i-canteen_food .undo", "#i-canteen_food"))
    option = page.locator("#i-canteen_food .option").last.bounding_box()
    assert undo["height"] >= 44
    assert (
        option["y"] + option["height"] - 1 <= undo["y"] and undo["y"] + undo["height"] <= statement["y"] + statement["height"] + 1
    )


ENDS = """rows => rows.map(row => {
  const box = each => each.getBoundingClientRect(), all = [...row.querySelectorAll('.option')].map(box), column = box(row.parentNode);
  return [Math.min(...all.map(one => one.left)) - column.left, column.right - Math.max(...all.map(one => one.right)),
    column.right - all.at(-1).right];
})"""


def test_scales_of_marks_stay_in_their_column_and_end_at_its_end(open_page: OpenPage, server: Server) -> None:
    page = open_page()
    open_at(page, server, "own_marks_page")
    for width in (360, 390, 430):
        page.set_viewport_size({"width": width, "height": 740})
        scales = page.locator(".row:visible").evaluate_all(ENDS)
        assert scales
        assert all(-5 <= edge <= 2 for scale in scales for edge in scale), (width, scales)


ROOM = """() => [...document.querySelectorAll('.statement:not(.folded, .closed), .question:has(> .options)')].map(part =>
  part.getBoundingClientRect().bottom - part.querySelector('.options > :nth-last-child(1 of .option)').getBoundingClientRect().bottom)"""


@pytest.mark.parametrize("code", ["grid_page", "choice_page", "yes_no_page", "multiple_page", "mark_page"])
def test_no_more_room_than_two_lines_stays_below_options(page: Page, server: Server, code: str) -> None:
    open_at(page, server, code)
    rooms = page.evaluate(ROOM)
    assert rooms
    assert max(rooms) <= 38


@pytest.mark.parametrize("code", ["grid_page", "choice_page", "yes_no_page", "mark_page"])
def test_the_button_that_clears_an_answer_is_apart_from_the_options(page: Page, server: Server, code: str) -> None:
    open_at(page, server, code)
    question = page.locator(".statement, .question:has(> .options)").first
    tap(question.locator(".option").last)
    if code == "grid_page":
        tap(question.locator(".change"))
    options, undo = question.locator(".option").last.bounding_box(), question.locator(".undo").bounding_box()
    assert undo["y"] - options["y"] - options["height"] >= 5.5
