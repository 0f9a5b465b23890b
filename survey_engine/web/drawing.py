"""How HTML goes out: as a fragment for htmx or as a whole document, with headers that keep it private."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

from flask import Response, request
from flask_htmx import HTMX
from markupsafe import escape

from survey_engine.model import Institution, Language, Questionnaire
from survey_engine.web.site import Site
from survey_engine.web.skeletons import PageState

htmx = HTMX()
WORTH_PACKING = 600
PACKING_LEVEL = 4
"""zlib's level: two thirds of the time of its default, for pages a few percent larger."""


def is_fragment() -> bool:
    """Whether htmx asked, and not for a page that it lost from its history."""
    return bool(htmx) and not htmx.history_restore_request


def send_html(html: str, status: int, policy: str) -> Response:
    """HTML under a Content-Security-Policy, compressed where the browser takes it."""
    content = html.encode()
    headers = [("Content-Type", "text/html; charset=utf-8"), ("Content-Security-Policy", policy)]
    if len(content) > WORTH_PACKING and "gzip" in request.environ.get("HTTP_ACCEPT_ENCODING", ""):
        packer = zlib.compressobj(PACKING_LEVEL, zlib.DEFLATED, 31)
        content = packer.compress(content) + packer.flush()
        headers += [("Content-Encoding", "gzip"), ("Vary", "Accept-Encoding")]
    return Response(content, status, headers)


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around a page: whose questionnaire, in which language."""

    language: Language
    questionnaire: Questionnaire | None = None
    institution: Institution | None = None


def draw_document(site: Site, frame: Frame, title: str, main: str, status: int = 200) -> Response:
    """A whole document around `main`."""
    institution = frame.institution
    state = PageState(
        known={},
        plain={
            "lang": frame.language.html_lang,
            "title": str(escape(f"{title} – {institution.name}" if institution else title)),
            "main": main,
        },
    )
    html = site.layout(frame.questionnaire, frame.language, institution).fill(state)
    return send_html(html, status, site.policy(institution))
