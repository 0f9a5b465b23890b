"""Every route, with every method, as a document and as a fragment, sends the headers that keep a browser safe."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError

from survey_engine.web.respondent.error_texts import ERROR_PAGES
from survey_engine.web.respondent.errors import RespondentError
from survey_engine.web.respondent.site import Site
from tests.attacks.calls import Reply, call, find_cookies, post
from tests.attacks.judge import FOR_EVER, check_headers, read_policy
from tests.attacks.routes import METHODS, list_targets, list_values

COURSES = "https://lms.example.org"
"""The sites that may frame a questionnaire of the gallery: also errors of launches."""


def visit_all(app: Flask, **headers: str) -> Iterator[tuple[str, str, Reply]]:
    """Every route with every method, from a device that has begun to answer."""
    begun = {code: post(app, f"/q/{code}/{name}", {}) for code, name in (("gallery", "demo"), ("hostile", "evil"))}
    cookies = "; ".join(map(find_cookies, begun.values()))
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    for _, target in list_targets(app, list_values(app)):
        for method in METHODS:
            for extra in ({}, {"Cookie": cookies}):
                yield method, target, call(app, method, target, {**sent, **extra})


def test_every_route_sends_them_with_every_method(app: Flask) -> None:
    seen = set()
    for method, target, reply in visit_all(app):
        check_headers(reply, part=target.startswith("/static/"))
        seen.add((method, reply.status))
    assert {200, 303, 404, 405, 403} <= {status for _, status in seen}


def test_fragments_send_what_matters_for_them(app: Flask) -> None:
    for _, _, reply in visit_all(app, HX_Request="true"):
        check_headers(reply, part=True)


def test_nothing_but_static_files_may_be_kept(app: Flask) -> None:
    for _, target, reply in visit_all(app):
        kept = reply.header("Cache-Control") == FOR_EVER
        assert not kept or (target.startswith("/static/") and reply.status == 200), target


def test_every_error_page_sends_them(app: Flask) -> None:
    for kind in ERROR_PAGES:
        with app.test_request_context("/"):
            reply = app.make_response(app.handle_user_exception(RespondentError(kind)))
        frames = "*" if kind == "sandboxed" else COURSES if kind.startswith("lms_") else "'none'"
        assert reply.headers["Content-Security-Policy"].endswith(f"frame-ancestors {frames}")
    for target in ("/no/such/page/at/all", "/static/x/style.css", "/a/gallery/x", "/l/none", "/metrics", "/%00", "/%ff"):
        check_headers(call(app, "GET", target), part=target.startswith("/static/"))
    check_headers(call(app, "POST", "/q/gallery/demo", body=b"a=" + b"x" * 300_000))


def test_an_error_and_a_storage_failure_send_them_and_tell_nothing(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    site: Site = app.extensions["survey_engine"]
    secret = "SELECT secret FROM seat"
    for error, status in ((RuntimeError(secret), 500), (OperationalError(secret, {}, Exception(secret)), 503)):

        def fail(*_: object, error: Exception = error) -> None:
            raise error

        with monkeypatch.context() as patch:
            patch.setattr(type(site.identity), "fetch", fail)
            for method in ("GET", "POST"):
                reply = call(app, method, "/l/token")
                assert reply.status == status
                check_headers(reply)
                assert secret not in reply.text


def test_only_the_institution_says_who_may_frame_its_pages(app: Flask) -> None:
    named = ["https://lms.example.org"]
    assert read_policy(call(app, "GET", "/q/gallery/demo"))["frame-ancestors"] == named
    assert read_policy(call(app, "GET", "/q/gallery/plain"))["frame-ancestors"] == ["'none'"]
    begun = post(app, "/q/gallery/demo", {})
    page = call(app, "GET", call(app, "GET", "/a/gallery", {"Cookie": find_cookies(begun)}).header("Location"))
    assert page.status == 403  # nobody's page: no institution, no frame
    assert read_policy(page)["frame-ancestors"] == ["'none'"]
    for target in ("/", "/healthz", "/readyz", "/q/gallery/demo/qr.svg", "/.well-known/security.txt", "/nowhere/at/all"):
        assert read_policy(call(app, "GET", target))["frame-ancestors"] == ["'none'"], target


def test_no_page_has_inline_script_or_a_handler_in_its_html(app: Flask) -> None:
    for _, target, reply in visit_all(app):
        if reply.header("Content-Type").startswith("text/html"):
            assert "<script>" not in reply.text, target
            assert " onclick=" not in reply.text, target
            assert " style=" not in reply.text, target
            assert "javascript:" not in reply.text, target


def test_security_txt_says_whom_to_tell_and_has_not_expired(app: Flask) -> None:
    reply = call(app, "GET", "/.well-known/security.txt")
    fields = dict(line.split(": ", 1) for line in reply.text.splitlines())
    assert fields["Contact"] == "mailto:security@example.org"
    assert fields["Expires"] > datetime.now(UTC).isoformat()
    assert reply.header("Content-Type") == "text/plain; charset=utf-8"


def test_metrics_are_for_whoever_has_the_token(app: Flask) -> None:
    good = "Bearer metrics-token-of-the-tests"
    assert call(app, "GET", "/metrics", {"Authorization": good}).status == 200
    for wrong in ("", "Bearer ", good[:-1], good + "é", "Basic " + good):
        assert call(app, "GET", "/metrics", {"Authorization": wrong}).status == 404
