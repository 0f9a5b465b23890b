"""What must hold for every answer of the server, whatever was asked."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from tests.attacks.calls import Reply
from tests.attacks.hostile import RAW

ALWAYS = {"X-Content-Type-Options": "nosniff", "Cross-Origin-Resource-Policy": "same-origin"}
DOCUMENT = {"Referrer-Policy": "no-referrer", "Cross-Origin-Opener-Policy": "same-origin"}
FOR_EVER = "public, max-age=31536000, immutable"
DIRECTIVES = {"default-src", "script-src", "style-src", "img-src", "connect-src", "form-action", "base-uri", "frame-ancestors"}
_TRACES = ("Traceback (most recent call last)", 'File "/', "werkzeug.", "sqlalchemy.", "jinja2.", "sqlite3.", "psycopg.")


def read_policy(reply: Reply) -> dict[str, list[str]]:
    """The Content-Security-Policy: directive → sources."""
    parts = (part.split() for part in reply.header("Content-Security-Policy").split(";"))
    return {part[0]: part[1:] for part in parts if part}


def check_headers(reply: Reply, *, part: bool = False) -> None:
    """`part` is what a document loads: a static file, or a fragment that htmx asked for."""
    names = [name for name, _ in reply.headers]
    for name in (*ALWAYS, *DOCUMENT, "Cache-Control", "Content-Security-Policy", "Content-Type"):
        assert names.count(name) <= 1, name
    for name, value in {**ALWAYS, **({} if part else DOCUMENT)}.items():
        assert reply.header(name) == value, name
    assert reply.header("Cache-Control") in ("no-store", FOR_EVER)
    for name, value in reply.headers:
        assert not re.search(r"[\r\n\0]", name + value), name
    assert not reply.headers_named("Access-Control-Allow-Origin")
    for cookie in reply.headers_named("Set-Cookie"):
        attributes = {attribute.strip().split("=")[0] for attribute in cookie.split(";")[1:]}
        assert "Max-Age=0" in cookie or {"HttpOnly", "Secure", "SameSite"} <= attributes, cookie
    if not part:
        check_policy(reply)


def check_policy(reply: Reply) -> None:
    """Nothing runs or loads but what is ours, and no plugin, base or form leads elsewhere."""
    policy = read_policy(reply)
    assert set(policy) <= DIRECTIVES
    assert policy["default-src"] == ["'none'"]
    assert policy["base-uri"] == ["'none'"]
    assert policy["form-action"] in (["'self'"], ["'none'"])
    assert "frame-ancestors" in policy
    for sources in policy.values():
        assert not {"'unsafe-inline'", "'unsafe-eval'", "*", "http:", "https:"} & set(sources)
    assert policy.get("script-src", []) in ([], ["'self'"])


def check_reply(reply: Reply, *, part: bool = False) -> None:
    """Check: no server error, no internals, no posted text that a browser would run or follow."""
    assert reply.status < 500, reply.status
    check_headers(reply, part=part)
    for name in ("Location", "HX-Redirect", "HX-Push-Url"):
        check_target(reply.header(name))
    if reply.header("Cache-Control") != FOR_EVER:
        text = reply.text
        assert RAW not in text
        assert not any(trace in text for trace in _TRACES)


def check_target(target: str) -> None:
    """Leads to a page of ours, by its path."""
    parts = urlsplit(target)
    assert not (parts.scheme or parts.netloc), target
    assert not target.startswith(("//", "/\\")), target
    assert target == "" or target.startswith("/"), target
