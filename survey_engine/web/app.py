"""The application factory. It is the only module that creates the stores, services and blueprints and connects them."""

from __future__ import annotations

import gc
from collections.abc import Callable
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from threading import Thread
from time import sleep
from typing import TYPE_CHECKING

import structlog
from flask import Flask
from granian.utils.proxies import wrap_wsgi_with_proxy_headers

from survey_engine.fieldwork.contact_keys import ContactKeys
from survey_engine.fieldwork.invitations.links import encrypt_clear_seats
from survey_engine.fieldwork.key_checks import record_keys
from survey_engine.fieldwork.login import SeatLogin
from survey_engine.fieldwork.participation import Participation
from survey_engine.fieldwork.signing import Signatures
from survey_engine.publication.registry import open_registry
from survey_engine.publication.versions import import_published
from survey_engine.rendering.assets import Assets, make_blueprint, style_of
from survey_engine.rendering.interface_texts import InterfaceTextsByLocale
from survey_engine.settings import ROOT, Settings, read_settings
from survey_engine.storage.database import Database
from survey_engine.telemetry.logs import start_logging
from survey_engine.telemetry.monitoring import Metrics, is_multiprocess
from survey_engine.web.dispatch import HostlessFlask
from survey_engine.web.monitoring.health import health
from survey_engine.web.monitoring.site_metrics import metrics_page, watch_process
from survey_engine.web.request_bodies import buffer_bodies
from survey_engine.web.respondent.answer_pages import answer_pages
from survey_engine.web.respondent.class_pages import class_pages
from survey_engine.web.respondent.completion import completion, limit_change
from survey_engine.web.respondent.entry import entry
from survey_engine.web.respondent.errors import refuse_while_restoring, register_error_handlers
from survey_engine.web.respondent.forms import MAX_FORM_BYTES, LimitedRequest
from survey_engine.web.respondent.login import login
from survey_engine.web.respondent.lost_links import lost_links
from survey_engine.web.respondent.origins import check_origin
from survey_engine.web.respondent.own_answers import own_answers
from survey_engine.web.respondent.page_responses import htmx
from survey_engine.web.respondent.site import Site
from survey_engine.web.respondent.stopping import stopping
from survey_engine.web.security_headers import add_security_headers

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


def create_app(settings: Settings | None = None, store: type[Database] = Database) -> Flask:
    """Return the application, ready to serve.

    Args:
        settings: read from the environment when absent.
        store: opens a database by URL and name.

    Raises:
        UnsafeDatabaseError: a database is configured to acknowledge commits before they are durable.
        SettingsError: a setting is invalid.
    """
    start_logging()
    settings = settings or read_settings(create=False)
    app = HostlessFlask("survey_engine", template_folder=str(ROOT / "templates"), static_folder=None)
    app.request_class = LimitedRequest
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(institution_style=style_of)
    app.url_map.strict_slashes = app.url_map.merge_slashes = False  # redirects of werkzeug use the Host header
    tracing = import_module("survey_engine.telemetry.tracing").Tracing(settings.otlp_endpoint) if settings.otlp_endpoint else None
    traced = import_module("survey_engine.storage.traced_database").TracedDatabase if tracing else None
    site = build_site(app, settings, partial(traced, tracer=tracing.tracer) if tracing and traced else store)
    app.extensions["survey_engine"] = site
    htmx.init_app(app)
    app.register_blueprint(make_blueprint(site.assets))
    app.register_blueprint(health)
    app.register_blueprint(metrics_page)
    app.register_blueprint(answer_pages)
    app.register_blueprint(class_pages)
    app.register_blueprint(completion)
    app.register_blueprint(entry)
    app.register_blueprint(login)
    app.register_blueprint(lost_links)
    app.register_blueprint(own_answers)
    app.register_blueprint(stopping)
    if find_spec("pylti1p3"):  # the extra `lms`
        import_module("survey_engine.web.lms.launch_pages").connect(app, site)
    app.before_request(check_origin)
    app.before_request(refuse_while_restoring)
    register_error_handlers(app)
    behind_proxy = wrap_wsgi_with_proxy_headers(
        add_security_headers(app.wsgi_app, https=settings.secure_cookies), list(settings.proxies)
    )
    app.wsgi_app = behind_proxy  # type: ignore[method-assign]
    if tracing:
        tracing.instrument(app)
    structlog.get_logger().info("started", questionnaires={**site.participation.registry.served})
    return app


def create_server(threads: int = 4) -> WSGIApplication:
    """Return the application for a server process that handles `threads` requests at the same time.

    The process already serves requests while a thread compiles the versions in service.
    """
    app = create_app()
    site: Site = app.extensions["survey_engine"]
    ignore_garbage()
    Thread(target=site.participation.registry.compile_all, args=(rest_after_compiling,), daemon=True).start()
    if site.metrics:
        watch_process(site, site.metrics, threads)
    return buffer_bodies(app, threads, MAX_FORM_BYTES, site.metrics.waits.inc if site.metrics else None)


def ignore_garbage() -> None:
    """Let the garbage collector ignore all existing objects: questionnaires never change, and scanning them took up to 70 ms."""
    gc.collect()
    gc.freeze()


def rest_after_compiling(seconds: float) -> None:
    ignore_garbage()
    sleep(seconds)


def build_site(app: Flask, settings: Settings, open_store: Callable[[str, str], Database]) -> Site:
    answers, identity = open_store(settings.database_url, "answers"), open_store(settings.identity_url, "identity")
    for store in (answers, identity):
        if store.migrate() == "newer":
            structlog.get_logger().warning("newer_schema", store=store.store)
    record_keys(settings, answers, identity)
    import_published(settings.published, answers)
    contact_keys = ContactKeys(settings.contact_keys)
    encrypt_clear_seats(identity, contact_keys)
    metrics = Metrics(shared=is_multiprocess()) if settings.metrics_token else None
    registry = open_registry(settings, answers, metrics)
    for store in (answers, identity):
        store.set_deadline()
    site = Site(
        settings=settings,
        participation=Participation(
            registry=registry,
            answers=answers,
            identity=identity,
            pseudonym_key=settings.pseudonym_key,
            contact_keys=contact_keys,
            erasures=settings.erasures,
            abandoned_hours=settings.abandoned_hours,
            progress_share=settings.progress_share,
            timezone=settings.timezone,
            grace_minutes=settings.grace_minutes,
        ),
        signatures=Signatures(settings.secret_keys, settings.resume_days),
        login=SeatLogin(identity, settings.pseudonym_key),
        templates=app.jinja_env,
        interface=InterfaceTextsByLocale(settings.translations),
        assets=Assets(ROOT / "static"),
        metrics=metrics,
    )
    site.participation.limit_change = partial(limit_change, site)
    return site
