"""CPU of a page in one process, without a network, and its weight over the wire."""

from __future__ import annotations

import brotli
from flask import Flask
from sqlalchemy import event

from survey_engine.operations.capacity.measuring import measure_cpu, post, post_page, prepare
from survey_engine.web.respondent.site import Site
from tests.bench import baseline
from tests.bench.sites import CODE, HERE, Bench

LONG = 150


def show_cpu(bench: Bench) -> None:
    path, form = prepare(bench.site, CODE, HERE)
    bare = baseline.create_app()
    ours, page, commit = measure_cpu(
        post_page(bench.site, CODE, HERE), lambda n: post(bare, "/page", form), lambda n: post(bare, "/commit", form), times=1000
    )
    print("\nCPU per page (POST an 8-statement grid → next page, htmx, Brotli), one process, SQLite")
    for name, seconds in (("our page", ours), ("bare Flask, 10 KB", page), ("bare Flask + one durable commit", commit)):
        print(f"  {name:<34}{seconds * 1000:7.2f} ms   {seconds / commit:5.2f} × bare + commit")
    loaded, remembered = count_statements(bench.site, path, form, 9998), count_statements(bench.site, path, form, 9999)
    print(f"  SQL statements per page: {remembered}; {loaded} where another process saved last", flush=True)


def count_statements(app: Flask, path: str, form: str, number: int) -> int:
    site: Site = app.extensions["survey_engine"]
    seen: list[str] = []

    def note(connection: object, cursor: object, statement: str, *more: object) -> None:
        if not statement.startswith(("BEGIN", "COMMIT")):
            seen.append(statement)

    event.listen(site.answers.engine, "before_cursor_execute", note)
    post(app, path, f"{form}&number={number}")
    event.remove(site.answers.engine, "before_cursor_execute", note)
    return len(seen)


def show_growth(bench: Bench) -> None:
    """How the cost of one page grows with where it stands, how long the questionnaire is, how many take part."""
    print("\nCPU per page as the questionnaire grows (ratio to the first of each line)")
    long = bench.app(pages=LONG)
    compare("page 1, 75, 149 of 150", [(long, 0), (long, 74), (long, 148)])
    compare("10, 100, 1,000 questions", [(bench.app(pages=pages), 0) for pages in (2, 13, 125)])
    compare("1, 200 institutions", [(bench.app(), HERE), (bench.app(institutions=200), HERE)])


def compare(name: str, places: list[tuple[Flask, int]]) -> None:
    costs = measure_cpu(*(post_page(app, CODE, place) for app, place in places), times=600, rounds=20)
    figures = "   ".join(f"{cost * 1000:.2f} ms ({cost / costs[0]:.2f})" for cost in costs)
    print(f"  {name:<28}{figures}", flush=True)


def show_weight(bench: Bench) -> None:
    """Bytes over the wire as a browser over HTTPS asks for them, headers left out."""
    client = bench.site.test_client()
    packed = {"Accept-Encoding": "gzip, deflate, br, zstd"}
    site: Site = bench.site.extensions["survey_engine"]
    start = len(client.get(f"/q/{CODE}/i1", headers=packed).data)
    assets = [len(client.get(site.assets.url(name), headers=packed).data) for name in ("style.css", "script.js", "answers.js")]
    path, form = prepare(bench.site, CODE, HERE)
    page = post(bench.site, path, f"{form}&number=1")[1]
    print("\nWeight over the wire (in Brotli)")
    print(
        f"  first visit: {start} start page + {assets[0]} style + {assets[1]} script = {start + sum(assets[:2]):,} bytes in 3 requests; "
        f"with the first question page {assets[2]} more for its script"
    )
    print(f"  next page: {len(page):,} bytes ({len(brotli.decompress(page)):,} unpacked)", flush=True)
