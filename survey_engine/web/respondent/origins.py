"""Where a request came from: one that another website sent changes nothing.

Our pages send no referrer, so their own forms come with the origin "null"; whose those are, Sec-Fetch-Site tells.
A view that others must be able to call is a line in EXEMPT, and proves by itself who called it.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import request

from survey_engine.web.respondent.embedding import is_framed
from survey_engine.web.respondent.errors import Trouble

EXEMPT = frozenset[str]()
"""Endpoints that take requests from other websites."""
STARTS = ("enter.begin", "enter.begin_personal")
"""Endpoints whose page a website may show in a frame without `allow-same-origin`, where no form of ours proves to be ours."""
_SAFE = ("GET", "HEAD", "OPTIONS")


def check_origin() -> None:
    """Refuse a change that another website asked for, before anything is read.

    Raises:
        Trouble: when the browser says so.
    """
    if request.method in _SAFE or request.endpoint is None or request.endpoint in EXEMPT:
        return
    origin = request.headers.get("Origin")
    crossed = request.headers.get("Sec-Fetch-Site", "none") not in ("same-origin", "none")
    if crossed or (origin and origin != "null" and urlsplit(origin).netloc != request.host):
        raise Trouble("sandboxed" if origin == "null" and is_framed() and request.endpoint in STARTS else "foreign")


def is_vouched() -> bool:
    """Whether the browser shows that a page of ours made this request, which `check_origin` let pass.

    An old browser may tell nothing; htmx's header shows it too, for no other website may add one.
    """
    headers = request.headers
    return "Sec-Fetch-Site" in headers or headers.get("Origin", "null") != "null" or "HX-Request" in headers
