"""Measures costs on this machine: CPU time of a page, duration of a durable save, bytes of a response.

Requests call the application directly, one after another, without a network.
"""

from __future__ import annotations

import io
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from flask import Flask

from survey_engine.engine.decisions import Save
from survey_engine.engine.routing import Respondent, route
from survey_engine.fieldwork.invitations.links import give_links
from survey_engine.fieldwork.signing import Ticket, name_form
from survey_engine.language.question_types.question_type import FIELD_PREFIX
from survey_engine.operations.simulation.browsing import WsgiLine
from survey_engine.operations.simulation.population import invent_background, make_generator
from survey_engine.operations.simulation.runs import Simulation, run_robots
from survey_engine.operations.simulation.walking import RobotEntry
from survey_engine.settings import Settings, make_sqlite_url
from survey_engine.storage.answers import save_page, start_response
from survey_engine.storage.database import Database
from survey_engine.storage.identity import Seat
from survey_engine.web.app import create_app
from survey_engine.web.respondent.site import Site

_FILLED, _SEATS, FEW = 100, 2000, 20
"""Number of stored responses and of stored seats whose size is measured; number of starts that are timed."""
WRITERS = 64
"""Respondents who save at the same moment, to measure the throughput of the store."""


def post(app: Flask, path: str, body: str) -> tuple[str, bytes]:
    """Post a form as htmx does; return the status line and the body, compressed as for a browser."""
    content = body.encode()
    environ = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": path,
        "SCRIPT_NAME": "",
        "QUERY_STRING": "",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "localhost",
        "HTTP_ACCEPT_ENCODING": "gzip, deflate, br, zstd",
        "HTTP_HX_REQUEST": "true",
        "CONTENT_TYPE": "application/x-www-form-urlencoded",
        "CONTENT_LENGTH": str(len(content)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(content),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    status: list[str] = []
    reply: Iterable[bytes] = app.wsgi_app(environ, lambda line, headers, failure=None: status.append(line))  # type: ignore[arg-type]
    return status[0], b"".join(reply)


def prepare(app: Flask, code: str, page: int, background: dict[str, Any] | None = None) -> tuple[str, str]:
    """Create a respondent on a page (from 0) with all earlier pages answered; return path and body of the post."""
    site: Site = app.extensions["survey_engine"]
    questionnaire = site.questionnaires[code]
    institution = next(iter(questionnaire.institutions))
    language = questionnaire.institutions[institution].languages[0]
    number = start_response(
        site.answers,
        questionnaire=code,
        version=questionnaire.version,
        institution=institution,
        language=language,
        background=background or {},
        pseudonym=None,
        abandoned_hours=24,
        assign=lambda counts: [],
    )
    steps = route(questionnaire, Respondent(institution, language, background or {}), {}).steps
    for step in steps[:page]:
        answers = {item.code: 4 for question in step.page.questions for item in question.items}
        save_page(site.answers, number, Save(step.page.code, answers, "bench", 0, 0, True, 600))
    here = steps[page].page  # page -1 is the last page
    ticket = site.signatures.sign_ticket(Ticket(number, here.slug, 0, "bench", name_form(questionnaire.version)))
    fields = "&".join(f"{FIELD_PREFIX}{item.code}=4" for question in here.questions for item in question.items)
    return f"/a/{code}/{here.slug}", f"ticket={ticket}&wish=next&prompted=1&{fields}"


def post_page(app: Flask, code: str, page: int, respondents: int = 20) -> Callable[[int], None]:
    """Return a function that posts one page for each of some respondents in turn; its argument is the number of the save."""
    forms = [prepare(app, code, page) for _ in range(respondents)]

    def call(number: int) -> None:
        path, form = forms[number % respondents]
        status, _ = post(app, path, f"{form}&number={number + 10}")
        if not status.startswith(("200", "204")):  # 204 redirects htmx after the last page
            raise RuntimeError(f"a measured page was answered with {status}")

    return call


def measure_cpu(*calls: Callable[[int], object], times: int = 300, warm: int = 30, rounds: int = 10) -> list[float]:
    """Return the median CPU seconds of one call of each function. Each round calls all functions.

    So other load on the machine affects all functions alike, and short peaks affect no median.
    """
    spent: list[list[float]] = [[] for _ in calls]
    for call in calls:
        for number in range(warm):
            call(number)
    share = -(-times // rounds)
    for first in range(warm, warm + rounds * share, share):
        for call, costs in zip(calls, spent, strict=True):
            before = time.process_time()
            for number in range(first, first + share):
                call(number)
            costs.append((time.process_time() - before) / share)
    return [median(costs) for costs in spent]


@dataclass(frozen=True, slots=True)
class Costs:
    """Costs on one machine."""

    page: float
    """CPU seconds per page."""
    start: float
    """CPU seconds per start."""
    save: float
    """Seconds until a single save is durable."""
    saves: float
    """Durable saves per second with `WRITERS` concurrent respondents: the store commits them in groups."""
    response: float
    """Bytes per response in the answers store."""
    seat: float
    """Bytes per personal link in the identity store."""


def measure_costs(settings: Settings, code: str, times: int = 200) -> Costs:
    """Measure costs with one questionnaire, in temporary stores. Args: settings: with its folder · code: of the questionnaire."""
    with TemporaryDirectory() as folder:
        data = Path(folder)
        own = replace(
            settings, database_url=make_sqlite_url(data / "answers.db"), identity_url=make_sqlite_url(data / "identity.db")
        )
        app = create_app(own)
        site: Site = app.extensions["survey_engine"]
        began = time.process_time()
        for _ in range(FEW):
            prepare(app, code, 0)
        start = (time.process_time() - began) / FEW
        (page,) = measure_cpu(post_page(app, code, 0), times=times)
        response, seat = measure_sizes(app, code)
        with site.answers.read() as connection:
            ids = connection.exec_driver_sql("SELECT id FROM response WHERE completed_at IS NULL").scalars().all()[:FEW]
        save, saves = measure_save(site, ids[0], times), measure_saves(site, ids)
        site.answers.close()
        site.identity.close()
    return Costs(page, start, save, saves, response, seat)


def measure_sizes(app: Flask, code: str) -> tuple[float, float]:
    """Measure the bytes that a response and a seat add to their stores, with respondents who answer every question."""
    site: Site = app.extensions["survey_engine"]
    questionnaire = site.questionnaires[code]
    institutions = list(questionnaire.institutions.values())
    before = [measure_size(store) for store in (site.answers, site.identity)]
    seats = []
    for number in range(_SEATS):
        institution = institutions[number % len(institutions)]
        background = invent_background(questionnaire, institution, make_generator("capacity", number))
        seats.append(Seat(code, institution.code, background, key_hash=f"{number:032x}"))
    tokens = give_links(site.identity, site.participation.contact_keys, seats)
    entries = [RobotEntry(f"/l/{token}", seat.institution, seat.background) for token, seat in zip(tokens, seats, strict=True)]
    line = WsgiLine(app.wsgi_app)
    for _ in run_robots(Simulation(questionnaire, "honest", "capacity"), entries[:_FILLED], lambda: line, 8):
        pass
    answers, identity = (measure_size(store) - size for store, size in zip((site.answers, site.identity), before, strict=True))
    return max(answers, 1) / _FILLED, max(identity, 1) / _SEATS


def measure_size(store: Database) -> int:
    """Return the size of an SQLite file including its write-ahead log."""
    with store.read() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    return Path(store.engine.url.database or "").stat().st_size


def measure_save(site: Site, id: int, times: int) -> float:
    """Return the mean seconds of a durable save, of saves one after another."""
    began = time.perf_counter()
    for count in range(times):
        save_page(site.answers, id, Save("capacity", {"a": count}, "capacity", count, 0, False, 60))
    return (time.perf_counter() - began) / times


def measure_saves(site: Site, ids: Sequence[int], seconds: float = 2) -> float:
    """Measure durable saves per second of concurrent writers; each writes its own page of one of these responses."""
    ends = time.perf_counter() + seconds

    def save(writer: int) -> int:
        count = 0
        while time.perf_counter() < ends:
            save_page(
                site.answers, ids[writer % len(ids)], Save(f"capacity{writer}", {"a": count}, "capacity", count, 0, False, 60)
            )
            count += 1
        return count

    with ThreadPoolExecutor(WRITERS) as pool:
        return sum(pool.map(save, range(WRITERS))) / seconds
