"""A grid is a list of radio groups: an answered statement folds into one line, the next one opens."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.robot import tap
from tests.browser.server import Server

OpenAt = Callable[..., Page]


@pytest.fixture
def grid(gallery: OpenAt) -> Page:
    """A page with three grids of three, two and three statements."""
    return gallery("grid_page")


def statement(page: Page, number: int) -> Locator:
    return page.locator(".statement").nth(number)


def options(page: Page, number: int) -> Locator:
    return statement(page, number).locator(".option")


def button(page: Page, number: int) -> Locator:
    return statement(page, number).locator(".change")


def focused(page: Page) -> str:
    """The id of the statement that has the focus, or around what has it."""
    return str(page.evaluate("document.activeElement.closest('.statement, .go')?.id"))


def test_of_each_grid_only_the_first_statement_is_open(grid: Page) -> None:
    shown = [options(grid, number).first.is_visible() for number in range(8)]
    assert shown == [True, False, False, True, False, True, False, False]


def test_a_pointer_s_choice_folds_the_statement_and_opens_the_next(grid: Page) -> None:
    tap(options(grid, 0).nth(3))
    expect(statement(grid, 0)).to_contain_text("Agree")
    expect(options(grid, 0).first).to_be_hidden()
    expect(options(grid, 1).first).to_be_visible()
    assert focused(grid) == "i-canteen_price"
    expect(grid.get_by_role("status")).to_have_text("Chosen: Agree")


def test_a_folded_statement_shows_its_answer_and_a_button_to_open_it(grid: Page) -> None:
    tap(options(grid, 0).nth(3))
    change = button(grid, 0)
    expect(change).to_have_accessible_name("Change: The food is good: Agree")
    expect(change).to_have_attribute("aria-expanded", "false")
    tap(change)
    expect(change).to_have_attribute("aria-expanded", "true")
    expect(options(grid, 0).nth(3).locator("input")).to_be_checked()
    tap(options(grid, 0).nth(1))
    expect(change).to_have_attribute("aria-expanded", "false")
    expect(statement(grid, 0).locator("b")).to_have_text("Disagree")
    assert focused(grid) == "i-canteen_food", "who corrects an answer is not sent elsewhere"


def test_a_closed_statement_may_be_answered_before_its_turn(grid: Page) -> None:
    answer = button(grid, 2)
    expect(answer).to_have_accessible_name("Answer: It is too noisy to talk")
    tap(answer)
    tap(options(grid, 2).nth(0))
    expect(statement(grid, 2).locator("b")).to_have_text("Strongly disagree")
    expect(options(grid, 0).first).to_be_visible()


def test_choosing_the_same_answer_again_folds_the_statement(grid: Page) -> None:
    tap(options(grid, 0).nth(3))
    tap(button(grid, 0))
    tap(options(grid, 0).nth(3))
    expect(options(grid, 0).first).to_be_hidden()


def test_after_the_last_statement_the_next_question_comes_into_view(grid: Page) -> None:
    for number in range(3):
        tap(options(grid, number).nth(2))
    assert focused(grid) == "i-canteen_noise"
    expect(options(grid, 3).first).to_be_in_viewport()


def test_arrow_keys_try_every_option_without_folding(grid: Page) -> None:
    options(grid, 0).first.locator("input").focus()
    for _ in range(3):
        grid.keyboard.press("ArrowDown")
        assert focused(grid) == "i-canteen_food"
        expect(options(grid, 0).first).to_be_visible()
    expect(options(grid, 0).nth(3).locator("input")).to_be_checked()


def test_with_the_keyboard_a_statement_folds_when_focus_leaves_it(grid: Page) -> None:
    options(grid, 0).first.locator("input").focus()
    grid.keyboard.press("Space")
    grid.keyboard.press("Tab")
    assert focused(grid) == "i-canteen_price"
    expect(options(grid, 0).first).to_be_hidden()
    expect(statement(grid, 0).locator("b")).to_have_text("Strongly disagree")
    expect(statement(grid, 1)).to_be_in_viewport()


def test_by_keyboard_a_folded_statement_opens_and_keeps_the_focus(grid: Page) -> None:
    options(grid, 0).first.locator("input").focus()
    grid.keyboard.press("Space")
    grid.keyboard.press("Tab")
    grid.keyboard.press("Shift+Tab")
    expect(button(grid, 0)).to_be_focused()
    grid.keyboard.press("Enter")
    expect(button(grid, 0)).to_be_focused()
    expect(button(grid, 0)).to_have_attribute("aria-expanded", "true")
    grid.keyboard.press("Tab")
    grid.keyboard.press("ArrowDown")
    expect(options(grid, 0).nth(1).locator("input")).to_be_focused()
    grid.keyboard.press("Tab")
    expect(statement(grid, 0).get_by_role("button", name="Clear my answer")).to_be_focused()
    grid.keyboard.press("Tab")
    expect(statement(grid, 0).locator("b")).to_have_text("Disagree")


@pytest.mark.parametrize(("language", "said"), [("en", "Your answer is cleared."), ("nt2", "Je antwoord is weg.")])
def test_a_cleared_answer_is_said_in_the_students_language(gallery: OpenAt, language: str, said: str) -> None:
    page = gallery("choice_page", language)
    tap(page.locator(".option").first)
    tap(page.locator(".undo").first)
    expect(page.get_by_role("status")).to_have_text(said)


def test_what_has_the_focus_is_never_hidden(grid: Page) -> None:
    grid.evaluate(
        """() => {
          window.lost = 0;
          const look = () => { if (!document.activeElement.checkVisibility()) window.lost += 1; };
          for (const name of ['click', 'keydown', 'keyup', 'change', 'focusin'])
            document.addEventListener(name, () => { look(); setTimeout(look); requestAnimationFrame(look); });
        }"""
    )
    for number in range(3):
        tap(options(grid, number).nth(number))
    tap(button(grid, 0))
    tap(button(grid, 0))
    for _ in range(30):
        grid.keyboard.press("Tab")
        grid.keyboard.press("Space")
        grid.keyboard.press("ArrowDown")
    assert grid.evaluate("window.lost") == 0


def test_next_by_pointer_works_while_a_keyboard_answer_is_open(grid: Page) -> None:
    for number, step in ((0, 3), (3, 2), (5, 3)):
        for below in range(step):
            options(grid, number + below).first.locator("input").focus()
            grid.keyboard.press("Space")
    grid.locator(".go .next").click()
    expect(grid.get_by_role("heading", level=1)).to_have_text("In numbers")


def test_without_a_script_all_statements_are_open(open_page: OpenPage, server: Server) -> None:
    page = open_page(java_script_enabled=False)
    cookie, address = server.begin("gallery", "demo", "en", "grid_page")
    page.context.add_cookies([cookie])
    page.goto(address)
    assert all(options(page, number).first.is_visible() for number in range(8))
    expect(page.get_by_role("button", name="Change")).to_have_count(0)
