"""Sixteen processes that save at once on SQLite: nobody may wait long, however many stand in line."""

from __future__ import annotations

import multiprocessing
import time
from itertools import chain
from pathlib import Path

from survey_engine.engine.decisions import Save
from survey_engine.operations.capacity.measuring import prepare
from survey_engine.storage.answers import save_page
from survey_engine.storage.database import Database
from tests.bench.sites import CODE, Bench, open_site

WRITERS = 16


def show_writers(bench: Bench) -> None:
    environment = bench.environment()
    app = open_site(environment)
    for _ in range(WRITERS):
        prepare(app, CODE, 0)
    url = f"sqlite:///{Path(environment['SURVEY_DATA']) / 'answers.db'}"
    seconds = bench.seconds * bench.rounds
    with multiprocessing.get_context("spawn").Pool(WRITERS) as pool:
        found = pool.starmap(write, [(url, number, seconds) for number in range(1, WRITERS + 1)], 1)
    waits = sorted(chain.from_iterable(found))
    p50, p99 = (1000 * waits[int(len(waits) * share)] for share in (0.5, 0.99))
    print(f"\n{WRITERS} processes save on SQLite at once, {seconds} s: {len(waits) / seconds:.0f} saves/s")
    print(f"  p50 {p50:.1f} ms   p99 {p99:.1f} ms (goal 250)   longest {1000 * waits[-1]:.0f} ms", flush=True)


def write(url: str, response: int, seconds: float) -> list[float]:
    """Seconds that each save of one process took."""
    database = Database(url, "answers")
    waits: list[float] = []
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        began = time.perf_counter()
        save_page(database, response, Save("p1", {"p1_s1": len(waits) % 5}, "bench", len(waits), 0, True, 60))
        waits.append(time.perf_counter() - began)
    database.close()
    return waits
