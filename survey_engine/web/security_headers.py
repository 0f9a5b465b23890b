"""What every answer of the server has in common: private, unframed, of one origin. Plain WSGI, since it is on every path."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

HEADERS = [
    ("X-Content-Type-Options", "nosniff"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
]
DOCUMENT_HEADERS = [
    ("Referrer-Policy", "no-referrer"),
    ("Permissions-Policy", "camera=(), microphone=(), geolocation=()"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
]
"""What rules a document that a window shows; they mean nothing on what is loaded into one, and every byte is paid for."""
POLICY = ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'")
PRIVATE = ("Cache-Control", "no-store")


def seal(app: WSGIApplication) -> WSGIApplication:
    """Add the headers; a page's own policy and a static file's own cache rule stand.

    A part of a document, which htmx or the document asked for, gets only those that matter for it.
    """

    def sealed(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], trouble: Any = None, /) -> Any:
            names = {name for name, _ in headers}
            headers += HEADERS
            if not is_part(environ):
                headers += DOCUMENT_HEADERS
                headers += [POLICY] if POLICY[0] not in names else []
            headers += [PRIVATE] if PRIVATE[0] not in names else []
            return start_response(status, headers, trouble)

        return app(environ, start)

    return sealed


def is_part(environ: WSGIEnvironment) -> bool:
    """Whether the answer is loaded into a document: a static file, or what htmx asked for."""
    return "HTTP_HX_REQUEST" in environ or environ["PATH_INFO"].startswith("/static/")
