"""Time and memory of each format, beside reading the raw table: `python -m tests.datasets.measure_formats 250000`.

Rows come from a generator: what is measured is a format alone. `tests.datasets.measure` measures whole exports.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import islice
from multiprocessing import get_context
from pathlib import Path

from sqlalchemy import text

from survey_engine.datasets import FORMATS, frames
from survey_engine.datasets.codebook import list_codebook_entries
from survey_engine.datasets.columns import lay_out
from survey_engine.datasets.export import write_tables
from survey_engine.datasets.plan import Cell
from survey_engine.datasets.table_columns import TableDescription, describe_table
from survey_engine.datasets.watching import ignore_progress
from survey_engine.publication.compiler import compile_questionnaire
from survey_engine.storage.database import Database
from survey_engine.storage.snapshot import RESPONSES_PER_READ, iter_responses, read_responses
from tests.bench.synthetic import STATEMENTS, write_questionnaire
from tests.databases import PostgresServer

DISTINCT = 1000
"""Number of different rows. Each is given many times, with its own number."""
STORED = 20_000
"""Responses that are stored to read the raw table; its time is scaled to the number of rows."""
_NUMBERS = "WITH RECURSIVE n(i) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < :last) "
_RESPONSES = (
    "INSERT INTO response (id, questionnaire, version, institution, language, languages, background, modules, pseudonym)"
    f" {_NUMBERS}SELECT i, 'bench', 'v', 'i1', 'en', 'en', '{{}}', '{{}}', 'p' || i FROM n"
)
_PAGES = (
    "INSERT INTO page (response_id, page, answers, version, writer, number, done, seconds_left)"
    f" {_NUMBERS}SELECT i, :page, :answers, 1, 'w', 1, TRUE, 600 FROM n"
)


def describe(columns: int) -> TableDescription:
    with tempfile.TemporaryDirectory() as name:
        folder = write_questionnaire(Path(name), "bench", pages=-(-columns // STATEMENTS))
        layout = lay_out(compile_questionnaire(folder))
    return describe_table(layout, list_codebook_entries(layout))


def generate(description: TableDescription, count: int) -> Iterator[list[Cell]]:
    """Generate rows: codes of a scale, and one missing code in seven."""
    chance = random.Random(1)
    layout = description.layout
    known: dict[str, Cell] = {"edition": 2026, "before_switch": 0, "language_switches": 0, "duration_seconds": 600}
    known |= {"started": "2026-02-01", "completed": "2026-02-02", "status": "complete", "institution": "i1", "language": "en"}
    head = [known.get(name, "v") for name in layout.fixed if name != "respondent"]
    rows = [[chance.choice((1, 2, 3, 4, 5, 5, -1)) for _ in layout.answers] for _ in range(DISTINCT)]
    for number in range(count):
        yield [f"r{number:016x}", *head, *rows[number % DISTINCT]]


def measure(name: str, count: int, columns: int) -> tuple[float, float, float]:
    """Return seconds, peak memory in MB, and MB on disk."""
    description = describe(columns)
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        write_tables(Path(folder), [name], description, generate(description, count), ignore_progress)
        took = time.perf_counter() - started
        size = sum(path.stat().st_size for path in Path(folder).iterdir())
    return took, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, size / 1e6


def measure_rows(name: str, count: int, columns: int) -> tuple[float, float, float]:
    """Return the cost of the generator alone."""
    description = describe(columns)
    started = time.perf_counter()
    for _ in generate(description, count):
        pass
    return time.perf_counter() - started, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 0.0


def measure_raw(url: str, count: int, columns: int) -> tuple[float, float, float]:
    """Return the cost of reading responses and their pages in batches, without routing."""
    with closing(Database(url, "answers")) as database:
        database.migrate()
        pages = -(-columns // STATEMENTS)
        with database.write() as connection:
            connection.execute(text(_RESPONSES), {"last": STORED})
            for page in range(1, pages + 1):
                answers = json.dumps({f"p{page}_s{number}": 4 for number in range(1, STATEMENTS + 1)})
                connection.execute(text(_PAGES), {"last": STORED, "page": f"p{page}", "answers": answers})
        started = time.perf_counter()
        with database.snapshot() as connection:
            ids = iter_responses(connection, "bench")
            while batch := list(islice(ids, RESPONSES_PER_READ)):
                read_responses(connection, batch)
        took = (time.perf_counter() - started) * count / STORED
    return took, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 0.0


def run(task: Callable[[str, int, int], tuple[float, float, float]], *values: object) -> tuple[float, float, float]:
    """Run in a process of its own, so that its peak memory is its own."""
    with get_context("spawn").Pool(1) as pool:
        return pool.apply(task, values)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.datasets.measure_formats", description=__doc__)
    parser.add_argument("count", type=int, nargs="?", default=250_000)
    parser.add_argument("formats", nargs="*", default=list(FORMATS))
    parser.add_argument("--columns", type=int, default=150)
    parser.add_argument("--postgresql", action="store_true", help="read the raw table from PostgreSQL too")
    chosen = parser.parse_args()
    count, columns = chosen.count, chosen.columns
    with tempfile.TemporaryDirectory() as folder:
        raw = run(measure_raw, f"sqlite:///{folder}/answers.db", count, columns)
    say(f"{count:,} responses × {columns} columns; batches of {frames.BATCH:,}")
    say(f"  {'raw table, SQLite':20}{raw[0]:8.1f} s {raw[1]:8.0f} MB peak")
    if chosen.postgresql:
        server = PostgresServer().initialise().start()
        try:
            other = run(measure_raw, server.url(server.create_database()), count, columns)
            say(f"  {'raw table, PostgreSQL':20}{other[0]:8.1f} s {other[1]:8.0f} MB peak{other[0] / raw[0]:8.2f} × SQLite")
        finally:
            server.remove()
    for name, task in (("generator alone", measure_rows), *((name, measure) for name in chosen.formats)):
        took, peak, size = run(task, name, count, columns)
        say(f"  {name:20}{took:8.1f} s {peak:8.0f} MB peak{took / raw[0]:8.2f} × raw table{size:10.1f} MB on disk")


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
