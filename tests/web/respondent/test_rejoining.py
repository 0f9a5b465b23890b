"""Without a key, both stores with their logs, dumps and backups link people to answers no better than chance."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from survey_engine.fieldwork.erasure import Stores, restore_links, withdraw
from tests.databases import ENGINES, PostgresServer
from tests.web.conftest import House, start, walk, write_short
from tests.web.respondent.rejoining import (
    Withdrawals,
    attack_counts,
    attack_postgresql,
    attack_sqlite,
    invite_many,
    read_addresses,
    score,
    sign_up_many,
)

SHARED = {"short", "demo", "False", "None", "0", "en"}
"""Columns that seats and responses may share, because they identify nobody."""
SIGNED_UP = 60
CHANCE = 15
"""Of sixty addresses in three batches, chance links three on average, and more than fifteen in less than one of 10⁷ tests."""

CHANCE_WITHDRAWN = 12
"""Of thirty withdrawals, chance finds one, or three if three are withdrawn together."""


@pytest.fixture(params=ENGINES)
def apart(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    """An application with its own stores; on PostgreSQL both are in one cluster, with one log."""
    write_short(tmp_path / "q", "short")
    urls = {}
    if request.param == "postgresql":
        server: PostgresServer = request.getfixturevalue("postgres")
        urls = {f"SURVEY_{store}_URL": server.url(server.create_database()) for store in ("DATABASE", "IDENTITY")}
    house = House(tmp_path, **urls)
    yield house
    house.close()


def test_addresses_are_joined_with_responses_by_chance_alone(apart, request):
    """The attacks use file order, ctid, xmin, logs, dumps, a backup after every sign-up, and the counts of saves."""
    truth: dict[int, str] = {}
    backups, seen = [], set()
    for id, address in sign_up_many(apart, SIGNED_UP):
        truth[id] = address
        backups += [one for one in read_addresses(apart) if one not in seen]
        seen.update(backups)
    if apart.site.identity.is_sqlite:
        orders = attack_sqlite(apart.folder / "data" / "identity.db", [*truth.values()])
    else:
        server: PostgresServer = request.getfixturevalue("postgres")
        database = apart.settings.identity_url.rpartition("/")[2]
        orders = attack_postgresql(server, database, [*truth.values()])
    orders["backups"] = backups
    found = {name: score(order, [*truth], truth) for name, order in orders.items()} | attack_counts(apart, truth)

    assert {len(order) for order in orders.values()} == {SIGNED_UP}, "an attack that finds no addresses shows nothing"
    assert max(found.values()) <= CHANCE, found


def test_seats_are_joined_with_responses_by_chance_alone(apart):
    """The attacks use equal values, row order and file order; each student has a unique background."""
    truth = {}
    for link, seat in random.Random("starts").sample(invite_many(apart, SIGNED_UP), SIGNED_UP):
        start(device := apart.device(), link)
        truth[apart.find_response(device)] = str(seat)
    how = "rowid" if apart.site.identity.is_sqlite else "ctid"
    seats = apart.rows(f"SELECT * FROM seat ORDER BY {how}", store="identity")
    responses = apart.rows("SELECT * FROM response ORDER BY id")
    equal = [seat[0] for seat in seats for response in responses if {*map(str, seat)} & {*map(str, response)} - SHARED]
    orders = {
        "file": [str(row[0]) for row in seats],
        "id": sorted(truth.values(), key=int),
        "link": [str(row[0]) for row in sorted(seats, key=lambda row: row[3])],
        "sealed": [str(row[0]) for row in sorted(seats, key=lambda row: row[4])],
        "length": [str(row[0]) for row in sorted(seats, key=lambda row: len(row[4]))],
    }
    found = {name: score(order, [*truth], truth) for name, order in orders.items()}

    assert equal == []
    assert max(found.values()) <= CHANCE, found


@pytest.mark.parametrize("together", [1, 3])
def test_withdrawn_links_are_joined_with_responses_by_chance_alone(apart, together):
    """Each of thirty is withdrawn, alone or with two others; every attack then guesses as many responses as were withdrawn."""
    stores = Stores(apart.site.answers, apart.site.identity, apart.settings.pseudonym_key)
    truth = {}
    for link, seat in invite_many(apart, 30):
        device = apart.device()
        walk(device, start(device, link), {"has_job": "no"})
        truth[seat] = apart.find_response(device)
    found: Counter[str] = Counter()
    order = random.Random("withdrawals").sample([*truth], 30)
    for seats in (order[at : at + together] for at in range(0, 30, together)):
        attacks = Withdrawals(apart)
        withdraw(stores, apart.settings.erasures, "short", seats)
        for name, suspects in attacks.suspect(seats).items():
            found[name] += len({*suspects[:together]} & {truth[seat] for seat in seats})
        restore_links(stores, apart.settings.erasures, "short", seats)

    assert max(found.values()) <= CHANCE_WITHDRAWN, found
