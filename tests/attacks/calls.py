"""Raw requests to the application: every byte of address, headers and body is the caller's."""

from __future__ import annotations

import gzip
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import unescape
from typing import Any
from urllib.parse import unquote_to_bytes, urlencode

import brotli
from flask import Flask

FORM = "application/x-www-form-urlencoded"
_TICKET = re.compile(r'name="ticket" value="([^"]+)"')
_ACTION = re.compile(r'<form id="answers" method="post" action="([^"]+)"')


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str:
        """A header's value, or nothing."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")

    def headers_named(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key.lower() == name.lower()]

    @property
    def text(self) -> str:
        unpack = {"gzip": gzip.decompress, "br": brotli.decompress}.get(self.header("Content-Encoding"), bytes)
        return unpack(self.body).decode("utf-8") if self.body else ""

    @property
    def ticket(self) -> str:
        """The ticket in the form of a drawn page."""
        return unescape(_TICKET.findall(self.text)[0])

    @property
    def action(self) -> str:
        """Where the form of a drawn page goes."""
        return unescape(_ACTION.findall(self.text)[0])


def call(
    app: Flask,
    method: str,
    target: str,
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
    *,
    kind: str = FORM,
    address: str = "192.0.2.1",
    length: str | None = None,
) -> Reply:
    """One request; `target` is path and query as they would stand on the wire, percent signs and all."""
    path, _, query = target.partition("?")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "QUERY_STRING": query,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": address,
        "HTTP_HOST": "localhost:8000",
        "CONTENT_TYPE": kind,
        "CONTENT_LENGTH": str(len(body)) if length is None else length,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        **{f"HTTP_{name.upper().replace('-', '_')}": value for name, value in (headers or {}).items()},
    }
    answered: list[tuple[str, list[tuple[str, str]]]] = []
    content = app.wsgi_app(environ, lambda status, found, trouble=None: answered.append((status, found)))  # type: ignore[arg-type]
    try:
        sent = b"".join(content)
    finally:
        getattr(content, "close", lambda: None)()
    status, found = answered[-1]
    return Reply(int(status.split()[0]), tuple(found), sent)


def post(app: Flask, path: str, form: Mapping[str, str] | list[tuple[str, str]], **headers: str) -> Reply:
    """A form as a browser sends it; `headers` with underscores for hyphens."""
    return call(app, "POST", path, {name.replace("_", "-"): value for name, value in headers.items()}, urlencode(form).encode())


def find_cookies(reply: Reply) -> str:
    """What the browser would send back."""
    return "; ".join(cookie.partition(";")[0] for cookie in reply.headers_named("Set-Cookie"))
