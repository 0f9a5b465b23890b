"""A form that another website sends does nothing; one of ours works, also in a frame that gets no cookies."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from survey_engine.fieldwork.signing import Signatures, Ticket
from survey_engine.storage.answers import load_response
from survey_engine.web.respondent.origins import EXEMPT
from survey_engine.web.respondent.site import Site
from tests.attacks.calls import Reply, call, find_cookies, post
from tests.attacks.routes import list_targets, list_values

OWN = "http://localhost:8000"
FOREIGN = (
    {"Origin": "https://evil.example"},
    {"Origin": "http://localhost:8000.evil.example"},
    {"Origin": "http://localhost"},
    {"Origin": "null", "Sec_Fetch_Site": "cross-site"},
    {"Origin": "null", "Sec_Fetch_Site": "same-site"},
    {"Sec_Fetch_Site": "cross-site"},
    {"Origin": OWN, "Sec_Fetch_Site": "cross-site"},
)
OURS: tuple[dict[str, str], ...] = (
    {},
    {"Origin": OWN},
    {"Origin": "null", "Sec_Fetch_Site": "same-origin"},
    {"Origin": OWN, "Sec_Fetch_Site": "same-origin"},
    {"Sec_Fetch_Site": "none"},
)


def begin(app: Flask, path: str = "/q/gallery/demo") -> Reply:
    """The first page, in the way that htmx gets it."""
    return post(app, path, {"lang": "en"}, HX_Request="true")


@pytest.mark.parametrize("headers", FOREIGN)
def test_a_start_from_another_website_is_refused(app: Flask, link: str, headers: dict[str, str]) -> None:
    for path in ("/q/gallery/demo", link):
        reply = post(app, path, {}, **headers)
        assert reply.status == 403
        assert not reply.headers_named("Set-Cookie")


@pytest.mark.parametrize("headers", OURS)
def test_a_start_from_our_own_page_works(app: Flask, link: str, headers: dict[str, str]) -> None:
    for path in ("/q/gallery/demo", link):
        assert post(app, path, {}, **headers).status == 303


@pytest.mark.parametrize("headers", FOREIGN)
def test_another_website_cannot_send_a_page_with_a_ticket_of_its_own(app: Flask, headers: dict[str, str]) -> None:
    site: Site = app.extensions["survey_engine"]
    planted, victim = begin(app), find_cookies(begin(app))
    form = {"ticket": planted.ticket, "wish": "next", "prompted": "1"}
    for more in ({}, {"wish": "keep"}, {"wish": "stored"}, {"language": "nl"}):
        reply = post(app, planted.action, {**form, **more}, Cookie=victim, **headers)
        assert reply.status == 403 and not reply.headers_named("Set-Cookie")
    stored = load_response(site.answers, int(planted.ticket.partition(".")[0]))
    assert stored and not stored.pages and stored.respondent.language == "en"


@pytest.mark.parametrize("headers", OURS)
@pytest.mark.parametrize("more", [{}, {"wish": "keep"}, {"wish": "stored"}, {"language": "nl"}])
def test_a_ticket_never_changes_whose_response_a_device_resumes(
    app: Flask, headers: dict[str, str], more: dict[str, str]
) -> None:
    planted = begin(app)
    for cookie in ({}, {"Cookie": find_cookies(begin(app))}, {"Cookie": find_cookies(planted)}):
        reply = post(app, planted.action, {"ticket": planted.ticket, "prompted": "1", **more}, **headers, **cookie)
        assert reply.status in (200, 204, 303, 409) and not reply.headers_named("Set-Cookie")


@pytest.mark.parametrize("headers", [{}, {"Origin": "null"}])
@pytest.mark.parametrize("more", [{}, {"wish": "stored"}, {"language": "nl"}, {"prompted": "1"}])
def test_a_browser_without_proof_sees_no_page_of_another_response(
    app: Flask, headers: dict[str, str], more: dict[str, str]
) -> None:
    """Safari before 16.4 sends no Sec-Fetch-Site, and a foreign page may hide its origin."""
    planted = begin(app)
    for cookie in ({}, {"Cookie": find_cookies(begin(app))}):
        reply = post(app, planted.action, {"ticket": planted.ticket, **more}, **headers, **cookie)
        assert (reply.status, reply.header("Location")) == (303, "/a/gallery")


@pytest.mark.parametrize("headers", FOREIGN)
def test_every_route_that_changes_something_checks_the_origin(app: Flask, headers: dict[str, str]) -> None:
    """A new route is covered by itself; one that others must call is named in EXEMPT and has a test of its own."""
    for rule, target in list_targets(app, list_values(app)):
        if "POST" in (rule.methods or ()) and rule.endpoint not in EXEMPT:
            assert post(app, target, {}, **headers).status == 403, rule


def test_a_start_in_a_sandboxed_frame_offers_a_window_of_its_own(app: Flask) -> None:
    opaque = {"Origin": "null", "Sec_Fetch_Site": "cross-site", "Sec_Fetch_Dest": "iframe"}
    refused = post(app, "/q/gallery/demo?lang=nl", {}, **opaque)
    elsewhere = post(app, "/q/gallery/demo", {}, **{**opaque, "Sec_Fetch_Dest": "document"})
    named = post(app, "/q/gallery/demo", {}, **{**opaque, "Origin": "https://evil.example"})

    assert (refused.status, refused.headers_named("Set-Cookie")) == (403, [])
    assert re.search(r'href="[^"]*/q/gallery/demo\?lang=nl" target="_blank" rel="noopener"', refused.text)
    assert "in een eigen venster" in refused.text
    assert [elsewhere.status, named.status] == [403, 403] and "_blank" not in elsewhere.text + named.text


@pytest.mark.parametrize("headers", FOREIGN)
def test_another_website_cannot_make_the_device_forget(app: Flask, headers: dict[str, str]) -> None:
    cookie = find_cookies(begin(app))
    assert post(app, "/done/gallery", {}, Cookie=cookie, **headers).status == 403


def test_forgetting_needs_the_cookie_which_a_foreign_form_does_not_bring(app: Flask) -> None:
    cookie = find_cookies(begin(app))
    assert not post(app, "/done/gallery", {}).headers_named("Set-Cookie")
    gone, _ = post(app, "/done/gallery", {}, Cookie=cookie).headers_named("Set-Cookie")
    assert "Max-Age=0" in gone


def test_a_page_without_our_ticket_is_refused_despite_the_cookie(app: Flask) -> None:
    page = begin(app)
    cookie, ticket = find_cookies(page), page.ticket
    stranger = Signatures(("s" * 32,), 14).sign_ticket(Ticket(int(ticket.partition(".")[0]), "type-choice", 0, "w", "2-0"))
    for forged in ("", ticket[:-1], ticket + "A", ticket.replace(".", ".9", 1), stranger, "." * 9, "\0"):
        for form in ({"ticket": forged}, {"ticket": forged, "language": "nl"}):
            reply = post(app, page.action, form, Cookie=cookie)
            assert reply.status == 400, forged


def test_a_ticket_is_for_one_page_of_one_response(app: Flask) -> None:
    page = begin(app)
    site: Site = app.extensions["survey_engine"]
    others = [slug for slug in site.questionnaires["gallery"].placed_pages if not page.action.endswith(f"/{slug}")]
    assert {post(app, f"/a/gallery/{slug}", {"ticket": page.ticket}).status for slug in others} == {400}
    assert post(app, page.action.replace("gallery", "hostile"), {"ticket": page.ticket}).status == 403


def test_a_ticket_and_a_cookie_cannot_stand_for_each_other(app: Flask) -> None:
    page = begin(app)
    visit = find_cookies(page).partition("=")[2]
    assert post(app, page.action, {"ticket": visit}).status == 400
    assert call(app, "GET", "/a/gallery", {"Cookie": f"__Host-survey_gallery={page.ticket}"}).status == 403
    assert call(app, "GET", "/a/hostile", {"Cookie": f"__Host-survey_hostile={visit}"}).status == 403


def test_the_language_can_only_be_changed_by_a_ticket(app: Flask) -> None:
    page = begin(app)
    site: Site = app.extensions["survey_engine"]
    number = int(page.ticket.partition(".")[0])
    cookie = find_cookies(page)
    call(app, "GET", f"{page.action}?language=nl&lang=nl", {"Cookie": cookie})
    post(app, page.action, {"language": "nl"}, Cookie=cookie)
    assert load_response(site.answers, number).respondent.language == "en"  # type: ignore[union-attr]
    post(app, page.action, {"language": "nl", "ticket": page.ticket})
    assert load_response(site.answers, number).respondent.language == "nl"  # type: ignore[union-attr]


def test_nothing_changes_by_looking(app: Flask, link: str) -> None:
    """Mail scanners and link previews look at everything."""
    site: Site = app.extensions["survey_engine"]

    def count() -> int:
        with site.answers.read() as connection:
            return int(connection.exec_driver_sql("SELECT count(*) FROM response").scalar_one())

    before = count()
    for path in ("/", link, "/q/gallery/demo", "/q/gallery/demo/qr.svg", "/a/gallery", "/done/gallery"):
        for method in ("GET", "HEAD", "OPTIONS"):
            assert not call(app, method, path).headers_named("Set-Cookie")
    assert count() == before
