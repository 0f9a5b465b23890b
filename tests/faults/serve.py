"""`python -m tests.faults.serve`: the engine's own server, perhaps made careless, perhaps with a clock that is wrong."""

from __future__ import annotations

import argparse
import time

import survey_engine.web.app  # noqa: F401 - imported before the workers are forked, so that each starts at once
from survey_engine.cli.run import serve
from tests.faults.careless import VARIANTS


def shift_clock(seconds: float) -> None:
    """Let this process, and those it forks, live that much later."""
    true_time = time.time
    time.time = lambda: true_time() + seconds


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--threads", type=int, default=4)
    parser.add_argument("--variant", choices=VARIANTS, default="careful")
    parser.add_argument("--clock", type=float, default=0, metavar="SECONDS")
    given = parser.parse_args()
    VARIANTS[given.variant]()
    if given.clock:
        shift_clock(given.clock)
    serve("127.0.0.1", given.port, given.workers, given.threads)


if __name__ == "__main__":
    main()
