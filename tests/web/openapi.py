"""The site's routes as an OpenAPI 3.1 document, made from the URL map and the routes' own docstrings.

Respondents have pages, not an API: the document is for tests that ask everything, and for firewalls that want a list.
"""

from __future__ import annotations

import inspect
import re
from typing import Any

from flask import Flask
from werkzeug.routing import Rule

from survey_engine.web.respondent.error_texts import ERROR_PAGES
from survey_engine.web.respondent.site import Site

PARAMETERS = {
    "code": "A questionnaire's code.",
    "name": "An institution's code, or a static file's name.",
    "slug": "A page's name in addresses.",
    "token": "The secret part of a personal link, or the signed link of a class.",
    "digest": "The digest of a static file's content.",
}
WIDTH = "Width of the page in pixels, which the script adds."
FIELDS = {
    "answer_pages.save_page": {
        "ticket": "What the page was drawn with: response, page, version, writer, form, signed.",
        "number": "The writer's count of its saves.",
        "wish": "next, back, keep, stop, own or stored: which of both answers to keep, or retype: draw it with what is sent.",
        "language": "The language variant to go on in.",
        "lang": "The language variant that the page was drawn in, which errors speak.",
        "undo": "A variable whose answer is taken back.",
        "prompted": "1 when unanswered items were pointed out before.",
        "shown": "A follow-up that the page showed: a question or statement that an answer on the same page opens.",
        "warned": "The variables whose faults were pointed out before: Back goes on without them.",
        "follows": "The writers of the same tab before it was reloaded, or left the page and came back.",
        "changed": "The variables that were changed since that reload, with spaces.",
        "conflict": "1 when the page shows stored answers beside these: only own and stored end that.",
        "paradata": "Totals that the script measured on this page: visible seconds, changes, ignored second taps; with spaces.",
    },
    "entry.start_response": {
        "lang": "The language variant to begin in.",
        "width": WIDTH,
        "turn": "The signed retry token of a page that said: wait.",
    },
    "entry.start_personal_response": {"lang": "The language variant to begin in.", "width": WIDTH},
    "entry.go_on": {
        "lang": "The language variant of the start page.",
        "key": "The private key.",
        "wish": "without: without a key, and without seeing earlier answers.",
    },
    "entry.undo_stop": {"stopped": "The signed response of a page after Stop and close."},
    "login.look_up": {
        "lang": "The language variant of the page.",
        "birth_date": "The birth date, day first or ISO 8601.",
        "surname": "The surname.",
        "first_name": "The first name, asked from the second try on.",
        "tries": "The signed number of failures.",
    },
    "login.start_response": {
        "lang": "The language variant to begin in.",
        "width": WIDTH,
        "seat": "The signed number of the seat that was found.",
    },
    "login.open_by_key": {"lang": "The language variant of the page.", "key": "The private key."},
    "lost_links.ask": {"lang": "The language of the page.", "address": "The e-mail address on the list."},
    "own_answers.show_answers": {
        "lang": "The language variant of the form.",
        "key": "The private key.",
        "wish": "erase: erase the answers.",
    },
    "lms.begin_login": {
        "iss": "The issuer of the learning environment.",
        "client_id": "Our client id there.",
        "login_hint": "Opaque; goes back to the environment.",
        "lti_message_hint": "As login_hint.",
        "lti_storage_target": "The frame that keeps data for tools.",
    },
    "lms.launch": {"state": "The signed state of the login.", "id_token": "The signed launch."},
    "lms.verify": {"state": "As in lms.launch.", "id_token": "As in lms.launch.", "secret": "What the environment kept."},
    "lms.show_card": {"card": "The signed person.", "lang": "The language variant to show."},
    "lms.start_response": {"card": "The signed person.", "lang": "The language variant to begin in.", "width": WIDTH},
    "lms.register": {
        "openid_configuration": "Where the environment describes itself.",
        "registration_token": "Its permission to register.",
    },
    "entry.forget_response": {},
    "completion.show_key": {"ticket": "What the proof of completion was drawn with."},
    "completion.change_address": {"ticket": "What the proof of completion was drawn with."},
}
"""The fields of forms by endpoint, without the variables of a page and panel addresses."""
_PLACE = re.compile(r"<([a-z]+)>")
_WELL = ("200", "204", "303", "409", "422")


def describe_site(app: Flask) -> dict[str, Any]:
    """Return the OpenAPI document."""
    paths: dict[str, dict[str, Any]] = {}
    for rule in sorted(app.url_map.iter_rules(), key=str):
        place = paths.setdefault(
            _PLACE.sub(r"{\1}", rule.rule), {"parameters": [_describe_place(n) for n in sorted(rule.arguments)]}
        )
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            place[method.lower()] = _describe_route(app, rule, method)
    site: Site = app.extensions["survey_engine"]
    return {
        "openapi": "3.1.0",
        "info": {"title": "survey_engine", "version": "1", "description": "Pages for respondents, and health for operators."},
        "servers": [{"url": site.settings.base_url}],
        "paths": paths,
    }


def _describe_place(name: str) -> dict[str, Any]:
    return {
        "name": name,
        "in": "path",
        "required": True,
        "description": PARAMETERS[name],
        "schema": {"type": "string", "minLength": 1},
    }


def _describe_route(app: Flask, rule: Rule, method: str) -> dict[str, Any]:
    view = app.view_functions[rule.endpoint]
    told = inspect.getdoc(view) or f"{rule.endpoint.replace('.', ': ')}."
    route: dict[str, Any] = {
        "operationId": rule.endpoint,
        "summary": told.partition("\n")[0],
        "parameters": [{"name": "lang", "in": "query", "description": "The language to speak.", "schema": {"type": "string"}}],
        "responses": {status: {"description": _describe_status(status)} for status in list_statuses()},
    }
    if method == "POST":
        fields = {name: {"type": "string", "description": text} for name, text in FIELDS[rule.endpoint].items()}
        schema: dict[str, Any] = {"type": "object", "properties": fields, "additionalProperties": {"type": "string"}}
        if "ticket" in fields:
            schema["required"] = ["ticket"]
        route["requestBody"] = {"content": {"application/x-www-form-urlencoded": {"schema": schema}}}
    return route


def list_statuses() -> list[str]:
    """Return every status that the site sends, except 500."""
    return sorted({*_WELL, *(str(kind.status) for kind in ERROR_PAGES.values() if kind.status != 500)})


def _describe_status(status: str) -> str:
    titles = {str(kind.status): kind.title for kind in ERROR_PAGES.values()}
    well = {
        "200": "A page",
        "204": "Saved",
        "303": "Go to another page",
        "409": "Stored otherwise meanwhile",
        "422": "Look again",
    }
    return well.get(status) or titles[status]
