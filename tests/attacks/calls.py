"""Raw requests to the application: every byte of address, headers and body is the caller's."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

import brotli
from flask import Flask

from survey_engine.operations.simulation.browsing import WsgiLine
from survey_engine.operations.simulation.reading import read_drawn

FORM = "application/x-www-form-urlencoded"


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
        return str(read_drawn(self.text).read_hidden("ticket"))

    @property
    def action(self) -> str:
        """Where the form of a drawn page goes."""
        return str(read_drawn(self.text).action)


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
    environ = {"SERVER_PORT": "8000", "REMOTE_ADDR": address, "HTTP_HOST": "localhost:8000", "CONTENT_TYPE": kind}
    if length is not None:
        environ["CONTENT_LENGTH"] = length
    status, found, content = WsgiLine(app.wsgi_app, **environ)(method, target, headers or {}, body)
    return Reply(status, tuple(found), content)


def post(app: Flask, path: str, form: Mapping[str, str] | list[tuple[str, str]], **headers: str) -> Reply:
    """A form as a browser sends it; `headers` with underscores for hyphens."""
    return call(app, "POST", path, {name.replace("_", "-"): value for name, value in headers.items()}, urlencode(form).encode())


def find_cookies(reply: Reply) -> str:
    """What the browser would send back."""
    return "; ".join(cookie.partition(";")[0] for cookie in reply.headers_named("Set-Cookie"))
