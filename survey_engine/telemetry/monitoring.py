"""Prometheus metrics without personal data. Import it after PROMETHEUS_MULTIPROC_DIR is set: prometheus_client reads it on import."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Any, ClassVar

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest, multiprocess, values
from prometheus_client.mmap_dict import MmapedDict

from survey_engine.settings import SHARED_METRICS
from survey_engine.telemetry.logs import log_lost_metrics

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2.5, 10)
_FILE_BYTES = 1 << 16
"""Size of a new file in bytes; it is doubled when the file is full."""


class ReservedFile(MmapedDict):
    """Metrics of this process in a mapped file with reserved disk space. If this fails, they are in memory and not shared.

    Reserving is needed: a write to a mapped page without disk space ends the process (SIGBUS).
    """

    failure: ClassVar[OSError | None] = None
    """First failure in this process. After it, other processes do not see the metrics of this one."""

    def __init__(self, filename: str) -> None:
        try:
            _reserve(filename, _FILE_BYTES)
        except OSError as error:
            with suppress(OSError):
                Path(filename).unlink(missing_ok=True)  # other processes fail to read an empty file
            filename = _leave(error, filename)
        self._open(filename)

    def _open(self, filename: str) -> None:
        open_file: Any = super().__init__
        open_file(filename)

    def _init_value(self, key: str) -> None:
        if self._used + len(key.encode()) + 64 > self._capacity:
            try:
                _reserve(self._fname, 2 * self._capacity)
            except OSError as error:
                self._open(_leave(error, self._fname, bytes(self._m)))
        add: Any = super()._init_value
        add(key)


def _reserve(filename: str, size: int) -> None:
    with Path(filename).open("ab") as file:
        os.posix_fallocate(file.fileno(), 0, size)


def _leave(error: OSError, filename: str, content: bytes = b"") -> str:
    """Record the failure; return the name of a file in memory with this content."""
    if ReservedFile.failure is None:
        ReservedFile.failure = error
        log_lost_metrics(str(Path(filename).parent), error)
    memory = os.memfd_create("metrics")
    os.write(memory, content)
    return f"/proc/self/fd/{memory}"


vars(values)["MmapedDict"] = ReservedFile


class Metrics:
    """Metrics per questionnaire: starts, saves by outcome, completions, and the duration of saves."""

    def __init__(self, *, shared: bool) -> None:
        """Register the metrics.

        Args: shared: whether several processes share metrics (PROMETHEUS_MULTIPROC_DIR is set).
        """
        self.registry = CollectorRegistry()
        own = None if shared else self.registry
        if shared and Path(os.environ.get(SHARED_METRICS, os.devnull)).is_dir():
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

        self.store_failures = Counter(
            "survey_store_failures", "Requests that a store or file failed", ["store", "kind"], registry=own
        )
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

    @staticmethod
    def find_failure() -> OSError | None:
        """Return the error because of which this process does not share its metrics; None when it does."""
        return ReservedFile.failure

    def write(self) -> bytes:
        """Return all metrics in Prometheus' text format. Gauges of ended processes are dropped."""
        for path in Path(os.environ.get(SHARED_METRICS, os.devnull)).glob("gauge_live*_*.db"):
            process = path.stem.rpartition("_")[2]
            if not Path("/proc", process).exists():
                path.unlink(missing_ok=True)  # another process may remove it too
        return generate_latest(self.registry)


def is_multiprocess() -> bool:
    """Whether this process shares its metrics with others."""
    return str(values.ValueClass.__name__) != "MutexValue"
