"""Gauges of the whole installation, read at each request for metrics, and gauges of each process. A new gauge is a line here."""

from __future__ import annotations

import hmac
import os
import resource
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import gettempdir
from threading import Thread
from time import sleep

from flask import Blueprint, abort, request
from flask import Response as Reply
from prometheus_client import Metric
from prometheus_client.core import CollectorRegistry, GaugeMetricFamily
from prometheus_client.exposition import generate_latest
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from survey_engine.settings import SHARED_METRICS
from survey_engine.storage.database import read_now
from survey_engine.storage.jobs import measure_overdue
from survey_engine.storage.panels import count_waiting
from survey_engine.storage.replica import measure_lag
from survey_engine.storage.sqlite_files import find_file
from survey_engine.telemetry.monitoring import Metrics
from survey_engine.web.monitoring.health import find_lost, find_store_failures
from survey_engine.web.respondent.site import Site, current_site

metrics_page = Blueprint("metrics_page", __name__)
_SAMPLE_SECONDS = 5
"""Seconds between two samples of a process."""
SeriesValues = dict[tuple[str, ...], float]
"""Values of labels → number."""


def map_ready(site: Site) -> SeriesValues:
    return {(name,): float(not failure) for name, failure in find_store_failures(site).items()}


def map_served(site: Site) -> SeriesValues:
    registry = site.participation.registry
    unknown = registry.list_unknown()
    return {(code, version): float(code not in unknown) for code, version in registry.map_servable().items()}


def map_free(site: Site) -> SeriesValues:
    """Return free bytes on local disks: those of SQLite stores, of the list of erasures, of temporary files and of metrics."""
    files = {store.store: find_file(store.url) for store in (site.answers, site.identity)} | {"erasures": site.settings.erasures}
    folders = {name: path.parent for name, path in files.items() if path}
    with suppress(OSError):
        folders["temporary"] = Path(gettempdir())
    if shared := os.environ.get(SHARED_METRICS):
        folders["metrics"] = Path(shared)
    found = {name: os.statvfs(folder) for name, folder in folders.items() if folder.is_dir()}
    return {(name,): float(disk.f_bavail * disk.f_frsize) for name, disk in found.items()}


def map_shared(site: Site) -> SeriesValues:
    return {(): float(not find_lost(site))}


def map_lag(site: Site) -> SeriesValues:
    url = site.settings.replica_url
    return {(): measure_lag(site.answers, url)} if url else {}


def map_panels(site: Site) -> SeriesValues:
    return {(panel,): float(count) for panel, count in count_waiting(site.answers).items()}


def map_jobs(site: Site) -> SeriesValues:
    return {(): measure_overdue(site.identity, now=read_now(site.identity).timestamp())}


def map_backups(site: Site) -> SeriesValues:
    stamp = site.settings.backup_stamp
    return {(): stamp.stat().st_mtime} if stamp.is_file() else {}


GAUGES: dict[str, tuple[str, tuple[str, ...], Callable[[Site], SeriesValues]]] = {
    "survey_ready": ("Whether a part can be used: 1 or 0", ("part",), map_ready),
    "survey_version_in_service": (
        "The version for new respondents; 0 before it is compiled",
        ("questionnaire", "version"),
        map_served,
    ),
    "survey_disk_free_bytes": ("Free bytes on a local disk", ("place",), map_free),
    "survey_metrics_shared": ("Whether the process that replied shares its counts with the others: 1 or 0", (), map_shared),
    "survey_replica_lag_bytes": ("Bytes of the log that the replica has not replayed", (), map_lag),
    "survey_panel_waiting": ("Addresses that wait to join a panel", ("panel",), map_panels),
    "survey_job_overdue_seconds": ("Seconds since the oldest waiting job was due", (), map_jobs),
    "survey_last_backup_timestamp_seconds": ("Time of the last backup", (), map_backups),
}
"""Name → description, labels and values."""


class SiteCollector(Collector):
    """Reads the gauges. If a store cannot be read, its gauges are left out, and `survey_ready` is 0 for the store."""

    def __init__(self, site: Site) -> None:
        self.site = site

    def collect(self) -> Iterator[Metric]:
        for name, (description, labels, read) in GAUGES.items():
            gauge = GaugeMetricFamily(name, description, labels=labels)
            try:
                for values, number in read(self.site).items():
                    gauge.add_metric(values, number)
            except (SQLAlchemyError, OSError):
                continue
            yield gauge


@metrics_page.get("/metrics")
def show_metrics() -> Reply:
    """Return Prometheus metrics to a client with the token; 404 without it, or if the settings have no token."""
    site = current_site()
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if site.metrics is None or not hmac.compare_digest(given.encode(), site.settings.metrics_token.encode()):
        abort(404)
    registry = CollectorRegistry(auto_describe=False)
    registry.register(SiteCollector(site))
    text = site.metrics.write() + generate_latest(registry)
    return Reply(text, content_type="text/plain; version=0.0.4; charset=utf-8")


def watch_process(site: Site, metrics: Metrics, threads: int) -> None:
    """Sample this process in the background until it ends."""
    metrics.threads.set(threads)

    def watch() -> None:
        while True:
            metrics.memory.set(read_memory())
            for store in (site.answers, site.identity):
                metrics.connections.labels(store.store).set(store.count_connections())
            sleep(_SAMPLE_SECONDS)

    Thread(target=watch, daemon=True).start()


def read_memory() -> int:
    """Return the bytes of memory that this process uses."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()
