"""The login by birth date and surname on a phone, with and without the script, as far as the first page."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from survey_engine.fieldwork.invitations.links import give_links
from survey_engine.fieldwork.login import hash_person
from survey_engine.settings import ROOT
from survey_engine.storage.identity import Seat
from tests.browser.robot import tap
from tests.browser.server import Server
from tests.browser.test_accessibility import find_violations

PHONE = {"width": 360, "height": 740}
NAMED = "institution: named\nname: Named School\nopen_link: false\nlogin: name\n"
PERSONS = [("2008-02-01", "van der Jansen-Çelik", "Zoë"), ("2008-02-02", "Bos", "Tom"), ("2008-02-02", "Bos", "Tim")]


@pytest.fixture(scope="module")
def named(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("named")
    shutil.copytree(ROOT / "questionnaires" / "gallery", folder / "q" / "gallery")
    (folder / "q" / "gallery" / "named.yaml").write_text(NAMED)
    running = Server(folder / "data", folder / "q")
    for born, surname, first_name in PERSONS:
        person = {"birth_date": born, "surname": surname, "first_name": first_name}
        login_hash, first_name_hash = hash_person(running.settings.pseudonym_key, "gallery", "named", person)
        hashes = {"login_hash": login_hash, "first_name_hash": first_name_hash}
        seat = Seat("gallery", "named", {"track": "day", "study_year": 1}, details={"person": person}, **hashes)
        give_links(running.identity, running.contact_keys, [seat])
    yield running
    running.stop()


@pytest.fixture(params=[True, False], ids=["script", "no script"])
def page(request: pytest.FixtureRequest, chromium: Browser, named: Server) -> Iterator[Page]:
    with chromium.new_context(
        base_url=named.url, viewport=PHONE, locale="en-GB", reduced_motion="reduce", java_script_enabled=request.param
    ) as context:
        context.set_default_timeout(10_000)
        yield context.new_page()


def log_in(page: Page, born: str, surname: str, first_name: str = "") -> None:
    page.get_by_label("Birth date").fill(born)
    page.get_by_label("Surname").fill(surname)
    if first_name:
        page.get_by_label("First name").fill(first_name)
    tap(page.get_by_role("button", name="Log in"))


def test_a_name_leads_to_the_first_page(page: Page, named: Server) -> None:
    page.goto("/q/gallery/named")
    log_in(page, "1 feb 2008", "Jansen Celik")
    tap(page.get_by_role("button", name=re.compile("Start|Go on")))
    page.wait_for_url("**/a/gallery/**")
    assert named.read("gallery", page.context.cookies()).respondent.institution == "named"


def test_two_persons_of_one_name_are_asked_their_first_name(page: Page) -> None:
    page.goto("/q/gallery/named")
    log_in(page, "2-2-2008", "Bos")
    expect(page.get_by_role("heading", level=1)).to_have_text("We also need your first name")
    expect(page.get_by_label("Surname")).to_have_value("Bos")
    log_in(page, "2-2-2008", "Bos", "Tim")
    expect(page.get_by_role("button", name=re.compile("Start|Go on"))).to_be_visible()


def test_a_field_to_correct_is_focused_and_three_failures_lead_to_help(page: Page) -> None:
    page.goto("/q/gallery/named")
    log_in(page, "31-2-2008", "Smit")
    expect(page.get_by_label("Birth date")).to_be_focused()
    for first_name in ("", "Ada", "Ada"):
        log_in(page, "3-3-2008", "Smit", first_name)
    expect(page.get_by_role("heading", level=1)).to_have_text("You cannot log in?")
    tap(page.get_by_role("link", name="Try again"))
    expect(page.get_by_label("Birth date")).to_have_value("")


@pytest.mark.parametrize("page", [True], ids=["script"], indirect=True)
def test_no_page_of_the_login_has_a_violation(page: Page) -> None:
    addresses = ("/q/gallery/named", "/q/gallery/named?lang=nt2", "/q/gallery/named/login/help")
    found = {}
    for address in addresses:
        page.goto(address)
        found[address] = find_violations(page)
    page.goto("/q/gallery/named")
    log_in(page, "31-2-2008", " ")
    found["fault"] = find_violations(page)
    log_in(page, "3-3-2008", "Smit")
    found["again"] = find_violations(page)
    assert {where: violations for where, violations in found.items() if violations} == {}
