"""Personal links: CPU of a start, and 10,000 guessed links beside 10,000 seats."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random

from flask import Flask

from survey_engine.fieldwork.invitations.links import give_links
from survey_engine.fieldwork.signing import make_token
from survey_engine.operations.capacity.measuring import measure_cpu
from survey_engine.storage.identity import Seat
from survey_engine.web.respondent.rate_limits import LIMITS, Limit
from survey_engine.web.respondent.site import Site
from tests.bench.sites import CODE, Bench, open_site

SEATS = GUESSES = 10_000
HALF = 11
"""Characters of a real link that a good guess begins with."""


def show_links(bench: Bench) -> None:
    app = open_site(bench.environment())
    site: Site = app.extensions["survey_engine"]
    tokens = give_links(site.identity, site.participation.contact_keys, [Seat(CODE, "i1") for _ in range(SEATS)])
    LIMITS["miss"] = Limit(10**9, 1e9)
    waiting, near = iter(tokens), Random(1)
    costs = measure_cpu(
        lambda number: open_link(app, next(waiting), 200),
        lambda number: begin(app, waiting),
        lambda number: open_link(app, make_token(), 404),
        guess_near(app, near.choice(tokens)),
        times=300,
    )
    print("\nCPU of a personal link, one process, SQLite")
    for name, seconds in zip(("start page", "start", "guessed", "guessed, half of it right"), costs, strict=True):
        print(f"  {name:<34}{seconds * 1000:7.2f} ms")
    replies = {open_link(app, make_token(), 404) for _ in range(GUESSES)}
    print(f"  {GUESSES:,} guessed links beside {SEATS:,} seats: no hit, {len(replies)} different reply", flush=True)


def open_link(app: Flask, token: str, status: int) -> str:
    reply = app.test_client().get(f"/l/{token}")
    assert reply.status_code == status
    return reply.text


def begin(app: Flask, tokens: Iterator[str]) -> None:
    reply = app.test_client().post(f"/l/{next(tokens)}", data="screen=400", content_type="application/x-www-form-urlencoded")
    assert reply.status_code == 303, (reply.status, reply.text[:300])


def guess_near(app: Flask, token: str) -> Callable[[int], object]:
    return lambda number: open_link(app, token[:HALF] + make_token()[HALF:], 404)
