"""What was typed stays on the screen, to be copied, when it cannot be saved any more."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from survey_engine.fieldwork.erasure import Stores, reissue
from survey_engine.fieldwork.invitations.links import find_by_link, read_token
from survey_engine.fieldwork.signing import hash_token, make_token
from tests.browser.conftest import OpenPage
from tests.browser.robot import Respondent, tap
from tests.browser.server import Server

TYPED = "First line & <b>\nand a second one"
DEVICES = pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])


def replace_link(server: Server, link: str) -> None:
    token = read_token(link)
    seat = find_by_link(server.identity, token)
    assert seat
    stores = Stores(server.answers, server.identity, server.settings.pseudonym_key)
    reissue(stores, server.settings.erasures, "gallery", [(seat.id, hash_token(token), hash_token(make_token()))])


@DEVICES
def test_an_old_tab_of_a_replaced_link_keeps_what_was_typed_in_view(open_page: OpenPage, server: Server, script: bool) -> None:
    page = open_page(java_script_enabled=script)
    student = Respondent(page)
    link = server.make_link("gallery", "demo", server.questionnaire("gallery").institutions["demo"].open_link, "en")
    student.start(link)
    student.answer_page()
    student.go_on()
    page.goto(server.skip("gallery", server.read("gallery", page.context.cookies()).id, "open_page"))
    replace_link(server, link)
    page.locator("textarea:visible").first.fill(TYPED)
    tap(page.locator(".go .next"))

    expect(page.get_by_role("heading", level=1)).to_have_text("This link is no longer in use")
    expect(page.get_by_text("First line")).to_have_text(TYPED)
    assert page.get_by_text("First line").evaluate("it => getComputedStyle(it).whiteSpace").startswith("pre")


def test_a_finished_questionnaire_posts_its_last_page_once(gallery: Callable[..., Page]) -> None:
    page = gallery("panel_page")
    posts: list[str] = []
    page.on("request", lambda request: posts.append(request.post_data or "") if request.method == "POST" else None)
    page.locator(".go .next").click()
    page.wait_for_url("**/done/**")
    assert [post for post in posts if "wish=keep" in post] == []
