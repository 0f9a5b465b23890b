"""Launches by a learning environment: CPU of a login and of a launch, and 500 launches in a row."""

from __future__ import annotations

import json
from time import perf_counter, process_time

from flask import Flask
from werkzeug.test import Client

from survey_engine.web.respondent.site import Site
from tests.bench.sites import CODE, Bench, open_site
from tests.learning_environment import CLAIM, Environment, serve
from tests.web.lms.conftest import FOREIGN

LAUNCHES = 500


def show_launches(bench: Bench) -> None:
    environments: list[Environment] = []
    with serve(lambda path, body: (200, json.dumps(environments[0].key_set()).encode())) as address:
        environments.append(Environment(f"{address}/keys"))
        app = open_site(bench.environment() | {"SURVEY_LMS_DEVELOPMENT": address})
        site: Site = app.extensions["survey_engine"]
        environments[0].register(site.identity, "i1")
        launch(app, environments[0], 1)  # fetches the keys
        login, accept, seconds = launch(app, environments[0], LAUNCHES)
    print("\nCPU of a launch by a learning environment, one process, SQLite")
    print(f"  {'login':<34}{login * 1000:7.2f} ms")
    print(f"  {'launch → start page':<34}{accept * 1000:7.2f} ms")
    print(f"  {LAUNCHES} launches by one thread take {seconds:.1f} s", flush=True)


def launch(app: Flask, environment: Environment, times: int) -> tuple[float, float, float]:
    """Launch so many students; return the CPU seconds of a login and of a launch, and the seconds of all launches."""
    site: Site = app.extensions["survey_engine"]
    now = site.participation.now().timestamp()
    clients = [app.test_client() for _ in range(times)]
    asked = {"iss": environment.issuer, "client_id": environment.client_id, "login_hint": "x"}
    before = process_time()
    logins = [client.post("/lti/login", data=asked, headers={"Sec-Fetch-Dest": "document", **FOREIGN}) for client in clients]
    login = (process_time() - before) / times
    states = [dict(part.split("=", 1) for part in reply.headers["Location"].partition("?")[2].split("&")) for reply in logins]
    custom = {f"{CLAIM}custom": {"questionnaire": CODE}}
    claims = [environment.claims(one["nonce"], now, sub=f"s{number}", **custom) for number, one in enumerate(states)]
    forms = [{"state": one["state"], "id_token": environment.sign(claimed)} for one, claimed in zip(states, claims, strict=True)]
    begun, before = perf_counter(), process_time()
    for client, form in zip(clients, forms, strict=True):
        post(client, form)
    return login, (process_time() - before) / times, perf_counter() - begun


def post(client: Client, form: dict[str, str]) -> None:
    reply = client.post("/lti/launch", data=form, headers=FOREIGN)
    assert reply.status_code == 200, reply.text
