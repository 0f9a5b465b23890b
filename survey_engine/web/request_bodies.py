"""WSGI middleware that reads a request body before it calls the application, so that a slow upload blocks no worker.

The server has many more threads than workers (`cli.run`): a thread first reads the body, then waits for a free worker slot.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from io import BytesIO
from threading import Semaphore
from time import monotonic
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


_LIVENESS = "/healthz"
"""The path that is served even while all slots wait for a store."""


def buffer_bodies(
    app: WSGIApplication, threads: int, largest: int, count_wait: Callable[[float], None] | None = None
) -> WSGIApplication:
    """Wrap the application so that it gets complete request bodies.

    Args:
        threads: the number of requests that the application handles at the same time.
        largest: maximum bytes of a body. A larger body is not read: the application rejects it by its Content-Length.
        count_wait: called with the seconds for which a request waited for a slot, if none was free.
    """
    slots = Semaphore(threads)

    def buffered(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        length = environ.get("CONTENT_LENGTH", "")
        if length.isdecimal() and 0 < int(length) <= largest:
            environ["wsgi.input"] = BytesIO(environ["wsgi.input"].read(int(length)))
        if environ.get("PATH_INFO") == _LIVENESS:
            return app(environ, start_response)
        if not slots.acquire(blocking=False):
            began = monotonic()
            slots.acquire()
            if count_wait:
                count_wait(monotonic() - began)
        try:
            return app(environ, start_response)
        finally:
            slots.release()

    return buffered
