"""From page to page: prompts once, faults with nothing lost, focus, title, history, and no page skipped."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from survey_engine.fieldwork.signing import make_proof
from tests.browser.conftest import OpenPage
from tests.browser.robot import Respondent, say, tap
from tests.browser.server import Server

OpenAt = Callable[..., Page]
DEVICES = pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])


def press(page: Page, button: str) -> None:
    tap(page.locator(f".go [value={button}]").last)  # the summary has one too


def press_next(page: Page) -> None:
    press(page, "next")


def open_at(page: Page, server: Server, code: str) -> Page:
    cookie, address = server.begin("gallery", "demo", "en", code)
    page.context.add_cookies([cookie])
    page.goto(address)
    return page


@DEVICES
def test_what_is_not_answered_is_pointed_out_once_and_then_one_may_go_on(
    open_page: OpenPage, server: Server, script: bool
) -> None:
    page = open_at(open_page(java_script_enabled=script), server, "choice_page")
    press_next(page)
    summary = page.locator("#summary")
    expect(summary).to_contain_text("Not answered yet: 3")
    tap(summary.locator("summary"))
    expect(summary.get_by_role("link")).to_have_count(4)  # the first one, then all
    expect(page.locator("#i-cups .fault")).to_have_text("Not answered yet.")
    press_next(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Your evenings")
    press(page, "back")
    expect(page.get_by_role("heading", level=1)).to_have_text("On your way")
    press_next(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Your evenings")


@DEVICES
def test_a_fault_is_explained_beside_its_field_and_nothing_typed_is_lost(
    open_page: OpenPage, server: Server, script: bool
) -> None:
    page = open_at(open_page(java_script_enabled=script), server, "number_page")
    field = page.get_by_label("How long does it take you")
    field.fill("half an hour")
    page.get_by_label("How many books").fill("3")
    with page.expect_response(
        lambda reply: reply.request.method == "POST" and "keep" not in (reply.request.post_data or "")
    ) as reply:
        press_next(page)
    assert reply.value.status == 422
    expect(page.locator("#summary")).to_contain_text("Enter a whole number from 0 to 240.")
    expect(field).to_have_value("half an hour")
    expect(page.get_by_label("How many books")).to_have_value("3")
    expect(field).to_have_attribute("aria-invalid", "true")
    assert "Enter a whole number from 0 to 240" in str(
        field.evaluate("f => f.ariaDescribedByElements.map(e => e.textContent).join()")
    )


def test_a_link_in_the_summary_leads_to_the_field(gallery: OpenAt) -> None:
    page = gallery("number_page")
    page.get_by_label("How many books").fill("many")
    press_next(page)
    tap(page.locator("#summary").get_by_role("link"))
    expect(page.get_by_label("How many books")).to_be_focused()


def test_a_link_in_the_summary_opens_a_closed_statement(gallery: OpenAt) -> None:
    page = gallery("grid_page")
    press_next(page)
    tap(page.locator("#summary summary"))
    tap(page.locator("#summary").get_by_role("link", name="I felt cheerful").last)
    expect(page.locator("#i-mood_cheerful input").first).to_be_focused()


def test_after_a_swap_the_heading_has_focus_title_and_address_are_new(gallery: OpenAt) -> None:
    page = gallery("information_page")
    first = page.url
    press_next(page)
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_have_text("Work")
    expect(heading).to_be_focused()
    expect(page).to_have_title("Work – Demo College")
    assert page.url != first
    expect(page.get_by_role("status")).to_have_count(1)
    expect(page.get_by_role("status")).to_contain_text("to go")
    assert page.evaluate("scrollY") == 0


def test_after_a_fault_the_summary_has_the_focus_and_the_address_stays(gallery: OpenAt) -> None:
    page = gallery("yes_no_page")
    before, entries = page.url, page.evaluate("history.length")
    press_next(page)
    expect(page.locator("#summary")).to_be_focused()
    assert (page.url, page.evaluate("history.length")) == (before, entries)


@DEVICES
def test_the_summary_is_heard_once_as_focus_and_not_as_alert(open_page: OpenPage, server: Server, script: bool) -> None:
    page = open_at(open_page(java_script_enabled=script), server, "yes_no_page")
    press_next(page)
    expect(page.get_by_role("group", name="Not answered yet: 1")).to_be_focused()
    expect(page.get_by_role("alert")).to_have_count(0)


def test_a_double_click_on_next_sends_one_page_and_skips_none(gallery: OpenAt) -> None:
    page = gallery("information_page")
    posted: list[str] = []
    page.on("request", lambda request: posted.append(request.url) if request.method == "POST" else None)
    page.locator(".go .next").dblclick()
    expect(page.get_by_role("heading", level=1)).to_have_text("Work")
    page.wait_for_timeout(300)
    expect(page.get_by_role("heading", level=1)).to_have_text("Work")
    expect(page.locator("#summary")).to_have_count(0)
    assert len(posted) == 1


def test_without_a_script_a_double_click_on_next_skips_no_page(open_page: OpenPage, server: Server) -> None:
    page = open_at(open_page(java_script_enabled=False), server, "information_page")
    page.locator(".go .next").dblclick()
    expect(page.get_by_role("heading", level=1)).to_have_text("Work")


@pytest.mark.parametrize("how", ["page", "browser"])
def test_back_leads_to_the_page_before_with_its_answers(gallery: OpenAt, how: str) -> None:
    page = gallery("yes_no_page")
    tap(page.get_by_text("No", exact=True))
    press_next(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("On your way")
    tap(page.get_by_text("By bike"))
    if how == "browser":
        expect(page.locator("#status")).to_have_attribute("data-state", "idle")
        page.go_back()
    else:
        press(page, "back")
    expect(page.get_by_role("heading", level=1)).to_have_text("Work")
    expect(page.locator("[name='q.has_job'][value=no]")).to_be_checked()
    press_next(page)
    expect(page.locator("[name='q.transport'][value=bike]")).to_be_checked()


def test_the_first_page_has_no_way_back(gallery: OpenAt) -> None:
    expect(gallery("information_page").get_by_role("button", name="Back")).to_be_hidden()


@DEVICES
def test_enter_in_a_text_field_goes_on_and_switches_no_language(open_page: OpenPage, server: Server, script: bool) -> None:
    page = open_at(open_page(java_script_enabled=script), server, "number_page")
    page.get_by_label("How many books").fill("4")
    page.get_by_label("How long does it take you").fill("20")
    page.get_by_label("How long does it take you").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("A mark")


def test_start_brings_the_first_page_without_another_document(page: Page, server: Server) -> None:
    documents: list[str] = []
    page.on("request", lambda request: documents.append(request.url) if request.is_navigation_request() else None)
    Respondent(page).start("/q/gallery/demo")
    expect(page.get_by_role("heading", level=1)).to_have_text("Before you start")
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    assert len(documents) == 1


@DEVICES
def test_the_proof_of_completion_is_shown_again_and_can_be_closed(open_page: OpenPage, server: Server, script: bool) -> None:
    page = open_at(open_page(java_script_enabled=script), server, "panel_page")
    press_next(page)
    receipt = page.locator(".receipt").inner_text()
    stored = server.read("gallery", page.context.cookies())
    assert receipt == make_proof(server.settings.pseudonym_key, "gallery", stored.id)
    page.goto("/a/gallery")
    expect(page.locator(".receipt")).to_have_text(receipt)
    tap(page.get_by_role("button", name="Close on this device"))
    page.goto("/a/gallery")
    expect(page.get_by_role("heading", level=1)).to_have_text("Please open your link again")


def test_a_panel_address_is_stored_apart_from_the_answers(gallery: OpenAt, server: Server) -> None:
    page = gallery("panel_page")
    page.get_by_label("May we ask you some questions again").fill("Student@Example.org")
    press_next(page)
    expect(page.locator(".receipt")).to_be_visible()
    assert "example.org" not in str(say(server.read("gallery", page.context.cookies())))
    assert "example.org" not in page.content()
    tap(page.get_by_role("button", name="Show my address for the panel"))
    field = page.get_by_label("Your address for the panel")
    expect(field).to_have_value("Student@Example.org")
    field.fill("")
    tap(page.get_by_role("button", name="Save the address"))
    expect(page.get_by_text("We have no address of yours here")).to_be_visible()


def test_the_private_key_is_shown_on_demand_and_always_the_same(gallery: OpenAt) -> None:
    page = gallery("panel_page")
    press_next(page)
    keys = []
    for _ in range(2):
        tap(page.get_by_role("button", name="Show my private key"))
        keys.append(page.locator(".key").inner_text())
        page.goto("/a/gallery")
    assert keys[0] == keys[1] and len(keys[0]) == 9
