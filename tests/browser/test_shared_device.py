"""A device that pupils share, one after another: each can stop, and nobody sees the answers of another."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.robot import Respondent, tap
from tests.browser.server import Server

DEVICES = pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
OPEN = "/q/gallery/demo?lang=en"
SECRET = "Only the first pupil wrote this"


def write_secret(page: Page) -> str:
    """Answer page after page until there is a text field, and write into it; return the address of that page."""
    student = Respondent(page)
    student.start(OPEN)
    while not page.locator("textarea").count():
        student.answer_page()
        student.go_on()
    page.locator("textarea").first.fill(SECRET)
    return page.url


def stop(page: Page) -> str:
    """Press "Stop and close"; return the private key."""
    tap(page.get_by_role("button", name="Stop and close"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Your answers are saved")
    return page.locator(".key").inner_text()


@DEVICES
def test_stop_saves_the_page_and_shows_the_private_key_once(open_page: OpenPage, server: Server, script: bool) -> None:
    page = open_page(java_script_enabled=script)
    here = write_secret(page)
    stored = server.read("gallery", page.context.cookies()).id
    key = stop(page)

    assert re.fullmatch("[2-9A-Z]{4}-[2-9A-Z]{4}", key)
    assert SECRET in str(server.find(stored))
    assert not [cookie for cookie in page.context.cookies() if cookie["name"].startswith("survey_")]
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("Goodbye")
    for address in (here, "/a/gallery", "/done/gallery"):
        page.goto(address)
        expect(page.get_by_role("heading", level=1)).to_have_text("Please open your link again")
    for _ in range(4):
        page.go_back()
        expect(page.locator("body")).not_to_contain_text(SECRET)
        expect(page.locator("body")).not_to_contain_text(key)
        assert SECRET not in page.content()


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
