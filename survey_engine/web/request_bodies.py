"""Receives a form before the application is called, so that a form sent slowly holds a waiting thread, never a serving one.

The server has many threads that may wait (`cli.run`), and only so many of them are in the application at once.
"""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO
from queue import SimpleQueue
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


def receive(app: WSGIApplication, threads: int, largest: int) -> WSGIApplication:
    """The application, called with bodies that have arrived.

    Args:
        threads: how many requests it serves at once.
        largest: bytes; the application refuses what is larger by its length, unread.
    """
    turns = SimpleQueue[None]()
    for _ in range(threads):
        turns.put(None)

    def received(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        length = environ.get("CONTENT_LENGTH", "")
        if length.isdecimal() and 0 < int(length) <= largest:
            environ["wsgi.input"] = BytesIO(environ["wsgi.input"].read(int(length)))
        turns.get()
        try:
            return app(environ, start_response)
        finally:
            turns.put(None)

    return received
