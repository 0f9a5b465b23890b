"""WSGI middleware that adds security headers to every response: no caching, no framing, same origin only."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

HEADERS = [
    ("X-Content-Type-Options", "nosniff"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
]
_DOCUMENT_HEADERS = [
    ("Referrer-Policy", "no-referrer"),
    ("Permissions-Policy", "camera=(), microphone=(), geolocation=()"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
]
"""Headers that only affect documents. Subresources do not get them, to save bytes."""
_POLICY = ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'")
HTTPS_ONLY = ("Strict-Transport-Security", "max-age=31536000")
"""For one year, browsers open this host only over HTTPS; subdomains are not affected."""
PRIVATE = ("Cache-Control", "no-store")


def add_security_headers(app: WSGIApplication, *, https: bool = False) -> WSGIApplication:
    """Wrap the application. If it sets Content-Security-Policy or Cache-Control itself, its header is kept.

    Args: https: whether respondents use HTTPS.
    """
    document_headers = [*_DOCUMENT_HEADERS, HTTPS_ONLY] if https else _DOCUMENT_HEADERS

    def with_headers(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None, /) -> Any:
            names = {name for name, _ in headers}
            headers += HEADERS
            if not is_subresource(environ):
                headers += document_headers
                headers += [_POLICY] if _POLICY[0] not in names else []
            headers += [PRIVATE] if PRIVATE[0] not in names else []
            return start_response(status, headers, exc_info)

        return app(environ, start)

    return with_headers


def is_subresource(environ: WSGIEnvironment) -> bool:
    """Whether the response is loaded into a document: a static file, or a fragment for htmx."""
    return "HTTP_HX_REQUEST" in environ or environ["PATH_INFO"].startswith("/static/")
