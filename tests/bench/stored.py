"""How a save's cost grows with the respondents that are stored already: 1,000 to 1,000,000, on both engines."""

from __future__ import annotations

import random
import time
from itertools import count
from statistics import median

from sqlalchemy import text

from survey_engine.engine.decisions import Save
from survey_engine.storage.answers import load_response, save_page
from survey_engine.storage.database import Database
from tests.bench.sites import CODE, Bench

PAGES = 3
"""Stored pages of each respondent: enough that the store is far larger than its caches."""
SAVES = 1500
_COUNTED = count(2)
_NUMBERS = "WITH RECURSIVE n(i) AS (SELECT CAST(:first AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < :last) "
_RESPONSES = (
    "INSERT INTO response (id, questionnaire, version, institution, language, languages, background, modules, pseudonym)"
    f" {_NUMBERS}SELECT i, '{CODE}', 'v', 'i1', 'en', 'en', '{{}}', '{{}}', 'p' || i FROM n"
)
_PAGES = (
    "INSERT INTO page (response_id, page, answers, version, writer, number, done, seconds_left)"
    f" {_NUMBERS}SELECT i, :page, :answers, 1, 'w', 1, TRUE, 600 FROM n"
)
ANSWERS = '{"s1":4,"s2":4,"s3":4,"s4":4,"s5":4,"s6":4,"s7":4,"s8":4}'


def show_stored(bench: Bench) -> None:
    sizes = [size for size in (1_000, 10_000, 100_000, 1_000_000) if size <= bench.most]
    for postgresql in (False, True):
        print(f"\nLoad and save one page, by respondents stored, on {'PostgreSQL' if postgresql else 'SQLite'}", flush=True)
        stores = {size: fill(bench.app(postgresql=postgresql).extensions["survey_engine"].answers, size) for size in sizes}
        spent: dict[int, list[float]] = {size: [] for size in sizes}
        for turn in range(bench.rounds + 1):
            for size, database in stores.items():
                seconds = measure_saves(database, size)
                spent[size] += [seconds] if turn else []  # the first turn fills the caches
        base = median(spent[min(10_000, sizes[-1])])
        for size, database in stores.items():
            cost = median(spent[size])
            print(
                f"  {size:>9,} respondents{cost * 1000:8.3f} ms   {cost / base:5.2f} × that of 10,000 (goal 1.3 at most)",
                flush=True,
            )
            database.close()


def fill(database: Database, size: int) -> Database:
    """Store so many responses, each with some pages."""
    numbers = {"first": 1, "last": size}
    with database.write() as connection:
        connection.execute(text(_RESPONSES), numbers)
        for page in range(1, PAGES + 1):
            connection.execute(text(_PAGES), {**numbers, "page": f"p{page}", "answers": ANSWERS})
    with database.read() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)" if database.is_sqlite else "VACUUM ANALYZE")
    return database


def measure_saves(database: Database, size: int) -> float:
    """Seconds on the clock for loading a response and saving a page of it, at random."""
    choose = random.Random(size)
    began = time.perf_counter()
    for _ in range(SAVES):
        id = choose.randint(1, size)
        response = load_response(database, id)
        assert response
        save_page(database, id, Save("p2", {"s1": 5}, "w", next(_COUNTED), 0, True, 500, response.lock_state()))
    return (time.perf_counter() - began) / SAVES
