"""Pages per second over HTTP, beside a bare Flask page and one durable commit on the same server."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from statistics import median

from survey_engine.operations.capacity.measuring import prepare
from tests.bench.load import SERVER, Load, crowd, serve
from tests.bench.sites import CODE, HERE, Bench, open_site

RESPONDENTS = 400
BASELINE = "tests.bench.baseline:create_app"
OURS, MOVED = "our page", "our page, any process"
COMMIT, FORM, PAGE = "bare Flask + durable commit", "bare Flask + form + commit", "bare Flask, 10 KB"


def show_rates(bench: Bench) -> None:
    """Two workers at 1, 16 and 64 connections, on both engines; respondents keep to their connection, or move about."""
    for postgresql in (False, True):
        store = "PostgreSQL" if postgresql else "SQLite"
        print(f"\nPages per second on {store}, granian 2 workers × {bench.threads} threads, wrk on the same machine")
        compare(bench, postgresql=postgresql)


def compare(bench: Bench, *, postgresql: bool) -> None:
    environment = bench.environment(postgresql=postgresql)
    forms = write_forms(bench, environment)
    bare = {}
    for name in ("commit", "form", "page"):
        bare[name] = bench.folder / f"{name}.tsv"
        bare[name].write_text(f"/{name}\t{forms.read_text().splitlines()[0].split(chr(9))[1]}\n" * RESPONDENTS)
    if postgresql:
        environment["BENCH_POSTGRESQL"] = bench.server.dsn(bench.server.create_database())
    with ExitStack() as stack:
        ports = [stack.enter_context(serve(app, environment, 2, bench.threads)) for app in (SERVER, BASELINE)]
        turns = [(OURS, ports[0], forms), (COMMIT, ports[1], bare["commit"]), (FORM, ports[1], bare["form"])]
        turns += [(PAGE, ports[1], bare["page"]), (MOVED, ports[0], forms)]
        for connections in (1, 16, 64):
            loads: dict[str, list[Load]] = {name: [] for name, _, _ in turns}
            for _ in range(bench.rounds):
                for name, port, file in turns:
                    crowd(port, file, connections, 1, own_lines=name != MOVED)  # until processes know whose lines they hold
                    loads[name].append(crowd(port, file, connections, bench.seconds, own_lines=name != MOVED))
            for name, found in loads.items():
                show(name, found, loads[OURS])


def write_forms(bench: Bench, environment: dict[str, str]) -> Path:
    """A file of forms, one of each respondent, for a page in the middle."""
    app = open_site(environment)
    file = bench.folder / "forms.tsv"
    file.write_text("".join("\t".join(prepare(app, CODE, HERE)) + "\n" for _ in range(RESPONDENTS)))
    return file


def show(name: str, loads: list[Load], ours: list[Load]) -> None:
    """The medians of all turns; the ratio is the median of those of each round.

    Args: ours: the loads of our page with lines of their own.
    """
    rate, p50, p99 = (median(getattr(load, figure) for load in loads) for figure in ("rate", "p50", "p99"))
    ratio = median(mine.rate / load.rate for mine, load in zip(ours, loads, strict=True))
    print(
        f"  {name:<28}{loads[0].connections:3} connections{rate:8.0f}/s  p50{p50:8.2f} ms  p99{p99:8.2f} ms"
        f"  failed {sum(load.failed for load in loads)}  ours/this {ratio:.2f}",
        flush=True,
    )


def show_processes(bench: Bench) -> None:
    """One to four workers at 16 connections on PostgreSQL, without thinking how many cores there are."""
    print("\nPages per second on PostgreSQL with 1, 2, 4 workers, 16 connections")
    environment = bench.environment(postgresql=True)
    forms = write_forms(bench, environment)
    first = 0.0
    for workers in (1, 2, 4):
        with serve(SERVER, environment, workers, bench.threads) as port:
            crowd(port, forms, 16, 2)
            found = [crowd(port, forms, 16, bench.seconds) for _ in range(bench.rounds)]
        rate = median(load.rate for load in found)
        first = first or rate
        print(
            f"  {workers} workers{rate:8.0f}/s ({rate / first:.2f})  p99{median(load.p99 for load in found):8.2f} ms"
            f"  failed {sum(load.failed for load in found)}",
            flush=True,
        )
