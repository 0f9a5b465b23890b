"""Addresses join a panel in batches; a failure at any step neither loses, repeats nor reveals one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from time import monotonic

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from survey_engine.engine.response_state import Response
from survey_engine.engine.routing import Respondent
from survey_engine.fieldwork.contact_keys import ContactKeys, LostContactKeyError
from survey_engine.fieldwork.panel import FEWEST_WAITING, Panels
from survey_engine.storage.database import Database
from survey_engine.storage.panels import count_waiting, list_members, store_waiting
from tests.databases import ENGINES, make_url

PANEL = "q/panel"
STEPS = {
    "mark, delete": ("answers", "DELETE ON panel_waiting", "OLD.name NOT LIKE '-%'"),
    "mark, insert": ("answers", "INSERT ON panel_waiting", "NEW.name LIKE '-%'"),
    "join, delete": ("identity", "DELETE ON panel_member", "OLD.panel <> ''"),
    "join, insert": ("identity", "INSERT ON panel_member", "NEW.address = 'victim@example.org'"),
    "remove": ("answers", "DELETE ON panel_waiting", "OLD.name LIKE '-%'"),
}
"""Step of the move → store, event and condition that make it fail."""


@pytest.fixture(params=ENGINES)
def panels(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Panels]:
    stores = [Database(make_url(request.param, request, tmp_path / f"{kind}.db"), kind) for kind in ("answers", "identity")]
    yield Panels(*stores, ContactKeys(["c" * 40]), "p" * 40, tmp_path / "erasures.csv")
    for store in stores:
        store.close()


def sign_up(panels: Panels, *addresses: str, first: int = 0) -> None:
    with panels.record_cancelled() as on_replaced, panels.answers.write() as connection:
        for number, address in enumerate(addresses, first):
            store_waiting(connection, panels.encrypt(respond(number), "panel", address), on_replaced)


def respond(number: int) -> Response:
    return Response(number, "q", "v", Respondent("demo", "en", {}))


def list_addresses(panels: Panels) -> list[str]:
    return sorted(member.address for member in list_members(panels.identity))


@contextmanager
def failing(store: Database, event: str, condition: str) -> Iterator[None]:
    """On PostgreSQL only the commit fails, as after the loss of the server."""
    table = event.rpartition(" ")[2]
    if store.is_sqlite:
        made = [f"CREATE TRIGGER t BEFORE {event} WHEN {condition} BEGIN SELECT RAISE(ABORT, 'gone'); END"]
        dropped = "DROP TRIGGER t"
    else:
        made = [
            "CREATE OR REPLACE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'gone'; END$$",
            f"CREATE CONSTRAINT TRIGGER t AFTER {event} DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ({condition})"
            " EXECUTE FUNCTION f()",
        ]
        dropped = f"DROP TRIGGER t ON {table}"
    with store.write() as connection:
        for statement in made:
            connection.exec_driver_sql(statement.replace("%", "%%") if not store.is_sqlite else statement)
    yield
    with store.write() as connection:
        connection.exec_driver_sql(dropped)


@pytest.mark.parametrize("step", STEPS)
def test_after_a_failure_nobody_takes_back_an_address_that_joins(panels, step):
    kind, event, condition = STEPS[step]
    if step == "join, delete":
        sign_up(panels, "early@example.org", first=100)
        panels.hand_over(PANEL)
    before = list_addresses(panels)
    sign_up(panels, *(f"{number}@example.org" for number in range(FEWEST_WAITING)), "victim@example.org")
    if step == "join, delete" and not panels.identity.is_sqlite:
        event, condition = "INSERT ON panel_member", "NEW.address = 'early@example.org'"  # TRUNCATE
    with failing(getattr(panels, kind), event, condition), pytest.raises(DBAPIError):
        panels.hand_over_batch(PANEL)
    shown = panels.read_waiting(respond(FEWEST_WAITING))
    taken_back = panels.change(respond(FEWEST_WAITING), "panel", "")
    panels.hand_over_batch(PANEL)
    panels.hand_over_batch(PANEL)

    assert bool(shown) == taken_back, "only what waits is shown, and only that is taken back"
    assert taken_back == step.startswith("mark")
    joined = {*before, *(f"{number}@example.org" for number in range(FEWEST_WAITING))} | (
        {*()} if taken_back else {"victim@example.org"}
    )
    assert list_addresses(panels) == sorted(joined)
    assert count_waiting(panels.answers) == {}


def test_an_address_counts_once_however_often_it_is_signed_up(panels):
    sign_up(panels, *["me@example.org", "Me@Example.org"] * FEWEST_WAITING, "victim@example.org")

    assert panels.hand_over_batch(PANEL) == 0
    assert list_addresses(panels) == [] and panels.read_waiting(respond(2 * FEWEST_WAITING)) == {"panel": "victim@example.org"}


def test_a_member_does_not_count_for_a_batch(panels):
    members = [f"{number}@example.org" for number in range(FEWEST_WAITING)]
    sign_up(panels, *members)
    assert panels.hand_over_batch(PANEL) == FEWEST_WAITING
    sign_up(panels, *members, "victim@example.org", first=100)

    assert panels.hand_over_batch(PANEL) == 0 and list_addresses(panels) == sorted(members)
    sign_up(panels, *(f"new{number}@example.org" for number in range(FEWEST_WAITING - 1)), first=200)
    assert panels.hand_over_batch(PANEL) == 2 * FEWEST_WAITING
    assert len(list_addresses(panels)) == 2 * FEWEST_WAITING


def test_a_moved_address_has_no_name_of_its_response(panels):
    sign_up(panels, *(f"{number}@example.org" for number in range(FEWEST_WAITING)))
    with failing(panels.identity, *STEPS["join, insert"][1:]):
        sign_up(panels, "victim@example.org", first=100)
        with pytest.raises(DBAPIError):
            panels.hand_over_batch(PANEL)
    with panels.answers.read() as connection:
        names = [row[0] for row in connection.exec_driver_sql("SELECT name FROM panel_waiting")]

    known = {panels.encrypt(respond(number), "panel", "").name for number in [*range(FEWEST_WAITING), 100]}
    assert len({*names}) == FEWEST_WAITING + 1 and not known & {*names}


def test_an_address_that_the_key_does_not_open_still_waits(panels):
    sign_up(panels, "me@example.org")
    other = replace(panels, keys=ContactKeys(["x" * 40]))
    with pytest.raises(LostContactKeyError):
        other.hand_over(PANEL)

    assert panels.read_waiting(respond(0)) == {"panel": "me@example.org"}


def test_a_long_reader_of_the_panel_does_not_block_sign_ups(panels):
    """pg_dump locks the table too; the batch joins with the next sign-up or by `maintain`."""
    sign_up(panels, *(f"a{number}@example.org" for number in range(FEWEST_WAITING)))
    with panels.identity.snapshot() as reader:
        reader.execute(text("SELECT count(*) FROM panel_member"))
        began = monotonic()
        joined = panels.hand_over_batch(PANEL)
        assert monotonic() - began < 2
        assert joined == (FEWEST_WAITING if panels.identity.is_sqlite else 0)
        assert panels.hand_over(PANEL) == 0
    panels.hand_over_batch(PANEL)

    assert len(list_addresses(panels)) == FEWEST_WAITING and count_waiting(panels.answers) == {}
