"""The page for a lost link on a phone, with and without the script."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from survey_engine.fieldwork.invitations.links import give_links
from survey_engine.fieldwork.signing import hash_address
from survey_engine.storage.identity import Seat
from tests.browser.conftest import OpenPage
from tests.browser.robot import tap
from tests.browser.server import Server
from tests.browser.states import OVERFLOW, TARGETS
from tests.browser.test_accessibility import find_violations

ADDRESS = "ada@example.org"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """An application that sends mail and knows an address; no worker sends one."""
    more = {"SURVEY_SMTP_URL": "smtp+insecure://localhost:9", "SURVEY_MAIL_FROM": "Survey <survey@example.org>"}
    running = Server(tmp_path_factory.mktemp("server"), **more)
    seat = Seat("gallery", "demo", {}, "en", address_hashes=(hash_address(running.settings.pseudonym_key, ADDRESS),))
    give_links(running.identity, running.contact_keys, [seat])
    yield running
    running.stop()


@pytest.fixture(params=[True, False], ids=["script", "no script"])
def page(request: pytest.FixtureRequest, open_page: OpenPage, server: Server) -> Page:
    page = open_page(base_url=server.url, java_script_enabled=request.param)
    page.goto("/lost")
    return page


@pytest.fixture
def check(open_page: OpenPage, page: Page) -> Callable[[], None]:
    """Checks what the page shows. Axe needs a script, so another page gets the same document."""
    copy = open_page(base_url=page.url)

    def check_page() -> None:
        assert page.evaluate(OVERFLOW) == 0
        assert page.evaluate(TARGETS) == []
        html = page.content()
        copy.route(page.url, lambda route: route.fulfill(body=html, content_type="text/html"))
        copy.goto(page.url)
        assert find_violations(copy) == []

    return check_page


def send(page: Page, address: str) -> None:
    page.locator("form").evaluate("form => { form.noValidate = true; }")
    page.get_by_label("E-mail address").fill(address)
    tap(page.get_by_role("button", name="Send my link"))


def test_the_form_fits_a_phone_and_has_no_violation(check: Callable[[], None]) -> None:
    check()


def test_a_wrong_address_is_marked_and_focused(page: Page, check: Callable[[], None]) -> None:
    send(page, "ada@")
    field = page.get_by_label("E-mail address")
    expect(field).to_have_accessible_description("Enter a full e-mail address, for example name@example.org.")
    expect(field).to_be_focused()
    check()


@pytest.mark.parametrize("address", [ADDRESS, "nobody@example.org"])
def test_the_reply_is_the_same_for_every_address(page: Page, check: Callable[[], None], address: str) -> None:
    send(page, address)
    expect(page.get_by_role("heading", level=1)).to_have_text("Look in your mail")
    expect(page.locator("main")).not_to_contain_text(address)
    check()
