"""Waiting for other processes and threads, on which a fake clock has no effect."""

from __future__ import annotations

import time
from collections.abc import Callable


def wait_until(condition: Callable[[], object], seconds: float = 20, told: str = "it never came to that") -> None:
    """Wait until a condition is true. It is checked fifty times a second."""
    ends = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends, told
        time.sleep(0.02)
