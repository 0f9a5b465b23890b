"""How a request finds its view: what Flask finds out anew each time, and is the same each time, is told to it at the start."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from flask import Flask, Request
from flask.sessions import NullSession, SessionInterface
from werkzeug.routing import MapAdapter, Rule
from werkzeug.wsgi import get_host

Found = tuple[Rule, Mapping[str, Any]]
"""A route and what the address says."""


class NoSession(SessionInterface):
    """Nothing of ours lies in Flask's session: what a device remembers is signed in `links`."""

    _none = NullSession()

    def open_session(self, app: Flask, request: Request) -> NullSession:
        return self._none


class Application(Flask):
    """Flask that knows where pages are posted to, so that they need not be matched with every route."""

    session_interface = NoSession()
    _pages: Mapping[str, Found] = {}

    def know_pages(self, addresses: Iterable[str]) -> None:
        """Args: addresses: of everything that takes a form of answers."""
        routes = self.url_map.bind("")
        self._pages = {address: routes.match(address, "POST", return_rule=True) for address in addresses}

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        """The routes as this request sees them. The host that it asks for has no part in it: no address of ours names one.

        Raises:
            SecurityError: when that host is none.
        """
        if request is None:
            return super().create_url_adapter(None)
        request.host = get_host(request.environ)
        return _Routes(self, request, self._pages.get(request.path) if request.method == "POST" else None)

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """No view of ours is a coroutine; Flask would ask each, each time."""
        return func


class _Routes(MapAdapter):
    """What one request asks of the routes; `found` is the answer where it is known."""

    def __init__(self, app: Flask, request: Request, found: Found | None) -> None:
        super().__init__(app.url_map, "", request.root_path, "", request.scheme, request.path, request.method)
        self._found = found

    def match(self, *asked: Any, **more: Any) -> Any:
        if self._found is None:
            return super().match(*asked, **more)
        rule, values = self._found
        return rule, {**values}
