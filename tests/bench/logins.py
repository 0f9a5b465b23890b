"""Logins by name: CPU of a miss, of several persons and of a hit, and 10,000 wrong logins beside 10,000 persons."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from random import Random
from urllib.parse import urlencode

from flask import Flask

from survey_engine.fieldwork.invitations.links import give_links
from survey_engine.fieldwork.login import hash_person
from survey_engine.operations.capacity.measuring import measure_cpu
from survey_engine.storage.identity import Seat
from survey_engine.web.respondent.rate_limits import LIMITS, Limit
from survey_engine.web.respondent.site import Site
from tests.bench.sites import CODE, Bench, open_site

PERSONS = WRONG = 10_000
LOGIN = f"/q/{CODE}/i1/login"
SURNAMES = ("Jansen", "Bakker", "Visser", "Smit", "Meijer", "Mulder", "Bos", "Vos", "Peters", "Hendriks")
FIRST_DAY, DAYS = date(2005, 1, 1), 1_500


def show_logins(bench: Bench) -> None:
    environment = bench.environment()
    with (Path(environment["SURVEY_QUESTIONNAIRES"]) / CODE / "i1.yaml").open("a") as file:
        file.write("login: name\n")
    app = open_site(environment)
    chance = Random(1)
    people = [(choose_day(chance), f"{chance.choice(SURNAMES)}a{number:x}", f"P{number}") for number in range(PERSONS)]
    double = people[0][:2]
    enrol(app, [*people, (*double, "Other")])
    LIMITS.update(dict.fromkeys(("login", "logins", "login_miss", "login_name"), Limit(10**9, 1e9)))
    hit = people[1][:2]
    costs = measure_cpu(*(log_in_with(app, *who) for who in ((double[0], "Nobody"), double, hit)), times=300)
    print("\nCPU of a login by name, one process, SQLite")
    for name, seconds in zip(("nobody", "several persons", "one person"), costs, strict=True):
        print(f"  {name:<34}{seconds * 1000:7.2f} ms")
    replies = {log_in_wrongly(app, chance) for _ in range(WRONG)}
    print(f"  {WRONG:,} wrong logins beside {PERSONS:,} persons: {len(replies)} different reply", flush=True)


def choose_day(chance: Random) -> date:
    return FIRST_DAY + timedelta(days=chance.randrange(DAYS))


def enrol(app: Flask, people: list[tuple[date, str, str]]) -> None:
    site: Site = app.extensions["survey_engine"]
    seats = []
    for born, surname, first_name in people:
        person = {"birth_date": born.isoformat(), "surname": surname, "first_name": first_name}
        login_hash, first_name_hash = hash_person(site.participation.pseudonym_key, CODE, "i1", person)
        seats.append(Seat(CODE, "i1", login_hash=login_hash, first_name_hash=first_name_hash))
    give_links(site.identity, site.participation.contact_keys, seats)


def log_in(app: Flask, born: date, surname: str) -> str:
    """Return the reply."""
    form = urlencode({"birth_date": f"{born:%d-%m-%Y}", "surname": surname})
    reply = app.test_client().post(LOGIN, data=form, content_type="application/x-www-form-urlencoded")
    assert reply.status_code == 200
    return reply.text


def log_in_with(app: Flask, born: date, surname: str) -> Callable[[int], object]:
    return lambda number: log_in(app, born, surname)


def log_in_wrongly(app: Flask, chance: Random) -> str:
    """Return the reply to a name of nobody, without its tokens and what was typed."""
    reply = log_in(app, choose_day(chance), f"{chance.choice(SURNAMES)}z{chance.randrange(1000):x}")
    return re.sub(r'(name="(turn|tries|birth_date|surname)"[^>]*) value="[^"]*"', r"\1", reply)
