"""How HTML goes out: as a fragment for htmx or as a whole document, with headers that keep it private."""

from __future__ import annotations

from flask import Response, g
from flask_htmx import HTMX
from markupsafe import escape

from survey_engine.model import Institution, Language, Questionnaire
from survey_engine.web.site import Site
from survey_engine.web.skeletons import PageState

htmx = HTMX()


def is_fragment() -> bool:
    """Whether htmx asked, and not for a page that it lost from its history."""
    return bool(htmx) and not htmx.history_restore_request


def send_html(html: str, status: int = 200) -> Response:
    return Response(html, status, content_type="text/html; charset=utf-8")


def draw_document(
    site: Site,
    questionnaire: Questionnaire | None,
    language: Language,
    institution: Institution | None,
    title: str,
    main: str,
    status: int = 200,
) -> Response:
    """A whole document around `main`."""
    g.policy = site.policy(institution)
    name = institution.name if institution else ""
    state = PageState(
        known={},
        plain={
            "lang": language.html_lang,
            "title": str(escape(f"{title} – {name}" if name else title)),
            "main": main,
        },
    )
    return send_html(site.layout(questionnaire, language, institution).fill(state), status)
