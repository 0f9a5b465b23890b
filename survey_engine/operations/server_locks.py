"""Lock files in the data folder: one per port, held while its server runs, and one that all running workers share."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_WORKERS = "workers.lock"


def name_lock(data: Path, port: int) -> Path:
    return data / f"port-{port}.lock"


def list_ports(data: Path) -> list[int]:
    """List the ports of the servers of this installation that run on this machine."""
    found = []
    for path in data.glob("port-*.lock"):
        with path.open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                found.append(int(path.stem.removeprefix("port-")))
    return sorted(found)


@contextmanager
def hold_worker(data: Path) -> Iterator[None]:
    """Hold the lock of workers, which any number of them share."""
    data.mkdir(parents=True, exist_ok=True)
    with (data / _WORKERS).open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)
        yield


def has_worker(data: Path) -> bool:
    """Whether a worker of this installation runs on this machine."""
    path = data / _WORKERS
    if not path.is_file():
        return False
    with path.open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False
