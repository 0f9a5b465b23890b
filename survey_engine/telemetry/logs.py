"""Structured logs without personal data: a line has an event and counts, but never an address, link, answer or name."""

from __future__ import annotations

import logging
import sys

import structlog


def start_logging() -> None:
    """Log to standard error, one JSON object per line: time, level, event, counts."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        # The present sys.stderr: an earlier one may have been replaced and closed.
        logger_factory=lambda *_: structlog.WriteLogger(sys.stderr),
        cache_logger_on_first_use=True,
    )


def log_lost_metrics(folder: str, error: OSError) -> None:
    """Log why the metrics of this process cannot be collected, with the remedy."""
    remedy = "Free space in this folder, and let the user of the server write to it. Then reload the server with SIGHUP."
    structlog.get_logger().error("metrics_lost", folder=folder, error=error.strerror, remedy=remedy)
