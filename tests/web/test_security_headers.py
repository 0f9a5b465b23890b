"""Headers, policies and cookies of every route, taken from the application itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from http.cookies import SimpleCookie

import pytest
from werkzeug.routing import Rule

from survey_engine.operations.simulation.browsing import Exchange
from tests.web.conftest import House, start, write_short

METHODS = ("GET", "HEAD", "POST", "OPTIONS", "PUT")
KNOWN = {"code": "short", "name": "demo", "token": "unknown", "digest": "0", "slug": "00000000"}
MAY_BE_KEPT = ("/static/",)


def list_addresses(house: House) -> Iterator[str]:
    """Iterate over an address of every route, with existing values if possible, and one unknown address."""
    for rule in house.app.url_map.iter_rules():
        yield fill(rule, {**KNOWN, "slug": house.slug("job")})
        yield fill(rule, dict.fromkeys(rule.arguments, "unknown"))
    asset = house.site.assets.url("style.css")
    yield from ("/nowhere/at/all", asset, house.invite())


def fill(rule: Rule, values: dict[str, str]) -> str:
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda found: values.get(found[1], "x"), rule.rule)


def visit_all(house: House) -> Iterator[tuple[str, str, Exchange]]:
    device = house.device()
    start(device)
    cookie = {"Cookie": "; ".join(f"{name}={value}" for name, value in device.cookies.items())}
    for path in dict.fromkeys(list_addresses(house)):
        for method in METHODS:
            for headers in ({}, cookie):
                yield method, path, device.line(method, path, headers, b"")


def test_every_route_and_method_replies_with_no_store_and_security_headers(house):
    seen = 0
    for method, path, (status, headers, _) in visit_all(house):
        where, named = f"{method} {path} → {status}", {name.lower(): value for name, value in headers}
        assert len(named) == len(headers) - sum(name.lower() == "set-cookie" for name, _ in headers) + ("set-cookie" in named), (
            where
        )
        assert named["x-content-type-options"] == "nosniff", where
        assert named["cross-origin-resource-policy"] == "same-origin", where
        if path.startswith(MAY_BE_KEPT) and status == 200 and method in ("GET", "HEAD"):
            assert "immutable" in named["cache-control"], where
        else:
            assert named["cache-control"] == "no-store", where
        if not path.startswith("/static/"):
            assert named["referrer-policy"] == "no-referrer", where
            assert "camera=()" in named["permissions-policy"], where
            assert named["cross-origin-opener-policy"] == "same-origin", where
            assert_strict(named["content-security-policy"], where)
        assert "server" not in named and "x-powered-by" not in named, where
        seen += 1
    assert seen > 150


def assert_strict(policy: str, where: str) -> None:
    rules = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert rules["default-src"] == "'none'", where
    assert rules["base-uri"] == "'none'", where
    assert rules["form-action"] in ("'self'", "'none'"), where
    assert "frame-ancestors" in rules, where
    assert not re.search(r"unsafe|\*|https?:(?!//lms)", policy), where


def test_no_route_returns_a_server_error(house):
    for method, path, (status, *_) in visit_all(house):
        assert status < 500, f"{method} {path} → {status}"


def test_only_the_sites_of_an_institution_may_embed_its_pages(gallery):
    device = gallery.device()
    page = start(device, "/q/gallery/demo")
    framed = [reply.headers["content-security-policy"] for reply in (device.get("/q/gallery/demo"), page)]
    others = [gallery.device().get(path).headers["content-security-policy"] for path in ("/", "/q/gallery/plain", "/nowhere")]

    assert all(policy.endswith("frame-ancestors https://lms.example.org") for policy in framed)
    assert all(policy.endswith("frame-ancestors 'none'") for policy in others)


def test_the_only_inline_style_has_its_hash_in_the_policy(gallery):
    page = gallery.device().get("/q/gallery/demo")

    assert len(re.findall(r"<style", page.text)) == 1
    assert re.search(r"style-src 'self' 'sha256-[\w+/=]+'", page.headers["content-security-policy"])
    assert not re.search(r"<script(?! src=)|\son\w+=|\sstyle=|javascript:", page.text)


def test_nothing_is_loaded_from_anywhere_else(gallery):
    device = gallery.device()
    for reply in (device.get("/"), start(device, "/q/gallery/demo")):
        loaded = re.findall(r'<(?:script|link|img|iframe|source|use)[^>]*\s(?:src|href)="([^"]*)"', reply.text)
        assert loaded and all(address.startswith(("/", "data:")) and not address.startswith("//") for address in loaded)


# cookies ------------------------------------------------------------------------------------------------------------


def read_cookie(exchange: Exchange) -> list[SimpleCookie]:
    return [SimpleCookie(value) for name, value in exchange[1] if name.lower() == "set-cookie"]


@pytest.mark.parametrize(("address", "secure"), [("https://survey.example.org", True), ("http://127.0.0.1:8000", False)])
def test_the_devices_cookie_is_for_the_server_alone(tmp_path, address, secure):
    write_short(tmp_path / "q", "short")
    house = House(tmp_path, SURVEY_BASE_URL=address)
    (cookie,) = read_cookie(house.device().line("POST", "/q/short/demo", {}, b""))
    house.close()
    (morsel,) = cookie.values()

    assert morsel["httponly"] is True and morsel["samesite"] == "Lax" and morsel["path"] == "/"
    assert bool(morsel["secure"]) is secure
    assert morsel["max-age"] == str(14 * 86_400) and morsel["domain"] == ""
    assert morsel.key == ("__Host-survey_short" if secure else "survey_short")


@pytest.mark.parametrize(("address", "secure"), [("https://survey.example.org", True), ("http://127.0.0.1:8000", False)])
def test_browsers_open_the_host_over_https_only_once_they_did(tmp_path, address, secure):
    write_short(tmp_path / "q", "short")
    house = House(tmp_path, SURVEY_BASE_URL=address)
    replies = [house.device().get(path) for path in ("/q/short/demo", "/nowhere", "/healthz")]
    house.close()

    assert {reply.headers.get("strict-transport-security") for reply in replies} == {"max-age=31536000" if secure else None}


def test_only_starting_and_leaving_set_a_cookie(house):
    device = house.device()
    for path in ("/", "/q/short/demo", house.invite()):
        assert read_cookie(device.line("GET", path, {}, b"")) == []
    job = start(device)
    cookie = {"Cookie": f"survey_short={device.cookies['survey_short']}"}
    assert read_cookie(device.line("GET", job.path, cookie, b"")) == []
    form = f"ticket={job.drawn.read_hidden('ticket')}&number=1&q.has_job=no&wish=next".encode()
    assert read_cookie(device.line("POST", job.path, cookie, form)) == []
    assert read_cookie(device.line("POST", job.path, cookie, form + b"&language=nl")) == []
    assert read_cookie(device.line("POST", job.path, {}, form.replace(b"=next", b"=keep"))) == []


def test_each_questionnaire_has_its_own_cookie(tmp_path):
    for code in ("short", "second"):
        write_short(tmp_path / "q", code)
    house = House(tmp_path)
    device = house.device()
    for code in ("short", "second"):
        start(device, f"/q/{code}/demo")
    house.close()

    assert sorted(device.cookies) == ["survey_second", "survey_short"]
