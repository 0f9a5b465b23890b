"""The language may be chosen on the start page and changed on every other, with everything typed so far."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import count, cycle

import pytest
from playwright.sync_api import Page, expect

from survey_engine.engine.routing import Path, route
from tests.browser.conftest import OpenPage
from tests.browser.robot import Respondent, say, tap
from tests.browser.server import Server

OpenAt = Callable[..., Page]
DEVICES = pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])


def route_of(server: Server, page: Page) -> Path:
    stored = server.read("job-2026", page.context.cookies())
    return route(server.questionnaire("job-2026"), stored.respondent, stored.answers())


def switch(page: Page, language: str) -> None:
    tap(page.locator(".languages summary"))
    tap(page.locator(".tongues button").filter(has_text=re.compile(f"^{language}")))
    expect(page.locator(".languages summary")).to_contain_text(language)


def open_at(page: Page, server: Server, code: str, language: str = "en") -> Page:
    cookie, address = server.begin("gallery", "demo", language, code)
    page.context.add_cookies([cookie])
    page.goto(address)
    return page


def test_the_start_page_says_how_long_it_takes_and_in_how_many_languages(page: Page) -> None:
    page.goto("/q/gallery/demo?lang=en")
    expect(page.locator(".facts li").first).to_have_text(re.compile(r"^About \d+ minutes$"))
    page.goto("/q/job-2026/noorderlicht?lang=en")
    facts = page.locator(".facts li")
    expect(facts.last).to_contain_text("In 3 languages")
    expect(page.get_by_role("navigation", name="Change language").get_by_role("link")).to_have_text(
        ["Nederlands", "English", "Makkelijk Nederlands"]
    )


def test_the_start_page_speaks_the_language_of_the_browser(open_page: OpenPage) -> None:
    page = open_page(locale="de-DE")
    page.goto("/q/nse-2026/wolkenveld")
    expect(page.locator("html")).to_have_attribute("lang", "de")
    expect(page.locator("nav [aria-current]")).to_have_text("Deutsch")


def test_a_draft_translation_says_that_it_is_one(page: Page) -> None:
    page.goto("/q/job-2026/kibrahacha?lang=pap")
    expect(page.locator("html")).to_have_attribute("lang", "pap-BQ")
    expect(page.locator(".card > .notice")).to_be_visible()
    page.goto("/q/job-2026/kibrahacha?lang=en")
    expect(page.locator(".card > .notice")).to_have_count(0)


@DEVICES
def test_a_switch_half_way_keeps_what_is_typed_but_not_yet_saved(open_page: OpenPage, server: Server, script: bool) -> None:
    page = open_at(open_page(java_script_enabled=script), server, "number_page")
    page.locator("[name='q.travel_minutes']").fill("soon")
    page.locator("[name='q.books']").fill("7")
    switch(page, "Nederlands")
    expect(page.locator("html")).to_have_attribute("lang", "nl")
    expect(page.get_by_role("heading", level=1)).to_have_text("In getallen")
    expect(page.locator("[name='q.travel_minutes']")).to_have_value("soon")
    expect(page.locator("[name='q.books']")).to_have_value("7")
    expect(page.locator("#summary")).to_contain_text("Vul een heel getal in")
    stored = server.read("gallery", page.context.cookies())
    assert say(stored) == {"books": "7"}
    assert stored.languages == ("en", "nl")


@DEVICES
def test_a_switch_keeps_a_panel_address(open_page: OpenPage, server: Server, script: bool) -> None:
    page = open_at(open_page(java_script_enabled=script), server, "panel_page", "nl")
    page.locator("[type=email]").fill("someone@example.org")
    switch(page, "Deutsch")
    expect(page.locator("[type=email]")).to_have_value("someone@example.org")


def test_after_a_switch_everything_on_the_page_is_in_the_new_language(gallery: OpenAt) -> None:
    page = gallery("grid_page")
    page.locator(".option").nth(3).click()
    switch(page, "Nederlands")
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    expect(page.get_by_role("banner")).to_contain_text("Galerij")
    expect(page.locator(".folded .change")).to_have_text("Wijzig")
    expect(page).to_have_title("Op je hogeschool – Demo College")


def test_the_browsers_back_focuses_the_heading_as_a_new_page_does(gallery: OpenAt) -> None:
    page = gallery("information_page")
    tap(page.locator(".go .next"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Work")
    switch(page, "Nederlands")
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("Voor je begint")
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    page.reload()
    expect(page.get_by_role("heading", level=1)).not_to_be_focused()


def test_all_answers_survive_a_switch_and_count_in_the_end(page: Page, server: Server) -> None:
    student = Respondent(page)
    student.start("/q/gallery/demo", "English")
    languages = cycle(["Nederlands", "Makkelijk Nederlands", "Deutsch", "Papiamentu", "English"])
    for turn in count():
        student.answer_page()
        here = page.url
        if turn % 2 == 0:
            switch(page, next(languages))
        if page.url == here:  # the new language may not ask this page, or ask an earlier one first
            student.go_on()
        if "/done/" in page.url:
            break
    stored = server.read("gallery", page.context.cookies())
    assert stored.completed
    kept = say(stored)
    assert {name: kept[name] for name in student.given} == student.given
    assert len(stored.languages) > 8


def test_a_switch_to_a_variant_without_the_page_goes_on_where_it_does(page: Page, server: Server) -> None:
    cookie, address = server.begin("job-2026", "noorderlicht", "en", "housing")
    page.context.add_cookies([cookie])
    page.goto(address)
    expect(page.get_by_text("The student council of your school chose this topic.")).to_be_visible()
    page.locator(".languages summary").click()
    page.get_by_role("button", name="Makkelijk Nederlands").click()
    expect(page.locator(".languages summary")).to_contain_text("Makkelijk Nederlands")
    asked = [step.page.slug for step in route_of(server, page).steps]
    assert page.url.rpartition("/")[2] in asked
    assert address.rpartition("/")[2] not in asked
