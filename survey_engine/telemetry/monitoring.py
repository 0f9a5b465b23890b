"""Structured logs and Prometheus metrics, without personal data.

A log line has an event and counts, never an address, a link, an answer or a name.
"""

from __future__ import annotations

import logging
import sys

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest, multiprocess
from prometheus_client.values import ValueClass

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2.5, 10)


def start_logging() -> None:
    """Log to standard error, one JSON object per line: time, level, event, counts."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


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

    def count_save(self, questionnaire: str, outcome: str, seconds: float) -> None:
        self.saves.labels(questionnaire, outcome).inc()
        self.seconds.labels(questionnaire).observe(seconds)
        if outcome == "complete":
            self.completions.labels(questionnaire).inc()

    def write(self) -> bytes:
        """Return all metrics in Prometheus' text format."""
        return generate_latest(self.registry)


def is_multiprocess() -> bool:
    """Return whether this process shares its metrics with others."""
    return str(ValueClass.__name__) != "MutexValue"
