"""Addresses that lie: the Host header, redirects to elsewhere, line ends, paths that climb."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.attacks.calls import call, find_cookies, post
from tests.attacks.hostile import WORDS
from tests.attacks.judge import check_reply
from tests.attacks.routes import list_targets, list_values

EVIL = "evil.example"
HOSTS: tuple[dict[str, str], ...] = (
    {"Host": EVIL},
    {"Host": f"localhost:8000@{EVIL}"},
    {"Host": ""},
    {"Host": "a b"},
    {"Host": "localhost:8000", "X-Forwarded-Host": EVIL, "Forwarded": f"host={EVIL}", "X-Forwarded-Proto": "javascript"},
    {"X-Forwarded-Prefix": f"//{EVIL}", "X-Script-Name": f"//{EVIL}", "X-Original-URL": "/metrics", "X-Rewrite-URL": "/metrics"},
)
CLIMBS = (
    f"//{EVIL}",
    f"//{EVIL}/%2f..",
    f"///{EVIL}/x",
    f"/%5c{EVIL}/x",
    f"/%2f{EVIL}/x",
    f"//q//gallery//demo?next=//{EVIL}",
    f"/q/gallery/demo/?next=https://{EVIL}",
    f"/q/gallery/demo?lang=//{EVIL}&url=https://{EVIL}&return=/%5c{EVIL}",
    "/static/../../pyproject.toml",
    "/static/..%2f..%2fpyproject.toml",
    "/static/%2e%2e/%2e%2e/etc/passwd",
    "/static/..%5c..%5cx",
    "/a/../metrics",
    "/a/gallery/..%2f..",
    "/a/gallery%00/x",
    "/l/..%2f..%2fmetrics",
    "/l/%0d%0aSet-Cookie:%20evil=1",
    "/q/gallery/demo%0d%0aLocation:%20https:%2f%2fevil.example",
    "/%0d%0aX: y",
    "/%",
    "/%zz",
    "/%c0%ae%c0%ae/",
    "/" + "a" * 20_000,
    "/" + "a/" * 5_000,
)


@pytest.mark.parametrize("headers", HOSTS)
def test_no_page_redirect_or_code_says_the_host_that_was_asked(app: Flask, headers: dict[str, str]) -> None:
    cookie = find_cookies(post(app, "/q/gallery/demo", {}))
    for _, target in list_targets(app, list_values(app)):
        for method in ("GET", "POST"):
            reply = call(app, method, target, {**headers, "Cookie": cookie})
            check_reply(reply, part=target.startswith("/static/"))
            assert EVIL.encode() not in reply.body, target
            assert all(EVIL not in value for _, value in reply.headers), target


@pytest.mark.parametrize("target", CLIMBS)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_tricks_with_paths_lead_nowhere(app: Flask, method: str, target: str) -> None:
    reply = call(app, method, target)
    check_reply(reply, part=target.startswith("/static/"))
    assert reply.status in (200, 303, 404, 405), target
    for name in ("Location", "HX-Redirect"):
        assert EVIL not in reply.header(name)
    assert f'href="//{EVIL}' not in reply.text
    assert f'action="//{EVIL}' not in reply.text
    assert b"[project]" not in reply.body
    assert b"root:" not in reply.body


def test_qr_codes_hold_the_address_from_the_settings(app: Flask) -> None:
    plain = call(app, "GET", "/q/gallery/demo/qr.svg").body
    assert call(app, "GET", "/q/gallery/demo/qr.svg", {"Host": EVIL, "X-Forwarded-Host": EVIL}).body == plain


@pytest.mark.parametrize("word", WORDS)
def test_no_parameter_or_header_is_echoed_raw_or_redirects_elsewhere(app: Flask, word: str) -> None:
    from_wire = word.encode("utf-8", "surrogatepass")
    quoted = "".join(f"%{byte:02x}" for byte in from_wire)
    header = from_wire.decode("latin-1").replace("\r", " ").replace("\n", " ").replace("\0", " ")
    for _, target in list_targets(app, list_values(app)):
        part = target.startswith("/static/")
        check_reply(call(app, "GET", f"{target}?lang={quoted}&{quoted}=1&next={quoted}"), part=part)
        check_reply(call(app, "GET", f"{target}/{quoted}"), part=part)
        check_reply(call(app, "POST", target, body=f"lang={quoted}&ticket={quoted}&language={quoted}".encode()), part=part)
    for name in ("Accept-Language", "Cookie", "Origin", "Referer", "User-Agent", "Accept-Encoding", "Range", "If-None-Match"):
        check_reply(call(app, "GET", "/q/gallery/demo", {name: header}))
        check_reply(call(app, "POST", "/q/gallery/demo", {name: header}))
    check_reply(call(app, "GET", "/a/gallery", {"Cookie": f"__Host-survey_gallery={header}"}))
