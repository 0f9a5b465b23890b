"""The HTTP client of a simulated respondent, over a network or directly to the WSGI application, with cookies and redirects."""

from __future__ import annotations

import http.client
import io
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from http.cookies import SimpleCookie
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import quote_plus, unquote_to_bytes, urljoin, urlsplit

from survey_engine.operations.simulation.reading import Drawn, read_drawn

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

_REDIRECTS = 10
TRIES = 5
_LONGEST_WAIT = 30
"""Timeout of a request in seconds."""


class RobotError(Exception):
    """The site failed, or asks something that no simulated respondent can answer. The message names the page."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A response of the site."""

    status: int
    path: str
    headers: Mapping[str, str]
    """Header names are in lower case; cookies are stored in the browser."""
    text: str
    seconds: float
    """Seconds since the request, or since the first request if there were redirects."""

    @property
    def drawn(self) -> Drawn:
        return read_drawn(self.text)

    @property
    def target(self) -> str:
        """Path and query of the redirect; empty without a redirect."""
        target = self.headers.get("hx-redirect")
        if target is None and self.status in (301, 302, 303, 307, 308):
            target = self.headers.get("location")
        if target is None:
            return ""
        parts = urlsplit(urljoin(self.path, target))
        return parts.path + (f"?{parts.query}" if parts.query else "")


Exchange: TypeAlias = tuple[int, list[tuple[str, str]], bytes]
"""Status, headers, content."""
Line: TypeAlias = Callable[[str, str, Mapping[str, str], bytes], Exchange]
"""Sends method, path, headers and content; returns the response."""


_quote = lru_cache(maxsize=20_000)(quote_plus)
"""Cached, because most respondents send the same names and values."""


@lru_cache(maxsize=100)
def _name_variable(header: str) -> str:
    """Return the name of a request header in a WSGI environment."""
    name = header.upper().replace("-", "_")
    return name if name == "CONTENT_TYPE" else f"HTTP_{name}"


class HttpLine:
    """A persistent connection to a server."""

    def __init__(self, url: str, tries: int = TRIES) -> None:
        parts = urlsplit(url)
        self.tries = tries
        maker = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self.connection = maker(parts.netloc, timeout=_LONGEST_WAIT)

    def __call__(self, method: str, path: str, headers: Mapping[str, str], content: bytes) -> Exchange:
        """Send a request; up to `tries` times when the server has closed the persistent connection. So each save may arrive twice."""
        for left in range(self.tries - 1, -1, -1):
            try:
                self.connection.request(method, path, content or None, dict(headers))
                reply = self.connection.getresponse()
                return reply.status, reply.getheaders(), reply.read()
            except (http.client.HTTPException, OSError) as error:
                self.connection.close()
                if not left:
                    raise RobotError(f"{method} {path}: no answer ({type(error).__name__}). Does the server run?") from error
                time.sleep(0.1)
        raise AssertionError  # the last attempt returns or raises

    def close(self) -> None:
        self.connection.close()


class WsgiLine:
    """Calls the application in this process; `environ` replaces values of each request."""

    def __init__(self, app: WSGIApplication, **environ: str) -> None:
        self.app, self.environ = app, environ

    def __call__(self, method: str, path: str, headers: Mapping[str, str], content: bytes) -> Exchange:
        (path, _, query), answered = path.partition("?"), []

        def start(status: str, found: list[tuple[str, str]], *_: Any) -> Any:
            answered.append((int(status.split(maxsplit=1)[0]), found))

        environ: dict[str, Any] = {
            "REQUEST_METHOD": method,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
            "QUERY_STRING": query,
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "CONTENT_LENGTH": str(len(content)),
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(content),
            "wsgi.errors": io.StringIO(),
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
            **self.environ,
            **{_name_variable(name): value for name, value in headers.items()},
        }
        body = self.app(environ, start)
        try:
            text = b"".join(body)
        finally:
            getattr(body, "close", lambda: None)()
        status, found = answered[-1]
        return status, found, text


class Browser:
    """The browser of one respondent, with or without the script (htmx)."""

    def __init__(self, line: Line, language: str = "nl", *, script: bool = True) -> None:
        self.line, self.script = line, script
        self.headers = {"Accept-Language": language, "User-Agent": "survey-engine robot", "Sec-Fetch-Site": "same-origin"}
        self.cookies: dict[str, str] = {}

    def get(self, path: str) -> Reply:
        return self.follow(self.send("GET", path))

    def post(self, path: str, fields: Sequence[tuple[str, str]], *, background: bool = False) -> Reply:
        """Send a form; `background` is a save by the script that stays on the page."""
        return self.follow(self.send("POST", path, fields, background=background))

    def post_plainly(self, path: str, fields: Sequence[tuple[str, str]]) -> Reply:
        """Send a form without the script."""
        return self.post(path, fields, background=True)

    def send(self, method: str, path: str, fields: Sequence[tuple[str, str]] = (), *, background: bool = False) -> Reply:
        """Send one request; redirects are not followed."""
        headers, content = {**self.headers, **self._cookie()}, b""
        if method == "POST":
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            content = "&".join(f"{_quote(name)}={_quote(str(value))}" for name, value in fields).encode()
            if self.script and not background:
                headers |= {"HX-Request": "true", "HX-Target": "page"}
        began = time.perf_counter()
        status, found, body = self.line(method, path, headers, content)
        self._keep_cookies(found)
        return Reply(
            status, path, {name.lower(): value for name, value in found}, body.decode("utf-8"), time.perf_counter() - began
        )

    def follow(self, reply: Reply) -> Reply:
        """Follow the redirects of a reply."""
        seconds = 0.0
        for _ in range(_REDIRECTS):
            seconds += reply.seconds
            target = reply.target
            if not target:
                return replace(reply, seconds=seconds)
            reply = self.send("GET", target)
        raise RobotError(f"{reply.path}: redirected {_REDIRECTS} times. Each page leads to another and none is shown.")

    def _cookie(self) -> dict[str, str]:
        return {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())} if self.cookies else {}

    def _keep_cookies(self, headers: Sequence[tuple[str, str]]) -> None:
        for name, value in headers:
            if name.lower() == "set-cookie":
                for key, morsel in SimpleCookie(value).items():
                    self.cookies[key] = morsel.value
                    if morsel["max-age"] == "0":
                        del self.cookies[key]
