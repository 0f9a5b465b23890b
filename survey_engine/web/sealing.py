"""What every answer of the server has in common: private, unframed, of one origin. Plain WSGI, since it is on every path."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

HEADERS = [
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Permissions-Policy", "camera=(), microphone=(), geolocation=()"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
]
POLICY = ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'")
PRIVATE = ("Cache-Control", "no-store")


def seal(app: WSGIApplication) -> WSGIApplication:
    """Add the headers; a page's own policy and a static file's own cache rule stand."""

    def sealed(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], trouble: Any = None, /) -> Any:
            names = {name for name, _ in headers}
            headers += HEADERS
            headers += [default for default in (POLICY, PRIVATE) if default[0] not in names]
            return start_response(status, headers, trouble)

        return app(environ, start)

    return sealed
