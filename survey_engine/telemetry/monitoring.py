"""How the installation tells its operators how it is doing: structured logs and Prometheus metrics, without personal data.

A log line names an event and counts; never an address, a link, an answer or a name.
"""

from __future__ import annotations

import logging
import sys

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest, multiprocess
from prometheus_client.values import ValueClass

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2.5, 10)


def start_logging() -> None:
    """One JSON object a line on standard error: time, level, event, and what the event counts."""
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
    """Counts per questionnaire: starts, saves by outcome, completions, and how long a save took."""

    def __init__(self, *, shared: bool) -> None:
        """Args: shared: true when many processes count together (PROMETHEUS_MULTIPROC_DIR is set)."""
        self.registry = CollectorRegistry()
        own = None if shared else self.registry
        if shared:
            multiprocess.MultiProcessCollector(self.registry)  # type: ignore[no-untyped-call]
        self.starts = Counter("survey_starts", "Responses started", ["questionnaire"], registry=own)
        self.saves = Counter("survey_saves", "Pages posted, by what came of it", ["questionnaire", "outcome"], registry=own)
        self.completions = Counter("survey_completions", "Responses completed", ["questionnaire"], registry=own)
        self.errors = Counter("survey_errors", "Error pages shown, by kind", ["kind"], registry=own)
        self.left_out = Gauge(
            "survey_left_out",
            "Questionnaires and versions that cannot be served",
            ["questionnaire"],
            registry=own,
            multiprocess_mode="livemax",
        )
        self.seconds = Histogram("survey_save_seconds", "From form to reply", ["questionnaire"], buckets=SECONDS, registry=own)

    def saved(self, questionnaire: str, outcome: str, seconds: float) -> None:
        self.saves.labels(questionnaire, outcome).inc()
        self.seconds.labels(questionnaire).observe(seconds)
        if outcome == "complete":
            self.completions.labels(questionnaire).inc()

    def write(self) -> bytes:
        """Everything in Prometheus' text format."""
        return generate_latest(self.registry)


def counts_together() -> bool:
    """Whether this process shares its counts with others."""
    return str(ValueClass.__name__) != "MutexValue"
