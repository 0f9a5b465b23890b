"""Prometheus metrics, without personal data. Imported by a process after it knows PROMETHEUS_MULTIPROC_DIR."""

from __future__ import annotations

import os
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest, multiprocess
from prometheus_client.values import ValueClass

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2.5, 10)


class Metrics:
    """Metrics per questionnaire: starts, saves by outcome, completions, and the duration of saves."""

    def __init__(self, *, shared: bool) -> None:
        """Register the metrics.

        Args: shared: whether several processes count together (PROMETHEUS_MULTIPROC_DIR is set).
        """
        self.registry = CollectorRegistry()
        own = None if shared else self.registry
        if shared:
            multiprocess.MultiProcessCollector(self.registry)  # type: ignore[no-untyped-call]
        self.starts = Counter("survey_starts", "Responses started", ["questionnaire"], registry=own)
        self.saves = Counter("survey_saves", "Pages posted, by outcome", ["questionnaire", "outcome"], registry=own)
        self.completions = Counter("survey_completions", "Responses completed", ["questionnaire"], registry=own)
        self.errors = Counter("survey_errors", "Error pages shown, by kind", ["kind"], registry=own)
        self.left_out = Gauge(
            "survey_left_out",
            "Questionnaires and versions that cannot be served",
            ["questionnaire"],
            registry=own,
            multiprocess_mode="livemax",
        )
        self.seconds = Histogram(
            "survey_save_seconds", "Seconds per posted page", ["questionnaire"], buckets=SECONDS, registry=own
        )

        self.troubles = Counter("survey_troubles", "Requests that a store or file failed", ["store", "kind"], registry=own)
        self.waits = Counter("survey_thread_wait_seconds", "Seconds that requests waited for a thread", registry=own)
        self.threads = Gauge("survey_threads", "Requests that are handled at once", registry=own, multiprocess_mode="livesum")
        self.connections = Gauge(
            "survey_connections", "Open connections to PostgreSQL", ["store"], registry=own, multiprocess_mode="livesum"
        )
        self.memory = Gauge("survey_memory_bytes", "Memory of the largest process", registry=own, multiprocess_mode="livemax")

    def count_save(self, questionnaire: str, outcome: str, seconds: float) -> None:
        self.saves.labels(questionnaire, outcome).inc()
        self.seconds.labels(questionnaire).observe(seconds)
        if outcome == "complete":
            self.completions.labels(questionnaire).inc()

    def write(self) -> bytes:
        """Return all metrics in Prometheus' text format. Gauges of ended processes are dropped."""
        for path in Path(os.environ.get("PROMETHEUS_MULTIPROC_DIR", "/nowhere")).glob("gauge_live*_*.db"):
            process = path.stem.rpartition("_")[2]
            if not Path("/proc", process).exists():
                path.unlink(missing_ok=True)  # another process drops it too
        return generate_latest(self.registry)


def is_multiprocess() -> bool:
    """Return whether this process shares its metrics with others."""
    return str(ValueClass.__name__) != "MutexValue"
