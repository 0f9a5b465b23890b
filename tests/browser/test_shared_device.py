"""A device that pupils share, one after another: each can stop, and nobody sees the answers of another."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from random import Random

import pytest
from playwright.sync_api import Error, Page, expect

from tests import THOROUGH
from tests.browser.conftest import OpenPage
from tests.browser.robot import Respondent, tap
from tests.browser.server import Server

PUPILS = 8 if THOROUGH else 4
DEVICES = pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
OPEN = "/q/gallery/demo?lang=en"
SECRET = "Only the first pupil wrote this"


def write_secret(page: Page, server: Server) -> str:
    """Answer a page, and write into a text field of the next one; return its address."""
    cookie, address = server.begin("gallery", "demo", "en", "date_page")
    page.context.add_cookies([cookie])
    page.goto(address)
    student = Respondent(page)
    student.answer_page()
    student.go_on()
    page.locator("textarea:visible").first.fill(SECRET)
    return page.url


def stop(page: Page) -> str:
    """Press "Stop and close"; return the private key."""
    tap(page.get_by_role("button", name="Stop and close"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Your answers are saved")
    return page.locator(".key").inner_text()


def test_the_history_of_the_device_names_no_page_that_was_left(page: Page) -> None:
    """Titles of pages that depend on an answer would give it away."""
    student = Respondent(page)
    student.start(OPEN)
    titles = {page.title()}
    for _ in range(3):
        student.answer_page()
        student.go_on()
        titles.add(page.title())
    stop(page)
    history = page.context.new_cdp_session(page).send("Page.getNavigationHistory")["entries"]
    assert len(titles) == 4 and len(history) >= 4
    assert titles & {entry["title"] for entry in history} == set()


@DEVICES
def test_stop_saves_the_page_and_shows_the_key_until_it_is_written_down(
    open_page: OpenPage, server: Server, script: bool
) -> None:
    page = open_page(java_script_enabled=script)
    here = write_secret(page, server)
    stored = server.read("gallery", page.context.cookies()).id
    key = stop(page)

    assert re.fullmatch("[2-9A-Z]{4}-[2-9A-Z]{4}", key)
    assert SECRET in str(server.find(stored))
    assert not [cookie for cookie in page.context.cookies() if cookie["name"].startswith("survey_")]
    page.reload()
    expect(page.locator(".key")).to_have_text(key)
    tap(page.get_by_role("link", name="I wrote my key down"))
    page.wait_for_url("**/q/gallery/demo")
    page.goto("/stopped/gallery")
    expect(page.get_by_role("heading", level=1)).to_have_text("Goodbye")
    for address in (here, "/a/gallery", "/done/gallery"):
        page.goto(address)
        expect(page.get_by_role("heading", level=1)).to_have_text("Please open your link again")
    for _ in range(6):
        page.go_back()
        expect(page.locator("body")).not_to_contain_text(SECRET)
        expect(page.locator("body")).not_to_contain_text(key)
        page.wait_for_load_state()
        assert SECRET not in page.content()


@DEVICES
def test_who_stopped_by_mistake_goes_on_with_one_press(open_page: OpenPage, server: Server, script: bool) -> None:
    page = open_page(java_script_enabled=script)
    here = write_secret(page, server)
    stop(page)
    tap(page.get_by_role("button", name="Go on with these answers"))
    page.wait_for_url(here)
    expect(page.locator("textarea").first).to_have_value(SECRET)
    stop(page)
    tap(page.get_by_role("link", name="I wrote my key down"))
    page.wait_for_url("**/q/gallery/demo")
    page.goto("/stopped/gallery")
    expect(page.get_by_role("button")).to_have_count(0)


def test_a_stop_on_the_screen_for_a_minute_can_no_longer_be_undone(still: Callable[..., Page]) -> None:
    page = still("multiple_page")
    page.clock.run_for(3300)
    page.locator("#answers [value=stop]").click()
    button = page.get_by_role("button", name="Go on with these answers")
    expect(button).to_be_visible()
    page.clock.run_for(60_100)
    expect(button).to_have_count(0)
    expect(page.locator(".key")).to_be_visible()


@DEVICES
def test_stop_names_an_error_once_and_then_leaves_without_the_value(open_page: OpenPage, server: Server, script: bool) -> None:
    page = open_page(java_script_enabled=script)
    cookie, address = server.begin("gallery", "demo", "en", "number_page")
    page.context.add_cookies([cookie])
    page.goto(address)
    page.get_by_label("How many books").fill("many")
    tap(page.get_by_role("button", name="Stop and close"))
    expect(page.locator("#summary")).to_contain_text("press the same button again to leave without it")
    expect(page.get_by_label("How many books")).to_have_value("many")
    stop(page)


@DEVICES
@pytest.mark.parametrize("at", ["choice_page", "grid_page"])
def test_a_chosen_answer_can_be_taken_back(open_page: OpenPage, server: Server, script: bool, at: str) -> None:
    page = open_page(java_script_enabled=script)
    cookie, address = server.begin("gallery", "demo", "en", at)
    page.context.add_cookies([cookie])
    page.goto(address)
    undo = page.get_by_role("button", name="Clear my answer")
    expect(undo).to_have_count(0)
    question = page.locator("fieldset:has(input[type=radio])").first
    tap(question.locator(".option").first)
    if not undo.count():  # folded
        tap(question.locator(".change"))
    tap(undo)

    expect(question.locator("input:checked")).to_have_count(0)
    expect(undo).to_have_count(0)
    tap(page.get_by_role("button", name="Stop and close"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Your answers are saved")
    response = server.find(server.signatures.read_cookie("gallery", cookie["value"]).response)
    assert response.pages[at].answers == {}


def answer_some(page: Page, pupil: int, pages: int) -> list[str]:
    """Answer at most so many pages as one pupil, with a text of this pupil in each text field; return their addresses."""
    student, seen = Respondent(page, seed=pupil), list[str]()
    while len(seen) < pages and "/done/" not in page.url:
        seen.append(page.url)
        student.answer_page()
        for field in page.locator("textarea:visible").all():
            field.fill(f"pupil-{pupil}-wrote-this")
        student.go_on()
    return seen


def press_back(page: Page, script: bool) -> None:
    with suppress(Error):  # a page that redirects interrupts it
        page.go_back()
    if script:
        page.wait_for_timeout(300)  # a page from the history may load itself again
        page.wait_for_load_state("networkidle")


def check_others(page: Page, pupil: int) -> None:
    """Check that the page shows no text of another pupil."""
    page.wait_for_load_state()
    assert {*re.findall(r"pupil-\d+-wrote-this", page.content())} <= {f"pupil-{pupil}-wrote-this"}


@pytest.mark.slow
@DEVICES
def test_no_pupil_on_a_shared_device_sees_an_answer_of_another(open_page: OpenPage, short_server: Server, script: bool) -> None:
    """They stop, leave a page open, or complete, in turn. The next one goes back, begins, and opens the addresses of the others."""
    page = open_page(java_script_enabled=script, base_url=short_server.url)
    pages = [it.code for _, it in short_server.questionnaire("gallery").placed_pages.values()].index("open_page") + 1
    addresses, codes = list[str](), list[str]()
    for pupil in range(PUPILS):
        for _ in range(3 if pupil % 3 == 1 else 0):  # after a pupil who stopped
            press_back(page, script)
            check_others(page, pupil)
        page.goto(OPEN)
        for code in codes:
            expect(page.locator("body")).not_to_contain_text(code)
        tap(page.locator("main form .button.next"))
        page.wait_for_url("**/a/**")
        first = page.url
        for address in addresses[-4:]:
            page.goto(address)
            check_others(page, pupil)
        for _ in range(3):
            press_back(page, script)
            check_others(page, pupil)
        page.goto(first)
        expect(page.locator("#answers input:checked")).to_have_count(0)
        addresses += answer_some(page, pupil, 99 if pupil == 2 else pages)
        if pupil % 3 == 0:
            codes.append(stop(page))
        elif "/done/" in page.url:
            codes.append(page.locator(".receipt").inner_text())
        check_others(page, pupil)

    assert len(codes) == len(range(0, PUPILS, 3)) + 1
    assert len(short_server.list_texts("pupil-")) >= PUPILS, "each pupil's text is stored"


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(8 if THOROUGH else 1))
def test_reloads_at_random_moments_lose_nothing_and_report_no_conflict(open_page: OpenPage, server: Server, seed: int) -> None:
    """Reloads, each some hundredths of a second after a change."""
    page, chance = open_page(), Random(seed)
    cookie, address = server.begin("gallery", "demo", "en", "choice_page")
    page.context.add_cookies([cookie])
    page.goto(address)
    page.on("dialog", lambda dialog: dialog.accept())
    options = page.locator("#answers .option:visible")
    for _ in range(25 if THOROUGH else 12):
        option = options.nth(chance.randrange(options.count()))
        option.click()
        name, value, checked = option.locator("input").evaluate("it => [it.name, it.value, it.checked]")
        page.wait_for_timeout(chance.randrange(0, 900, 30))
        box = page.locator(f"[name='{name}'][value='{value}']")
        for _ in range(10):  # a busy server may answer a reload before the save that was sent first
            page.reload()
            expect(page.locator("#summary")).to_have_count(0)
            if box.is_checked() == checked:
                break
        expect(box).to_be_checked(checked=checked)
