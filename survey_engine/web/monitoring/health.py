"""Endpoints for operators: liveness, readiness, Prometheus metrics and the security contact."""

from __future__ import annotations

import hmac
from datetime import UTC, datetime, timedelta

from flask import Blueprint, abort, jsonify, request
from flask import Response as Reply
from sqlalchemy.exc import SQLAlchemyError

from survey_engine.storage.database import Database
from survey_engine.storage.schema import UnknownSchemaError
from survey_engine.web.respondent.site import current_site

health = Blueprint("health", __name__)
SECURITY_DAYS = 180


@health.get("/healthz")
def show_liveness() -> Reply:
    """Report that the process responds."""
    return jsonify(status="ok")


@health.get("/readyz")
def show_readiness() -> tuple[Reply, int]:
    """Report whether the process can store answers: both databases respond with a usable schema, and a questionnaire is in service."""
    site = current_site()
    checks = {
        "answers": is_ready(site.answers),
        "identity": is_ready(site.identity),
        "questionnaires": bool(site.questionnaires),
    }
    all_passed = all(checks.values())
    left_out = sorted(site.participation.registry.left_out)
    return jsonify(status="ok" if all_passed else "not ready", checks=checks, left_out=left_out), 200 if all_passed else 503


def is_ready(database: Database) -> bool:
    """Whether a store responds, with the schema of this program or of a newer release."""
    try:
        return database.read_schema_state() in ("current", "newer")
    except (SQLAlchemyError, UnknownSchemaError):
        return False


@health.get("/metrics")
def show_metrics() -> Reply:
    """Return Prometheus metrics to a client with the token; 404 otherwise, and when the settings have no token."""
    site = current_site()
    token = site.settings.metrics_token
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if site.metrics is None or not hmac.compare_digest(given.encode(), token.encode()):
        abort(404)
    return Reply(site.metrics.write(), content_type="text/plain; version=0.0.4; charset=utf-8")


@health.get("/.well-known/security.txt")
def show_security_contact() -> Reply:
    """Return the contact for vulnerability reports (RFC 9116); 404 when the settings have none."""
    contact = current_site().settings.security_contact
    if not contact:
        abort(404)
    until = (datetime.now(UTC) + timedelta(days=SECURITY_DAYS)).strftime("%Y-%m-%dT00:00:00Z")
    return Reply(f"Contact: {contact}\nExpires: {until}\nPreferred-Languages: nl, en\n", content_type="text/plain; charset=utf-8")
