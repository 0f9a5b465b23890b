"""Protection against cross-site request forgery by the headers Origin and Sec-Fetch-Site.

Pages send no referrer, so browsers post their forms with the origin "null"; Sec-Fetch-Site then identifies the origin.
A view that other websites may call needs an entry in EXEMPT, and must authenticate the request itself.
"""

from __future__ import annotations

from flask import request

from survey_engine.web.respondent.embedding import is_framed
from survey_engine.web.respondent.errors import RespondentError

EXEMPT = frozenset({"lms.begin_login", "lms.launch"})
"""Endpoints that accept requests from other websites."""
_EMBEDDED_STARTS = (
    *("entry.start_response", "entry.start_personal_response", "login.look_up", "login.start_response"),
    *("lms.show_card", "lms.start_response"),
)
"""Endpoints to which start pages post. In a frame without `allow-same-origin`, their forms cannot prove their origin."""
_SAFE = ("GET", "HEAD", "OPTIONS")


def check_origin() -> None:
    """Reject a post from another website before the body is read.

    Raises:
        RespondentError: the headers name another origin.
    """
    endpoint, headers = request.endpoint, request.environ
    if request.method in _SAFE or endpoint is None or endpoint in EXEMPT:
        return
    origin = headers.get("HTTP_ORIGIN")
    crossed = headers.get("HTTP_SEC_FETCH_SITE", "none") not in ("same-origin", "none")
    own = {f"{request.scheme}://{request.host}", f"https://{request.host}"}  # a proxy may not report that browsers use HTTPS
    if crossed or (origin and origin != "null" and origin not in own):
        raise RespondentError("sandboxed" if origin == "null" and is_framed() and endpoint in _EMBEDDED_STARTS else "foreign")


def has_proven_origin() -> bool:
    """Whether a header proves that a page of this site sent the request. Call it only after `check_origin`.

    An old browser may send neither Origin nor Sec-Fetch-Site. The header of htmx is a proof too: other websites cannot add it.
    """
    headers = request.environ
    return "HTTP_SEC_FETCH_SITE" in headers or headers.get("HTTP_ORIGIN", "null") != "null" or "HTTP_HX_REQUEST" in headers
