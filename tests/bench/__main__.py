"""`make bench`: what a page costs, beside a bare Flask page and one durable commit, in one run on this machine."""

from __future__ import annotations

import argparse
import os
import tempfile
import zlib
from pathlib import Path

from flask import Flask
from sqlalchemy import event

from survey_engine.capacity.measuring import measure_cpu, post, prepare
from survey_engine.settings import ROOT, Settings, read_settings
from survey_engine.web.app import create_app
from survey_engine.web.site import Site
from tests.bench import baseline
from tests.bench.load import crowd, serve
from tests.bench.synthetic import write_questionnaire

RESPONDENTS = 400
SHORT, LONG = 20, 150


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=6, help="length of each load run")
    parser.add_argument("--no-load", action="store_true", help="leave out the runs over HTTP")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        os.environ["BENCH_DATA"] = folder
        settings = prepare_settings(data)
        app = create_app(settings)
        show_cpu(app)
        show_growth(data)
        show_weight(app)
        if not chosen.no_load:
            show_load(app, settings, data, chosen.seconds)


def prepare_settings(data: Path, pages: int = SHORT, name: str = "site", institutions: int = 1, statements: int = 8) -> Settings:
    questionnaires = data / name / "questionnaires"
    write_questionnaire(questionnaires, "bench", pages, institutions, statements)
    environment = {"SURVEY_QUESTIONNAIRES": str(questionnaires), "SURVEY_TRANSLATIONS": str(ROOT / "translations")}
    return read_settings(environment, data / name / "data")


def show_cpu(app: Flask) -> None:
    """CPU per page, in this process, no network."""
    path, form = prepare(app, "bench", 5)
    bare = baseline.create_app()
    ours = measure_cpu(lambda n: post(app, path, f"{form}&number={n + 10}"))
    page = measure_cpu(lambda n: post(bare, "/page", form))
    commit = measure_cpu(lambda n: post(bare, "/commit", form))
    print("\nCPU per page (POST an 8-statement grid → next page, htmx, gzip), one process")
    for name, seconds in (("our page", ours), ("bare Flask, 10 KB", page), ("bare Flask + one durable commit", commit)):
        print(f"  {name:<34}{seconds * 1000:7.2f} ms   {seconds / commit:5.2f} × bare + commit")
    print(f"  SQL statements per page: {count_statements(app, path, form)}")


def count_statements(app: Flask, path: str, form: str) -> int:
    site: Site = app.extensions["survey_engine"]
    seen: list[str] = []

    def note(connection: object, cursor: object, statement: str, *more: object) -> None:
        if not statement.startswith("BEGIN"):
            seen.append(statement)

    event.listen(site.answers.engine, "before_cursor_execute", note)
    post(app, path, f"{form}&number=9999")
    event.remove(site.answers.engine, "before_cursor_execute", note)
    return len(seen)


def show_growth(data: Path) -> None:
    """How the cost of one page grows with where it stands, how long the questionnaire is, how many take part."""
    print("\nCPU per page as the questionnaire grows (ratio to the first of each line)")
    long = create_app(prepare_settings(data, LONG, "long"))
    print_ratios("page 1, 75, 149 of 150", [measure_page(long, place) for place in (0, 74, 148)])
    sizes = (2, 13, 125)
    apps = [create_app(prepare_settings(data, pages, f"size{pages}")) for pages in sizes]
    print_ratios("10, 100, 1,000 questions", [measure_page(app, 0) for app in apps])
    many = create_app(prepare_settings(data, SHORT, "many", institutions=200))
    few = create_app(prepare_settings(data, SHORT, "few"))
    print_ratios("1, 200 institutions", [measure_page(few, 5), measure_page(many, 5)])


def measure_page(app: Flask, place: int) -> float:
    path, form = prepare(app, "bench", place)
    return measure_cpu(lambda n: post(app, path, f"{form}&number={n + 10}"))


def print_ratios(name: str, costs: list[float]) -> None:
    figures = "   ".join(f"{cost * 1000:.2f} ms ({cost / costs[0]:.2f})" for cost in costs)
    print(f"  {name:<28}{figures}")


def show_weight(app: Flask) -> None:
    """Bytes over the wire, compressed, headers left out."""
    client = app.test_client()
    packed = {"Accept-Encoding": "gzip"}
    site: Site = app.extensions["survey_engine"]
    start = len(client.get("/bench/i1", headers=packed).data)
    assets = [len(client.get(site.assets.url(name), headers=packed).data) for name in ("style.css", "script.js")]
    path, form = prepare(app, "bench", 5)
    page = post(app, path, f"{form}&number=1")[1]
    print("\nWeight over the wire (gzip)")
    print(
        f"  first visit: {start} start page + {assets[0]} style + {assets[1]} script = {start + sum(assets):,} bytes in 3 requests"
    )
    print(f"  next page: {len(page):,} bytes ({len(zlib.decompress(page, 31)):,} unpacked)")


def show_load(app: Flask, settings: Settings, data: Path, seconds: int) -> None:
    """Pages per second with granian, two workers of four threads, at 1, 16 and 64 connections."""
    forms, bare = data / "forms.tsv", data / "bare.tsv"
    prepared = [prepare(app, "bench", 5) for _ in range(RESPONDENTS)]
    forms.write_text("".join(f"{path}\t{form}\n" for path, form in prepared))
    environment = {
        "SURVEY_DATA": str(Path(settings.database_url.removeprefix("sqlite:///")).parent),
        "SURVEY_QUESTIONNAIRES": str(settings.questionnaires),
        "SURVEY_TRANSLATIONS": str(settings.translations),
        "BENCH_DATA": str(data),
    }
    runs = (
        ("our page", "survey_engine.web.app:create_app", forms, ""),
        ("bare Flask + durable commit", "tests.bench.baseline:create_app", bare, "/commit"),
        ("bare Flask, 10 KB", "tests.bench.baseline:create_app", bare, "/page"),
    )
    print("\nPages per second, granian 2 workers × 4 threads, wrk on the same machine")
    rates: dict[tuple[str, int], float] = {}
    for name, factory, file, path in runs:
        if path:
            file.write_text(f"{path}\t{prepared[0][1]}\n")
        with serve(factory, environment) as port:
            crowd(port, file, 8, 2)
            for connections in (1, 16, 64):
                load = crowd(port, file, connections, seconds)
                rates[name, connections] = load.rate
                ratio = f"{rates['our page', connections] / load.rate:6.2f}" if path else "      "
                print(
                    f"  {name:<30}{connections:3} connections{load.rate:9.0f}/s  p50{load.p50:8.2f} ms  p99{load.p99:8.2f} ms"
                    f"  failed {load.failed}  ours/this {ratio}"
                )


if __name__ == "__main__":
    main()
