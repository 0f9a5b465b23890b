"""Waiting for other processes and threads, which no clock of a test can move."""

from __future__ import annotations

import time
from collections.abc import Callable


def wait_until(condition: Callable[[], object], seconds: float = 20, told: str = "it never came to that") -> None:
    """Until a condition holds, which is looked at fifty times a second."""
    ends = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends, told
        time.sleep(0.02)
