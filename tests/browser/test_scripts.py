"""A script that only some pages need loads when such a page comes, and a page that came before its script works."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.robot import Held, tap

GRID = "/q/job-2026/noorderlicht?lang=en"
START = "main form .next"
OpenAt = Callable[..., Page]


def list_scripts(page: Page) -> list[str]:
    """The scripts that the page has loaded, in the order of their sizes."""
    found: list[str] = page.evaluate(
        "() => performance.getEntriesByType('resource').map(it => it.name.split('/').pop()).filter(name => name.endsWith('.js'))"
    )
    return sorted(found, key=["script.js", "answers.js", "fields.js"].index)


def test_a_start_page_loads_no_script_of_questions(page: Page) -> None:
    page.goto(GRID, wait_until="networkidle")
    assert list_scripts(page) == ["script.js"]
    page.locator(START).click()
    expect(page.locator(".statement.closed").first).to_be_visible()
    assert list_scripts(page) == ["script.js", "answers.js"]


@pytest.mark.parametrize(
    ("code", "scripts"), [("yes_no_page", ["script.js", "answers.js"]), ("open_page", ["script.js", "answers.js", "fields.js"])]
)
def test_a_document_loads_the_scripts_of_its_questions_once(gallery: OpenAt, code: str, scripts: list[str]) -> None:
    page = gallery(code)
    assert list_scripts(page) == scripts
    page.locator(".go [value=back]").click()
    page.wait_for_load_state("networkidle")
    assert list_scripts(page).count("answers.js") == 1


def test_the_script_of_fields_comes_with_the_first_field(gallery: OpenAt) -> None:
    page = gallery("yes_no_page")
    for option in page.locator(".options .option:first-child").all():
        tap(option)
    tap(page.locator(".go .next"))
    page.wait_for_function("() => window.respondent.fields")
    assert list_scripts(page) == ["script.js", "answers.js", "fields.js"]


def test_a_document_keeps_its_errors_when_its_scripts_come(gallery: OpenAt) -> None:
    page = gallery("number_page")
    books = page.get_by_label("How many books")
    with page.expect_navigation():  # as after a page that says that a store is down
        books.evaluate("field => { field.value = '7x'; field.form.submit(); }")
    page.wait_for_function("() => window.respondent?.fields")
    expect(page.locator("#fault-books")).to_be_visible()
    expect(books).to_have_attribute("aria-invalid", "true")


def test_a_page_that_comes_before_its_script_works_and_is_set_up_later(page: Page) -> None:
    late = Held(page, "**/answers.js")
    page.goto(GRID)
    page.locator(START).click()
    expect(page.locator(".statement")).not_to_have_count(0)
    expect(page.locator(".closed")).to_have_count(0)
    first = page.locator(".statement").first
    tap(first.locator(".option").nth(1))
    late.take().continue_()
    expect(first).to_have_class("statement folded")
    expect(page.locator("h1")).to_be_focused()


def test_an_answer_given_before_the_script_came_is_saved(page: Page) -> None:
    late = Held(page, "**/answers.js")
    page.goto(GRID)
    page.locator(START).click()
    tap(page.locator(".statement").first.locator(".option").nth(1))
    with page.expect_response(lambda reply: reply.request.method == "POST") as saved:
        late.take().continue_()
    assert saved.value.status == 204
    assert "q.general_choice=2" in (saved.value.request.post_data or "")


def test_a_press_that_began_before_the_script_came_does_nothing(page: Page) -> None:
    late = Held(page, "**/answers.js")
    page.goto(GRID)
    page.locator(START).click()
    option = page.locator(".statement").nth(1).locator(".option").nth(1)
    option.scroll_into_view_if_needed()
    box = option.bounding_box()
    assert box
    page.mouse.move(box["x"] + 30, box["y"] + 20)
    page.mouse.down()
    late.take().continue_()
    expect(page.locator(".closed").first).to_be_visible()
    page.mouse.up()
    page.locator(".option").first.evaluate(
        "option => option.dispatchEvent(new MouseEvent('click', {bubbles: true, cancelable: true, detail: 1}))"
    )
    expect(page.locator(":checked")).to_have_count(0)


@pytest.mark.parametrize(("milliseconds", "count"), [(20, 0), (300, 1)])
def test_a_press_on_what_a_late_script_moved_in_a_document_waits(still: OpenAt, milliseconds: int, count: int) -> None:
    page = still("grid_page", has_touch=True, is_mobile=True)
    late = Held(page, "**/answers.js")
    page.reload(wait_until="commit")
    expect(page.locator(".option").last).to_be_visible()
    page.clock.run_for(2000)
    late.take().continue_()
    expect(page.locator(".closed").first).to_be_visible()
    page.clock.run_for(milliseconds)
    page.locator(".closed .change").first.click()
    expect(page.locator(".again")).to_have_count(count)


def test_without_its_script_a_page_still_goes_on_and_asks_for_it_again(page: Page) -> None:
    asked: list[Route] = []

    def refuse(route: Route) -> None:
        asked.append(route)
        route.abort() if len(asked) < 3 else route.continue_()

    page.route("**/answers.js", refuse)
    page.goto(GRID)
    page.locator(START).click()
    expect(page.locator(".statement")).not_to_have_count(0)
    title = page.locator("h1").inner_text()
    tap(page.locator(".go .next"))
    expect(page.locator("#summary")).to_be_visible()
    tap(page.locator(".go .next"))
    expect(page.locator("h1")).not_to_have_text(title)
    expect(page.locator(".closed").first).to_be_visible()
    assert len(asked) >= 3
