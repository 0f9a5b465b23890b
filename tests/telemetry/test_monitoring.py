"""Metrics give up on a full disk; the process that counts goes on."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.scenarios.disks import fill, small_disk

COUNT = """
import sys
from survey_engine.telemetry.monitoring import Metrics, is_multiprocess
metrics = Metrics(shared=is_multiprocess())
metrics.errors.labels("first").inc()
print("counts", flush=True)
sys.stdin.readline()
for number in range(2000):
    metrics.errors.labels(f"kind {number}").inc()
metrics.errors.labels("first").inc()
written = metrics.write().decode()
print(metrics.errors.labels("first")._value.get(), metrics.find_failure().strerror, 'kind="first"' in written)
"""


@pytest.mark.parametrize("when", ["before the start", "while it counts"])
def test_a_process_on_a_full_disk_counts_on_in_memory(when: str) -> None:
    with small_disk(3) as disk:
        if when == "before the start":
            fill(disk)
        environment = {"PROMETHEUS_MULTIPROC_DIR": str(disk), "PYTHONPATH": ":".join(sys.path)}
        command = [sys.executable, "-c", COUNT]
        with subprocess.Popen(command, env=environment, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
            assert (process.stdout and "metrics_lost" in iter_until(process, "counts")) or when != "before the start"
            fill(disk)
            said, _ = process.communicate("go\n", timeout=60)
        *lost, result = said.splitlines()
        assert process.returncode == 0
        assert len([line for line in lost if "metrics_lost" in line]) == (when == "while it counts")
        assert result == f"2.0 No space left on device {when == 'while it counts'}"
        assert [path for path in Path(disk).glob("*.db") if not path.stat().st_size] == []


def iter_until(process: subprocess.Popen[str], word: str) -> str:
    """What a process prints before a line."""
    said = ""
    for line in process.stdout or ():
        if line.strip() == word:
            break
        said += line
    return said
