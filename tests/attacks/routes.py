"""Every route of the site as addresses that exist: what generated tests are generated from."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Flask
from werkzeug.routing import Rule

from survey_engine.fieldwork.invitations.links import give_links
from survey_engine.storage.identity import Seat
from survey_engine.web.respondent.site import Site

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")


def list_values(app: Flask) -> dict[str, list[str]]:
    """For each name that stands in a rule, values that exist."""
    site: Site = app.extensions["survey_engine"]
    (token,) = give_links(
        site.identity, site.participation.contact_keys, [Seat("gallery", "demo", {"track": "day", "study_year": 1})]
    )
    files = [
        site.assets.url(name).split("/")[2:]
        for name in ("style.css", "script.js", "answers.js", "fields.js", "follow.js", "frame.js")
    ]
    return {
        "code": list(site.questionnaires),
        "name": [*site.questionnaires["gallery"].institutions, "evil", *(name for _, name in files)],
        "slug": [slug for q in site.questionnaires.values() for slug in q.placed_pages],
        "token": [token],
        "digest": [digest for digest, _ in files],
    }


def list_targets(app: Flask, values: dict[str, list[str]]) -> Iterator[tuple[Rule, str]]:
    """One existing address for each rule."""
    for rule in app.url_map.iter_rules():
        chosen = {name: values[name][0] for name in rule.arguments}
        if rule.endpoint == "assets.serve":
            chosen["name"] = "style.css"
        if rule.endpoint.startswith("respond.") and "slug" in rule.arguments:
            site: Site = app.extensions["survey_engine"]
            chosen["slug"] = next(iter(site.questionnaires[chosen["code"]].placed_pages))
        target = rule.rule
        for name, value in chosen.items():
            target = target.replace(f"<{name}>", value)
        yield rule, target
