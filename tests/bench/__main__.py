"""`make bench`: what a page costs, beside a bare Flask page and one durable commit, in one run on this machine.

Machines are noisy: what is compared takes turns, and each figure is the median of its rounds.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.bench.costs import show_cpu, show_growth, show_weight
from tests.bench.launches import show_launches
from tests.bench.links import show_links
from tests.bench.logins import show_logins
from tests.bench.rates import show_processes, show_rates
from tests.bench.sites import Bench
from tests.bench.starts import show_starts
from tests.bench.stored import show_stored
from tests.bench.writers import show_writers
from tests.databases import PostgresServer

SECTIONS: dict[str, Callable[[Bench], None]] = {
    "cpu": show_cpu,
    "growth": show_growth,
    "weight": show_weight,
    "links": show_links,
    "logins": show_logins,
    "launches": show_launches,
    "rates": show_rates,
    "processes": show_processes,
    "starts": show_starts,
    "writers": show_writers,
    "stored": show_stored,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("sections", nargs="*", metavar="SECTION", help=f"one or more of {', '.join(SECTIONS)} (default: all)")
    parser.add_argument("--seconds", type=int, default=4, help="length of each turn over HTTP (default: 4)")
    parser.add_argument("--rounds", type=int, default=3, help="turns that each gets (default: 3)")
    parser.add_argument("--threads", type=int, default=4, help="threads of each process that serves (default: 4)")
    parser.add_argument("--most", type=int, default=1_000_000, help="stored respondents to grow to (default: 1,000,000)")
    chosen = parser.parse_args()
    if unknown := set(chosen.sections) - set(SECTIONS):
        parser.error(f"no section {', '.join(sorted(unknown))}. There are: {', '.join(SECTIONS)}")
    with tempfile.TemporaryDirectory() as folder:
        os.environ["BENCH_DATA"] = folder
        server = PostgresServer(synchronous_commit="on", shared_buffers="512MB", max_wal_size="8GB").initialise().start()
        try:
            bench = Bench(Path(folder), server, chosen.seconds, chosen.rounds, chosen.threads, chosen.most)
            for name in chosen.sections or SECTIONS:
                SECTIONS[name](bench)
        finally:
            server.remove()


if __name__ == "__main__":
    main()
