"""Lock files of running servers in the folder of data: one for each port, held as long as the server runs."""

from __future__ import annotations

import fcntl
from pathlib import Path


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
