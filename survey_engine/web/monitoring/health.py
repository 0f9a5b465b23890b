"""Endpoints for operators: liveness, readiness and the security contact."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from flask import Blueprint, abort, jsonify
from flask import Response as Reply
from sqlalchemy.exc import SQLAlchemyError

from survey_engine.fieldwork.erasure import Stores, check_list
from survey_engine.fieldwork.erasure_list import is_writable
from survey_engine.fieldwork.list_owners import ForeignListError, MissingListError
from survey_engine.storage import store_failures
from survey_engine.storage.database import Database
from survey_engine.storage.schema import UnknownSchemaError
from survey_engine.web.respondent.site import Site, current_site

health = Blueprint("health", __name__)
_SECURITY_DAYS = 180


@health.get("/healthz")
def show_liveness() -> Reply:
    """Report that the process responds."""
    return jsonify(status="ok")


@health.get("/readyz")
def show_readiness() -> tuple[Reply, int]:
    """Report whether the process can serve: both stores, the list of erasures, and at least one questionnaire in service.

    `not_compiled` lists the questionnaires in service that are not compiled yet. `metrics` is the reason why the counts of the process
    cannot be read. Neither makes the process unready.
    """
    site = current_site()
    found = find_store_failures(site)
    checks = {name: not failure for name, failure in found.items()}
    all_passed = all(checks.values())
    registry = site.participation.registry
    left_out, unknown = sorted(registry.left_out), registry.list_unknown()
    status = "ok" if all_passed else "not ready"
    causes = {name: failure for name, failure in found.items() if failure}
    parts = {"checks": checks, "failures": causes, "left_out": left_out, "not_compiled": unknown, "metrics": find_lost(site)}
    return jsonify(status=status, **parts), 200 if all_passed else 503


def find_store_failures(site: Site) -> dict[str, str]:
    """Return what a process needs → why it is unavailable, or an empty text."""
    stores = {store.store: find_outage(store) for store in (site.answers, site.identity)}
    erasures = "" if any(stores.values()) else find_list_failure(site)
    servable = site.participation.registry.map_servable()
    return {**stores, "erasures": erasures, "questionnaires": "" if servable else "none is in service"}


def find_lost(site: Site) -> str:
    """Return why the counts of this process cannot be read; empty if they can be, or if it does not count."""
    failure = site.metrics and site.metrics.find_failure()
    return store_failures.find_store_failure(failure).kind if failure else ""


def find_outage(database: Database) -> str:
    """Return why a store cannot be used; empty if it works and has the schema of this program or of a newer release."""
    try:
        state = database.read_schema_state()
        return database.find_failure() if state in ("current", "newer") else f"{state} schema"
    except UnknownSchemaError:
        return "unknown schema"
    except (SQLAlchemyError, OSError) as error:
        kind = store_failures.find_store_failure(error).kind
        return kind if kind in store_failures.REMEDIES else "down"  # if this statement fails, the server has failed


def find_list_failure(site: Site) -> str:
    """Return why the list of erasures cannot be used; empty if it can."""
    try:
        check_list(Stores(site.answers, site.identity, site.settings.pseudonym_key), site.settings.erasures)
    except ForeignListError:
        return "of another installation"
    except MissingListError:
        return "missing"
    except OSError as error:
        return store_failures.find_store_failure(error).kind
    if site.settings.restore_mark.is_file():
        return "not repeated after a restore"
    return "" if is_writable(site.settings.erasures) else "read-only"


@health.get("/.well-known/security.txt")
def show_security_contact() -> Reply:
    """Return the contact for vulnerability reports (RFC 9116); 404 when the settings have none."""
    contact = current_site().settings.security_contact
    if not contact:
        abort(404)
    until = (datetime.now(UTC) + timedelta(days=_SECURITY_DAYS)).strftime("%Y-%m-%dT00:00:00Z")
    return Reply(f"Contact: {contact}\nExpires: {until}\nPreferred-Languages: nl, en\n", content_type="text/plain; charset=utf-8")
