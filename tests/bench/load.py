"""Pages per second over HTTP: granian with two workers, wrk as the crowd, all on one machine."""

from __future__ import annotations

import itertools
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from survey_engine.cli.run import CONNECTIONS, MOST_QUEUED

SERVER = "survey_engine.web.app:create_server"
_RUNS = itertools.count(100_000, 100_000)
"""Where each run begins to count its saves: above those of the run before it."""
SCRIPT = Path(__file__).parent / "forms.lua"


@dataclass(frozen=True, slots=True)
class Load:
    """What a crowd of so many connections met: pages per second, latencies in ms, replies that were no success."""

    connections: int
    rate: float
    p50: float
    p99: float
    failed: int


@contextmanager
def serve(app: str, environment: dict[str, str], workers: int = 2, threads: int = 4) -> Iterator[int]:
    """Run an application factory under granian; yields its port."""
    port = find_port()
    blocking = threads + MOST_QUEUED if app == SERVER else threads  # as `survey-engine run` does
    command = [
        *(str(Path(sys.executable).parent / "granian"), "--interface", "wsgi", "--factory", app, "--port", str(port)),
        *("--workers", str(workers), "--blocking-threads", str(blocking), "--backpressure", str(CONNECTIONS)),
        *("--no-ws", "--log-level", "error"),
    ]
    process = subprocess.Popen(command, env={**os.environ, **environment}, start_new_session=True)
    try:
        wait_for(port)
        yield port
    finally:
        process.terminate()
        process.wait(20)


def find_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for(port: int, seconds: float = 40) -> None:
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise TimeoutError(f"nothing listens on port {port}")


def crowd(port: int, forms: Path, connections: int, seconds: int, *, own_lines: bool = True) -> Load:
    """Post the prepared forms as fast as the server allows.

    Args: own_lines: each respondent keeps to one connection, as a browser does, and so to one process; or any takes any.
    """
    threads = connections if own_lines else 1
    options = [f"-t{threads}", f"-c{connections}", f"-d{seconds}s", "--latency", "-s", str(SCRIPT)]
    told = {"BENCH_FORMS": str(forms), "BENCH_NUMBER": str(next(_RUNS)), "BENCH_THREADS": str(threads)}
    printed = subprocess.run(
        ["wrk", *options, f"http://127.0.0.1:{port}"],
        env={**os.environ, **told},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    found = dict(re.findall(r"^\s+(50|99)%\s+(\S+)", printed, re.M))
    rate = re.search(r"Requests/sec:\s+([\d.]+)", printed)
    failed = re.search(r"Non-2xx or 3xx responses: (\d+)", printed)
    assert rate, printed
    return Load(
        connections, float(rate[1]), to_milliseconds(found["50"]), to_milliseconds(found["99"]), int(failed[1]) if failed else 0
    )


def to_milliseconds(written: str) -> float:
    """wrk's 850us, 1.20ms or 1.01s in milliseconds.

    >>> to_milliseconds("850.00us"), to_milliseconds("1.01s")
    (0.85, 1010.0)
    """
    amount, unit = re.fullmatch(r"([\d.]+)(us|ms|s|m)", written).groups()  # type: ignore[union-attr]
    return float(amount) * {"us": 0.001, "ms": 1, "s": 1000, "m": 60_000}[unit]
